"""Forged calls against the real wiring: nothing is believed, nothing is written, nothing secret is logged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

import handlers
import robots
from b24app.clock import SystemClock
from b24app.ports.records import CheckRecord
from b24app.ports.records import Weight
from b24app.ports.tokens import TokenPair
from b24app.sandbox.portal.browser import page_post
from b24app.services.pagetokens import InstallPass
from b24app.services.pagetokens import PagePass
from b24app.services.pagetokens import PageTokens
from b24app.web.app import create_app
from b24app.wiring import Services
from tests.edge.calling import TAB_PATH
from tests.edge.calling import WAIT
from tests.edge.calling import post
from tests.edge.standing import Installed
from tests.edge.standing import standing
from tests.fakes_web import FORM
from tests.fakes_web import StoppedClock
from tests.fakes_web import php_form
from tests.fakes_web import sample

OTHER = "d897063e1ce7c5eb9f04b9751eef5915"
OTHER_TOKEN = "marker-application-token-of-the-other"
GUESS = "marker-guess"


@dataclass
class House:
    """The app's web over its real parts, and what an attacker could know of it."""

    installed: Installed
    services: Services
    web: FlaskClient
    token: str
    answers: list[TestResponse] = field(default_factory=list)

    @property
    def member(self) -> str:
        return self.installed.stand.portal.member_id

    def secrets(self) -> list[str]:
        """Every secret that must not be seen anywhere."""
        config = self.services.config
        pair = self.services.vault.pair(self.member)
        assert pair is not None
        return [
            "marker-",
            self.token,
            pair.access,
            pair.refresh,
            config.server.secret_key.get_secret_value(),
            config.bitrix24.client_secret.get_secret_value(),
        ]

    def auth(self, **changes: str) -> dict[str, str]:
        access, refresh = self.installed.stand.portal.tokens_for(7)
        auth = {"member_id": self.member, "application_token": self.token, "user_id": "7"}
        return auth | {"access_token": access, "refresh_token": refresh} | changes

    def robot(self, event_token: str, path: str = WAIT, **changes: str) -> TestResponse:
        form = sample("robot-handler-post") | {"code": path.rsplit("/", 1)[-1], "event_token": event_token}
        return self._keep(post(self.web, path, form | {"auth": form["auth"] | self.auth(**changes)}))

    def event(self, name: str, **changes: str) -> TestResponse:
        """Post a recorded event, or one bound by us that looks like it, as `name` says."""
        form = sample(f"event-{name.lower()}" if name in RECORDED else "event-oncrmdealupdate")
        auth = form["auth"] | self.auth(**changes)
        return self._keep(post(self.web, "/events", form | {"event": name, "auth": auth}))

    def install_event(self, changes: dict[str, str], *, user: int = 1) -> TestResponse:
        form, portal = sample("event-onappinstall"), self.installed.stand.portal
        access, refresh = portal.tokens_for(user)
        known = {"access_token": access, "refresh_token": refresh, "domain": portal.core.host}
        auth = form["auth"] | self.auth() | known | changes
        return self._keep(post(self.web, "/install", form | {"auth": auth}))

    def page(self, path: str, lie: dict[str, str] | None = None, *, user: int = 1) -> TestResponse:
        changes, placement = lie or {}, "CRM_DEAL_DETAIL_TAB" if path == TAB_PATH else "DEFAULT"
        core = self.installed.stand.portal.core
        opening = page_post(core, path, user, placement, {"ID": "1"})
        query = opening.query | {key: value for key, value in changes.items() if key in opening.query}
        body = opening.body | {key: value for key, value in changes.items() if key not in opening.query}
        address = f"{path}?{urlencode(query)}"
        return self._keep(self.web.post(address, data=php_form(body), content_type=FORM))

    def access_of(self, user: int) -> str:
        access, _ = self.installed.stand.portal.tokens_for(user)
        return access

    def recheck(self, token: str | None) -> TestResponse:
        return self.ours("/api/recheck", token)

    def ours(self, path: str, token: str | None, access: str = GUESS) -> TestResponse:
        """Call a route of our own pages, with another's access token where one is read."""
        headers = {} if token is None else {"X-B24App-Page": token}
        method, body = ("GET", None) if path == "/api/deal" else ("POST", {"access_token": access})
        return self._keep(self.web.open(path, method=method, headers=headers, data=body))

    def hooked(self, key: str, token: str) -> TestResponse:
        """Push as 1C would."""
        body = {"id": "1", "event": "posted", "type": "Документ.Оплата", "ref": "x", "inn": "7701000001"}
        return self._keep(self.web.post(f"/hooks/1c/{key}", json=body, headers={"X-B24App-Token": token}))

    def page_token(
        self,
        *,
        key: str | None = None,
        age: timedelta = timedelta(),
        member: str = "",
        install: bool = False,
    ) -> str:
        secret = key or self.services.config.server.secret_key.get_secret_value()
        tokens = PageTokens(secret, StoppedClock(SystemClock().now() - age))
        if install:
            return tokens.issue_install(InstallPass(member or self.member, "ru"))
        return tokens.issue(PagePass(member or self.member, 7, 1, "ru"))

    def _keep(self, answer: TestResponse) -> TestResponse:
        self.answers.append(answer)
        return answer


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """One stand for the tests of this file."""
    with standing(tmp_path_factory.mktemp("stand")) as found:
        yield found


