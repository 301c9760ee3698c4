"""Fakes of what the Bitrix24 gateway is given, and a scripted portal over `responses`."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import responses
from requests import PreparedRequest

from b24app.bitrix.oauth import Application
from b24app.bitrix.portals import BitrixPortals
from b24app.bitrix.portals import Collaborators
from b24app.bitrix.rest import RestOptions
from b24app.ports.portal import Priority
from b24app.ports.records import Mode
from b24app.ports.records import People
from b24app.ports.records import PortalRecord
from b24app.ports.tokens import TokenPair

MEMBER = "a223c6b3710f85df22e9377d6c4f7553"
PORTAL = "https://portal.bitrix24.com/rest/"
SERVER = "https://oauth.bitrix.info/rest/"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OPTIONS = {
    "COMPANY.LIMIT_MODE": {"not_set": 11, "granted": 12, "unlimited": 13},
    "COMPANY.CATEGORY": {"A": 21, "B": 22},
    "COMPANY.STATUS": {"active": 31, "blocked": 32},
    "DEAL.DECISION": {"allow": 41, "allow_notify": 42, "hold": 43, "technical": 44},
}


class ManualClock:
    """A clock that moves only when told to, or when somebody sleeps by it."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += timedelta(seconds=seconds)


class MemoryVault:
    """The `TokenVault` port in a dictionary."""

    def __init__(self, pairs: Mapping[str, TokenPair] | None = None) -> None:
        self._lock = threading.Lock()
        self._pairs = dict(pairs or {})
        self._leases: dict[str, datetime] = {}
        self._application: dict[str, str] = {}

    def pair(self, member_id: str) -> TokenPair | None:
        with self._lock:
            return self._pairs.get(member_id)

    def save(self, member_id: str, pair: TokenPair) -> None:
        with self._lock:
            self._pairs[member_id] = pair
            self._leases.pop(member_id, None)

    def replace(self, member_id: str, pair: TokenPair, *, refused: str) -> bool:
        with self._lock:
            if member_id not in self._pairs or self._pairs[member_id].access != refused:
                return False
        self.save(member_id, pair)
        return True

    def discard(self, member_id: str, *, refused: str) -> None:
        with self._lock:
            if member_id in self._pairs and self._pairs[member_id].access == refused:
                del self._pairs[member_id]

    def lease(self, member_id: str, *, refused: str, now: datetime, seconds: float) -> bool:
        with self._lock:
            pair, until = self._pairs.get(member_id), self._leases.get(member_id)
            if pair is None or pair.access != refused or (until is not None and until > now):
                return False
            self._leases[member_id] = now + timedelta(seconds=seconds)
            return True

    def release(self, member_id: str, *, refused: str) -> None:
        del refused
        with self._lock:
            self._leases.pop(member_id, None)

    def application_token(self, member_id: str) -> str | None:
        return self._application.get(member_id)

    def set_application_token(self, member_id: str, token: str) -> None:
        self._application[member_id] = token

    def forget(self, member_id: str) -> None:
        with self._lock:
            self._pairs.pop(member_id, None)
            self._application.pop(member_id, None)


@dataclass
class MemoryBucket:
    """The `RateBucket` port with scripted waits: each take answers the next of `waits`, then 0."""

    waits: list[float] = field(default_factory=list)
    taken: list[Priority] = field(default_factory=list)
    drained: int = 0
    parked_methods: dict[str, datetime] = field(default_factory=dict)

    def take(self, member_id: str, priority: Priority, *, now: datetime) -> float:
        del member_id, now
        wait = self.waits.pop(0) if self.waits else 0.0
        if wait == 0.0:
            self.taken.append(priority)
        return wait

    def drain(self, member_id: str, *, now: datetime) -> None:
        del member_id, now
        self.drained += 1

    def park(self, member_id: str, method: str, *, until: datetime) -> None:
        del member_id
        self.parked_methods[method] = until

    def parked(self, member_id: str, *, now: datetime) -> dict[str, datetime]:
        del member_id
        return {method: until for method, until in self.parked_methods.items() if until > now}


@dataclass(frozen=True)
class Reply:
    """A scripted answer: an HTTP status with a JSON value or raw bytes, or an exception to raise."""

    status: int = 200
    payload: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raises: Exception | None = None


