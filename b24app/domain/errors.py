"""The root of every error this program raises on purpose."""

from __future__ import annotations


class CreditControlError(Exception):
    """Base of all deliberate errors; its message names the subject and ids, never a secret."""


class CurrencyMismatchError(CreditControlError):
    """Amounts of two currencies met in one operation; conversion must happen before the core."""

    def __init__(self, left: str, right: str) -> None:
        """Keep both currency codes for whoever renders the error."""
        super().__init__(f"cannot combine {left} with {right}")
        self.left = left
        self.right = right


class BadMoneyError(CreditControlError):
    """An amount that is not an exact number of minor units, or a currency that is not a code."""


class MissingRateError(CurrencyMismatchError):
    """Two currencies met and no rate is known that would bring them together."""
