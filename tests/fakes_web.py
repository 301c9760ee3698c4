"""Outside parts of the web in memory, and the posts of Bitrix24 as bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from urllib.parse import urlencode

from b24app.ports.errors import AuthLost
from b24app.ports.identity import ConfirmedInstall
from b24app.ports.identity import PageUser
from b24app.ports.records import Mode
from b24app.ports.records import People
from b24app.ports.records import PortalRecord
from b24app.ports.records import Stages
from b24app.ports.tokens import TokenPair
from b24app.protocol.calls import UntrustedCaller
from b24app.services.hooks import LedgerHook
from b24app.services.pagetokens import PageTokens
from b24app.services.reception import Reception
from b24app.services.views import AmountLine
from b24app.services.views import ByHand
from b24app.services.views import DealTabView
from b24app.services.views import HistoryLine
from b24app.services.views import InstallStep
from b24app.services.views import InstallView
from b24app.services.views import StepState
from b24app.services.views import Tone
from b24app.storage.book import memory_book
from b24app.web.front import Front

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping
    from collections.abc import Sequence

    from b24app.ports.book import Book
    from b24app.ports.records import Message
    from b24app.protocol.events import EventCall
    from b24app.protocol.pages import PageOpening
    from b24app.services.pagetokens import InstallPass
    from b24app.services.pagetokens import PagePass

PAYLOADS = Path(__file__).parent / "payloads" / "bitrix24"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MEMBER = "a223c6b3710f85df22e9377d6c4f7553"
OTHER_MEMBER = "d897063e1ce7c5eb9f04b9751eef5915"
DOMAIN = "some-domain.bitrix24.com"
HOOK_TOKEN = "marker-hook-token"
APPLICATION_TOKEN = "marker-application-token-8f1c"
OTHER_APPLICATION_TOKEN = "marker-other-application-token-77aa"
ACCESS_TOKEN = "marker-access-token-31d0"
REFRESH_TOKEN = "marker-refresh-token-5ee2"
EVENT_TOKEN = "6ab5bcfde8e8b0.39728274|A1|marker-event-token-d2.e02c"
CLIENT_ID = "local.1"
SECRET_KEY = "marker-secret-key-d41d"
FORM = "application/x-www-form-urlencoded"


def sample(name: str) -> dict[str, Any]:
    """Return a sample post as the documentation shows it."""
    found: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return found


def php_form(nested: Mapping[str, Any]) -> bytes:
    """Encode nested values the way PHP's http_build_query does."""
    return urlencode(list(_pairs(nested, ""))).encode()


def _pairs(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict | list):
        keyed = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in keyed:
            yield from _pairs(value, f"{path}[{key}]" if path else str(key))
    else:
        yield path, str(node)


class StoppedClock:
    """A clock that moves only when told to."""

    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def pass_by(self, span: timedelta) -> None:
        self.moment += span


@dataclass
class FakeIntake:
    """The inbox's writer; forgets what the real inbox would not store twice."""

    messages: list[Message] = field(default_factory=list)

    def put(self, messages: Sequence[Message]) -> None:
        known = {message.event_token for message in self.messages if message.event_token}
        self.messages.extend(message for message in messages if message.event_token not in known)


@dataclass
class FakeVault:
    """Secrets in plain dictionaries."""

    pairs: dict[str, TokenPair] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def pair(self, member_id: str) -> TokenPair | None:
        return self.pairs.get(member_id)

    def save(self, member_id: str, pair: TokenPair) -> None:
        self.pairs[member_id] = pair

    def replace(self, member_id: str, pair: TokenPair, *, refused: str) -> bool:
        if member_id not in self.pairs or self.pairs[member_id].access != refused:
            return False
        self.pairs[member_id] = pair
        return True

    def discard(self, member_id: str, *, refused: str) -> None:
        if member_id in self.pairs and self.pairs[member_id].access == refused:
            del self.pairs[member_id]

    def lease(self, member_id: str, *, refused: str, now: datetime, seconds: float) -> bool:
        del now, seconds
        return member_id in self.pairs and self.pairs[member_id].access == refused

    def release(self, member_id: str, *, refused: str) -> None:
        """Nothing is leased here."""

    def application_token(self, member_id: str) -> str | None:
        return self.tokens.get(member_id)

    def set_application_token(self, member_id: str, token: str) -> None:
        self.tokens[member_id] = token

    def forget(self, member_id: str) -> None:
        self.pairs.pop(member_id, None)
        self.tokens.pop(member_id, None)


