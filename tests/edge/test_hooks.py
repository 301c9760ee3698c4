"""What 1C pushes: believed by key and token, stored as a row; everything else is refused in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from typing import Any

import pytest

from b24app.ports.records import MessageKind
from b24app.web.app import create_app
from tests.fakes_web import HOOK_TOKEN
from tests.fakes_web import MEMBER
from tests.fakes_web import OTHER_MEMBER
from tests.fakes_web import Outside

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

INN = "7701000001"
PAID = {
    "id": "5b1f",
    "event": "posted",
    "type": "Документ.ПоступлениеБезналичныхДенежныхСредств",
    "ref": "6f2a0c5e-0000-11ee-8000-000000000001",
}


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
def client(outside: Outside) -> FlaskClient:
    return create_app(outside.front()).test_client()


def call(
    client: FlaskClient,
    outside: Outside,
    body: Any = PAID,
    *,
    token: str = HOOK_TOKEN,
    key: str | None = None,
) -> TestResponse:
    """Push as 1C does; `key` None is the first portal's own."""
    found = outside.hook.key_of(MEMBER) if key is None else key
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(f"/hooks/1c/{found}", data=sent, headers={"X-B24App-Token": token})


@pytest.mark.parametrize(("inn", "stored"), [(INN, INN), (None, "")], ids=["named", "not named"])
def test_a_push_becomes_one_row_that_says_who(
    client: FlaskClient, outside: Outside, inn: str | None, stored: str
) -> None:
    body = PAID if inn is None else {**PAID, "inn": inn}
    assert call(client, outside, body).status_code == 200
    [row] = outside.intake.messages
    assert (row.member_id, row.kind, row.reference) == (MEMBER, MessageKind.LEDGER, stored)


def test_a_byte_order_mark_is_no_harm(client: FlaskClient, outside: Outside) -> None:
    assert call(client, outside, b"\xef\xbb\xbf" + json.dumps(PAID).encode()).status_code == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({**PAID, "sum": "1000"}, "sum", id="a sum"),
        pytest.param({"id": "1", "event": "posted"}, "type, ref", id="no document"),
        pytest.param({**PAID, "event": "paid"}, "event", id="an unknown event"),
        pytest.param({**PAID, "inn": "12-34"}, "inn", id="not an ИНН"),
        pytest.param({**PAID, "ref": ["x"]}, "ref", id="a list"),
        pytest.param({**PAID, "id": "x" * 201}, "id", id="too long"),
        pytest.param([PAID], "JSON", id="not an object"),
        pytest.param(b"<xml/>", "JSON", id="not JSON"),
        pytest.param(b'{"id": "1", "id": "2"}', "JSON", id="a key twice"),
        pytest.param(b"[" * 100_000, "JSON", id="a tower of brackets"),
    ],
)
def test_what_is_not_agreed_is_refused_by_name(
    client: FlaskClient, outside: Outside, body: Any, words: str
) -> None:
    answer = call(client, outside, body)
    assert answer.status_code == 400
    assert words in answer.get_json()["error"]
    assert not outside.intake.messages


def test_a_strangers_markup_does_not_come_back(client: FlaskClient, outside: Outside) -> None:
    answer = call(client, outside, {**PAID, "<script>alert(1)</script>": "x"})
    assert "<" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("token", "key"),
    [
        pytest.param("wrong", None, id="a wrong token"),
        pytest.param("", None, id="no token"),
        pytest.param(HOOK_TOKEN, "0" * 32, id="a guessed key"),
        pytest.param(HOOK_TOKEN, MEMBER, id="the portal's id"),
        pytest.param("ключ", "ключ", id="not ascii"),
    ],
)
def test_a_forged_push_is_refused_alike_and_stores_nothing(
    client: FlaskClient, outside: Outside, token: str, key: str | None
) -> None:
    sent = token.encode().decode("latin-1")
    answer = call(client, outside, b"anything at all", token=sent, key=key)
    assert answer.status_code == 403
    assert "b24app hook" in answer.get_json()["error"]
    assert not outside.intake.messages


def test_a_portal_that_left_is_not_called(client: FlaskClient, outside: Outside) -> None:
    outside.uninstall()
    assert call(client, outside).status_code == 403


def test_every_portal_has_a_key_of_its_own(client: FlaskClient, outside: Outside) -> None:
    other = outside.hook.key_of(OTHER_MEMBER)
    assert other is not None
    assert call(client, outside, key=other).status_code == 200
    assert [row.member_id for row in outside.intake.messages] == [OTHER_MEMBER]
