"""The HTTP face for the portal's servers, and what holds for every answer."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import pytest
from structlog.testing import capture_logs

import b24app.web
from b24app.messages import pages as words
from b24app.ports.errors import AuthLost
from b24app.ports.errors import NotReached
from b24app.web.app import create_app
from tests.edge.calling import TAB
from tests.edge.calling import TAB_PATH
from tests.edge.calling import WAIT
from tests.edge.calling import directives
from tests.edge.calling import open_page
from tests.edge.calling import page_token
from tests.edge.calling import post
from tests.edge.calling import said_in
from tests.fakes_web import ACCESS_TOKEN
from tests.fakes_web import APPLICATION_TOKEN
from tests.fakes_web import DOMAIN
from tests.fakes_web import FORM
from tests.fakes_web import MEMBER
from tests.fakes_web import OTHER_APPLICATION_TOKEN
from tests.fakes_web import OTHER_MEMBER
from tests.fakes_web import Outside
from tests.fakes_web import event_post
from tests.fakes_web import robot_post

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
def client(outside: Outside) -> FlaskClient:
    return create_app(outside.front()).test_client()


def test_a_robot_call_is_stored_and_answered(client: FlaskClient, outside: Outside) -> None:
    assert post(client, WAIT, robot_post()).status_code == 200
    assert [(row.subject_id, row.waiting) for row in outside.intake.messages] == [(17, True)]


def test_a_robot_call_in_json_is_taken_too(client: FlaskClient, outside: Outside) -> None:
    assert client.post(WAIT, json=robot_post()).status_code == 200
    assert len(outside.intake.messages) == 1


def test_a_repeated_robot_call_is_stored_once(client: FlaskClient, outside: Outside) -> None:
    for _ in range(3):
        assert post(client, WAIT, robot_post()).status_code == 200
    assert len(outside.intake.messages) == 1


def test_a_dropped_use_subscription_is_decided_by_the_robot(client: FlaskClient, outside: Outside) -> None:
    for code in ("cc_check", "cc_check_wait"):
        call = robot_post() | {"code": code, "event_token": code}
        del call["use_subscription"]
        assert post(client, f"/robots/{code}", call).status_code == 200
    assert [row.waiting for row in outside.intake.messages] == [False, True]


def test_an_event_is_stored_and_answered(client: FlaskClient, outside: Outside) -> None:
    assert post(client, "/events", event_post()).status_code == 200
    assert [row.subject_id for row in outside.intake.messages] == [759]


FORGED = [
    pytest.param({"application_token": "guess"}, id="wrong token"),
    pytest.param({"application_token": ""}, id="no token"),
    pytest.param({"application_token": OTHER_APPLICATION_TOKEN}, id="another portal's token"),
    pytest.param({"member_id": OTHER_MEMBER}, id="our token for another portal"),
    pytest.param({"member_id": "f" * 32}, id="unknown portal"),
]


@pytest.mark.parametrize("auth", FORGED)
@pytest.mark.parametrize("path", [WAIT, "/events"])
def test_a_forged_call_is_refused_and_stores_nothing(
    client: FlaskClient, outside: Outside, path: str, auth: dict[str, str]
) -> None:
    form = robot_post(**auth) if path == WAIT else event_post(**auth)
    answer = post(client, path, form)
    assert answer.status_code == 403
    assert "error" in said_in(answer)
    assert outside.intake.messages == []


@pytest.mark.parametrize("auth", FORGED)
def test_a_forged_uninstall_changes_nothing(
    client: FlaskClient, outside: Outside, auth: dict[str, str]
) -> None:
    assert post(client, "/events", event_post("event-onappuninstall", **auth)).status_code == 403
    assert outside.portal().installed
    assert outside.vault.application_token(MEMBER) == APPLICATION_TOKEN


def test_an_uninstall_closes_the_door(client: FlaskClient, outside: Outside) -> None:
    assert post(client, "/events", event_post("event-onappuninstall")).status_code == 200
    assert not outside.portal().installed
    assert post(client, WAIT, robot_post()).status_code == 403


def test_an_update_is_confirmed_before_its_token_is_believed(client: FlaskClient, outside: Outside) -> None:
    update = event_post("event-onappupdate", application_token="new", access_token="guess")
    assert post(client, "/events", update).status_code == 403
    update = event_post("event-onappupdate", application_token="new")
    assert post(client, "/events", update).status_code == 200
    assert outside.vault.application_token(MEMBER) == "new"


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        pytest.param("/robots/cc_other", robot_post(), 404, id="unknown robot"),
        pytest.param("/robots/cc_check", robot_post(), 400, id="robot called as another"),
        pytest.param("/events", event_post() | {"event": "ONCRMLEADADD"}, 404, id="event nobody hears"),
        pytest.param("/events", {"x": "garbage"}, 400, id="garbage"),
        pytest.param("/events", {}, 400, id="empty event"),
        pytest.param(WAIT, {}, 400, id="empty robot call"),
        pytest.param("/nowhere", {}, 404, id="no such address"),
    ],
)
def test_what_the_portal_does_not_send_is_refused(
    client: FlaskClient, outside: Outside, path: str, form: dict[str, Any], status: int
) -> None:
    answer = post(client, path, form)
    assert answer.status_code == status
    assert set(said_in(answer)) == {"error"}
    assert outside.intake.messages == []


@pytest.mark.parametrize("path", [WAIT, "/events", "/install", "/", TAB_PATH, "/api/recheck"])
def test_a_body_of_five_megabytes_is_refused(client: FlaskClient, outside: Outside, path: str) -> None:
    answer = client.post(path, data=b"a=" + b"x" * 5_000_000, content_type=FORM, headers=page_token(outside))
    assert answer.status_code == (202 if path == "/api/recheck" else 413)  # this one reads no body


class Untouchable(io.BytesIO):
    """A body that must not be read."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError(f"{size} bytes read")