@pytest.fixture
def house(installed: Installed) -> Iterator[House]:
    """The web over the real parts, with a second portal in the same database."""
    with installed.services() as services:
        member = installed.stand.portal.member_id
        token = services.vault.application_token(member)
        assert token is not None
        [portal] = [row for row in services.portals() if row.member_id == member]
        with services.book.write() as unit:
            unit.portals.save(
                replace(portal, member_id=OTHER, client_endpoint="https://other.bitrix24.ru/rest/")
            )
        services.vault.set_application_token(OTHER, OTHER_TOKEN)
        pair = TokenPair(1, "marker-other-access", "marker-other-refresh", datetime(2030, 1, 1, tzinfo=UTC))
        services.vault.save(OTHER, pair)
        yield House(installed, services, create_app(services.front).test_client(), token)


Act = Callable[[House], TestResponse]


def tried(name: str, act: Act) -> Any:
    return pytest.param(act, id=name)


LIES: list[tuple[str, dict[str, str]]] = [
    ("wrong token", {"application_token": GUESS}),
    ("no token", {"application_token": ""}),
    ("another portal's token", {"application_token": OTHER_TOKEN}),
    ("our token for another portal", {"member_id": OTHER}),
    ("unknown portal", {"member_id": "f" * 32}),
]
RECORDED = {"ONCRMDEALUPDATE", "ONCRMCOMPANYUPDATE", "ONAPPUNINSTALL", "ONAPPUPDATE"}
ROBOTS = [f"/robots/{code}" for code in robots.ALL]
BOUND = sorted(set(handlers.EVENTS) - {"ONAPPUPDATE"})
PAGE_LIES: list[tuple[str, dict[str, str]]] = [
    ("guessed token", {"AUTH_ID": GUESS}),
    ("no token", {"AUTH_ID": ""}),
    ("another portal", {"member_id": OTHER}),
    ("unknown portal", {"member_id": "f" * 32}),
    ("another domain", {"DOMAIN": "evil.example"}),
]


INSTALL_LIES: list[tuple[str, dict[str, str]]] = [
    ("guessed token", {"access_token": GUESS}),
    ("no token", {"access_token": ""}),
    ("another portal", {"member_id": OTHER}),
    ("unknown portal", {"member_id": "f" * 32}),
    ("another domain", {"domain": "evil.example"}),
]
OURS = ["/api/recheck", "/api/renew", "/api/install", "/api/deal"]
TOKEN_LIES: list[tuple[str, Callable[[House, bool], str | None]]] = [
    ("no token", lambda _house, _install: None),
    ("a guess", lambda _house, _install: GUESS),
    ("another key", lambda house, install: house.page_token(key="k" * 40, install=install)),
    ("the future", lambda house, install: house.page_token(age=-timedelta(minutes=5), install=install)),
    ("two days ago", lambda house, install: house.page_token(age=timedelta(days=2), install=install)),
    ("another kind of page", lambda house, install: house.page_token(install=not install)),
]


def robot_lying(path: str, lie: dict[str, str]) -> Act:
    return lambda house: house.robot(GUESS, path, **lie)


