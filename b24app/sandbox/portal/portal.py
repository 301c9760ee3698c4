"""The portal as tests and the demo hold it: servers, clicks of people, what can be looked at."""

from __future__ import annotations

import copy
import secrets
import threading
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING
from typing import Any
from typing import Self

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.portal import apps  # noqa: F401 - registers methods
from b24app.sandbox.portal import bizproc  # noqa: F401 - registers methods
from b24app.sandbox.portal import crm_details
from b24app.sandbox.portal import crm_items  # noqa: F401 - registers methods
from b24app.sandbox.portal import currencies
from b24app.sandbox.portal import messages  # noqa: F401 - registers methods
from b24app.sandbox.portal import people  # noqa: F401 - registers methods
from b24app.sandbox.portal import process_tasks  # noqa: F401 - registers methods
from b24app.sandbox.portal import process_templates  # noqa: F401 - registers methods
from b24app.sandbox.portal import processes  # noqa: F401 - registers methods
from b24app.sandbox.portal.app_steps import AppSteps
from b24app.sandbox.portal.automation import Automation
from b24app.sandbox.portal.clicks import Clicks
from b24app.sandbox.portal.core import Core
from b24app.sandbox.portal.limits import LeakyBucket
from b24app.sandbox.portal.outbox import RobotCall
from b24app.sandbox.portal.outbox import SentEvent
from b24app.sandbox.portal.requestlog import RequestLog
from b24app.sandbox.portal.rest import RestApp
from b24app.sandbox.portal.seeding import seed
from b24app.sandbox.portal.store import COMPANY
from b24app.sandbox.portal.store import DEAL
from b24app.sandbox.portal.store import App
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.tokens import AuthServer
from b24app.sandbox.portal.workflow.engine import Processes
from b24app.sandbox.server import Served
from b24app.sandbox.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication

SCOPE = ("crm", "bizproc", "task", "im", "user_brief", "department", "placement")
_TICK_SECONDS = 0.05


