"""A check for show: says what the desk would decide and leaves no trace."""

from __future__ import annotations

import pytest

from b24app.domain.decision import Outcome
from b24app.domain.rules import TechnicalCause
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.errors import NotFound
from b24app.ports.errors import TransportFailure
from b24app.services.preview import Previewer
from tests.builders import INN
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.ledger.put(client(position(not_due(950_000))))
    return made


def look(rig: Rig, deal_id: int = 1) -> tuple[Outcome, TechnicalCause | None]:
    decision = Previewer(rig.office).look(rig.record(), deal_id).finding.decision
    cause = decision.reasons[0].cause if decision.reasons else None
    return decision.outcome, cause


@pytest.mark.parametrize(
    ("amount", "outcome"), [(50_000, Outcome.ALLOW), (50_001, Outcome.HOLD)], ids=["fits", "too much"]
)
def test_it_says_what_the_desk_would_decide_and_writes_nothing(
    rig: Rig, amount: int, outcome: Outcome
) -> None:
    rig.deal(amount=amount)
    assert look(rig)[0] is outcome
    assert (rig.state(), rig.checks(), rig.hold(), rig.reserve()) == (None, [], None, None)
    assert rig.portal.requests == ["fetch_deals"]
    with rig.book.read() as unit:
        assert unit.effects.open_count(MEMBER) == unit.inbox.waiting(MEMBER) == 0
        assert unit.cards.all(MEMBER) == []
    rig.check()
    assert rig.checks()[0].decision.outcome is outcome


def test_room_promised_to_other_deals_counts_and_its_own_does_not(rig: Rig) -> None:
    rig.deal(1, amount=30_000)
    rig.check(1)
    rig.deal(2, amount=30_000)
    assert look(rig, 1)[0] is Outcome.ALLOW
    assert look(rig, 2)[0] is Outcome.HOLD
    found = Previewer(rig.office).look(rig.record(), 2).finding.decision
    assert found.reasons[0].excess == rub(10_000)


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        pytest.param("silent", TechnicalCause.LEDGER_SILENT, id="1C is silent"),
        pytest.param("misconfigured", TechnicalCause.LEDGER_MISCONFIGURED, id="1C is misconfigured"),
        pytest.param("unknown", TechnicalCause.CLIENT_UNKNOWN, id="1C does not know the client"),
        pytest.param("no inn", TechnicalCause.NO_TAX_NUMBER, id="no tax number"),
        pytest.param("no company", TechnicalCause.NO_COMPANY, id="no company"),
    ],
)
def test_missing_data_is_an_answer_too(rig: Rig, trouble: str, cause: TechnicalCause) -> None:
    rig.deal(company_id=None if trouble == "no company" else 100)
    if trouble == "silent":
        rig.ledger.fail()
    elif trouble == "misconfigured":
        rig.ledger.fail(LedgerMisconfigured("1C", missing=("Catalog",)))
    elif trouble == "unknown":
        rig.ledger.forget(INN)
    elif trouble == "no inn":
        rig.company(inn="")
    assert look(rig) == (Outcome.TECHNICAL, cause)
    with rig.book.read() as unit:
        assert unit.outages.running(MEMBER) is None


def test_an_unknown_deal_is_not_found(rig: Rig) -> None:
    with pytest.raises(NotFound, match="77"):
        look(rig, 77)


def test_a_silent_portal_is_an_error_of_its_own(rig: Rig) -> None:
    rig.portal.failing.append(TransportFailure("down"))
    with pytest.raises(TransportFailure):
        look(rig)
