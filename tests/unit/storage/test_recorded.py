"""What is read of a recorded check for deciding it again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from typing import NoReturn

import pytest

from b24app.domain.assess import assess
from b24app.domain.assess import decide
from b24app.domain.case import AssessmentCase
from b24app.domain.decision import Outcome
from b24app.domain.receivable import Payment
from b24app.ports.records import CheckRecord
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.ports.records import RecordedVerdict
from b24app.ports.records import Weight
from b24app.storage.book import memory_book
from b24app.storage.recorded import restore
from tests.builders import NOW
from tests.builders import TODAY
from tests.builders import account
from tests.builders import case
from tests.builders import late
from tests.builders import policy
from tests.builders import position
from tests.builders import rub

PAID = (Payment(TODAY, rub(5)),)
ALLOWED = case(account(position(), payments=PAID))
HELD = case(account(position(late(5, days=3)), payments=PAID), granted=0)


def packed(known: AssessmentCase) -> tuple[str | None, str]:
    """Record a check and take it out as it lies there."""
    book = memory_book()
    decision = assess(known, policy())
    trigger, mode, weight = MessageKind.ROBOT, Mode.ENFORCE, Weight.BINDING
    with book.write() as unit:
        unit.checks.add(
            CheckRecord("m", 1, 3, "ООО", "7701", trigger, mode, weight, "v", known, decision, NOW)
        )
    with book.read() as unit:
        [row] = unit.checks.packed("m", limit=9)
    return row.case, row.decision


@pytest.mark.parametrize("known", [ALLOWED, HELD], ids=["allowed", "held"])
def test_the_case_comes_back_but_for_what_is_only_shown(known: AssessmentCase) -> None:
    decision = assess(known, policy())
    figures = replace(known.figures, payments=(), counterparties=())
    verdict = RecordedVerdict(decision.outcome, decision.reasons)
    assert restore(*packed(known)) == (replace(known, figures=figures), verdict)


def test_an_allowed_decision_is_known_by_its_beginning() -> None:
    _, decision = packed(ALLOWED)
    assert restore(None, decision[:40] + "… and no more") == (None, RecordedVerdict(Outcome.ALLOW))


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"figures": 5}', '{"figures": {}}'])
def test_what_cannot_be_read_is_nothing(text: str) -> None:
    known, decision = packed(HELD)
    assert restore(text, decision) is None
    assert restore(known, text) is None


class Untouched(tuple[Any, ...]):
    """A series that must not be looked at."""

    __slots__ = ()

    def __iter__(self) -> NoReturn:
        raise AssertionError("a decision looked at what is only shown")

    def __len__(self) -> NoReturn:
        raise AssertionError("a decision looked at what is only shown")

    def __getitem__(self, _: object) -> NoReturn:
        raise AssertionError("a decision looked at what is only shown")


@pytest.mark.parametrize("known", [ALLOWED, HELD], ids=["allowed", "held"])
def test_no_decision_looks_at_payments_or_counterparties(known: AssessmentCase) -> None:
    figures = replace(known.figures, payments=Untouched(), counterparties=Untouched())
    assert decide(replace(known, figures=figures), policy()) == decide(known, policy())
