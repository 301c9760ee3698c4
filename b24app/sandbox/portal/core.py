"""The middle of the portal: its state and urls, a hit with what it leaves behind, the methods' registry."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING
from typing import Any

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.errors import access_denied
from b24app.sandbox.portal.errors import missing
from b24app.sandbox.portal.errors import wrong_value
from b24app.sandbox.portal.limits import LeakyBucket
from b24app.sandbox.portal.limits import OperatingTime
from b24app.sandbox.portal.limits import Timing
from b24app.sandbox.portal.outbox import Outbox
from b24app.sandbox.portal.outbox import RobotCall
from b24app.sandbox.portal.outbox import SentEvent
from b24app.sandbox.portal.outbox import Switches
from b24app.sandbox.portal.requestlog import Faults
from b24app.sandbox.portal.requestlog import Journal
from b24app.sandbox.portal.store import App
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import Store
from b24app.sandbox.portal.tokens import ACCESS_SECONDS
from b24app.sandbox.portal.tokens import Pair
from b24app.sandbox.portal.tokens import TokenBook

if TYPE_CHECKING:
    from b24app.sandbox.portal.app_steps import AppSteps
    from b24app.sandbox.portal.automation import Automation
    from b24app.sandbox.portal.workflow.engine import Processes


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event to be sent when the hit ends. `automatic`: made by a robot, so without tokens."""

    event: str
    data: Record
    automatic: bool


@dataclass(slots=True)
class Hit:
    """One run of the portal's code: a REST request, a click, a background job.

    `user_id` 0 is the automation. `charged` sums the seconds its methods took.
    """

    user_id: int
    automatic: bool = False
    events: dict[str, EventDraft] = field(default_factory=dict)
    calls: list[Callable[[], None]] = field(default_factory=list)
    jobs: list[Callable[[], None]] = field(default_factory=list)
    charged: float = 0.0

    def raise_event(self, event: str, data: Record, *, automatic: bool = False) -> None:
        """Remember an event; identical ones of one hit are merged (bitrix24 7.2)."""
        draft = EventDraft(event, data, automatic or self.automatic)
        self.events.setdefault(f"{event} {data}", draft)


class Activity:
    """Counts the hits that have not ended yet."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def enter(self) -> None:
        """A hit begins."""
        with self._changed:
            self._count += 1

    def leave(self) -> None:
        """A hit has ended, its background jobs too."""
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait_idle(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds until no hit runs."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._count, timeout)


class Core:
    """Everything the methods share. The urls are known once the servers took their ports."""

    def __init__(self, clock: SandboxClock, app: App, bucket: LeakyBucket, *, senders: int) -> None:
        self.clock = clock
        self.app = app
        self.store = Store()
        self.tokens = TokenBook()
        self.bucket = bucket
        self.operating = OperatingTime(480.0)
        self.timing = Timing()
        self.outbox = Outbox(senders)
        self.switches = Switches()
        self.journal = Journal()
        self.faults = Faults()
        self.activity = Activity()
        self.member_id = hashlib.md5(app.client_id.encode(), usedforsecurity=False).hexdigest()
        self.url = ""
        self.auth_url = ""
        self.stopping = threading.Event()
        self.sent_events: list[SentEvent] = []
        self.robot_calls: list[RobotCall] = []
        self.steps: AppSteps
        self.automation: Automation
        self.processes: Processes

    def now(self) -> datetime:
        """The sandbox's moment, aware, UTC."""
        return self.clock.now()

    @property
    def host(self) -> str:
        """The portal's address without a scheme."""
        return self.url.partition("://")[2]

    @property
    def auth_host(self) -> str:
        """The authorization server's address without a scheme."""
        return self.auth_url.partition("://")[2]

    @property
    def client_endpoint(self) -> str:
        """Base of all REST calls."""
        return f"{self.url}/rest/"

    @property
    def server_endpoint(self) -> str:
        """REST base of the authorization server."""
        return f"{self.auth_url}/rest/"

    def checked_token(self, access: str) -> Pair:
        """The live token of an active user.

        Raises:
            RestError: 401 with the codes of bitrix24 2.4.
        """
        if not access:
            raise RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)
        pair = self.tokens.find(access)
        if pair is None:
            raise RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)
        if not self.app.installed:
            raise RestError("APPLICATION_NOT_FOUND", "Application not found", 401)
        if pair.expires <= self.now():
            raise RestError("expired_token", "The access token provided has expired.", 401)
        user = self.store.users.get(pair.user_id)
        if user is None or not user.active:
            raise RestError("authorization_error", "Unable to authorize user", 401)
        return pair

    def auth_block(self, pair: Pair | None, *, refresh: bool = False) -> Record:
        """The `auth` of an event or robot call; without a pair it carries no tokens."""
        block: Record = {
            "domain": self.host,
            "server_endpoint": self.server_endpoint,
            "client_endpoint": self.client_endpoint,
            "member_id": self.member_id,
        }
        if pair is not None:
            block |= {
                "status": "L",
                "access_token": pair.access,
                "expires": str(int(pair.expires.timestamp())),
                "expires_in": str(ACCESS_SECONDS),
                "scope": ",".join(self.app.scope),
                "user_id": str(pair.user_id),
                "client_id": self.app.client_id,
            }
        if pair is not None and refresh:
            block["refresh_token"] = pair.refresh
        return block | {"application_token": self.app.application_token}

    def require_admin(self, user_id: int, status: int = 403) -> None:
        """Refuse people who are not administrators."""
        user = self.store.users.get(user_id)
        if user is None or not user.admin:
            raise access_denied(status)


