"""The pages and their own routes: a happy path and each refusal."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Any

import pytest

from b24app.ports.records import Mode
from b24app.services.pagetokens import InstallPass
from b24app.services.pagetokens import PagePass
from b24app.web.access import TOKEN_HEADER
from b24app.web.app import create_app
from tests.edge.calling import TAB
from tests.edge.calling import TAB_PATH
from tests.edge.calling import directives
from tests.edge.calling import open_page
from tests.edge.calling import page_token
from tests.edge.calling import post
from tests.edge.calling import said_in
from tests.fakes_web import DOMAIN
from tests.fakes_web import MEMBER
from tests.fakes_web import OTHER_MEMBER
from tests.fakes_web import Outside
from tests.fakes_web import event_post

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
def client(outside: Outside) -> FlaskClient:
    return create_app(outside.front()).test_client()


def start_install(client: FlaskClient, html: str) -> TestResponse:
    """Press the button of an install page as its script does."""
    found = re.search(r'data-token="([^"]+)"', html)
    assert found is not None
    return client.post("/api/install", headers={TOKEN_HEADER: found[1]})


def test_the_install_page_says_what_will_be_made_before_anything_is(
    client: FlaskClient, outside: Outside
) -> None:
    answer = open_page(client, "/install")
    html = answer.text
    assert answer.status_code == 200
    assert outside.installer.opened_by[0].member_id == MEMBER
    for said in ("Робот «Проверить»", "чего на портале ещё нет", "ещё не создано", 'id="start"'):
        assert said in html
    assert "Этап &lt;b&gt;" in html
    assert 'id="finish"' not in html
    assert outside.installer.proceeded == []


def test_the_button_installs_and_tells_each_step_and_what_is_left(
    client: FlaskClient, outside: Outside
) -> None:
    answer = start_install(client, open_page(client, "/install").text)
    assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson")
    plan, first, second, outcome = (json.loads(line) for line in answer.text.splitlines())
    assert outside.installer.proceeded == [InstallPass(MEMBER, "ru")]
    assert "ещё не создано" in plan["html"]
    assert first == {"state": "made", "label": "создано", "note": None}
    assert second == {"state": "kept", "label": "уже было", "note": "нет прав"}
    for said in ("Готово", "Поставьте робота на этап", 'id="finish"', "создано", "уже было", "<svg"):
        assert said in outcome["html"]
    assert "Этап &lt;b&gt;" in outcome["html"]


def test_a_portal_where_all_stands_may_finish_at_once(client: FlaskClient, outside: Outside) -> None:
    outside.installer.done = True
    html = open_page(client, "/install").text
    assert 'id="finish"' in html
    assert 'id="start"' not in html
    assert 'data-token=""' in html


def test_an_unfinished_installation_says_why_and_may_be_started_again(
    client: FlaskClient, outside: Outside
) -> None:
    outside.installer.complete = False
    *_, outcome = start_install(client, open_page(client, "/install").text).text.splitlines()
    html = json.loads(outcome)["html"]
    assert "Не хватает прав" in html
    assert "Продолжить установку" in html
    assert 'id="finish"' not in html


@pytest.mark.parametrize("kind", ["none", "made up", "of a deal tab", "old", "of the button's page on a tab"])
def test_a_forged_install_button_makes_nothing(client: FlaskClient, outside: Outside, kind: str) -> None:
    tokens = outside.front().tokens
    installs = tokens.issue_install(InstallPass(MEMBER, "ru"))
    deals = tokens.issue(PagePass(MEMBER, 7, 1, "ru"))
    path = "/api/recheck" if kind == "of the button's page on a tab" else "/api/install"
    sent = {"made up": installs[:-2] + "xx", "of a deal tab": deals}.get(kind, installs)
    if kind == "old":
        outside.clock.moment += timedelta(minutes=31)
    headers = {} if kind == "none" else {TOKEN_HEADER: sent}
    assert client.post(path, headers=headers).status_code == 403
    assert outside.installer.proceeded == []
    assert outside.intake.messages == []


def test_the_install_page_speaks_the_readers_language(client: FlaskClient) -> None:
    assert "Installing credit control" in open_page(client, "/install", LANG="en").text
    assert "Установка кредитного контроля" in open_page(client, "/install", LANG="de").text


def test_a_forged_install_page_is_refused(client: FlaskClient, outside: Outside) -> None:
    answer = open_page(client, "/install", AUTH_ID="guess")
    assert answer.status_code == 403
    assert "Не удалось убедиться" in answer.text
    assert outside.installer.opened_by == []


def test_the_install_event_arrives_at_the_same_address(client: FlaskClient, outside: Outside) -> None:
    assert post(client, "/install", event_post("event-onappinstall")).status_code == 200
    assert [call.name for call in outside.installer.events] == ["ONAPPINSTALL"]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        (event_post("event-onappinstall", access_token="guess"), 403),
        (event_post("event-onappuninstall"), 400),
    ],
)
def test_another_event_does_not_install(
    client: FlaskClient, outside: Outside, form: dict[str, Any], status: int
) -> None:
    assert post(client, "/install", form).status_code == status
    assert outside.installer.events == []
    assert outside.portal().installed


def test_the_app_page_says_how_it_stands(client: FlaskClient, outside: Outside) -> None:
    html = open_page(client, "/").text
    assert "Анна Иванова" in html
    assert "Режим контроля" in html
    assert f"https://{DOMAIN}/crm/deal/" in html
    outside.save(replace(outside.portal(), mode=Mode.OBSERVE, stages=None))
    html = open_page(client, "/").text
    assert "Режим наблюдения" in html
    assert "ещё не выбраны" in html


FORGED_PAGES = [
    pytest.param({"AUTH_ID": "guess"}, id="a token the portal refuses"),
    pytest.param({"DOMAIN": "evil.example"}, id="another domain"),
    pytest.param({"member_id": OTHER_MEMBER}, id="another portal"),
    pytest.param({"member_id": OTHER_MEMBER, "DOMAIN": "xxx.bitrix24.com"}, id="another portal and domain"),
    pytest.param({"member_id": "f" * 32}, id="unknown portal"),
]


@pytest.mark.parametrize("fields", FORGED_PAGES)
@pytest.mark.parametrize(("path", "name"), [("/", "install-page-post"), (TAB_PATH, TAB)])
def test_a_forged_page_is_refused_in_words(
    client: FlaskClient, outside: Outside, path: str, name: str, fields: dict[str, str]
) -> None:
    answer = open_page(client, path, name, **fields)
    assert answer.status_code == 403
    assert "Не удалось убедиться" in answer.text
    assert outside.tab.asked == []


def test_the_deal_tab_shows_the_verdict_with_its_numbers(client: FlaskClient, outside: Outside) -> None:
    html = open_page(client, TAB_PATH, TAB).text
    for said in (
        "Отгрузка остановлена",
        "1 200 000,00 ₽",
        "300 000,00 ₽ по договору 7",
        "Данные 1С на 24.11.2026 11:58",
        "23.11.2026",
        "Проверить ещё раз",
    ):
        assert said in html
    assert "<script>alert" not in html
    assert outside.tab.asked == [PagePass(MEMBER, 7, 8061, "ru")]


def test_the_token_of_the_tab_works_for_its_deal(client: FlaskClient, outside: Outside) -> None:
    found = re.search(r'data-token="([^"]+)"', open_page(client, TAB_PATH, TAB).text)
    assert found is not None
    answer = client.post("/api/recheck", headers={"X-B24App-Page": found[1]})
    assert answer.status_code == 202
    assert [(row.subject_id, row.user_id) for row in outside.intake.messages] == [(8061, 7)]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"PLACEMENT_OPTIONS": '{"ID": "666"}'}, 403, id="a deal the person may not see"),
        pytest.param({"PLACEMENT_OPTIONS": "{}"}, 400, id="no deal"),
        pytest.param({"PLACEMENT_OPTIONS": '{"ID": "1;2"}'}, 400, id="not a deal"),
        pytest.param({"PLACEMENT": "CRM_COMPANY_DETAIL_TAB"}, 400, id="a tab of something else"),
    ],
)
def test_a_tab_of_no_deal_of_the_person_is_refused(
    client: FlaskClient, outside: Outside, fields: dict[str, str], status: int
) -> None:
    assert open_page(client, TAB_PATH, TAB, **fields).status_code == status
    assert outside.tab.asked == []


def test_the_view_can_be_asked_for_again(client: FlaskClient, outside: Outside) -> None:
    outside.tab.revision = "2"
    answer = client.get("/api/deal", headers=page_token(outside, language="en"))
    assert said_in(answer)["revision"] == "2"
    assert said_in(answer)["checking"] is False
    assert "Arithmetic" in said_in(answer)["html"]
    assert "<html" not in said_in(answer)["html"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/recheck"), ("GET", "/api/deal")])
def test_our_own_routes_want_a_page_token(
    client: FlaskClient, outside: Outside, method: str, path: str
) -> None:
    late = page_token(outside)
    outside.clock.pass_by(timedelta(minutes=31))
    for headers in ({}, {"X-B24App-Page": "guess"}, late):
        answer = client.open(path, method=method, headers=headers)
        assert answer.status_code == 403
        assert set(said_in(answer)) == {"error"}
    assert "слишком долго" in said_in(answer)["error"]
    assert outside.intake.messages == []
    assert outside.tab.asked == []


def test_a_button_of_an_uninstalled_portal_is_refused(client: FlaskClient, outside: Outside) -> None:
    headers = page_token(outside)
    outside.uninstall()
    assert client.post("/api/recheck", headers=headers).status_code == 403
    assert outside.intake.messages == []


@pytest.mark.parametrize("path", ["/", "/install", TAB_PATH])
def test_a_reload_says_to_open_the_app_again(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}?DOMAIN={DOMAIN}&PROTOCOL=1")
    assert answer.status_code == 200
    assert "откройте приложение из Битрикс24 ещё раз" in answer.text
    assert directives(answer)["frame-ancestors"] == f"'self' https://{DOMAIN}"
