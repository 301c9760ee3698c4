"""A small world, a running portal, an app that writes down what it is sent, a client that calls REST."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from b24app.sandbox.portal import SandboxPortal
from b24app.sandbox.portal import php
from b24app.sandbox.server import Served
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedDeal
from b24app.sandbox.world import SeedDepartment
from b24app.sandbox.world import SeedUser
from b24app.sandbox.world import World

ADMIN, HEAD, MANAGER = 1, 6, 7
SAMPLES = Path(__file__).parents[2] / "payloads" / "bitrix24"


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text(encoding="utf-8"))


def looks_documented(call: dict[str, Any]) -> None:
    """Hold a call about the first deal, of a robot or of a process, against the documented one."""
    documented = sample("robot-handler-post.json")
    assert set(call) == set(documented)
    assert set(documented["auth"]) <= set(call["auth"])
    assert call["document_id"] == ["crm", "CCrmDocumentDeal", "DEAL_1"]


def _client(key: str, inn: str, cards: int = 1) -> SeedClient:
    return SeedClient(
        key, f"ООО {key}", f"Общество {key}", inn, "770101001", "customer", MANAGER, cards=cards
    )


def world() -> World:
    return World(
        today=date(2026, 3, 2),
        departments=(SeedDepartment(1, "Фирма", None), SeedDepartment(2, "Продажи", 1)),
        users=(
            SeedUser(ADMIN, "Артём", "Логинов", 1, "Администратор", admin=True),
            SeedUser(HEAD, "Олег", "Дроздов", 2, "Начальник", head=True),
            SeedUser(MANAGER, "Анна", "Белова", 2, "Менеджер"),
        ),
        clients=(_client("alpha", "7701000011"), _client("twin", "0701000022", cards=2)),
        deals=tuple(
            SeedDeal(f"d{n}", f"Сделка {n}", "alpha" if n < 3 else None, Decimal("1000.50"), MANAGER, "NEW")
            for n in range(1, 5)
        ),
        cfo=ADMIN,
        deputy=HEAD,
        sales_head=HEAD,
        administrator=ADMIN,
    )


@dataclass
class AppStub:
    """The product's side: keeps every post as (path, query, form)."""

    posts: list[tuple[str, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read().decode()
        with self.lock:
            self.posts.append((environ["PATH_INFO"], php.decode(environ["QUERY_STRING"]), php.decode(body)))
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"fine"]

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        return [form for path, _, form in self.posts if path == "/events" and name in (None, form["event"])]

    def robots(self) -> list[dict[str, Any]]:
        return [form for path, _, form in self.posts if path.startswith("/robots/")]


@dataclass
class Client:
    """A careless client: no retries, one keep-alive session."""

    portal: SandboxPortal
    session: requests.Session
    token: str

    def post(self, method: str, params: dict[str, Any] | None = None) -> requests.Response:
        body = {"auth": self.token} | (params or {})
        return self.session.post(f"{self.portal.url}/rest/{method}", json=body, timeout=10)

    def call(self, method: str, params: dict[str, Any] | None = None) -> Any:
        answer = self.post(method, params)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def error(self, method: str, params: dict[str, Any] | None = None) -> tuple[int, Any]:
        answer = self.post(method, params)
        return answer.status_code, answer.json()["error"]

    def batch(self, commands: Any, halt: int = 0) -> Any:
        return self.call("batch", {"halt": halt, "cmd": commands})


@pytest.fixture
def portal() -> Iterator[SandboxPortal]:
    with SandboxPortal(world(), senders=1, rate=1000, burst=1000) as running:
        yield running


@pytest.fixture
def app() -> Iterator[AppStub]:
    stub = AppStub()
    with Served(stub) as served:
        stub.url = served.url
        yield stub


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


@pytest.fixture
def rest(portal: SandboxPortal, session: requests.Session) -> Client:
    return Client(portal, session, portal.tokens_for(ADMIN)[0])


@pytest.fixture
def manager(portal: SandboxPortal, session: requests.Session) -> Client:
    return Client(portal, session, portal.tokens_for(MANAGER)[0])


@pytest.fixture
def installed(portal: SandboxPortal, app: AppStub, rest: Client) -> SandboxPortal:
    """The app installed, listening to deal events, with a waiting and a quick robot."""
    portal.install_app(app.url, ADMIN)
    for event in ("ONCRMDEALADD", "ONCRMDEALUPDATE", "ONCRMDEALMOVETOCATEGORY", "ONAPPUNINSTALL"):
        rest.call("event.bind", {"event": event, "handler": f"{app.url}/events", "auth_type": ADMIN})
    for code, waits in (("cc_check", "N"), ("cc_check_wait", "Y")):
        robot = {
            "CODE": code,
            "HANDLER": f"{app.url}/robots/{code}",
            "NAME": code,
            "AUTH_USER_ID": ADMIN,
            "USE_SUBSCRIPTION": waits,
            "PROPERTIES": {"note": {"Name": "Note", "Type": "string"}},
            "RETURN_PROPERTIES": {"verdict": {"Name": "Verdict", "Type": "string"}},
        }
        rest.call("bizproc.robot.add", robot)
    portal.finish_install()
    portal.reset_counts()
    return portal