@dataclass
class FakeIdentity:
    """The authorization server and the portals' REST: they know some access tokens and refuse the others."""

    installs: dict[str, ConfirmedInstall] = field(default_factory=dict)
    users: dict[tuple[str, str], PageUser] = field(default_factory=dict)
    failure: Exception | None = None
    asked: list[str] = field(default_factory=list)

    def confirm(self, *, server_endpoint: str, access_token: str) -> ConfirmedInstall:
        self._asked(server_endpoint)
        if access_token not in self.installs:
            raise AuthLost("app.info: token refused")
        return self.installs[access_token]

    def whoami(self, *, client_endpoint: str, access_token: str) -> PageUser:
        self._asked(client_endpoint)
        if (client_endpoint, access_token) not in self.users:
            raise AuthLost("profile: token refused")
        return self.users[client_endpoint, access_token]

    def sees_deal(self, *, client_endpoint: str, access_token: str, deal_id: int) -> bool:
        self.whoami(client_endpoint=client_endpoint, access_token=access_token)
        return deal_id != 666

    def _asked(self, address: str) -> None:
        self.asked.append(address)
        if self.failure is not None:
            raise self.failure


INSTALLED = ("Робот «Проверить»", "Этап <b>")


@dataclass
class FakeInstaller:
    """An installer that believes one access token."""

    opened_by: list[PageOpening] = field(default_factory=list)
    proceeded: list[InstallPass] = field(default_factory=list)
    events: list[EventCall] = field(default_factory=list)
    complete: bool = True
    done: bool = False

    def opened(self, page: PageOpening) -> InstallView:
        if page.access_token != ACCESS_TOKEN:
            raise UntrustedCaller("install page: not confirmed")
        self.opened_by.append(page)
        if self.done:
            return self._outcome()
        steps = tuple(InstallStep(title, StepState.PLANNED) for title in INSTALLED)
        return InstallView(steps, (), complete=False, startable=True)

    def proceed(self, page: InstallPass) -> Iterator[InstallView | InstallStep]:
        self.proceeded.append(page)
        steps = self._outcome().steps
        yield InstallView(tuple(replace(step, state=StepState.PLANNED) for step in steps), (), complete=False)
        yield from steps
        yield self._outcome()

    def _outcome(self) -> InstallView:
        steps = (
            InstallStep(INSTALLED[0], StepState.MADE),
            InstallStep(INSTALLED[1], StepState.KEPT if self.complete else StepState.FAILED, "нет прав"),
        )
        problem = None if self.complete else "Не хватает прав"
        by_hand = (ByHand("Поставьте робота на этап", picture="robots"),)
        startable = not self.complete
        return InstallView(steps, by_hand, complete=self.complete, startable=startable, problem=problem)

    def installed_event(self, event: EventCall) -> None:
        if event.auth.access_token != ACCESS_TOKEN:
            raise UntrustedCaller("ONAPPINSTALL: not confirmed")
        self.events.append(event)


@dataclass
class FakeTab:
    """A tab with one held deal."""

    asked: list[PagePass] = field(default_factory=list)
    revision: str = "1"
    failure: Exception | None = None
    stale: bool = False

    def wants_check(self, member_id: str, deal_id: int) -> bool:
        assert member_id == MEMBER
        assert deal_id
        return self.stale

    def view(self, member_id: str, deal_id: int, user: PagePass) -> DealTabView:
        assert (member_id, deal_id) == (user.member_id, user.deal_id)
        self.asked.append(user)
        if self.failure is not None:
            raise self.failure
        return DealTabView(
            tone=Tone.BAD,
            verdict="Отгрузка остановлена",
            revision=self.revision,
            reasons=(
                "Превышен лимит: 1 200 000,00 ₽ при лимите 900 000,00 ₽",
                "ООО <script>alert(1)</script>",
            ),
            arithmetic=(
                AmountLine("Долг", "800 000,00 ₽"),
                AmountLine("Итого", "1 200 000,00 ₽", strong=True),
            ),
            to_release=("300 000,00 ₽ по договору 7",),
            as_of="24.11.2026 11:58",
            history=(HistoryLine("23.11.2026", "Разрешено", Tone.GOOD, "робот"),),
        )