def test_a_body_announced_as_too_large_is_not_even_read(client: FlaskClient) -> None:
    announced = {"CONTENT_LENGTH": "5000000"}
    answer = client.post(
        "/events", input_stream=Untouchable(), content_type=FORM, environ_overrides=announced
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("path", [WAIT, "/events", "/install", "/", TAB_PATH])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"auth" + b"[x]" * 200_000 + b"=1", id="nested keys"),
        pytest.param(b"&".join(b"k%d=1" % n for n in range(100_000)), id="100,000 keys"),
        pytest.param(b"\xff\xfe\x00", id="garbage"),
    ],
)
def test_a_bomb_is_refused_on_every_route(client: FlaskClient, path: str, body: bytes) -> None:
    assert client.post(path, data=body, content_type=FORM).status_code == 400


def test_health_is_told_by_the_probes(client: FlaskClient, outside: Outside) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    outside.health["database"] = False
    answer = client.get("/readyz")
    assert (answer.status_code, said_in(answer)["database"]) == (503, False)


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    first, second = (open_page(client, TAB_PATH, TAB) for _ in range(2))
    policy = directives(first)
    nonce = policy["style-src"]
    assert policy["script-src"] == f"{nonce} https://api.bitrix24.tech"
    assert policy["frame-ancestors"] == f"'self' https://{DOMAIN}"
    assert policy["default-src"] == "'none'"
    assert nonce != directives(second)["style-src"]
    value = nonce.removeprefix("'nonce-").removesuffix("'")
    assert first.text.count(f'nonce="{value}"') == first.text.count("<script") + first.text.count("<style")
    for answer in (first, client.get("/healthz"), client.get("/nowhere"), post(client, "/events", {})):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "X-Frame-Options" not in answer.headers
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("domain", ["x%0d%0aSet-Cookie:%20a=b", "a;script-src%20*", "*", "%00"])
def test_a_domain_cannot_write_into_the_headers(client: FlaskClient, domain: str) -> None:
    answer = client.get(f"/?DOMAIN={domain}")
    assert directives(answer)["frame-ancestors"] == "'self'"
    assert "Set-Cookie" not in answer.headers


