"""The life of a hold. The README draws it: change both."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from b24app.domain.rules import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterable


class HoldState(Enum):
    """Where a hold stands.

    HELD and READY are open: the goods wait. READY: no rule fires any more, only what a person stopped is
    left, and only a person lifts it (D24, D26). RELEASED: the goods may go. CANCELLED: the deal left the
    pipeline (moved back, lost, deleted).
    """

    HELD = "held"
    READY = "ready"
    RELEASED = "released"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Tell whether the goods wait."""
        return self in OPEN_STATES


OPEN_STATES = frozenset({HoldState.HELD, HoldState.READY})


def waits_for_person(reasons: Iterable[ReasonCode]) -> bool:
    """Tell whether a person's stop is all that is left of the reasons (D26)."""
    return set(reasons) == {ReasonCode.FORCED}


def next_hold(
    current: HoldState | None, *, holds: bool, in_pipeline: bool, waits: bool = False
) -> HoldState | None:
    """Say where the hold goes next; None: no news.

    `current` is the deal's last episode, None when it has none; a closed one never reopens, so an open state
    after it means a new episode. `holds`: what the decision says; `waits`: only a person's stop is left of
    its reasons. `in_pipeline`: the deal stands before shipment. A READY hold whose client gets worse is HELD
    again (D24 AC4), and nothing but a person's word ends what a person stopped: until then the decision
    holds.
    """
    still_open = current is not None and current.is_open
    if not in_pipeline:
        return HoldState.CANCELLED if still_open else None
    if not holds:
        return HoldState.RELEASED if still_open else None
    wanted = HoldState.READY if waits else HoldState.HELD
    return wanted if wanted is not current else None
