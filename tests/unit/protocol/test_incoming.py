"""Events, robot calls and page openings, from the documentation's samples to values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from b24app.protocol.calls import BadCall
from b24app.protocol.calls import CallAuth
from b24app.protocol.calls import UnknownAddress
from b24app.protocol.events import EventCall
from b24app.protocol.events import parse_event
from b24app.protocol.forms import Form
from b24app.protocol.forms import parse_body
from b24app.protocol.forms import parse_query
from b24app.protocol.pages import PageOpening
from b24app.protocol.pages import parse_origin
from b24app.protocol.pages import parse_page
from b24app.protocol.robot_calls import parse_robot_call
from b24app.protocol.routing import Router
from b24app.protocol.verify import same_secret
from tests.fakes_web import ACCESS_TOKEN
from tests.fakes_web import APPLICATION_TOKEN
from tests.fakes_web import DOMAIN
from tests.fakes_web import EVENT_TOKEN
from tests.fakes_web import FORM
from tests.fakes_web import MEMBER
from tests.fakes_web import NOON
from tests.fakes_web import OTHER_MEMBER
from tests.fakes_web import REFRESH_TOKEN
from tests.fakes_web import event_post
from tests.fakes_web import page_post
from tests.fakes_web import php_form
from tests.fakes_web import robot_post
from tests.fakes_web import sample


def wire(post: dict[str, Any]) -> Form:
    return parse_body(php_form(post), FORM)


@pytest.mark.parametrize(
    ("name", "event", "subject"),
    [
        ("event-oncrmdealupdate", "ONCRMDEALUPDATE", 759),
        ("event-oncrmdealadd-app", "ONCRMDEALADD", 7405),
        ("event-oncrmdealmovetocategory", "ONCRMDEALMOVETOCATEGORY", 6675),
        ("event-oncrmcompanyupdate", "ONCRMCOMPANYUPDATE", 2917),
        ("event-oncrmdynamicitemupdate", "ONCRMDYNAMICITEMUPDATE", 24),
        ("event-onofflineevent", "ONOFFLINEEVENT", None),
        ("event-onappinstall", "ONAPPINSTALL", None),
        ("event-onappupdate", "ONAPPUPDATE", None),
        ("event-onappuninstall", "ONAPPUNINSTALL", None),
    ],
)
def test_every_sample_event_is_read(name: str, event: str, subject: int | None) -> None:
    call = parse_event(wire(sample(name)))
    assert (call.name, call.subject_id) == (event, subject)
    assert call.auth.application_token == sample(name)["auth"]["application_token"]


def test_a_move_to_another_funnel_names_it() -> None:
    call = parse_event(wire(sample("event-oncrmdealmovetocategory")))
    assert (call.category, call.stage) == (1, "C1:NEW")


def test_an_uninstall_has_no_tokens_and_says_whether_to_clean() -> None:
    call = parse_event(wire(sample("event-onappuninstall")))
    assert call.clean
    assert call.auth.access_token is None


def test_an_event_of_a_robot_has_no_tokens() -> None:
    post = sample("event-oncrmdealupdate")
    post["auth"] = {"member_id": MEMBER, "application_token": "t", "domain": DOMAIN}
    assert parse_event(wire(post)).auth.refresh_token is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"event": ""}, id="no event"),
        pytest.param({"event": "ON CRM"}, id="not a name"),
        pytest.param({"event": ["A", "B"]}, id="two events"),
        pytest.param({"auth": "text"}, id="auth is no block"),
        pytest.param({"auth": {"application_token": "t"}}, id="no portal"),
        pytest.param({"auth": {"member_id": "../../etc"}}, id="a portal that cannot be one"),
        pytest.param({"auth": {"member_id": [MEMBER, OTHER_MEMBER]}}, id="two portals"),
        pytest.param({"auth": {"member_id": MEMBER, "application_token": "x" * 2000}}, id="endless token"),
        pytest.param({"data": {"FIELDS": {"ID": "1 OR 1=1"}}}, id="an id that is no number"),
        pytest.param({"data": {"FIELDS": {"ID": "-5"}}}, id="a negative id"),
    ],
)
def test_what_is_no_event_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadCall):
        parse_event(wire(sample("event-oncrmdealupdate") | change))


def test_the_documented_robot_call_is_read_once_its_auth_is_complete() -> None:
    post = sample("robot-handler-post")
    with pytest.raises(BadCall, match="member_id"):
        parse_robot_call(wire(post), waits_by_default=False)
    post["auth"]["member_id"] = MEMBER
    call = parse_robot_call(wire(post), waits_by_default=False)
    assert (call.code, call.deal_id, call.waiting) == ("test_robot", 17, True)
    assert call.event_token == post["event_token"]
    assert call.properties == {"text": "Remind the client about the meeting"}


@pytest.mark.parametrize(
    ("sent", "default", "waiting"),
    [
        pytest.param({"use_subscription": "N"}, True, False, id="N"),
        pytest.param({"use_subscription": "Y"}, False, True, id="Y"),
        pytest.param({"use_subscription": ""}, True, True, id="empty, by the code"),
        pytest.param({}, True, True, id="dropped, a waiting robot"),
        pytest.param({}, False, False, id="dropped, the other robot"),
    ],
)
def test_whether_a_robot_waits(sent: dict[str, str], default: bool, waiting: bool) -> None:
    post = robot_post()
    del post["use_subscription"]
    assert parse_robot_call(wire(post | sent), waits_by_default=default).waiting is waiting


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"document_id": ["crm", "CCrmDocumentCompany", "COMPANY_3"]}, id="a company"),
        pytest.param({"document_id": ["crm", "CCrmDocumentDeal"]}, id="an address cut short"),
        pytest.param({"document_id": "DEAL_17"}, id="an address that is no list"),
        pytest.param({"document_id": ["crm", "CCrmDocumentDeal", "DEAL_x"]}, id="not a number"),
        pytest.param({"document_id": ["crm", "CCrmDocumentDeal", "DEAL_0"]}, id="deal zero"),
        pytest.param({"document_id": ["crm", "CCrmDocumentDeal", ["DEAL_1"]]}, id="nested"),
        pytest.param({"event_token": ""}, id="no event token"),
        pytest.param({"code": "a b"}, id="not a code"),
        pytest.param({"code": ""}, id="no code"),
    ],
)
def test_what_is_no_robot_call_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadCall):
        parse_robot_call(wire(robot_post() | change), waits_by_default=True)


def test_a_robot_call_without_properties_is_one() -> None:
    post = robot_post()
    del post["properties"]
    assert parse_robot_call(wire(post), waits_by_default=True).properties == {}


def test_a_document_address_with_numbered_keys_is_read() -> None:
    post = robot_post() | {"document_id": {"x": "crm", "y": "CCrmDocumentDeal", "z": "DEAL_8"}}
    assert parse_robot_call(wire(post), waits_by_default=True).deal_id == 8


def opening(name: str = "install-page-post", **fields: str) -> PageOpening:
    query, body = page_post(name, **fields)
    return parse_page(parse_query(query.encode()), wire(body))


def test_the_sample_install_page_is_read() -> None:
    query, body = (sample("install-page-post")[part] for part in ("query", "body"))
    page = parse_page(query, wire(body))
    assert (page.domain, page.protocol, page.lang) == ("portal.bitrix24.com", "https", "en")
    assert (page.placement, page.options, page.expires) == ("DEFAULT", {}, 3600)
    assert page.server_endpoint == "https://oauth.bitrix.info/rest/"


def test_the_sample_placement_names_its_deal() -> None:
    page = opening("placement-crm-deal-detail-tab-post")
    assert page.placement == "CRM_DEAL_DETAIL_TAB"
    assert page.options["ID"] == "8061"


def test_an_older_page_post_without_the_optional_fields_is_read() -> None:
    query, body = page_post()
    for key in ("SERVER_ENDPOINT", "APPLICATION_TOKEN", "APPLICATION_SCOPE", "PLACEMENT", "AUTH_EXPIRES"):
        del body[key]
    page = parse_page(parse_query(query.encode()), wire(body))
    assert (page.server_endpoint, page.application_token, page.placement, page.expires) == (
        None,
        None,
        "DEFAULT",
        3600,
    )


@pytest.mark.parametrize(
    ("options", "read"),
    [
        ('{"ID": 5, "deep": {"x": 1}}', {"ID": "5"}),
        ("[]", {}),
        ("", {}),
    ],
)
def test_placement_options_are_a_json_string(options: str, read: dict[str, str]) -> None:
    assert opening("placement-crm-deal-detail-tab-post", PLACEMENT_OPTIONS=options).options == read


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"DOMAIN": "evil.com/x"}, id="a path in the domain"),
        pytest.param({"DOMAIN": "a b"}, id="a space in the domain"),
        pytest.param({"DOMAIN": "x;script-src *"}, id="a header in the domain"),
        pytest.param({"DOMAIN": ""}, id="no domain"),
        pytest.param({"DOMAIN": "a." * 2000}, id="an endless domain"),
        pytest.param({"AUTH_ID": ""}, id="no access token"),
        pytest.param({"member_id": "a b"}, id="not a portal"),
        pytest.param({"PLACEMENT_OPTIONS": "{"}, id="options that are not JSON"),
        pytest.param({"PLACEMENT_OPTIONS": "[" * 9000}, id="options nested too deep"),
    ],
)
def test_what_is_no_page_opening_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(BadCall):
        opening("placement-crm-deal-detail-tab-post", **fields)


@pytest.mark.parametrize(
    ("query", "origin"),
    [
        (b"DOMAIN=A.bitrix24.RU&PROTOCOL=1", "https://a.bitrix24.ru"),
        (b"DOMAIN=127.0.0.1:8080&PROTOCOL=0", "http://127.0.0.1:8080"),
        (b"DOMAIN=crm.example.com", "https://crm.example.com"),
    ],
)
def test_the_origin_of_a_portal(query: bytes, origin: str) -> None:
    assert parse_origin(parse_query(query)) == origin


def test_no_secret_shows_in_a_repr() -> None:
    shown = repr(
        (
            parse_event(wire(event_post())),
            parse_robot_call(wire(robot_post()), waits_by_default=True),
            opening(),
        )
    )
    for secret in (APPLICATION_TOKEN, ACCESS_TOKEN, REFRESH_TOKEN, EVENT_TOKEN):
        assert secret not in shown


@pytest.mark.parametrize(
    ("auth", "seconds"),
    [
        pytest.param(CallAuth("m", "t", expires=int(NOON.timestamp()) + 60), 60, id="a moment"),
        pytest.param(CallAuth("m", "t", expires_in=120), 120, id="a span"),
        pytest.param(CallAuth("m", "t"), 3600, id="nothing said"),
        pytest.param(CallAuth("m", "t", expires_in=10**17), 86400, id="an absurd span"),
        pytest.param(CallAuth("m", "t", expires=10**17), 86400, id="an absurd moment"),
    ],
)
def test_when_the_access_token_of_a_call_ends(auth: CallAuth, seconds: int) -> None:
    assert auth.expires_at(NOON) == NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("offered", "expected", "same"),
    [("a", "a", True), ("a", "b", False), ("", "", False), ("", None, False), ("ключ", "ключ", True)],
)
def test_secrets_are_the_same_only_when_there_is_one(offered: str, expected: str | None, same: bool) -> None:
    assert same_secret(offered, expected) is same


def event_named(name: str) -> EventCall:
    return EventCall(name, 1, CallAuth("m", "t"))


def test_a_joined_router_finds_the_function_of_each_part() -> None:
    first: Router[list[str]] = Router()
    second: Router[list[str]] = Router()
    first.on("ONA", "ONB")(lambda event, heard: heard.append(f"first {event.name}"))
    second.on("ONC")(lambda event, heard: heard.append(f"second {event.name}"))
    joined = Router(first, second)
    heard: list[str] = []
    for name in joined.names:
        joined.dispatch(event_named(name), heard)
    assert heard == ["first ONA", "first ONB", "second ONC"]
    with pytest.raises(UnknownAddress):
        joined.dispatch(event_named("OND"), heard)


@pytest.mark.parametrize("names", [("ONA", "ONA"), ("ona",)])
def test_an_event_is_heard_once_and_in_upper_case(names: tuple[str, ...]) -> None:
    router: Router[object] = Router()
    with pytest.raises(ValueError, match="heard twice"):
        router.on(*names)(lambda _event, _service: None)
