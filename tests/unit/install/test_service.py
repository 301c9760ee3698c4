"""First contact: who is believed, what is stored then, and what a forged call leaves behind (nothing)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from b24app.ports.admin import AddRobot
from b24app.ports.errors import AuthLost
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import NotReached
from b24app.ports.identity import PageUser
from b24app.ports.records import Mode
from b24app.ports.records import People
from b24app.ports.records import PortalRecord
from b24app.ports.tokens import TokenPair
from b24app.protocol.calls import CallAuth
from b24app.protocol.calls import UntrustedCaller
from b24app.protocol.events import EventCall
from b24app.protocol.pages import PageOpening
from b24app.services.pagetokens import InstallPass
from b24app.services.views import InstallStep
from b24app.services.views import InstallView
from b24app.services.views import StepState
from b24app.storage.book import SqlBook
from b24app.storage.engine import Database
from b24app.storage.engine import memory_database
from b24app.storage.secrets import SecretBox
from b24app.storage.tables import metadata
from b24app.storage.tokens import SqlTokenVault
from install.service import InstallService
from install.settings import InstallSettings
from tests.unit.install.portal import BASE
from tests.unit.install.portal import CONFIRMED
from tests.unit.install.portal import MEMBER
from tests.unit.install.portal import MadeUpIdentity
from tests.unit.install.portal import MemoryPortal
from tests.unit.install.portal import run_installer

NOW = datetime(2026, 11, 24, 7, 20, tzinfo=UTC)
PEOPLE = People(cfo=7, substitutes=(8,), sales_heads=(9,), administrator=1)
SETTINGS = InstallSettings(
    client_id="local.abc.123",
    portal="https://demo.bitrix24.ru",
    base_url=f"{BASE}/",
    server_endpoint="https://oauth.bitrix24.tech/rest/",
    people=PEOPLE,
)
PAGE = PageOpening(
    domain="demo.bitrix24.ru",
    protocol="https",
    lang="ru",
    app_sid="sid",
    access_token="good",
    refresh_token="refresh-1",
    expires=3600,
    server_endpoint="https://oauth.bitrix24.tech/rest/",
    application_token="app-token",
    member_id=MEMBER,
    placement="DEFAULT",
    options={},
)
EVENT = EventCall(
    name="ONAPPINSTALL",
    subject_id=None,
    auth=CallAuth(
        member_id=MEMBER,
        application_token="app-token",
        access_token="good",
        refresh_token="refresh-1",
        user_id=1,
        client_endpoint="https://demo.bitrix24.ru/rest/",
        server_endpoint="https://oauth.bitrix24.tech/rest/",
        domain="demo.bitrix24.ru",
        expires_in=3600,
    ),
)


class StandingClock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment


@dataclass
class House:
    """The service with everything it touches."""

    settings: InstallSettings = SETTINGS
    portal: MemoryPortal = field(default_factory=MemoryPortal)
    identity: MadeUpIdentity = field(default_factory=MadeUpIdentity)
    clock: StandingClock = field(default_factory=StandingClock)
    database: Database = field(default_factory=memory_database)

    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.book = SqlBook(self.database)
        self.vault = SqlTokenVault(self.database, SecretBox("k" * 40))
        self.service = InstallService(
            self.settings,
            identity=self.identity,
            admins=self.portal,
            book=self.book,
            vault=self.vault,
            clock=self.clock,
            on_installed=self.told.append,
        )

    def record(self) -> PortalRecord | None:
        with self.book.read() as unit:
            return unit.portals.get(MEMBER)

    def rows(self) -> int:
        with self.database.read() as connection:
            return sum(len(connection.execute(select(table)).all()) for table in metadata.sorted_tables)


def test_a_good_first_contact_installs_and_remembers() -> None:
    house = House()
    view = run_installer(house.service, PAGE)
    record = house.record()
    assert record is not None
    assert view.complete
    assert {step.state for step in view.steps} == {StepState.MADE}
    assert (record.installed, record.mode, record.people, record.enforce_since) == (
        True,
        Mode.OBSERVE,
        PEOPLE,
        None,
    )
    assert record.client_endpoint == CONFIRMED.client_endpoint
    assert record.stages is not None
    assert record.stages.check == "CC_PREPARE"
    assert house.vault.pair(MEMBER) == TokenPair(
        1, "good", "refresh-1", datetime(2026, 11, 24, 8, 20, tzinfo=UTC)
    )
    assert house.vault.application_token(MEMBER) == "app-token"


def test_opening_the_page_again_changes_nothing() -> None:
    house = House()
    run_installer(house.service, PAGE)
    before = house.record()
    house.portal.carried_out.clear()
    view = run_installer(house.service, replace(PAGE, refresh_token="an older one"))
    assert house.portal.carried_out == []
    assert house.record() == before
    pair = house.vault.pair(MEMBER)
    assert pair is not None
    assert pair.refresh == "refresh-1"
    assert view.complete
    assert [step.state for step in view.steps] == [StepState.KEPT]


Change = Callable[[House], PageOpening]


def other_user(house: House) -> PageOpening:
    house.identity.user = PageUser(2, admin=True, name="Другой")
    return PAGE


def identity_says(error: GatewayError) -> Change:
    def change(house: House) -> PageOpening:
        house.identity.failure = error
        return PAGE

    return change


FORGED = [
    pytest.param(lambda _: replace(PAGE, access_token="made up"), id="a token nobody issued"),
    pytest.param(lambda _: replace(PAGE, member_id="f" * 32), id="another member id than the token's"),
    pytest.param(lambda _: replace(PAGE, domain="evil.example.com"), id="another domain than the token's"),
    pytest.param(identity_says(Forbidden("not an authorization server")), id="a server not on the list"),
    pytest.param(other_user, id="the portal names another user"),
]


@pytest.mark.parametrize("change", FORGED)
def test_a_forged_page_leaves_no_trace(change: Change) -> None:
    house = House()
    with pytest.raises(UntrustedCaller):
        run_installer(house.service, change(house))
    assert house.rows() == 0
    assert house.portal.opened == []


def test_a_token_of_another_application_leaves_no_trace() -> None:
    house = House()
    house.identity.confirmed = replace(CONFIRMED, client_id="local.other.9")
    with pytest.raises(UntrustedCaller):
        run_installer(house.service, PAGE)
    assert house.rows() == 0


def test_a_silent_authorization_server_leaves_no_trace_and_may_be_asked_again() -> None:
    house = House()
    house.identity.failure = NotReached("app.info")
    with pytest.raises(NotReached):
        run_installer(house.service, PAGE)
    assert house.rows() == 0
    house.identity.failure = None
    assert run_installer(house.service, PAGE).complete


@pytest.mark.parametrize(
    ("house", "word"),
    [
        pytest.param(
            House(settings=replace(SETTINGS, portal="https://other.bitrix24.ru")),
            "другого портала",
            id="pinned",
        ),
        pytest.param(House(identity=MadeUpIdentity(admin=False)), "администратор", id="not an administrator"),
    ],
)
def test_a_proved_but_unwelcome_visitor_is_told_why_and_leaves_no_trace(house: House, word: str) -> None:
    view = run_installer(house.service, PAGE)
    assert not view.complete
    assert word in (view.problem or "")
    assert house.rows() == 0
    assert house.portal.opened == []


def test_without_a_pinned_portal_any_proved_one_is_welcome() -> None:
    assert run_installer(House(settings=replace(SETTINGS, portal="")).service, PAGE).complete


def test_a_forged_page_does_not_touch_a_known_portal() -> None:
    house = House()
    run_installer(house.service, PAGE)
    before, rows = house.record(), house.rows()
    with pytest.raises(UntrustedCaller):
        run_installer(house.service, replace(PAGE, access_token="made up", application_token="evil"))
    assert (house.record(), house.rows()) == (before, rows)
    assert house.vault.application_token(MEMBER) == "app-token"


def test_a_failed_step_leaves_the_portal_not_installed_and_says_so() -> None:
    house = House(portal=MemoryPortal(broken=[AddRobot]))
    view = run_installer(house.service, PAGE)
    record = house.record()
    assert record is not None
    assert not record.installed
    assert not view.complete
    assert [step.note for step in view.steps if step.state is StepState.FAILED]
    assert house.told == []
    house.portal.broken.clear()
    assert run_installer(house.service, PAGE).complete
    assert house.told == [MEMBER]


def test_a_later_failure_does_not_switch_off_a_working_portal() -> None:
    house = House()
    run_installer(house.service, PAGE)
    house.portal.state = replace(house.portal.state, robots=frozenset())
    house.portal.broken.add(AddRobot)
    assert not run_installer(house.service, PAGE).complete
    record = house.record()
    assert record is not None
    assert record.installed


def test_a_portal_that_falls_silent_is_asked_again_later() -> None:
    house = House()
    house.portal.silent = NotReached("batch")
    view = run_installer(house.service, PAGE)
    assert not view.complete
    assert "ещё раз" in (view.problem or "")
    house.portal.silent = None
    assert run_installer(house.service, PAGE).complete


def test_dead_stored_tokens_give_way_to_the_posted_ones() -> None:
    house = House()
    run_installer(house.service, PAGE)

    class DeadUntilRenewed(MemoryPortal):
        def open(self, member_id: str) -> MemoryPortal:
            pair = house.vault.pair(member_id)
            self.silent = AuthLost("invalid_grant") if pair is None or pair.refresh == "refresh-1" else None
            return self

    house.service = InstallService(
        SETTINGS,
        identity=house.identity,
        admins=DeadUntilRenewed(house.portal.state),
        book=house.book,
        vault=house.vault,
        clock=house.clock,
    )
    assert run_installer(house.service, replace(PAGE, refresh_token="refresh-2")).complete
    pair = house.vault.pair(MEMBER)
    assert pair is not None
    assert pair.refresh == "refresh-2"


def test_the_install_event_does_the_same() -> None:
    house = House()
    house.service.installed_event(EVENT)
    record = house.record()
    assert record is not None
    assert record.installed


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(replace(EVENT, auth=replace(EVENT.auth, access_token=None)), id="no token"),
        pytest.param(replace(EVENT, auth=replace(EVENT.auth, access_token="made up")), id="forged token"),
        pytest.param(replace(EVENT, auth=replace(EVENT.auth, domain="evil.example.com")), id="other domain"),
        pytest.param(replace(EVENT, auth=replace(EVENT.auth, member_id="f" * 32)), id="other member"),
    ],
)
def test_a_forged_install_event_leaves_no_trace(event: EventCall) -> None:
    house = House()
    with pytest.raises(UntrustedCaller):
        house.service.installed_event(event)
    assert house.rows() == 0


def test_no_secret_shows_in_what_the_service_says(caplog: pytest.LogCaptureFixture) -> None:
    house = House(portal=MemoryPortal(broken=[AddRobot]))
    with caplog.at_level("DEBUG"):
        view = run_installer(house.service, PAGE)
    said = caplog.text + repr(view)
    assert not [secret for secret in ("refresh-1", "app-token") if secret in said]


EXAMPLE = """
[server]
base_url = "https://credit.example.com"
secret_key = "{key}"
[bitrix24]
client_id = "local.abc.123"
client_secret = "secret"
portal = "demo.bitrix24.ru"
[onec]
url = "https://1c.example.com/base"
username = "robot"
password = "secret"
[people]
cfo = 17
administrator = 1
[credit]
mode = "{mode}"
[pipeline]
{pipeline}
"""


def write_config(folder: Path, *, mode: str = "observe", pipeline: str = "") -> Path:
    path = folder / "config.toml"
    path.write_text(EXAMPLE.format(key="k" * 40, mode=mode, pipeline=pipeline), encoding="utf-8")
    return path


def test_a_known_portal_can_be_installed_again_with_its_stored_tokens() -> None:
    house = House()
    run_installer(house.service, PAGE)
    assert house.service.reinstall(MEMBER).unchanged
    with pytest.raises(AuthLost):
        house.service.reinstall("f" * 32)


def test_a_run_whose_reader_leaves_stops_there_and_the_next_goes_on() -> None:
    house = House()
    planned = house.service.opened(PAGE)
    run = house.service.proceed(InstallPass(MEMBER, "ru"))
    first = [next(run) for _ in range(4)]
    assert first[0] == planned
    assert [step.state for step in first[1:] if isinstance(step, InstallStep)] == [StepState.MADE] * 3
    run.close()
    left = house.service.opened(PAGE)
    assert (len(left.steps), left.startable) == (len(planned.steps) - 3, True)
    assert run_installer(house.service, PAGE).complete


def test_a_portal_that_falls_silent_on_the_way_is_told_and_may_be_tried_again() -> None:
    house = House()
    house.service.opened(PAGE)
    run = house.service.proceed(InstallPass(MEMBER, "ru"))
    next(run)
    next(run)
    house.portal.silent = AuthLost("invalid_grant")
    *_, last = run
    assert isinstance(last, InstallView)
    assert "Портал не ответил" in (last.problem or "")
    house.portal.silent = None
    assert run_installer(house.service, PAGE).complete


def test_a_portal_forgotten_since_the_page_was_opened_is_not_installed() -> None:
    house = House()
    [view] = house.service.proceed(InstallPass(MEMBER, "ru"))
    assert isinstance(view, InstallView)
    assert not view.complete
    assert (house.record(), house.portal.carried_out) == (None, [])


def test_secrets_sealed_with_another_key_are_stored_anew_by_an_administrator() -> None:
    house = House()
    run_installer(house.service, PAGE)
    other = SqlTokenVault(house.database, SecretBox("another key of more than 32 characters"))
    service = InstallService(
        SETTINGS,
        identity=house.identity,
        admins=house.portal,
        book=house.book,
        vault=other,
        clock=house.clock,
    )
    assert run_installer(service, PAGE).complete
    assert other.application_token(MEMBER) == "app-token"
    pair = other.pair(MEMBER)
    assert pair is not None
    assert pair.refresh == "refresh-1"


def test_a_portal_that_did_not_send_its_signature_is_not_called_ready_for_calls() -> None:
    house = House()
    unsigned = run_installer(house.service, replace(PAGE, application_token=None))
    assert any("ключ, которым подписывает" in each.text for each in unsigned.by_hand)
    signed = run_installer(house.service, PAGE)
    assert not any("ключ, которым подписывает" in each.text for each in signed.by_hand)