def install_lying(lie: dict[str, str]) -> Act:
    return lambda house: house.install_event(lie)


def ours_lying(path: str, lie: Callable[[House, bool], str | None]) -> Act:
    return lambda house: house.ours(path, lie(house, path == "/api/install"))


def event_lying(name: str, lie: dict[str, str]) -> Act:
    return lambda house: house.event(name, **lie)


def page_lying(path: str, lie: dict[str, str]) -> Act:
    return lambda house: house.page(path, lie)


FORGED = [
    *[tried(f"{path}, {name}", robot_lying(path, lie)) for path in ROBOTS for name, lie in LIES],
    *[tried(f"{event}, {name}", event_lying(event, lie)) for event in BOUND for name, lie in LIES],
    tried(
        "update without a confirmed token",
        lambda h: h.event("ONAPPUPDATE", access_token=GUESS, application_token="marker-evil"),
    ),
    tried("update by a manager", lambda h: h.event("ONAPPUPDATE", application_token="marker-evil")),
    tried("update of another portal", lambda h: h.event("ONAPPUPDATE", member_id=OTHER)),
    tried("update of an unknown portal", lambda h: h.event("ONAPPUPDATE", member_id="f" * 32)),
    *[
        tried(f"{path}, {name}", page_lying(path, lie))
        for path in ("/", TAB_PATH, "/install")
        for name, lie in PAGE_LIES
    ],
    *[tried(f"ONAPPINSTALL, {name}", install_lying(lie)) for name, lie in INSTALL_LIES],
    tried("ONAPPINSTALL by a manager", lambda h: h.install_event({}, user=7)),
    *[tried(f"{path}, token: {name}", ours_lying(path, lie)) for path in OURS for name, lie in TOKEN_LIES],
    tried("renewal by somebody else", lambda h: h.ours("/api/renew", h.page_token(), h.access_of(8))),
    tried("renewal for an unknown portal", lambda h: h.ours("/api/renew", h.page_token(member="f" * 32))),
    tried("recheck after the page's time", lambda h: h.recheck(h.page_token(age=timedelta(minutes=31)))),
    tried("1C, no key and no token", lambda h: h.hooked("0" * 32, "")),
    tried("1C, a guessed token", lambda h: h.hooked("0" * 32, GUESS)),
    tried("1C, the portal's id for a key", lambda h: h.hooked(h.member, GUESS)),
    tried("1C, our application's token", lambda h: h.hooked(h.member, h.token)),
    tried("recheck of an unknown portal", lambda h: h.recheck(h.page_token(member="f" * 32))),
]


@pytest.mark.parametrize("act", FORGED)
def test_a_forged_call_changes_nothing(house: House, act: Act, caplog: pytest.LogCaptureFixture) -> None:
    before = house.installed.contents()
    house.installed.stand.portal.reset_counts()
    with caplog.at_level(logging.DEBUG), capture_logs() as logs:
        answer = act(house)
    assert answer.status_code in {400, 403}
    assert house.installed.contents() == before
    shown = f"{logs}{caplog.text}{answer.get_data(as_text=True)}{answer.headers}"
    assert [secret for secret in house.secrets() if secret in shown] == []


GENUINE = [
    tried("robot", lambda h: h.robot("t|genuine")),
    tried("deal event", lambda h: h.event("ONCRMDEALUPDATE")),
    tried("company event", lambda h: h.event("ONCRMCOMPANYUPDATE")),
    tried("recheck", lambda h: h.recheck(h.page_token())),
]


@pytest.mark.parametrize("act", GENUINE)
def test_the_same_call_when_genuine_is_stored(house: House, act: Act) -> None:
    clear(house)
    before = house.installed.contents()
    assert act(house).status_code in {200, 202}
    after = house.installed.contents()
    assert {name for name in after if after[name] != before[name]} - {"sqlite_sequence"} == {"inbox"}
    assert len(after["inbox"]) == len(before["inbox"]) + 1


def clear(house: House) -> None:
    """Finish what waits, so that a new message is stored whatever other tests have sent."""
    now = SystemClock().now() + timedelta(days=1)
    with house.services.book.write() as unit:
        unit.inbox.finish([row.id for row in unit.inbox.take(house.member, now=now, limit=1000)])