class SandboxPortal(Clicks):
    """One portal and its authorization server on two loopback ports, all state in memory.

    `company_ids` and `deal_ids` map the seed's keys to ids (the first card of a client; all of them are in
    `cards`). `rate` and `burst` are the leaky bucket; `senders` 1 keeps the order of events.
    """

    def __init__(  # noqa: PLR0913 - a portal's whole configuration, all by name
        self,
        world: World,
        *,
        clock: SandboxClock | None = None,
        client_id: str = "local.5f0c6ad0d4e3a1.24680135",
        client_secret: str = "sandbox-secret",  # noqa: S107 - a made-up server
        scope: tuple[str, ...] = SCOPE,
        rate: float = 2.0,
        burst: float = 50.0,
        senders: int = 4,
        ports: tuple[int, int] = (0, 0),
    ) -> None:
        app = App(client_id, client_secret, secrets.token_hex(16), scope)
        self.clock = clock or SandboxClock(None)
        super().__init__(Core(self.clock, app, LeakyBucket(rate, burst), senders=senders))
        self.core.steps = AppSteps(self.core)
        self.core.automation = Automation(self.core)
        self.core.processes = Processes(self.core)
        self.world = world
        self.cards, self.deal_ids = seed(self.core, world)
        self.company_ids = {key: numbers[0] for key, numbers in self.cards.items() if numbers}
        self.auth_server = AuthServer(self.core)
        self._mounts: list[tuple[str, WSGIApplication]] = [("/rest/", RestApp(self.core))]
        self._served = Served(self._dispatch, ports[0])
        self._auth_served = Served(self.auth_server, ports[1])
        self.core.url, self.core.auth_url = self._served.url, self._auth_served.url
        self._ticker = threading.Thread(target=self._tick, name="sandbox-ticker", daemon=True)

    def mount(self, prefix: str, app: WSGIApplication) -> None:
        """Serve pages of `app` under a path prefix; the longest prefix wins."""
        self._mounts.append((prefix, app))
        self._mounts.sort(key=lambda mount: -len(mount[0]))

    def _dispatch(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        for prefix, app in self._mounts:
            if environ["PATH_INFO"].startswith(prefix):
                return app(environ, start_response)
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"not found"]

    def start(self) -> Self:
        """Begin to answer, to send and to watch timeouts."""
        self._served.start()
        self._auth_served.start()
        self.core.outbox.start()
        self._ticker.start()
        return self

    def stop(self) -> None:
        """Stop everything at once; what was not sent is forgotten."""
        self.core.stopping.set()
        self.core.outbox.stop()
        self._served.stop()
        self._auth_served.stop()
        if self._ticker.ident is not None:
            self._ticker.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _tick(self) -> None:
        while not self.core.stopping.wait(_TICK_SECONDS):
            with self.core.store.lock:
                self.core.automation.expire()
                self.core.processes.expire()

    @property
    def url(self) -> str:
        """The portal's address, `http://127.0.0.1:<port>`."""
        return self.core.url

    @property
    def oauth_url(self) -> str:
        """The authorization server's token address."""
        return f"{self.core.auth_url}/oauth/token/"

    @property
    def client_id(self) -> str:
        """The app's id."""
        return self.core.app.client_id

    @property
    def client_secret(self) -> str:
        """The app's secret."""
        return self.core.app.client_secret

    @property
    def member_id(self) -> str:
        """The portal's stable id."""
        return self.core.member_id

    @property
    def application_token(self) -> str:
        """The installation's constant token."""
        return self.core.app.application_token

    def deal(self, deal_id: int) -> Record:
        """A copy of a deal: camelCase names, `UF_CRM_...` for custom ones, typed values.

        Raises:
            KeyError: if there is none.
        """
        with self.core.store.lock:
            return copy.deepcopy(self.core.store.items[DEAL][deal_id])

    def company(self, company_id: int) -> Record:
        """A copy of a company, as `deal` gives one."""
        with self.core.store.lock:
            return copy.deepcopy(self.core.store.items[COMPANY][company_id])

    def deals(self) -> list[Record]:
        """Copies of all deals."""
        with self.core.store.lock:
            return copy.deepcopy(list(self.core.store.items[DEAL].values()))

    def tasks(self) -> list[Record]:
        """Copies of all tasks by their upper-case names; `id` is the number, STATUS 5 completed."""
        with self.core.store.lock:
            return copy.deepcopy(list(self.core.store.tasks.values()))

    def notifications(self, user_id: int | None = None) -> list[Record]:
        """Visible notifications (id, user_id, message, tag, ...), of one user or of all."""
        with self.core.store.lock:
            rows = [row for row in self.core.store.notifications if user_id in {None, row["user_id"]}]
            return copy.deepcopy(rows)

    def comments(self, deal_id: int) -> list[Record]:
        """Timeline comments of a deal (id, COMMENT, AUTHOR_ID, CREATED)."""
        with self.core.store.lock:
            rows = self.core.store.comments
            return [dict(row) for row in rows if (row["ENTITY_TYPE"], row["ENTITY_ID"]) == ("deal", deal_id)]

    def history(self, deal_id: int) -> list[Record]:
        """Stage history of a deal, oldest first (TYPE_ID, STAGE_ID, CREATED_TIME, ...)."""
        with self.core.store.lock:
            return [dict(row) for row in self.core.store.history if row["OWNER_ID"] == deal_id]

    def requisites(self, company_id: int) -> list[Record]:
        """Requisites of a company."""
        with self.core.store.lock:
            return [
                dict(row) for row in self.core.store.requisites.values() if row["ENTITY_ID"] == company_id
            ]

    @property
    def robot_calls(self) -> list[RobotCall]:
        """Robot calls in the order they were handed to the sender."""
        return list(self.core.robot_calls)

    @property
    def sent_events(self) -> list[SentEvent]:
        """Events in the order they were handed to the sender."""
        return list(self.core.sent_events)

    @property
    def requests(self) -> list[RequestLog]:
        """REST requests since the last `reset_counts`."""
        return self.core.journal.entries()

    def count(self) -> int:
        """How many REST requests came since the last `reset_counts`."""
        return len(self.core.journal.entries())

    def reset_counts(self) -> None:
        """Number REST requests from 1 again."""
        self.core.journal.reset()

    def settle(self, timeout: float = 10.0) -> bool:
        """Wait until no hit runs and everything is sent; False when `timeout` seconds were not enough."""
        for _round in range(3):
            if not (self.core.activity.wait_idle(timeout) and self.core.outbox.wait_empty(timeout)):
                return False
        return self.core.activity.wait_idle(timeout)

    def now(self) -> datetime:
        """The portal's moment, aware, UTC."""
        return self.core.now()

    def add_product_rows(self, deal_id: int, rows: list[Record]) -> None:
        """Give a deal product rows, camelCase as `crm.item.productrow.list` answers them."""
        with self.core.store.lock:
            for row in rows:
                full = {"id": self.core.store.number("row"), "ownerId": deal_id, "ownerType": "D"} | row
                self.core.store.product_rows.setdefault(("D", deal_id), []).append(full)

    def link_requisite(self, deal_id: int, requisite_id: int, own_requisite_id: int = 0) -> None:
        """Choose the requisites of a deal: the client's and the own company's."""
        with self.core.store.lock:
            link = {"ENTITY_TYPE_ID": DEAL, "ENTITY_ID": deal_id, "REQUISITE_ID": requisite_id}
            link |= {"BANK_DETAIL_ID": 0, "MC_REQUISITE_ID": own_requisite_id, "MC_BANK_DETAIL_ID": 0}
            self.core.store.requisite_links[DEAL, deal_id] = link

    def edit_requisite(self, requisite_id: int, user_id: int, values: Record) -> None:
        """Change a requisite as a person does."""
        with self.hit(user_id) as hit:
            record = self.core.store.requisites[requisite_id]
            crm_details.edit_requisite(record, hit, values, self.core.now())

    def set_rate(self, currency: str, price: Decimal, units: int = 1) -> None:
        """Give a currency another price for so many units, in the base currency and dated now."""
        with self.core.store.lock:
            currencies.set_rate(self.core.store, currency, price, units, self.core.now())
