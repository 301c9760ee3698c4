"""A page left open gets a new token for a proved person, and an opened tab asks for figures once."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Any

import pytest
from structlog.testing import capture_logs

from b24app.ports.errors import NotReached
from b24app.ports.identity import PageUser
from b24app.ports.records import MessageKind
from b24app.services.pagetokens import PagePass
from b24app.services.pagetokens import PageTokens
from b24app.web.app import create_app
from tests.edge.calling import TAB
from tests.edge.calling import TAB_PATH
from tests.edge.calling import open_page
from tests.edge.calling import page_token
from tests.edge.calling import post
from tests.edge.calling import said_in
from tests.fakes_web import ACCESS_TOKEN
from tests.fakes_web import DOMAIN
from tests.fakes_web import MEMBER
from tests.fakes_web import OTHER_MEMBER
from tests.fakes_web import SECRET_KEY
from tests.fakes_web import Outside

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

RENEW = "/api/renew"
HEADER = "X-B24App-Page"
ENDPOINT = f"https://{DOMAIN}/rest/"
COLLEAGUES_TOKEN = "marker-colleagues-access-token"
UNKNOWN_TOKEN = "marker-unknown-access-token"
LIFETIME = timedelta(minutes=30)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def outside() -> Outside:
    made = Outside()
    made.identity.users[ENDPOINT, COLLEAGUES_TOKEN] = PageUser(8, admin=True, name="Пётр Коллега")
    return made


@pytest.fixture
def client(outside: Outside) -> FlaskClient:
    return create_app(outside.front()).test_client()


def renew(
    client: FlaskClient, headers: dict[str, str], access_token: str | None = ACCESS_TOKEN
) -> TestResponse:
    """Ask as the page does."""
    return client.post(RENEW, json={"access_token": access_token}, headers=headers)


def signed(outside: Outside, page: PagePass, key: str = SECRET_KEY) -> dict[str, str]:
    return {HEADER: PageTokens(key, outside.clock).issue(page)}


def refused(answer: TestResponse, status: int = 403) -> str:
    """Make sure that a refusal is a sentence and nothing else, and return it."""
    assert answer.status_code == status
    assert set(said_in(answer)) == {"error"}
    return str(said_in(answer)["error"])


def test_the_same_person_gets_a_token_for_the_same_page(client: FlaskClient, outside: Outside) -> None:
    answer = renew(client, page_token(outside, language="en"))
    assert answer.status_code == 200
    assert set(said_in(answer)) == {"token"}
    page = PageTokens(SECRET_KEY, outside.clock).read(said_in(answer)["token"])
    assert page == PagePass(MEMBER, 7, 17, "en")
    assert set(outside.identity.asked) == {ENDPOINT}
    assert outside.intake.messages == []
    assert outside.tab.asked == []


def test_a_renewal_in_a_form_is_taken_too(client: FlaskClient, outside: Outside) -> None:
    form = {"access_token": ACCESS_TOKEN}
    assert client.post(RENEW, data=form, headers=page_token(outside)).status_code == 200


def test_a_renewed_token_lives_on_when_the_first_is_past_its_time(
    client: FlaskClient, outside: Outside
) -> None:
    first = page_token(outside)
    outside.clock.pass_by(timedelta(minutes=25))
    second = {HEADER: said_in(renew(client, first))["token"]}
    outside.clock.pass_by(timedelta(minutes=25))
    assert "слишком долго" in refused(client.post("/api/recheck", headers=first))
    assert client.post("/api/recheck", headers=second).status_code == 202
    assert [(row.subject_id, row.user_id) for row in outside.intake.messages] == [(17, 7)]


@pytest.mark.parametrize(
    "age",
    [
        pytest.param(LIFETIME, id="at the end of its time"),
        pytest.param(LIFETIME + SECOND, id="a second past its time"),
        pytest.param(timedelta(hours=12), id="left open over night"),
        pytest.param(LIFETIME + DAY, id="a day past its time"),
    ],
)
def test_a_page_left_open_for_a_day_renews(client: FlaskClient, outside: Outside, age: timedelta) -> None:
    headers = page_token(outside)
    outside.clock.pass_by(age)
    fresh = {HEADER: said_in(renew(client, headers))["token"]}
    assert client.post("/api/recheck", headers=fresh).status_code == 202


def test_a_page_left_open_longer_is_to_be_opened_again(client: FlaskClient, outside: Outside) -> None:
    headers = page_token(outside)
    outside.clock.pass_by(LIFETIME + DAY + SECOND)
    assert "слишком долго" in refused(renew(client, headers))
    assert outside.identity.asked == []


@pytest.mark.parametrize("path", ["/api/recheck", "/api/deal"])
def test_only_a_renewal_takes_a_token_past_its_time(client: FlaskClient, outside: Outside, path: str) -> None:
    headers = page_token(outside)
    outside.clock.pass_by(LIFETIME + SECOND)
    method = "GET" if path == "/api/deal" else "POST"
    answer = client.open(path, method=method, json={"access_token": ACCESS_TOKEN}, headers=headers)
    assert "слишком долго" in refused(answer)


PAGE = PagePass(MEMBER, 7, 17, "ru")


@pytest.mark.parametrize("token", [None, "", "guess", "marker-guess.a.b"])
def test_without_a_page_token_of_ours_nobody_is_asked(
    client: FlaskClient, outside: Outside, token: str | None
) -> None:
    refused(renew(client, {} if token is None else {HEADER: token}))
    assert outside.identity.asked == []


def test_a_page_token_signed_with_another_key_is_refused(client: FlaskClient, outside: Outside) -> None:
    refused(renew(client, signed(outside, PAGE, key="k" * 40)))
    assert outside.identity.asked == []


def test_a_page_token_that_was_altered_is_refused(client: FlaskClient, outside: Outside) -> None:
    mine = signed(outside, PAGE)[HEADER]
    payload = signed(outside, PagePass(MEMBER, 7, 18, "ru"), key="k" * 40)[HEADER].rpartition(".")[0]
    refused(renew(client, {HEADER: f"{payload}.{mine.rpartition('.')[2]}"}))
    assert outside.identity.asked == []


def test_a_page_token_from_the_future_is_refused(client: FlaskClient, outside: Outside) -> None:
    headers = page_token(outside)
    outside.clock.pass_by(-timedelta(minutes=5))
    refused(renew(client, headers))
    assert outside.identity.asked == []


def test_a_page_of_another_portal_does_not_renew_by_a_person_of_this_one(
    client: FlaskClient, outside: Outside
) -> None:
    refused(renew(client, page_token(outside, member_id=OTHER_MEMBER)))
    assert outside.identity.asked == ["https://xxx.bitrix24.com/rest/"]


def test_a_page_of_an_unknown_portal_does_not_renew(client: FlaskClient, outside: Outside) -> None:
    refused(renew(client, page_token(outside, member_id="f" * 32)))
    assert outside.identity.asked == []


def test_a_page_of_an_uninstalled_portal_does_not_renew(client: FlaskClient, outside: Outside) -> None:
    headers = page_token(outside)
    outside.uninstall()
    refused(renew(client, headers))
    assert outside.identity.asked == []


@pytest.mark.parametrize(
    "access_token",
    [
        pytest.param(COLLEAGUES_TOKEN, id="of another person"),
        pytest.param(UNKNOWN_TOKEN, id="unknown to the portal"),
    ],
)
@pytest.mark.parametrize("age", [timedelta(0), LIFETIME + SECOND], ids=["in its time", "past its time"])
def test_an_access_token_that_does_not_prove_the_person_renews_nothing(
    client: FlaskClient, outside: Outside, access_token: str, age: timedelta
) -> None:
    headers = page_token(outside)
    outside.clock.pass_by(age)
    assert "Не удалось убедиться" in refused(renew(client, headers, access_token))


def test_who_no_longer_sees_the_deal_keeps_no_page_of_it(client: FlaskClient, outside: Outside) -> None:
    hidden = signed(outside, PagePass(MEMBER, 7, 666, "ru"))
    assert "нет доступа" in refused(renew(client, hidden))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="none"),
        pytest.param({"access_token": None}, id="null"),
        pytest.param({"access_token": ""}, id="empty"),
        pytest.param({"access_token": "  "}, id="blank"),
        pytest.param({"access_token": [ACCESS_TOKEN]}, id="a list"),
        pytest.param({"access_token": {"a": ACCESS_TOKEN}}, id="a group"),
        pytest.param({"access_token": "x" * 3000}, id="too long"),
        pytest.param({"AUTH_ID": ACCESS_TOKEN}, id="under another name"),
    ],
)
def test_a_renewal_without_an_access_token_is_a_bad_call(
    client: FlaskClient, outside: Outside, body: dict[str, Any]
) -> None:
    refused(client.post(RENEW, json=body, headers=page_token(outside)), 400)
    assert outside.identity.asked == []


def test_an_access_token_in_the_address_is_not_read(client: FlaskClient, outside: Outside) -> None:
    answer = client.post(f"{RENEW}?access_token={ACCESS_TOKEN}", headers=page_token(outside))
    refused(answer, 400)


def test_a_silent_portal_renews_nothing(client: FlaskClient, outside: Outside) -> None:
    outside.identity.failure = NotReached("profile: refused")
    refused(renew(client, page_token(outside)), 503)


def test_renewing_is_only_posted(client: FlaskClient, outside: Outside) -> None:
    refused(client.get(RENEW, headers=page_token(outside)), 405)


def test_no_access_token_reaches_a_log_or_an_answer(
    client: FlaskClient, outside: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    headers = page_token(outside)
    hidden = signed(outside, PagePass(MEMBER, 7, 666, "ru"))
    with caplog.at_level(logging.DEBUG), capture_logs() as logs:
        answers = [renew(client, headers, token) for token in (ACCESS_TOKEN, COLLEAGUES_TOKEN, UNKNOWN_TOKEN)]
        answers.append(renew(client, {}))
        answers.append(renew(client, {HEADER: "marker-guess"}))
        answers.append(renew(client, hidden))
        answers.append(renew(client, page_token(outside, member_id=OTHER_MEMBER)))
        answers.append(client.post(RENEW, json={"access_token": [ACCESS_TOKEN]}, headers=headers))
        answers.append(post(client, RENEW, {"access_token": ACCESS_TOKEN}))
        outside.identity.failure = NotReached("profile: refused")
        answers.append(renew(client, headers))
        outside.identity.failure = RuntimeError("broken")
        answers.append(renew(client, headers))
    assert [answer.status_code for answer in answers] == [200, *[403] * 6, 400, 403, 503, 500]
    assert len(logs) >= 10
    assert "marker-" not in f"{logs}{caplog.text}"
    for answer in answers:
        assert "marker-" not in f"{answer.get_data(as_text=True)}{answer.headers}"


@pytest.mark.parametrize(
    ("stale", "queued"),
    [
        pytest.param(True, [(MessageKind.BUTTON, MEMBER, 8061, 7)], id="old figures"),
        pytest.param(False, [], id="good figures"),
    ],
)
def test_opening_the_tab_asks_once_for_figures_that_are_wanted(
    client: FlaskClient, outside: Outside, stale: bool, queued: list[tuple[MessageKind, str, int, int]]
) -> None:
    outside.tab.stale = stale
    assert open_page(client, TAB_PATH, TAB).status_code == 200
    asked = [(row.kind, row.member_id, row.subject_id, row.user_id) for row in outside.intake.messages]
    assert asked == queued
    assert len(outside.tab.asked) == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"PLACEMENT_OPTIONS": '{"ID": "666"}'}, 403, id="a deal the person may not see"),
        pytest.param({"AUTH_ID": "guess"}, 403, id="nobody we know"),
        pytest.param({"PLACEMENT_OPTIONS": "{}"}, 400, id="no deal"),
    ],
)
def test_a_tab_that_is_refused_asks_for_nothing(
    client: FlaskClient, outside: Outside, fields: dict[str, str], status: int
) -> None:
    outside.tab.stale = True
    assert open_page(client, TAB_PATH, TAB, **fields).status_code == status
    assert outside.intake.messages == []


def test_a_renewal_and_a_look_ask_for_no_figures(client: FlaskClient, outside: Outside) -> None:
    outside.tab.stale = True
    assert renew(client, page_token(outside)).status_code == 200
    assert client.get("/api/deal", headers=page_token(outside)).status_code == 200
    assert outside.intake.messages == []
