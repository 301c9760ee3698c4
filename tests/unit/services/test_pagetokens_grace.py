"""A page token's time to the second, and the grace a renewal grants a token past it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from b24app.protocol.calls import UntrustedCaller
from b24app.services.pagetokens import LIFETIME
from b24app.services.pagetokens import PageExpired
from b24app.services.pagetokens import PagePass
from b24app.services.pagetokens import PageTokens
from tests.fakes_web import MEMBER
from tests.fakes_web import SECRET_KEY
from tests.fakes_web import StoppedClock

PAGE = PagePass(MEMBER, 7, 17, "ru")
NONE = timedelta()
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def aged(age: timedelta) -> tuple[PageTokens, str]:
    """Issue a token and let it grow so old; a negative age is a token of the future."""
    clock = StoppedClock()
    tokens = PageTokens(SECRET_KEY, clock)
    token = tokens.issue(PAGE)
    clock.pass_by(age)
    return tokens, token


@pytest.mark.parametrize(
    ("age", "grace"),
    [
        pytest.param(NONE, NONE, id="just issued"),
        pytest.param(LIFETIME, NONE, id="at the end of its time"),
        pytest.param(LIFETIME, DAY, id="in its time, with grace"),
        pytest.param(LIFETIME + SECOND, SECOND, id="at the end of a second's grace"),
        pytest.param(LIFETIME + SECOND, DAY, id="a second late"),
        pytest.param(LIFETIME + DAY, DAY, id="at the end of a day's grace"),
        pytest.param(-MINUTE, NONE, id="a minute ahead of our clock"),
    ],
)
def test_a_token_in_its_time_or_its_grace_names_its_page(age: timedelta, grace: timedelta) -> None:
    tokens, token = aged(age)
    assert tokens.read(token, grace=grace) == PAGE


@pytest.mark.parametrize(
    ("age", "grace"),
    [
        pytest.param(LIFETIME + SECOND, NONE, id="a second late, no grace"),
        pytest.param(LIFETIME + SECOND * 2, SECOND, id="past a second's grace"),
        pytest.param(LIFETIME + DAY + SECOND, DAY, id="past a day's grace"),
        pytest.param(-MINUTE - SECOND, NONE, id="from the future"),
        pytest.param(-MINUTE - SECOND, DAY, id="from the future, which no grace covers"),
    ],
)
def test_a_token_past_its_time_and_grace_is_expired(age: timedelta, grace: timedelta) -> None:
    tokens, token = aged(age)
    with pytest.raises(PageExpired):
        tokens.read(token, grace=grace)


def test_no_grace_is_given_unasked() -> None:
    tokens, token = aged(LIFETIME + SECOND)
    with pytest.raises(PageExpired):
        tokens.read(token)


@pytest.mark.parametrize("token", ["", "guess", "eyJ9.guess"], ids=["empty", "a word", "another signature"])
def test_no_grace_makes_a_forged_token_ours(token: str) -> None:
    with pytest.raises(UntrustedCaller) as caught:
        PageTokens(SECRET_KEY, StoppedClock()).read(token, grace=DAY)
    assert not isinstance(caught.value, PageExpired)


def test_no_grace_makes_another_servers_token_ours() -> None:
    tokens, _ = aged(NONE)
    foreign = PageTokens("another key", StoppedClock()).issue(PAGE)
    with pytest.raises(UntrustedCaller) as caught:
        tokens.read(foreign, grace=DAY)
    assert not isinstance(caught.value, PageExpired)
