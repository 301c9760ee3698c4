"""Reception: who is believed, what is stored, what a refusal leaves unchanged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from itsdangerous import URLSafeSerializer
from structlog.testing import capture_logs

import handlers
import robots
from b24app.ports.errors import Forbidden
from b24app.ports.errors import NotReached
from b24app.ports.identity import PageUser
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.protocol.calls import BadCall
from b24app.protocol.calls import CallAuth
from b24app.protocol.calls import UntrustedCaller
from b24app.protocol.events import EventCall
from b24app.protocol.pages import PageOpening
from b24app.protocol.robot_calls import RobotCall
from b24app.services.pagetokens import LIFETIME
from b24app.services.pagetokens import PageExpired
from b24app.services.pagetokens import PagePass
from b24app.services.pagetokens import PageTokens
from robots import cc_check
from robots import cc_check_wait
from tests.fakes_web import ACCESS_TOKEN
from tests.fakes_web import APPLICATION_TOKEN
from tests.fakes_web import DOMAIN
from tests.fakes_web import EVENT_TOKEN
from tests.fakes_web import MEMBER
from tests.fakes_web import NOON
from tests.fakes_web import OTHER_APPLICATION_TOKEN
from tests.fakes_web import OTHER_MEMBER
from tests.fakes_web import REFRESH_TOKEN
from tests.fakes_web import SECRET_KEY
from tests.fakes_web import Outside
from tests.fakes_web import StoppedClock

if TYPE_CHECKING:
    from collections.abc import Callable

AUTH = CallAuth(
    MEMBER,
    APPLICATION_TOKEN,
    access_token=ACCESS_TOKEN,
    refresh_token=REFRESH_TOKEN,
    user_id=9,
    server_endpoint="https://oauth.bitrix.info/rest/",
    expires_in=3600,
)
FORGED = [
    pytest.param(replace(AUTH, application_token="guess"), id="wrong token"),
    pytest.param(replace(AUTH, application_token=""), id="no token"),
    pytest.param(replace(AUTH, application_token=OTHER_APPLICATION_TOKEN), id="another portal's token"),
    pytest.param(replace(AUTH, member_id=OTHER_MEMBER), id="our token for another portal"),
    pytest.param(replace(AUTH, member_id="nobody"), id="unknown portal"),
    pytest.param(replace(AUTH, member_id="nobody", application_token=""), id="unknown portal, no token"),
]


@pytest.fixture
def outside() -> Outside:
    return Outside()


def robot_call(auth: CallAuth = AUTH, token: str = EVENT_TOKEN) -> RobotCall:
    return RobotCall("cc_check_wait", 17, token, waiting=True, auth=auth)


def event(name: str, auth: CallAuth = AUTH, subject: int | None = 5) -> EventCall:
    return EventCall(name, subject, auth)


def page(**changes: str) -> PageOpening:
    opening = PageOpening(
        domain=DOMAIN,
        protocol="https",
        lang="ru",
        app_sid=None,
        access_token=ACCESS_TOKEN,
        refresh_token=REFRESH_TOKEN,
        expires=3600,
        server_endpoint=None,
        application_token=None,
        member_id=MEMBER,
        placement="DEFAULT",
        options={},
    )
    return replace(opening, **changes)  # type: ignore[arg-type] # only text fields are changed here


def state(outside: Outside) -> object:
    return (
        list(outside.intake.messages),
        dict(outside.vault.pairs),
        dict(outside.vault.tokens),
        outside.portal(),
        outside.portal(OTHER_MEMBER),
    )


def test_a_robot_call_is_stored_whole(outside: Outside) -> None:
    cc_check_wait.run(robot_call(), outside.reception)
    assert outside.intake.messages == [
        Message(
            MEMBER,
            MessageKind.ROBOT,
            17,
            received_at=NOON,
            event_token=EVENT_TOKEN,
            robot_code="cc_check_wait",
            waiting=True,
        )
    ]


def test_the_robot_that_does_not_wait_is_stored_as_such(outside: Outside) -> None:
    cc_check.run(replace(robot_call(), code="cc_check", waiting=False), outside.reception)
    assert not outside.intake.messages[0].waiting


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ONCRMDEALADD", MessageKind.DEAL),
        ("ONCRMDEALUPDATE", MessageKind.DEAL),
        ("ONCRMDEALMOVETOCATEGORY", MessageKind.DEAL),
        ("ONCRMDEALDELETE", MessageKind.DEAL),
        ("ONCRMCOMPANYUPDATE", MessageKind.COMPANY),
        ("ONCRMREQUISITEADD", MessageKind.REQUISITE),
        ("ONCRMREQUISITEUPDATE", MessageKind.REQUISITE),
    ],
)
def test_an_event_becomes_a_message_about_its_object(outside: Outside, name: str, kind: MessageKind) -> None:
    handlers.ROUTER.dispatch(event(name), outside.reception)
    assert outside.intake.messages == [Message(MEMBER, kind, 5, received_at=NOON, user_id=9)]


@pytest.mark.parametrize("author", [None, 1], ids=["nobody named", "whose tokens we write with"])
def test_an_event_that_may_be_our_own_echo_has_no_author(outside: Outside, author: int | None) -> None:
    handlers.ROUTER.dispatch(event("ONCRMDEALUPDATE", replace(AUTH, user_id=author)), outside.reception)
    assert [message.user_id for message in outside.intake.messages] == [None]


def test_the_events_to_bind_are_those_heard() -> None:
    assert set(handlers.EVENTS) == {
        "ONCRMDEALADD",
        "ONCRMDEALUPDATE",
        "ONCRMDEALMOVETOCATEGORY",
        "ONCRMDEALDELETE",
        "ONCRMCOMPANYUPDATE",
        "ONCRMREQUISITEADD",
        "ONCRMREQUISITEUPDATE",
        "ONAPPUPDATE",
        "ONAPPUNINSTALL",
    }


def test_the_robots_say_explicitly_whether_they_wait() -> None:
    assert {code: robot.SPEC.use_subscription for code, robot in robots.ALL.items()} == {
        "cc_check": False,
        "cc_check_wait": True,
    }
    assert [result.key for result in cc_check_wait.SPEC.return_properties] == [
        "decision",
        "proceed",
        "reason",
        "excess",
        "to_pay",
    ]


@pytest.mark.parametrize("auth", FORGED)
@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda desk, auth: desk.robot_called(robot_call(auth)), id="robot"),
        pytest.param(lambda desk, auth: desk.event_arrived(event("E", auth), MessageKind.DEAL), id="event"),
        pytest.param(lambda desk, auth: desk.uninstalled(event("ONAPPUNINSTALL", auth)), id="uninstall"),
    ],
)
def test_a_forged_call_changes_nothing_and_is_logged_without_secrets(
    outside: Outside, act: Callable[[object, CallAuth], None], auth: CallAuth
) -> None:
    outside.vault.pairs.clear()
    before = state(outside)
    with capture_logs() as logs, pytest.raises(UntrustedCaller) as refusal:
        act(outside.reception, auth)
    assert state(outside) == before
    assert logs[0]["event"] == "caller refused"
    assert "marker-" not in f"{logs}{refusal.value}"


def test_an_event_without_an_object_is_refused(outside: Outside) -> None:
    with pytest.raises(BadCall):
        outside.reception.event_arrived(event("ONCRMDEALUPDATE", subject=None), MessageKind.DEAL)
    assert outside.intake.messages == []


def test_lost_service_tokens_are_taken_from_a_verified_robot_call(outside: Outside) -> None:
    outside.vault.pairs.clear()
    outside.reception.robot_called(robot_call())
    pair = outside.vault.pairs[MEMBER]
    assert (pair.user_id, pair.access, pair.refresh) == (9, ACCESS_TOKEN, REFRESH_TOKEN)
    assert pair.expires_at == NOON + timedelta(hours=1)
    assert outside.portal().service_user_id == 9


@pytest.mark.parametrize(
    "auth",
    [
        replace(AUTH, refresh_token=None),
        replace(AUTH, access_token=None),
        replace(AUTH, user_id=None),
    ],
    ids=["no refresh token", "no access token", "no user"],
)
def test_incomplete_tokens_are_not_taken(outside: Outside, auth: CallAuth) -> None:
    outside.vault.pairs.clear()
    outside.reception.robot_called(robot_call(auth))
    assert outside.vault.pairs == {}
    assert len(outside.intake.messages) == 1


def test_working_service_tokens_are_not_replaced_by_a_robot_call(outside: Outside) -> None:
    outside.reception.robot_called(robot_call())
    assert outside.vault.pairs[MEMBER].access == "stored-a"
    assert outside.portal().service_user_id == 1


def test_a_button_names_who_pressed_it(outside: Outside) -> None:
    outside.reception.button_pressed(PagePass(MEMBER, 7, 17, "ru"))
    assert outside.intake.messages == [Message(MEMBER, MessageKind.BUTTON, 17, received_at=NOON, user_id=7)]


def test_a_button_of_an_uninstalled_portal_does_nothing(outside: Outside) -> None:
    outside.uninstall()
    with pytest.raises(UntrustedCaller):
        outside.reception.button_pressed(PagePass(MEMBER, 7, 17, "ru"))
    assert outside.intake.messages == []


def test_an_uninstall_forgets_secrets_of_that_portal_only_and_keeps_its_data(outside: Outside) -> None:
    handlers.ROUTER.dispatch(event("ONAPPUNINSTALL", CallAuth(MEMBER, APPLICATION_TOKEN)), outside.reception)
    assert outside.vault.application_token(MEMBER) is None
    assert outside.vault.pair(MEMBER) is None
    assert not outside.portal().installed
    assert outside.portal().stages is not None
    assert outside.portal(OTHER_MEMBER).installed
    assert outside.vault.application_token(OTHER_MEMBER) == OTHER_APPLICATION_TOKEN


def test_secrets_without_a_record_are_still_forgotten_and_renewed(outside: Outside) -> None:
    outside.vault.set_application_token("nobody", "t")
    auth = replace(AUTH, member_id="nobody", application_token="t")
    outside.reception.robot_called(robot_call(auth))
    assert outside.vault.pairs["nobody"].user_id == 9
    outside.reception.uninstalled(event("ONAPPUNINSTALL", auth))
    assert outside.vault.pair("nobody") is None
    assert outside.vault.application_token("nobody") is None


def test_after_an_uninstall_the_old_token_opens_nothing(outside: Outside) -> None:
    outside.reception.uninstalled(event("ONAPPUNINSTALL"))
    with pytest.raises(UntrustedCaller):
        outside.reception.robot_called(robot_call())


NEW = replace(AUTH, application_token="new")


def test_an_update_replaces_the_application_token_once_an_administrator_confirms_it(outside: Outside) -> None:
    handlers.ROUTER.dispatch(event("ONAPPUPDATE", NEW), outside.reception)
    assert outside.vault.application_token(MEMBER) == "new"
    assert outside.identity.asked == ["https://oauth.bitrix.info/rest/", f"https://{DOMAIN}/rest/"]


def test_an_update_with_the_known_token_changes_nothing_and_asks_nobody(outside: Outside) -> None:
    before = state(outside)
    outside.reception.updated(event("ONAPPUPDATE"))
    assert (state(outside), outside.identity.asked) == (before, [])


def plain_user(outside: Outside) -> None:
    endpoint = f"https://{DOMAIN}/rest/"
    outside.identity.users[endpoint, ACCESS_TOKEN] = PageUser(7, admin=False, name="Иван Петров")


def another_user(outside: Outside) -> None:
    endpoint = f"https://{DOMAIN}/rest/"
    outside.identity.users[endpoint, ACCESS_TOKEN] = PageUser(8, admin=True, name="Иван Петров")


def another_application(outside: Outside) -> None:
    found = outside.identity.installs[ACCESS_TOKEN]
    outside.identity.installs[ACCESS_TOKEN] = replace(found, client_id="local.2")


def nothing(outside: Outside) -> None:
    del outside


@pytest.mark.parametrize(
    ("auth", "arrange"),
    [
        pytest.param(replace(NEW, access_token="guess"), nothing, id="a token nobody knows"),
        pytest.param(replace(NEW, access_token=None), nothing, id="no access token"),
        pytest.param(replace(NEW, server_endpoint=None), nothing, id="no server"),
        pytest.param(replace(NEW, application_token=""), nothing, id="nothing to store"),
        pytest.param(replace(NEW, member_id="nobody"), nothing, id="unknown portal"),
        pytest.param(replace(NEW, member_id=OTHER_MEMBER), nothing, id="a token of another portal"),
        pytest.param(NEW, plain_user, id="a manager's own token"),
        pytest.param(NEW, another_user, id="the server and the portal name two users"),
        pytest.param(NEW, another_application, id="a token of another application"),
    ],
)
def test_an_update_that_no_administrator_confirms_changes_nothing(
    outside: Outside, auth: CallAuth, arrange: Callable[[Outside], None]
) -> None:
    arrange(outside)
    before = state(outside)
    with pytest.raises(UntrustedCaller):
        outside.reception.updated(event("ONAPPUPDATE", auth))
    assert state(outside) == before


def test_an_update_from_a_server_not_on_the_list_changes_nothing(outside: Outside) -> None:
    outside.identity.failure = Forbidden("server not allowed")
    with pytest.raises(UntrustedCaller):
        outside.reception.updated(event("ONAPPUPDATE", replace(AUTH, application_token="new")))
    assert outside.vault.application_token(MEMBER) == APPLICATION_TOKEN


def test_a_silent_authorization_server_is_an_outside_failure(outside: Outside) -> None:
    outside.identity.failure = NotReached("down")
    with pytest.raises(NotReached):
        outside.reception.updated(event("ONAPPUPDATE", NEW))


def test_an_administrator_brings_a_missing_application_token_by_opening_the_page(outside: Outside) -> None:
    del outside.vault.tokens[MEMBER]
    outside.reception.page_opened(page(application_token="brought"))
    assert outside.vault.application_token(MEMBER) == "brought"
    outside.reception.page_opened(page(application_token="another"))
    assert outside.vault.application_token(MEMBER) == "brought"


def test_somebody_else_brings_no_application_token(outside: Outside) -> None:
    plain_user(outside)
    del outside.vault.tokens[MEMBER]
    outside.reception.page_opened(page(application_token="brought"))
    assert outside.vault.application_token(MEMBER) is None


def test_a_page_token_carries_its_pass_for_half_an_hour() -> None:
    clock = StoppedClock()
    tokens = PageTokens(SECRET_KEY, clock)
    given = PagePass(MEMBER, 7, 17, "en")
    token = tokens.issue(given)
    clock.pass_by(LIFETIME)
    assert tokens.read(token) == given
    clock.pass_by(timedelta(seconds=1))
    with pytest.raises(PageExpired):
        tokens.read(token)


def forged_tokens() -> list[str]:
    stranger = PageTokens("another key", StoppedClock()).issue(PagePass(MEMBER, 7, 17, "ru"))
    ours = PageTokens(SECRET_KEY, StoppedClock()).issue(PagePass(MEMBER, 7, 17, "ru"))
    later = PageTokens(SECRET_KEY, StoppedClock(NOON + timedelta(hours=1))).issue(
        PagePass(MEMBER, 7, 17, "ru")
    )
    other_use = str(URLSafeSerializer(SECRET_KEY, salt="something else").dumps([MEMBER, 7, 17, "ru", 0]))
    other_shape = str(URLSafeSerializer(SECRET_KEY, salt="b24app.page").dumps({"m": 1}))
    return ["", "x.y", "ю", stranger, f"{ours}x", later, other_use, other_shape]


@pytest.mark.parametrize("token", forged_tokens())
def test_a_page_token_that_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(UntrustedCaller):
        PageTokens(SECRET_KEY, StoppedClock()).read(token)