@dataclass(frozen=True)
class Asked:
    """A request the scripted portal has got; batch commands are decoded."""

    method: str
    body: dict[str, Any]

    @property
    def commands(self) -> dict[str, tuple[str, dict[str, str]]]:
        """Commands of a batch: id -> method and its decoded pairs."""
        found: dict[str, tuple[str, dict[str, str]]] = {}
        for key, text in self.body.get("cmd", {}).items():
            method, _, query = text.partition("?")
            found[key] = (method, dict(parse_qsl(query, keep_blank_values=True)))
        return found


Script = Reply | Callable[[Asked], Reply]


class ScriptedPortal:
    """Answer REST calls from a list of replies, the last of which stays; remember every request."""

    def __init__(self, mock: responses.RequestsMock, *replies: Script, base: str = PORTAL) -> None:
        self.replies: list[Script] = list(replies)
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        mock.add_callback(responses.POST, re.compile(re.escape(base) + ".*"), callback=self._answer)

    def _answer(self, request: PreparedRequest) -> tuple[int, dict[str, str], str | bytes]:
        asked = Asked(str(request.url).rsplit("/", 1)[-1], json.loads(request.body or "{}"))
        with self._lock:
            self.asked.append(asked)
            script = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        reply = script(asked) if callable(script) else script
        if reply.raises is not None:
            raise reply.raises
        body = reply.payload if isinstance(reply.payload, (bytes, str)) else json.dumps(reply.payload)
        return reply.status, reply.headers, body


def result(value: Any, **rest: Any) -> Reply:
    """Make a successful answer."""
    return Reply(payload={"result": value, **rest})


def failure(code: Any, status: int = 400) -> Reply:
    """Make an error answer."""
    return Reply(status, {"error": code, "error_description": "text for people"})


def batch(
    results: Mapping[str, Any] | None = None, errors: Mapping[str, str] | None = None, **rest: Any
) -> Reply:
    """Make a batch's answer, empty maps as PHP writes them."""
    broken = {key: {"error": code, "error_description": ""} for key, code in (errors or {}).items()}
    parts = {"result": dict(results or {}) or [], "result_error": broken or [], **rest}
    return result({"result_total": [], "result_next": [], "result_time": [], **parts})


@dataclass
class Rig:
    """A gateway with its fakes."""

    portals: BitrixPortals
    vault: MemoryVault
    bucket: MemoryBucket
    clock: ManualClock
    records: dict[str, PortalRecord]
    renamed: list[tuple[str, str]]


def record(endpoint: str = PORTAL, server: str = SERVER) -> PortalRecord:
    """Make an installed portal's record."""
    return PortalRecord(
        member_id=MEMBER,
        client_endpoint=endpoint,
        server_endpoint=server,
        service_user_id=1,
        installed=True,
        mode=Mode.ENFORCE,
        enforce_since=NOON,
        stages=None,
        people=People(cfo=1, substitutes=(), sales_heads=(), administrator=1),
        options=OPTIONS,
    )


def rig(
    *,
    endpoint: str = PORTAL,
    access: str = "access-1",
    refresh: str = "refresh-1",
    oauth_url: str | None = None,
    server: str = SERVER,
    sleep: Callable[[float], None] | None = None,
) -> Rig:
    """Make a gateway to one portal; without `sleep` waiting moves the clock."""
    clock = ManualClock()
    pair = TokenPair(user_id=1, access=access, refresh=refresh, expires_at=NOON)
    vault, bucket = MemoryVault({MEMBER: pair}), MemoryBucket()
    records = {MEMBER: record(endpoint, server)}
    renamed: list[tuple[str, str]] = []
    parts = Collaborators(
        vault=vault,
        bucket=bucket,
        clock=clock,
        record=records.get,
        renamed=lambda member_id, address: renamed.append((member_id, address)),
    )
    application = Application("local.abc.1", "the-client-secret", oauth_url)
    options = RestOptions(sleep=sleep or clock.sleep, connect_timeout=2, read_timeout=5)
    return Rig(BitrixPortals(application, parts, options=options), vault, bucket, clock, records, renamed)