@dataclass
class Outside:
    """Everything around the web in one hand: an installed portal, a second one, and the parts to look at."""

    clock: StoppedClock = field(default_factory=StoppedClock)
    book: Book = field(default_factory=memory_book)
    intake: FakeIntake = field(default_factory=FakeIntake)
    vault: FakeVault = field(default_factory=FakeVault)
    identity: FakeIdentity = field(default_factory=FakeIdentity)
    installer: FakeInstaller = field(default_factory=FakeInstaller)
    tab: FakeTab = field(default_factory=FakeTab)
    health: dict[str, bool] = field(default_factory=lambda: {"database": True, "worker": True})

    def __post_init__(self) -> None:
        """Install two portals; the first one's tokens are good."""
        for record, token in (
            (portal_record(), APPLICATION_TOKEN),
            (portal_record(OTHER_MEMBER, "xxx.bitrix24.com"), OTHER_APPLICATION_TOKEN),
        ):
            self.save(record)
            self.vault.set_application_token(record.member_id, token)
            self.vault.save(record.member_id, TokenPair(1, "stored-a", "stored-r", self.clock.now()))
        endpoint = f"https://{DOMAIN}/rest/"
        self.identity.users[endpoint, ACCESS_TOKEN] = PageUser(7, admin=True, name="Анна Иванова")
        self.identity.installs[ACCESS_TOKEN] = confirmed_install(MEMBER)

    @property
    def reception(self) -> Reception:
        return Reception(
            book=self.book,
            vault=self.vault,
            intake=self.intake,
            clock=self.clock,
            identity=self.identity,
            client_id=CLIENT_ID,
        )

    @property
    def hook(self) -> LedgerHook:
        return LedgerHook(book=self.book, intake=self.intake, clock=self.clock, token=HOOK_TOKEN)

    def front(self) -> Front:
        return Front(
            reception=self.reception,
            tokens=PageTokens(SECRET_KEY, self.clock),
            rights=self.identity,
            install=self.installer,
            hook=self.hook,
            tab=self.tab,
            probes=lambda: self.health,
            js_url="//api.bitrix24.tech/api/v1/",
        )

    def portal(self, member_id: str = MEMBER) -> PortalRecord:
        with self.book.read() as unit:
            record = unit.portals.get(member_id)
        assert record is not None
        return record

    def save(self, record: PortalRecord) -> None:
        with self.book.write() as unit:
            unit.portals.save(record)

    def uninstall(self) -> None:
        self.save(replace(self.portal(), installed=False))
        self.vault.forget(MEMBER)


def portal_record(member_id: str = MEMBER, domain: str = DOMAIN) -> PortalRecord:
    """Return an installed portal."""
    return PortalRecord(
        member_id=member_id,
        client_endpoint=f"https://{domain}/rest/",
        server_endpoint="https://oauth.bitrix.info/rest/",
        service_user_id=1,
        installed=True,
        mode=Mode.ENFORCE,
        enforce_since=NOON,
        stages=Stages(category=0, check="PREP", allowed="OK", approval="APPR"),
        people=People(cfo=2, substitutes=(), sales_heads=(3,), administrator=1),
    )


def confirmed_install(member_id: str) -> ConfirmedInstall:
    """Return what the authorization server says about a token of a portal."""
    return ConfirmedInstall(
        member_id=member_id,
        domain=DOMAIN,
        client_endpoint=f"https://{DOMAIN}/rest/",
        server_endpoint="https://oauth.bitrix.info/rest/",
        user_id=7,
        client_id=CLIENT_ID,
        status="L",
        installed=True,
        scope=("crm",),
    )


def robot_post(**auth: str) -> dict[str, Any]:
    """Return a complete robot call of the installed portal; `auth` replaces parts of its block."""
    post = sample("robot-handler-post") | {"code": "cc_check_wait", "event_token": EVENT_TOKEN}
    post["auth"] = post["auth"] | _good_auth() | {"user_id": "9"} | auth
    return post


def event_post(name: str = "event-oncrmdealupdate", **auth: str) -> dict[str, Any]:
    """Return an event of the installed portal; `auth` replaces parts of its block."""
    post = sample(name)
    post["auth"] = post["auth"] | _good_auth() | auth
    return post


def page_post(name: str = "install-page-post", **fields: str) -> tuple[str, dict[str, Any]]:
    """Return query string and body of a page opening on the installed portal."""
    post = sample(name)
    query = post["query"] | {"DOMAIN": DOMAIN, "LANG": "ru"}
    body = post["body"] | {
        "AUTH_ID": ACCESS_TOKEN,
        "REFRESH_ID": REFRESH_TOKEN,
        "APPLICATION_TOKEN": APPLICATION_TOKEN,
        "member_id": MEMBER,
    }
    query |= {key: value for key, value in fields.items() if key in query}
    body |= {key: value for key, value in fields.items() if key not in query}
    return urlencode(query), body


def _good_auth() -> dict[str, str]:
    return {
        "member_id": MEMBER,
        "application_token": APPLICATION_TOKEN,
        "access_token": ACCESS_TOKEN,
        "refresh_token": REFRESH_TOKEN,
    }
