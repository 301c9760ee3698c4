"""Figures and other people's words, to the letter."""

from __future__ import annotations

from datetime import UTC
from datetime import date
from datetime import datetime

import pytest

from b24app.domain.money import Money
from b24app.messages.format import cut
from b24app.messages.format import day
from b24app.messages.format import days
from b24app.messages.format import escape_bb
from b24app.messages.format import moment
from b24app.messages.format import money
from tests.builders import rub
from tests.builders import usd
from tests.unit.messages.samples import MOSCOW


@pytest.mark.parametrize(
    ("amount", "language", "written"),
    [
        (rub("1250000"), "ru", "1\u00a0250\u00a0000,00\u00a0₽"),
        (rub("0.5"), "ru", "0,50\u00a0₽"),
        (rub("-1500.25"), "ru", "−1\u00a0500,25\u00a0₽"),
        (usd("12"), "ru", "12,00\u00a0$"),
        (Money(rub(5).amount, "EUR"), "ru", "5,00\u00a0€"),
        (Money(rub(5).amount, "KZT"), "ru", "5,00\u00a0KZT"),
        (rub("1250000"), "en", "1,250,000.00\u00a0₽"),
    ],
)
def test_money_is_written_as_people_write_it(amount: Money, language: str, written: str) -> None:
    assert money(amount, language) == written


def test_dates_are_written_day_first_by_the_readers_clock() -> None:
    assert day(date(2026, 11, 24)) == "24.11.2026"
    assert moment(datetime(2026, 11, 23, 22, 15, tzinfo=UTC), MOSCOW) == "24.11.2026 01:15"


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "0 дней"),
        (1, "1 день"),
        (2, "2 дня"),
        (4, "4 дня"),
        (5, "5 дней"),
        (11, "11 дней"),
        (12, "12 дней"),
        (21, "21 день"),
        (22, "22 дня"),
        (111, "111 дней"),
        (101, "101 день"),
    ],
)
def test_days_agree_with_their_number(number: int, written: str) -> None:
    assert days(number) == written.replace(" ", "\u00a0")


def test_english_days() -> None:
    assert (days(1, "en"), days(2, "en")) == ("1\u00a0day", "2\u00a0days")


@pytest.mark.parametrize(
    ("raw", "harmless"),
    [
        ("[url=http://evil.example]Оплата[/url]", "(url=http://evil.example)Оплата(/url)"),
        ("[USER=1]Шеф[/USER]", "(USER=1)Шеф(/USER)"),
        ("две\nстроки\r\n\tи хвост ", "две строки и хвост"),
        ("пере\u202eворот", "пере ворот"),
        ("х" * 200, "х" * 119 + "…"),
        ("", ""),
    ],
)
def test_peoples_words_are_made_harmless(raw: str, harmless: str) -> None:
    assert escape_bb(raw) == harmless


def test_a_cut_text_ends_with_an_ellipsis_and_fits() -> None:
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcd fg", 6) == "abcd…"
