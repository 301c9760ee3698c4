"""The form of an ИНН: 10 digits of a legal entity, 12 of a person, the last one or two being check digits."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEGAL: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_ELEVENTH: Final = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_TWELFTH: Final = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_LENGTHS: Final = frozenset({10, 12})


def is_tax_number(text: str) -> bool:
    """Tell whether a text has the form of an ИНН, its check digits aside."""
    return len(text) in _LENGTHS and text.isascii() and text.isdigit()


def has_right_check_digits(inn: str) -> bool:
    """Tell whether the check digits of a well-formed ИНН fit the others; a typing error rarely does."""
    if len(inn) == len(_LEGAL) + 1:
        return inn[9] == _check(inn, _LEGAL)
    return inn[10] == _check(inn, _ELEVENTH) and inn[11] == _check(inn, _TWELFTH)


def _check(digits: str, weights: Sequence[int]) -> str:
    return str(sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11 % 10)
