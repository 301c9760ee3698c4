"""From figures to a finding: which contract, which limit, and what cannot be decided."""

from __future__ import annotations

from dataclasses import replace

import pytest

from b24app.domain.decision import Outcome
from b24app.domain.limits import Granted
from b24app.domain.receivable import Contract
from b24app.domain.rules import TechnicalCause
from b24app.services.assessment import Surroundings
from b24app.services.assessment import assess_matter
from b24app.services.assessment import contract_of
from b24app.services.matter import Matter
from b24app.services.matter import bring
from b24app.services.triage import Plan
from tests.builders import account
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.builders import usd
from tests.unit.services.rig import START
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client
from tests.unit.services.rig import contract

NOTHING_AROUND = Surroundings(reserves=(), known=None, now=START)
A, B, OLD = contract(5), contract(5, ref="B"), contract(5, ref="OLD", active=False)
TWIN = replace(B, number=A.number)
DOLLARS = Contract(ref="D", number="Договор D", currency="USD", active=True, limit=Granted(usd(5)))


def matter(**deal: object) -> Matter:
    rig = Rig()
    facts = rig.deal(**deal)  # type: ignore[arg-type] # any property of a deal
    with rig.book.read() as unit:
        return bring(unit, rig.record(), rig.settings, facts, [])


@pytest.mark.parametrize(
    ("named", "contracts", "found"),
    [
        pytest.param(None, (A,), "A", id="the only active one"),
        pytest.param(None, (A, OLD), "A", id="the only active one beside a closed one"),
        pytest.param(None, (A, DOLLARS), "A", id="the only one in the deal's currency"),
        pytest.param(None, (A, B), None, id="two of them: not certain"),
        pytest.param(None, (), None, id="none at all"),
        pytest.param("B", (A, B), "B", id="named by its reference"),
        pytest.param(" Договор B ", (A, B), "B", id="named by its number, with blanks"),
        pytest.param("OLD", (A, OLD), "OLD", id="a closed one, named"),
        pytest.param("C", (A,), None, id="named, unknown: not certain"),
        pytest.param("Договор A", (A, TWIN), None, id="a number two contracts have"),
        pytest.param("  ", (A,), "A", id="blanks name nothing"),
    ],
)
def test_the_contract_of_a_deal(
    named: str | None, contracts: tuple[Contract, ...], found: str | None
) -> None:
    assert contract_of(matter(contract=named), account(contracts=contracts)) == found


def test_an_advance_counts_for_its_own_contract_only() -> None:
    for named, outcome in (("A", Outcome.ALLOW), ("B", Outcome.HOLD)):
        rig = Rig()
        advance = position(contract="A", credit=100_000)
        figures = replace(client(advance), contracts=(contract(0), contract(None, ref="B")))
        rig.ledger.put(figures)
        rig.deal(amount=100_000, contract=named)
        rig.check()
        assert rig.checks()[0].decision.outcome is outcome


def test_limits_in_two_currencies_are_no_limit_at_all() -> None:
    figures = account(position(not_due(1)), contracts=(A, DOLLARS))
    finding, review = assess_matter(matter(), Plan.ASSESS, figures, NOTHING_AROUND)
    assert finding.decision.outcome is Outcome.TECHNICAL
    assert finding.decision.reasons[0].cause is TechnicalCause.OTHER_CURRENCY
    assert (finding.case, review) == (None, None)


def test_limits_in_two_currencies_keep_the_deal_waiting() -> None:
    rig = Rig()
    rig.ledger.put(replace(client(position()), contracts=(A, DOLLARS)))
    rig.deal(amount=1)
    rig.check()
    assert rig.stage() == "PREPARE"
    assert rig.checks()[0].decision.outcome is Outcome.TECHNICAL
    with rig.book.read() as unit:
        assert unit.cards.all("m1") == []


def test_without_a_card_accounting_alone_gives_the_limit() -> None:
    figures = client(position(), limit=50)
    finding, review = assess_matter(matter(amount=51), Plan.ASSESS, figures, NOTHING_AROUND)
    assert review is None
    assert finding.decision.limit is not None
    assert finding.decision.limit.limit == Granted(rub(50))
    assert finding.decision.outcome is Outcome.HOLD
