"""The life of a hold. The README draws it: change both."""

from __future__ import annotations

from enum import Enum


class HoldState(Enum):
    """Where a hold stands.

    HELD is the only open state. RELEASED: no rule fires any more and the goods may go. CANCELLED: the deal
    left the pipeline (moved back, lost, deleted).
    """

    HELD = "held"
    RELEASED = "released"
    CANCELLED = "cancelled"


def next_hold(current: HoldState | None, *, holds: bool, in_pipeline: bool) -> HoldState | None:
    """Say where the hold goes next; None: no news.

    `current` is the deal's last episode, None when it has none; a closed one never reopens, so HELD after
    it means a new episode. `holds`: what the decision says. `in_pipeline`: the deal stands before shipment.
    """
    held = current is HoldState.HELD
    if not in_pipeline:
        return HoldState.CANCELLED if held else None
    if holds is held:
        return None
    return HoldState.HELD if holds else HoldState.RELEASED
