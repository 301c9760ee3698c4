"""Every recorded sample goes through the reader of its kind; a file nobody reads is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from b24app.bitrix.actions import commands_of
from b24app.ports.errors import GatewayError
from b24app.ports.portal import AnswerRobot
from b24app.protocol.answers import RawAnswer
from b24app.protocol.answers import parse_answer
from b24app.protocol.answers import parse_batch
from b24app.protocol.answers import parse_grant
from b24app.protocol.events import parse_event
from b24app.protocol.forms import parse_body
from b24app.protocol.forms import parse_query
from b24app.protocol.pages import parse_page
from b24app.protocol.robot_calls import parse_robot_call
from tests.fakes_web import FORM
from tests.fakes_web import MEMBER
from tests.fakes_web import php_form

FILES = sorted((Path(__file__).parents[2] / "payloads" / "bitrix24").glob("*.json"))
Reader = Callable[[bytes], object]


def answered(body: bytes) -> object:
    return parse_answer("some.method", RawAnswer(200, {}, body)).result


def refused(body: bytes) -> object:
    with pytest.raises(GatewayError) as caught:
        parse_answer("some.method", RawAnswer(400, {}, body))
    return caught.value


def each_refused(body: bytes) -> object:
    return [refused(json.dumps(entry.get("body", entry)).encode()) for entry in json.loads(body)]


def batch(body: bytes) -> object:
    answer = parse_batch(parse_answer("batch", RawAnswer(200, {}, body)), {})
    return answer.results or answer.errors


def page(body: bytes) -> object:
    post = json.loads(body)
    return parse_page(parse_query(php_form(post["query"])), parse_body(php_form(post["body"]), FORM))


def event(body: bytes) -> object:
    return parse_event(parse_body(php_form(json.loads(body)), FORM))


def robot(body: bytes) -> object:
    """Read the call of a robot; the documentation shortens its `auth`, which names no portal."""
    post = json.loads(body)
    whole = post | {"auth": post["auth"] | {"member_id": MEMBER}}
    return parse_robot_call(parse_body(php_form(whole), FORM), waits_by_default=True)


def our_answer(body: bytes) -> object:
    """Compare with what we answer a robot: the documented keys, all of them and no others."""
    answer = AnswerRobot("t", "hold", proceed=False, reason="r", excess=None, to_pay=None)
    [(method, sent)] = commands_of(answer, "a", {}).values()
    assert method == "bizproc.event.send"
    assert set(sent) == set(json.loads(body))
    return sent


READERS: list[tuple[str, Reader]] = [
    ("errors-*", each_refused),
    ("batch-response-*", batch),
    ("*-error*", refused),
    ("oauth-refresh-response*", lambda body: parse_grant(RawAnswer(200, {}, body))),
    ("*-response*", answered),
    ("event-on*", event),
    ("robot-handler-post*", robot),
    ("robot-event-send-request*", our_answer),
    ("*-post*", page),
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_sample_is_read(file: Path) -> None:
    reader: Any = next((read for pattern, read in READERS if file.match(pattern)), None)
    assert reader is not None, "no reader is known for this file"
    assert reader(file.read_bytes())
