"""How old something is, in words: plural forms, and the moments at which the unit changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from b24app.messages.format import ago

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)

AGES = [
    pytest.param(timedelta(0), "только что", "just now", id="this moment"),
    pytest.param(timedelta(seconds=59), "только что", "just now", id="seconds"),
    pytest.param(MINUTE - TICK, "только что", "just now", id="a tick short of a minute"),
    pytest.param(MINUTE, "1 минуту назад", "1 minute ago", id="a minute"),
    pytest.param(2 * MINUTE - TICK, "1 минуту назад", "1 minute ago", id="a tick short of two minutes"),
    pytest.param(2 * MINUTE, "2 минуты назад", "2 minutes ago", id="2 minutes"),
    pytest.param(4 * MINUTE, "4 минуты назад", "4 minutes ago", id="4 minutes"),
    pytest.param(5 * MINUTE, "5 минут назад", "5 minutes ago", id="5 minutes"),
    pytest.param(11 * MINUTE, "11 минут назад", "11 minutes ago", id="11 minutes"),
    pytest.param(14 * MINUTE, "14 минут назад", "14 minutes ago", id="14 minutes"),
    pytest.param(21 * MINUTE, "21 минуту назад", "21 minutes ago", id="21 minutes"),
    pytest.param(22 * MINUTE, "22 минуты назад", "22 minutes ago", id="22 minutes"),
    pytest.param(HOUR - TICK, "59 минут назад", "59 minutes ago", id="a tick short of an hour"),
    pytest.param(HOUR, "1 час назад", "1 hour ago", id="an hour"),
    pytest.param(2 * HOUR - TICK, "1 час назад", "1 hour ago", id="a tick short of two hours"),
    pytest.param(2 * HOUR, "2 часа назад", "2 hours ago", id="2 hours"),
    pytest.param(5 * HOUR, "5 часов назад", "5 hours ago", id="5 hours"),
    pytest.param(11 * HOUR, "11 часов назад", "11 hours ago", id="11 hours"),
    pytest.param(21 * HOUR, "21 час назад", "21 hours ago", id="21 hours"),
    pytest.param(DAY - TICK, "23 часа назад", "23 hours ago", id="a tick short of a day"),
    pytest.param(DAY, "1 день назад", "1 day ago", id="a day"),
    pytest.param(2 * DAY - TICK, "1 день назад", "1 day ago", id="a tick short of two days"),
    pytest.param(2 * DAY, "2 дня назад", "2 days ago", id="2 days"),
    pytest.param(5 * DAY, "5 дней назад", "5 days ago", id="5 days"),
    pytest.param(11 * DAY, "11 дней назад", "11 days ago", id="11 days"),
    pytest.param(21 * DAY, "21 день назад", "21 days ago", id="21 days"),
    pytest.param(111 * DAY, "111 дней назад", "111 days ago", id="111 days"),
    pytest.param(365 * DAY, "365 дней назад", "365 days ago", id="a year is still days"),
]


@pytest.mark.parametrize(("age", "russian", "english"), AGES)
def test_an_age_agrees_with_its_number(age: timedelta, russian: str, english: str) -> None:
    assert ago(age).replace("\u00a0", " ") == russian
    assert ago(age, "en").replace("\u00a0", " ") == english


@pytest.mark.parametrize(("language", "said"), [("ru", "только что"), ("en", "just now")])
@pytest.mark.parametrize("age", [-TICK, -HOUR, -DAY], ids=["a tick", "an hour", "a day"])
def test_what_a_faster_clock_dated_into_the_future_is_new(age: timedelta, language: str, said: str) -> None:
    assert ago(age, language) == said


def test_the_number_does_not_break_from_its_word() -> None:
    assert (ago(3 * MINUTE), ago(3 * MINUTE, "en")) == ("3\u00a0минуты назад", "3\u00a0minutes ago")