def test_a_silent_portal_is_said_to_be_silent(client: FlaskClient, outside: Outside) -> None:
    outside.identity.failure = NotReached("profile: refused")
    answer = open_page(client, TAB_PATH, TAB)
    assert answer.status_code == 503
    assert "Битрикс24 сейчас не отвечает" in answer.text


def test_tokens_that_end_while_a_tab_opens_are_asked_for_anew(client: FlaskClient, outside: Outside) -> None:
    outside.tab.failure = AuthLost("the page's access token has expired")
    answer = open_page(client, TAB_PATH, TAB)
    assert answer.status_code == 403
    assert "Откройте приложение ещё раз" in answer.text


@pytest.mark.parametrize("path", [TAB_PATH, "/api/deal"])
def test_our_own_fault_shows_a_number_and_no_traceback(
    client: FlaskClient, outside: Outside, path: str
) -> None:
    outside.tab.failure = RuntimeError("the very inside")
    with capture_logs() as logs:
        if path == TAB_PATH:
            answer = open_page(client, TAB_PATH, TAB)
        else:
            answer = client.get(path, headers=page_token(outside))
    assert answer.status_code == 500
    assert "the very inside" not in answer.get_data(as_text=True)
    assert "Traceback" not in answer.get_data(as_text=True)
    assert logs[-1]["number"] in answer.get_data(as_text=True)
    assert isinstance(logs[-1]["exc_info"], RuntimeError)


def test_an_unknown_method_is_refused_in_words(client: FlaskClient) -> None:
    assert client.get("/events").status_code == 405
    assert client.put("/").status_code == 405


def test_no_secret_reaches_a_log_or_an_answer(
    client: FlaskClient, outside: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    answers: list[TestResponse] = []
    with caplog.at_level(logging.DEBUG), capture_logs() as logs:
        outside.vault.pairs.clear()
        answers.append(post(client, WAIT, robot_post()))
        for auth in ({"application_token": "marker-guess"}, {"member_id": "f" * 32}):
            answers.append(post(client, WAIT, robot_post(**auth)))
            answers.append(post(client, "/events", event_post(**auth)))
            answers.append(post(client, "/events", event_post("event-onappupdate", **auth)))
        answers.append(open_page(client, "/install", AUTH_ID="marker-guess"))
        answers.append(open_page(client, "/", AUTH_ID="marker-guess"))
        answers.append(open_page(client, "/"))
        answers.append(open_page(client, TAB_PATH, TAB))
        answers.append(client.get("/api/deal", headers={"X-B24App-Page": "marker-guess"}))
        answers.append(post(client, WAIT, robot_post() | {"event_token": ["marker-guess", "x"]}))
        outside.tab.failure = RuntimeError("broken")
        answers.append(open_page(client, TAB_PATH, TAB))
        answers.append(post(client, "/events", event_post("event-onappuninstall")))
    assert len(logs) >= 8
    assert "marker-" not in f"{logs}{caplog.text}"
    for answer in answers:
        assert "marker-" not in answer.get_data(as_text=True)
        assert ACCESS_TOKEN not in str(answer.headers)


def templates() -> list[Path]:
    return sorted((Path(b24app.web.__file__).parent / "templates").glob("*.html"))


def test_every_text_named_by_a_template_exists_in_both_languages() -> None:
    named = {
        key
        for template in templates()
        for key in re.findall(r'say\(["\']([a-z_.]+[a-z])["\']', template.read_text())
    }
    assert named >= {"tab.recheck", "install.title", "app.title"}
    assert named <= set(words.TEXTS)
    for key, text in words.TEXTS.items():
        assert set(text) == {"ru", "en"}, key
        assert re.findall(r"\{\w+\}", text["ru"]) == re.findall(r"\{\w+\}", text["en"]), key


def test_templates_hold_no_words_of_their_own() -> None:
    for template in templates():
        assert re.search("[а-яА-ЯёЁ]", template.read_text()) is None, template.name
