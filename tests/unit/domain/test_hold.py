"""The life of a hold, every step of it."""

from __future__ import annotations

import pytest

from b24app.domain.hold import HoldState
from b24app.domain.hold import next_hold

HELD, RELEASED, CANCELLED = HoldState.HELD, HoldState.RELEASED, HoldState.CANCELLED


@pytest.mark.parametrize(
    ("current", "holds", "in_pipeline", "expected"),
    [
        (None, False, True, None),
        (None, True, True, HELD),
        (None, False, False, None),
        (None, True, False, None),
        (HELD, False, True, RELEASED),
        (HELD, True, True, None),
        (HELD, False, False, CANCELLED),
        (HELD, True, False, CANCELLED),
        (RELEASED, False, True, None),
        (RELEASED, True, True, HELD),
        (RELEASED, False, False, None),
        (RELEASED, True, False, None),
        (CANCELLED, False, True, None),
        (CANCELLED, True, True, HELD),
        (CANCELLED, False, False, None),
        (CANCELLED, True, False, None),
    ],
)
def test_a_hold_goes_where_the_table_says(
    current: HoldState | None, *, holds: bool, in_pipeline: bool, expected: HoldState | None
) -> None:
    assert next_hold(current, holds=holds, in_pipeline=in_pipeline) is expected
