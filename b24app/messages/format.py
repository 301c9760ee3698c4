"""How figures, days and other people's words are written in texts for people."""

from __future__ import annotations

import re
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Final

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from b24app.domain.money import Money

NBSP: Final = "\u00a0"
MINUS: Final = "\u2212"
ELLIPSIS: Final = "…"
_SIGNS: Final = {"RUB": "₽", "USD": "$", "EUR": "€"}
_BRACKETS: Final = str.maketrans({"[": "(", "]": ")"})
_UNSEEN: Final = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")
_TEENS: Final = range(11, 15)
_FEW: Final = range(2, 5)
_AGES: Final = (
    (24 * 60, "день", "дня", "дней", "day"),
    (60, "час", "часа", "часов", "hour"),
    (1, "минуту", "минуты", "минут", "minute"),
)


def money(amount: Money, language: str = "ru") -> str:
    """Write an amount: «1 250 000,00 ₽» in Russian, «1,250,000.00 ₽» in English; spaces do not break."""
    digits = f"{abs(amount.amount):,.2f}"
    if language != "en":
        digits = digits.replace(",", NBSP).replace(".", ",")
    sign = MINUS if amount.amount < 0 else ""
    return f"{sign}{digits}{NBSP}{_SIGNS.get(amount.currency, amount.currency)}"


def percent(value: Decimal, language: str = "ru") -> str:
    """Write a percentage with at most two places: «83,33 %», “83.33%”."""
    digits = f"{value.quantize(Decimal('0.01')):,.2f}".rstrip("0").rstrip(".")
    if language == "en":
        return f"{digits}%"
    return digits.replace(",", NBSP).replace(".", ",") + f"{NBSP}%"


def day(value: date) -> str:
    """Write a date: 24.11.2026."""
    return value.strftime("%d.%m.%Y")


def moment(value: datetime, zone: ZoneInfo) -> str:
    """Write an aware moment as the clock on the reader's wall shows it: 24.11.2026 10:15."""
    return value.astimezone(zone).strftime("%d.%m.%Y %H:%M")


def plural(number: int, one: str, few: str, many: str) -> str:
    """Choose the Russian form that goes with a number: 1 день, 2 дня, 5 дней."""
    last_two = abs(number) % 100
    last = last_two % 10
    if last_two in _TEENS:
        return many
    if last == 1:
        return one
    return few if last in _FEW else many


def days(number: int, language: str = "ru") -> str:
    """Write a number of days: «1 день», «2 дня», «5 дней»; «1 day», «2 days»."""
    if language == "en":
        return f"{number}{NBSP}{'day' if number == 1 else 'days'}"
    return f"{number}{NBSP}{plural(number, 'день', 'дня', 'дней')}"


def cut(text: str, limit: int) -> str:
    """Shorten a text to `limit` characters, the last of them an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + ELLIPSIS


def escape_bb(text: str, limit: int = 120) -> str:
    """Make words typed by people harmless in our texts: one line, no BB codes, at most `limit` characters.

    Square brackets become round ones, because not every place that shows a text decodes an escape.
    """
    return cut(_UNSEEN.sub(" ", text).strip().translate(_BRACKETS), limit)


def ago(age: timedelta, language: str = "ru") -> str:
    """Say how old something is: «только что», «3 минуты назад», «2 часа назад», «5 дней назад»."""
    minutes = max(int(age.total_seconds() // 60), 0)
    if not minutes:
        return "только что" if language != "en" else "just now"
    for size, one, few, many, english in _AGES:
        if minutes >= size:
            number = minutes // size
            if language == "en":
                return f"{number}{NBSP}{english}{'' if number == 1 else 's'} ago"
            return f"{number}{NBSP}{plural(number, one, few, many)} назад"
    raise AssertionError(minutes)
