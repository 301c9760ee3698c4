"""The life of a hold, every step of it."""

from __future__ import annotations

import pytest

from b24app.domain.assess import assess
from b24app.domain.client import DealEntry
from b24app.domain.hold import OPEN_STATES
from b24app.domain.hold import HoldState
from b24app.domain.hold import next_hold
from b24app.domain.hold import waits_for_person
from b24app.domain.policy import Policy
from b24app.domain.rules import ReasonCode
from tests.builders import case
from tests.builders import policy

HELD, READY, RELEASED, CANCELLED = HoldState
CLOSED_OR_NONE = (None, RELEASED, CANCELLED)


@pytest.mark.parametrize(
    ("current", "holds", "waits", "in_pipeline", "expected"),
    [
        *(pytest.param(each, False, False, True, None, id=f"{each}-allowed") for each in CLOSED_OR_NONE),
        *(pytest.param(each, True, False, True, HELD, id=f"{each}-held") for each in CLOSED_OR_NONE),
        *(
            pytest.param(each, True, True, True, READY, id=f"E37-{each}-stopped-by-a-person-only")
            for each in CLOSED_OR_NONE
        ),
        *(pytest.param(each, False, False, False, None, id=f"{each}-gone") for each in CLOSED_OR_NONE),
        *(pytest.param(each, True, True, False, None, id=f"{each}-gone-held") for each in CLOSED_OR_NONE),
        pytest.param(HELD, False, False, True, RELEASED, id="held-allowed"),
        pytest.param(HELD, True, False, True, None, id="held-again"),
        pytest.param(HELD, True, True, True, READY, id="E37-D26-all-rules-clear"),
        pytest.param(READY, True, True, True, None, id="E37-D26-waits-for-a-person"),
        pytest.param(READY, True, False, True, HELD, id="D24-AC4-the-client-gets-worse"),
        pytest.param(READY, False, False, True, RELEASED, id="E37-a-person-lifted-his-stop"),
        *(pytest.param(each, False, False, False, CANCELLED, id=f"{each}-left") for each in (HELD, READY)),
        *(pytest.param(each, True, True, False, CANCELLED, id=f"{each}-held-left") for each in (HELD, READY)),
    ],
)
def test_a_hold_goes_where_the_table_says(
    current: HoldState | None, *, holds: bool, waits: bool, in_pipeline: bool, expected: HoldState | None
) -> None:
    assert next_hold(current, holds=holds, waits=waits, in_pipeline=in_pipeline) is expected


def test_the_goods_wait_while_a_hold_is_open() -> None:
    assert {state for state in HoldState if state.is_open} == OPEN_STATES == {HELD, READY}


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        pytest.param([ReasonCode.FORCED], True, id="E37-only-a-person"),
        pytest.param([ReasonCode.FORCED, ReasonCode.FORCED], True, id="E37-two-persons"),
        pytest.param([ReasonCode.FORCED, ReasonCode.LIMIT], False, id="D26-a-rule-as-well"),
        pytest.param([ReasonCode.LIMIT], False, id="D26-rules-only"),
        pytest.param([], False, id="D26-nothing-holds"),
    ],
)
def test_what_waits_for_a_person(reasons: list[ReasonCode], *, expected: bool) -> None:
    assert waits_for_person(reasons) is expected


def test_a_forced_hold_becomes_ready_and_only_a_person_ends_it() -> None:
    """E37: forced, the limit exceeded; the limit clears; the person lifts his stop."""
    stopped = policy(deals=(DealEntry(17, forced_hold="fraud"),))
    state: HoldState | None = None
    told = []
    for wants, terms in ((10, stopped), (1, stopped), (1, stopped), (1, policy())):
        state = _step(state, wants, terms) or state
        told.append(state)
    assert told == [HELD, READY, READY, RELEASED]


def _step(state: HoldState | None, wants: int, terms: Policy) -> HoldState | None:
    decision = assess(case(granted=5, wants=wants, deal_id=17), terms)
    waits = waits_for_person(reason.code for reason in decision.reasons)
    return next_hold(state, holds=decision.holds, waits=waits, in_pipeline=True)
