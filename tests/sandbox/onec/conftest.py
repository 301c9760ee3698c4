"""A base with two clients, a browser for it, and figures a person can add up."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
import requests

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec.base import SandboxOneC
from b24app.sandbox.server import Served
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedContract
from b24app.sandbox.world import SeedPayment
from b24app.sandbox.world import SeedSale
from b24app.sandbox.world import World

TODAY = date(2026, 11, 24)
LOGIN, PASSWORD = "Кредит", "пароль"
SETTLEMENTS = "AccumulationRegister_РасчетыСКлиентами"
TERMS = "AccumulationRegister_РасчетыСКлиентамиПоСрокам"


def day(offset: int) -> date:
    """A day counted from today."""
    return TODAY + timedelta(days=offset)


def header(login: str = LOGIN, password: str = PASSWORD, encoding: str = "utf-8") -> dict[str, str]:
    """A Basic header."""
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{password}".encode(encoding)).decode()}


@dataclass(frozen=True)
class Browser:
    """Ask the base; values in `query` are percent-encoded here, `raw` goes as it is."""

    url: str
    session: requests.Session

    def get(self, resource: str, *, raw: str = "", headers: Any = None, **query: Any) -> Any:
        """The raw response."""
        keep = "'(),/:;=$*"
        pairs = "&".join(f"${name}={quote(value, safe=keep)}" for name, value in query.items())
        address = f"{self.url}/{quote(resource, safe=keep)}?{pairs}{raw}"
        usual = {**header(), "Accept": "application/json;odata=nometadata"}
        return self.session.get(address, headers=usual if headers is None else headers, timeout=10)

    def rows(self, resource: str, **query: str) -> list[dict[str, Any]]:
        """The rows of a collection."""
        answer = self.get(resource, **query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["value"])

    def error(self, resource: str, **query: str) -> tuple[int, str]:
        """Status and code of a refusal."""
        answer = self.get(resource, **query)
        return answer.status_code, answer.json()["odata.error"]["code"]


def world() -> World:
    """Two clients: «alpha» owes by three instalments, «beta» has an advance."""
    contract = SeedContract("Д-1", Decimal(500_000), 30)
    stages = ((day(-20), Decimal(100)), (day(0), Decimal(50)), (day(15), Decimal("70.55")))
    alpha = SeedClient(
        "alpha",
        "Альфа",
        "ООО «Альфа»",
        "7701000010",
        "770101001",
        "ordinary",
        7,
        contracts=(contract, SeedContract("Д-2", None, None, active=False)),
        sales=(SeedSale("РТ-1", "Д-1", day(-30), Decimal("220.55"), stages),),
        payments=(
            SeedPayment("ПП-1", "Д-1", day(-5), Decimal(40), "РТ-1"),
            SeedPayment("ПП-2", "Д-1", day(-1), Decimal(25), "РТ-1", confirmed=False),
        ),
        shipping={"Д-1": Decimal(10)},
    )
    beta = SeedClient(
        "beta",
        "Бета 'Ъ'",
        "ООО «Бета»",
        "",
        "",
        "ordinary",
        7,
        contracts=(SeedContract("Б-1", Decimal(0), 0),),
        payments=(SeedPayment("ПП-9", "Б-1", day(-3), Decimal(300), None),),
    )
    return World(TODAY, (), (), (alpha, beta), (), 3, 4, 6, 1)


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))


@pytest.fixture
def onec(clock: SandboxClock) -> SandboxOneC:
    return SandboxOneC(world(), clock=clock, login=LOGIN, password=PASSWORD, timezone="Europe/Moscow")


@pytest.fixture
def browser(onec: SandboxOneC) -> Iterator[Browser]:
    with Served(onec.app) as served, requests.Session() as session:
        yield Browser(served.url + onec.path, session)
