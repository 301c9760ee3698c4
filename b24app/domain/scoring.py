"""Risk classification: the sum of a client's scores finds his risk group (credit_management D7, D8)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING
from typing import Final

if TYPE_CHECKING:
    from collections.abc import Iterable

STEP: Final = Decimal("0.01")
_LOWEST: Final = Decimal("-Infinity")
_HIGHEST: Final = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class RiskGroup:
    """A class of risk and the scores that make it, both ends included; the higher the riskier (D8).

    An end that is None is open; a group with neither is given by hand only and no score leads to it.
    """

    code: str
    name: str = ""
    name_en: str = ""
    start: Decimal | None = None
    end: Decimal | None = None

    @property
    def is_scored(self) -> bool:
        """Tell whether any score leads to it."""
        return self.start is not None or self.end is not None

    @property
    def lowest(self) -> Decimal:
        """The first score of it."""
        return _LOWEST if self.start is None else self.start

    @property
    def highest(self) -> Decimal:
        """The last score of it."""
        return _HIGHEST if self.end is None else self.end

    @property
    def is_backwards(self) -> bool:
        """Tell whether its last score comes before its first."""
        return self.lowest > self.highest


def total_score(scores: Iterable[Decimal]) -> Decimal:
    """Add up the scores of all scoring groups, rounded half-up to two places before any lookup."""
    return sum(scores, Decimal(0)).quantize(STEP, rounding=ROUND_HALF_UP)


def classify(score: Decimal | None, groups: Iterable[RiskGroup], default: str | None = None) -> str | None:
    """Return the code of the risk group of a score; `default` where none has it.

    A client without a score has no risk group: nobody has counted it yet (D8). Where ranges overlap the
    riskiest group counts.
    """
    if score is None:
        return None
    rounded = total_score([score])
    found = [each for each in groups if each.is_scored and each.lowest <= rounded <= each.highest]
    return max(found, key=lambda each: (each.lowest, each.highest, each.code)).code if found else default


def overlaps(groups: Iterable[RiskGroup]) -> tuple[tuple[RiskGroup, RiskGroup], ...]:
    """Return every pair of groups that share a score, the lower one first."""
    return tuple(
        (lower, upper) for lower, upper in combinations(_scored(groups), 2) if upper.lowest <= lower.highest
    )


def gaps(groups: Iterable[RiskGroup]) -> tuple[tuple[RiskGroup, RiskGroup], ...]:
    """Return the neighbours between which a score of two places belongs to no group."""
    found = []
    below: RiskGroup | None = None
    for group in _scored(groups):
        if below is not None and group.lowest > below.highest + STEP:
            found.append((below, group))
        if below is None or group.highest > below.highest:
            below = group
    return tuple(found)


def _scored(groups: Iterable[RiskGroup]) -> list[RiskGroup]:
    scored = (each for each in groups if each.is_scored)
    return sorted(scored, key=lambda each: (each.lowest, each.highest, each.code))