@dataclass(frozen=True, slots=True)
class Answer:
    """A method's result; `next` None: the last page."""

    result: Any
    total: int | None = None
    next: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One method call with its parameters as decoded."""

    core: Core
    hit: Hit
    user_id: int
    params: Record

    @property
    def store(self) -> Store:
        """The portal's state."""
        return self.core.store

    def value(self, name: str) -> Any:
        """A top-level parameter, its name in any case (bitrix24 3.1)."""
        if name in self.params:
            return self.params[name]
        wanted = name.lower()
        return next((value for key, value in self.params.items() if key.lower() == wanted), None)

    def positive(self, name: str) -> int:
        """A mandatory positive integer.

        Raises:
            RestError: `100` if absent, an array, or not a positive number.
        """
        raw = self.value(name)
        if raw is None:
            raise missing(name)
        if (
            isinstance(raw, bool)
            or not isinstance(raw, int | str)
            or not str(raw).isdecimal()
            or int(raw) < 1
        ):
            raise wrong_value(name, "int")
        return int(raw)

    def mapping(self, name: str, *, required: bool = False) -> Record:
        """A parameter that is an object; `[]` is PHP's empty object.

        Raises:
            RestError: `100` if it is something else, or absent though required.
        """
        raw = self.value(name)
        if raw is None and required:
            raise missing(name)
        if raw in (None, "", []):
            return {}
        if not isinstance(raw, dict):
            raise wrong_value(name, "array")
        return raw

    def names(self, name: str) -> list[str]:
        """A list of names such as `select`; empty when absent.

        Raises:
            RestError: `100` if it is something else.
        """
        raw = self.value(name)
        if raw in (None, "", [], {}):
            return []
        rows = list(raw.values()) if isinstance(raw, dict) else raw
        if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
            raise wrong_value(name, "array")
        return rows

    def text(self, name: str) -> str:
        """A scalar as text; an absent one is empty."""
        raw = self.value(name)
        if isinstance(raw, list | dict):
            raise wrong_value(name, "string")
        return "" if raw is None else str(raw).strip()


@dataclass(frozen=True, slots=True)
class Method:
    """A registered method. `scopes`: any one of them suffices; empty: none needed."""

    name: str
    scopes: tuple[str, ...]
    admin: bool
    run: Callable[[Call], Any]


METHODS: dict[str, Method] = {}


def method(
    name: str, *scopes: str, admin: bool = False
) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    """Register a function as REST method `name`; it returns the result or an `Answer`."""

    def register(run: Callable[[Call], Any]) -> Callable[[Call], Any]:
        METHODS[name] = Method(name, scopes, admin, run)
        return run

    return register


def page(rows: list[Any], start: Any, wrap: Callable[[list[Any]], Any] = list) -> Answer:
    """Fifty rows from `start`; -1 gives the first fifty with neither `total` nor `next` (bitrix24 3.4)."""
    offset = int(start) if isinstance(start, int | str) and str(start).lstrip("-").isdecimal() else 0
    if offset < 0:
        return Answer(wrap(rows[:50]))
    following = offset + 50
    more = following if following < len(rows) else None
    return Answer(wrap(rows[offset:following]), len(rows), more)
