"""Bytes of a call to nested keys, within bounds."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24app.protocol.calls import BadCall
from b24app.protocol.calls import CallError
from b24app.protocol.calls import TooLarge
from b24app.protocol.forms import MAX_BYTES
from b24app.protocol.forms import parse_body
from b24app.protocol.forms import parse_query
from tests.fakes_web import FORM
from tests.fakes_web import php_form
from tests.fakes_web import sample

JSON = "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "name", ["robot-handler-post", "event-oncrmdealupdate", "event-oncrmdealmovetocategory"]
)
def test_a_php_form_becomes_the_documented_shape(name: str) -> None:
    assert parse_body(php_form(sample(name)), FORM) == sample(name)


def test_json_and_form_end_in_the_same_shape() -> None:
    post = {
        "n": 1,
        "sum": 1.50,
        "yes": True,
        "no": False,
        "nothing": None,
        "list": ["a", 2],
        "in": {"x": "ю"},
    }
    as_form = {
        "n": "1",
        "sum": "1.5",
        "yes": "1",
        "no": "0",
        "nothing": "",
        "list": ["a", "2"],
        "in": {"x": "ю"},
    }
    assert parse_body(json.dumps(post).encode(), JSON) == as_form
    assert parse_body(php_form(as_form), FORM) == as_form


def test_a_missing_content_type_counts_as_a_form() -> None:
    assert parse_body(b"a[b]=1", "") == {"a": {"b": "1"}}


def test_a_query_string_is_parsed_alike() -> None:
    assert parse_query(b"DOMAIN=x.bitrix24.ru&LANG=ru") == {"DOMAIN": "x.bitrix24.ru", "LANG": "ru"}


BOMBS = [
    pytest.param(b"a" + b"[b]" * 300_000 + b"=1", FORM, BadCall, id="deep nesting"),
    pytest.param(b"a[" + b"][" * 300_000 + b"=1", FORM, BadCall, id="deep nesting of list brackets"),
    pytest.param(b"a" + b"[b]" * 9 + b"=1", FORM, BadCall, id="one level too deep"),
    pytest.param(b"&".join(b"k%d=1" % n for n in range(100_000)), FORM, BadCall, id="100,000 keys"),
    pytest.param(b"&" * 500_000, FORM, BadCall, id="only separators"),
    pytest.param(b"&".join(b"a[]=1" for _ in range(4000)), FORM, BadCall, id="a list of 4,000"),
    pytest.param(b"a[999999999]=1", FORM, BadCall, id="a huge index"),
    pytest.param(b"a=%00", FORM, BadCall, id="an encoded null byte"),
    pytest.param(b"a\0=1", FORM, BadCall, id="a null byte"),
    pytest.param(b"a=%FF%FE", FORM, BadCall, id="encoded bytes that are not UTF-8"),
    pytest.param(b"a=\xff", FORM, BadCall, id="bytes that are not UTF-8"),
    pytest.param(b"a=\xd0%BE", FORM, BadCall, id="half a character encoded"),
    pytest.param(b"a=1", "multipart/form-data; boundary=x", BadCall, id="multipart"),
    pytest.param(b"x" * (MAX_BYTES + 1), FORM, TooLarge, id="over 1 MiB"),
    pytest.param(b"[" * 500_000, JSON, BadCall, id="JSON brackets"),
    pytest.param(b'{"a":' * 9 + b"1" + b"}" * 9, JSON, BadCall, id="JSON one level too deep"),
    pytest.param(
        b'{"a":[' + b",".join([b"1"] * 100_000) + b"]}", JSON, BadCall, id="JSON with 100,000 values"
    ),
    pytest.param(b'{"a":NaN}', JSON, BadCall, id="JSON NaN"),
    pytest.param(b'{"a":"\\u0000"}', JSON, BadCall, id="JSON escaped null byte"),
    pytest.param(b'{"a":"\\ud800"}', JSON, BadCall, id="JSON half a character"),
    pytest.param(b"[1]", JSON, BadCall, id="JSON without keys"),
    pytest.param(b"{", JSON, BadCall, id="broken JSON"),
]


@pytest.mark.parametrize(("body", "content_type", "refusal"), BOMBS)
def test_what_the_portal_never_sends_is_refused_quickly(
    body: bytes, content_type: str, refusal: type[CallError]
) -> None:
    began = time.monotonic()
    with pytest.raises(refusal):
        parse_body(body, content_type)
    assert time.monotonic() - began < 20


def test_the_largest_forms_accepted_take_bounded_time() -> None:
    began = time.monotonic()
    assert len(parse_body(b"&".join(b"a[k%d]=1" % n for n in range(4999)), FORM)["a"]) == 4999
    parse_body(b"a" + b"[" * 1_000_000 + b"=1", FORM)
    assert time.monotonic() - began < 40


def test_a_long_query_string_is_refused() -> None:
    with pytest.raises(TooLarge):
        parse_query(b"a=" + b"1" * 20_000)


def outcome(body: bytes, content_type: str) -> int:
    """Return 200 for a parsed body, else the refusal's status; anything else is a bug and raises."""
    try:
        parse_body(body, content_type)
    except CallError as refusal:
        return refusal.status
    return 200


@given(st.binary(max_size=300), st.sampled_from([FORM, JSON]))
def test_any_bytes_are_parsed_or_refused(body: bytes, content_type: str) -> None:
    assert outcome(body, content_type) in {200, 400}


@given(st.text(alphabet="ab[]=&%0.1", max_size=60))
def test_any_play_of_brackets_is_parsed_or_refused(text: str) -> None:
    assert outcome(text.encode(), FORM) in {200, 400}
