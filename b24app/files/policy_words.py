"""The values of a policy as people read them: 5 000 000,00 ₽, 24.11.2026, «выключено»."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.money import Money
from b24app.messages import format as write
from b24app.messages.catalogue import say
from b24app.messages.policy_labels import choice
from b24app.messages.policy_labels import short_label

if TYPE_CHECKING:
    from b24app.files.policy_data import Row

NOTHING: Final = "—"
_CHOSEN: Final = frozenset({"boundary", "type"})
_PERCENT: Final = frozenset({"percent", "order_tolerance_percent", "warn_percent"})


def in_words(section: str, key: str, value: object, language: str) -> str:
    """Write one value of a policy's data; None is a dash."""
    match value:
        case None:
            return NOTHING
        case bool():
            return say("value.yes" if value else "value.no", language)
        case Money():
            return write.money(value, language)
        case Enum():
            return choice(key, str(value.value), language)
        case date():
            return write.day(value)
        case list():
            return "; ".join(_item(section, key, each, language) for each in value) or NOTHING
        case int() | Decimal():
            number = _number(value, language)
            return f"{number}{write.NBSP}%" if key in _PERCENT else number
    return _text(section, key, str(value), language)


def summary(section: str, row: Row, language: str, *, but: str = "") -> str:
    """Write a row in one line: what it says, each with its name."""
    return "; ".join(
        f"{_small(short_label(section, key, language))}: {in_words(section, key, value, language)}"
        for key, value in row.items()
        if key != but
    )


def _item(section: str, key: str, item: object, language: str) -> str:
    if isinstance(item, Mapping):
        return f"({', '.join(f'{in_words(key, name, value, language)}' for name, value in item.items())})"
    return in_words(section, key, item, language)


def _text(section: str, key: str, value: str, language: str) -> str:
    """Write a text: a word that means something of its own, or what a person named so."""
    if key in _CHOSEN and section in {"limits", "rules"}:
        return choice(key, value, language)
    if section in {"limits", "overdue", "terms"} or key == "limit":
        return choice(key, value, language)
    return write.escape_bb(value, 200)


def _number(value: int | Decimal, language: str) -> str:
    written = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return written if language == "en" else written.replace(".", ",")


def _small(text: str) -> str:
    """Begin with a small letter unless the word is all capitals."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
