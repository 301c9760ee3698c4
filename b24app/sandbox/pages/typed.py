"""What people type into the pages: read strictly, refused in a sentence and never with a traceback."""

from __future__ import annotations

from decimal import Decimal
from decimal import InvalidOperation
from typing import TYPE_CHECKING
from typing import Final

from flask import abort

if TYPE_CHECKING:
    from collections.abc import Container

KOPECK: Final = Decimal("0.01")
_MOST: Final = Decimal(10) ** 12


def typed_amount(text: str, *, zero: bool = True) -> Decimal:
    """Read a sum: spaces between thousands and a comma are welcome. What is no sum is a 400."""
    try:
        amount = Decimal("".join(text.split()).replace(",", "."))
    except InvalidOperation:
        abort(400, "Сумма не похожа на число.")
    if not amount.is_finite() or not 0 <= amount < _MOST:
        abort(400, "Сумма должна быть не меньше нуля и не больше триллиона.")
    if not amount and not zero:
        abort(400, "Сумма должна быть больше нуля.")
    return amount.quantize(KOPECK)


def typed_days(text: str, *, most: int = 9999) -> int:
    """Read a number of days. What is none, or is more than `most`, is a 400."""
    clean = text.strip()
    if not (clean.isascii() and clean.isdigit() and len(clean) <= len(str(most)) and int(clean) <= most):
        abort(400, f"Число дней должно быть целым, не больше {most}.")
    return int(clean)


def typed_whole(text: str, what: str) -> int:
    """Read a whole number; what is none is a 400."""
    clean = "".join(text.split())
    if not (clean.isascii() and clean.removeprefix("-").isdigit() and len(clean) <= 12):
        abort(400, f"«{what}»: нужно целое число.")
    return int(clean)


def chosen(text: str, offered: Container[str]) -> str:
    """Return what was chosen from a list; what the list does not offer is a 400."""
    if text not in offered:
        abort(400, "Такого выбора на странице нет.")
    return text