def test_a_replayed_robot_call_is_stored_once(house: House) -> None:
    assert house.robot("t|replayed").status_code == 200
    before = house.installed.contents()
    for _ in range(3):
        assert house.robot("t|replayed").status_code == 200
    clear(house)
    assert house.robot("t|replayed").status_code == 200
    rows = [row for row in house.installed.contents()["inbox"] if "t|replayed" in row]
    assert len(rows) == 1
    assert len(house.installed.contents()["inbox"]) == len(before["inbox"])


def test_a_replayed_event_and_button_wait_once(house: House) -> None:
    clear(house)
    before = house.installed.contents()
    token = house.page_token()
    for _ in range(3):
        assert house.event("ONCRMDEALUPDATE").status_code == 200
        assert house.recheck(token).status_code == 202
    assert len(house.installed.contents()["inbox"]) == len(before["inbox"]) + 2


def test_what_was_genuine_once_is_forged_after_the_uninstall(house: House) -> None:
    """A replay of captured calls of a portal that has left: nothing of it is believed any more."""
    auth = {"member_id": OTHER, "application_token": OTHER_TOKEN}
    token = house.page_token(member=OTHER)
    assert house.event("ONAPPUNINSTALL", **auth).status_code == 200
    before = house.installed.contents()
    replies = [
        *[house.robot("t|replay", path, **auth) for path in ROBOTS],
        *[house.event(name, **auth) for name in BOUND],
        *[house.page(path, {"member_id": OTHER}) for path in ("/", TAB_PATH)],
        house.recheck(token),
        house.ours("/api/renew", token),
    ]
    assert {answer.status_code for answer in replies} == {403}
    assert house.installed.contents() == before


@pytest.mark.parametrize("path", ["/", TAB_PATH])
def test_a_genuine_page_is_shown_without_secrets(house: House, path: str) -> None:
    answer = house.page(path)
    assert answer.status_code == 200
    shown = f"{answer.get_data(as_text=True)}{answer.headers}"
    assert [secret for secret in house.secrets() if secret in shown] == []


def test_a_person_who_may_not_see_a_deal_gets_no_tab_of_it(house: House) -> None:
    house.installed.stand.portal.deny(8, 2, 1)
    before = house.installed.contents()
    assert house.page(TAB_PATH, user=8).status_code == 403
    assert house.installed.contents() == before


def test_a_genuine_uninstall_touches_only_its_own_portal(house: House) -> None:
    before = house.services.portals()
    answer = house.event("ONAPPUNINSTALL", member_id=OTHER, application_token=OTHER_TOKEN)
    assert answer.status_code == 200
    assert [row.member_id for row in house.services.portals()] == [house.member]
    assert house.services.vault.application_token(OTHER) is None
    assert house.services.vault.application_token(house.member) == house.token
    assert len(before) == 2


def test_an_install_page_cannot_name_another_authorization_server(house: House) -> None:
    def known() -> list[tuple[str, str]]:
        return [(row.client_endpoint, row.server_endpoint) for row in house.services.portals()]

    before = known()
    assert house.page("/install", {"SERVER_ENDPOINT": "https://evil.example/rest/"}).status_code == 200
    assert known() == before


@pytest.mark.parametrize("own", [True, False], ids=["own portal", "another portal"])
def test_a_page_of_one_portal_shows_nothing_of_another(house: House, own: bool) -> None:
    portal = next(row for row in house.services.portals() if row.member_id == house.member)
    preview = house.services.previewer.look(portal, house.installed.deal("limit"))
    finding = preview.finding
    record = CheckRecord(
        member_id=house.member,
        deal_id=1,
        company_id=None,
        company_title="",
        inn=finding.inn,
        trigger=preview.matter.standing.trigger,
        weight=Weight.BINDING,
        mode=portal.mode,
        version="1",
        case=finding.case,
        decision=finding.decision,
        decided_at=SystemClock().now(),
    )
    with house.services.book.write() as unit:
        unit.checks.add(record)
    token = house.page_token(member=house.member if own else OTHER)
    answer = house.web.get("/api/deal", headers={"X-B24App-Page": token})
    assert answer.status_code == 200
    shown = answer.get_json()["html"]
    assert ("Отгрузка остановлена" in shown) is own
    assert ("Проверки ещё не было" in shown) is not own
