"""The credit policy on the desk: whose limit, whose debt, who is told, and what a new version wakes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

import pytest

from b24app.domain.card import CardTerms
from b24app.domain.client import Category
from b24app.domain.client import ClientEntry
from b24app.domain.client import CreditGroup
from b24app.domain.client import DealEntry
from b24app.domain.decision import Outcome
from b24app.domain.decision import SkipKind
from b24app.domain.hold import HoldState
from b24app.domain.limits import Granted
from b24app.domain.policy import PaymentTerm
from b24app.domain.policy import ReasonEntry
from b24app.domain.policy import ReasonKind
from b24app.domain.policy import Softness
from b24app.domain.rates import Rate
from b24app.domain.rates import Rates
from b24app.domain.rules import ReasonCode
from b24app.domain.rules import TechnicalCause
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import WriteDealFields
from b24app.ports.records import KnownCard
from b24app.ports.records import MessageKind
from tests.builders import INN
from tests.builders import TODAY
from tests.builders import late
from tests.builders import not_due
from tests.builders import policy
from tests.builders import position
from tests.builders import rub
from tests.builders import usd
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import CFO
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import COMPANY
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import SALES_HEAD
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client

if TYPE_CHECKING:
    from b24app.domain.receivable import AccountFigures

SISTER, SISTER_CARD = "7702000000", 200
YEAR_END = date(2026, 12, 31)


def holding(limit: int = 1_000_000) -> CreditGroup:
    return CreditGroup("hold", "Холдинг «Север»", rub(limit), YEAR_END, frozenset({INN, SISTER}))


def in_force(rig: Rig, **changes: Any) -> None:
    """Put another policy into force, as an import does."""
    rig.settings = replace(rig.settings, policy=policy(**changes))


def accept(rig: Rig, terms: CardTerms) -> None:
    """Show terms on the card and let our database stand for them."""
    rig.company(terms=terms)
    with rig.book.write() as unit:
        unit.cards.save(KnownCard(MEMBER, COMPANY, INN, "ООО «Ромашка»", terms, terms))


def written_reason(rig: Rig) -> str:
    """Return the reason last written into a deal's field."""
    writes = [each for each, _ in rig.portal.performed if isinstance(each, MoveDeal | WriteDealFields)]
    fields = writes[-1].fields
    return fields.reason or "" if fields is not None else ""


def group_rig(*clients: AccountFigures) -> Rig:
    rig = Rig(policy=policy(credit_groups=(holding(),)))
    rig.ledger.put(*clients)
    rig.company(SISTER_CARD, inn=SISTER)
    return rig


class TestOnePool:
    """E15, D19: the group's limit is one pool, whoever of it ships."""

    def test_the_others_debt_counts_and_one_read_brings_it(self) -> None:
        rig = group_rig(
            client(position(not_due(400_000)), limit=800_000),
            client(position(not_due(500_000)), limit=None, inn=SISTER),
        )
        rig.deal(amount=150_000)
        rig.check()
        (reason,) = rig.checks()[0].decision.reasons
        assert (reason.code, reason.excess) == (ReasonCode.GROUP_LIMIT, rub(50_000))
        assert rig.ledger.asked == [(INN, SISTER)]
        assert rig.stage() == APPROVAL
        assert any("Холдинг «Север»" in text for text in rig.told(CFO))

    def test_what_one_member_was_promised_is_gone_for_the_other(self) -> None:
        rig = group_rig(client(position()), client(position(), inn=SISTER))
        rig.deal(1, amount=700_000)
        rig.deal(2, amount=400_000, company_id=SISTER_CARD)
        rig.wake(1, 2)
        rig.run()
        assert (rig.stage(1), rig.stage(2)) == (ALLOWED, APPROVAL)

    def test_a_member_accounting_does_not_know_makes_no_decision(self) -> None:
        rig = group_rig(client(position()))
        rig.deal(amount=1)
        rig.check()
        (reason,) = rig.checks()[0].decision.reasons
        assert reason.cause is TechnicalCause.POOL_UNKNOWN
        assert rig.stage() == CHECK


class TestStrategicPartner:
    """F20, E34: small overdue ships, and the CFO alone is told, once."""

    def make(self, days: int) -> Rig:
        rig = Rig(policy=policy(strategic=Softness(7, rub(50_000))))
        accept(rig, CardTerms(Granted(rub(1_000_000)), strategic=True))
        rig.ledger.put(client(position(late(40_000, days=days))))
        rig.deal(amount=100_000)
        rig.check()
        return rig

    def test_within_the_bounds(self) -> None:
        rig = self.make(7)
        assert rig.checks()[0].decision.outcome is Outcome.ALLOW_NOTIFY
        assert rig.stage() == ALLOWED
        assert len(rig.told(CFO)) == 1
        assert "40\u00a0000,00\u00a0₽" in rig.told(CFO)[0]
        assert rig.told(SALES_HEAD) == []
        rig.check(kind=MessageKind.RECHECK)
        assert len(rig.told(CFO)) == 1

    def test_beyond_them(self) -> None:
        assert self.make(8).stage() == APPROVAL


class TestNewVersion:
    """F26: the next check uses it; what waits and what is allowed and not shipped is decided again."""

    def test_an_allowed_deal_is_held_by_it(self) -> None:
        rig = Rig()
        rig.deal(amount=100_000)
        rig.check()
        assert rig.stage() == ALLOWED
        in_force(rig, order_limit=rub(50_000))
        rig.check(kind=MessageKind.RECHECK)
        assert rig.stage() == APPROVAL
        assert rig.reserve() is None

    def test_an_allowed_deal_it_does_not_touch_hears_nothing(self) -> None:
        rig = Rig()
        rig.deal(amount=100_000)
        rig.check()
        seen, checks = len(rig.portal.performed), len(rig.checks())
        in_force(rig, version="2")
        rig.check(kind=MessageKind.RECHECK)
        assert (len(rig.portal.performed), len(rig.checks())) == (seen, checks)

    def test_a_held_deal_is_freed_by_it(self) -> None:
        rig = Rig(policy=policy(order_limit=rub(50_000)))
        rig.deal(amount=100_000)
        rig.check()
        assert rig.stage() == APPROVAL
        in_force(rig)
        rig.check(kind=MessageKind.RECHECK)
        assert rig.stage() == ALLOWED


class TestForcedHold:
    """D26, E37: what a person stopped only a person lets go."""

    REASON = ReasonEntry("court", ReasonKind.HOLD, "Судебный спор")
    STOPPED = ClientEntry(INN, forced_hold="court")

    def test_clear_rules_make_it_ready_and_nothing_more(self) -> None:
        rig = Rig(policy=policy(clients=(self.STOPPED,), reasons=(self.REASON,)))
        rig.ledger.put(client(position(late(5, days=3))))
        rig.deal(amount=100_000)
        rig.check()
        hold = rig.hold()
        assert hold is not None
        assert (hold.state, len(hold.reasons)) == (HoldState.HELD, 2)
        rig.ledger.put(client(position()))
        rig.check(kind=MessageKind.RECHECK)
        ready = rig.hold()
        assert ready is not None
        assert (ready.id, ready.state, ready.reasons) == (hold.id, HoldState.READY, (ReasonCode.FORCED,))
        assert rig.stage() == APPROVAL
        assert "Судебный спор" in written_reason(rig)
        rig.ledger.put(client(position(late(5, days=3))))
        rig.check(kind=MessageKind.RECHECK)
        worse = rig.hold()
        assert worse is not None
        assert worse.state is HoldState.HELD

    def test_dragged_on_it_is_put_back(self) -> None:
        rig = Rig(policy=policy(clients=(self.STOPPED,), reasons=(self.REASON,)))
        rig.deal(amount=100_000)
        rig.check()
        rig.drag(1, ALLOWED)
        rig.check()
        assert rig.stage() == APPROVAL

    def test_a_person_lets_it_go(self) -> None:
        rig = Rig(policy=policy(deals=(DealEntry(1, forced_hold="court"),), reasons=(self.REASON,)))
        rig.deal(amount=100_000)
        rig.check()
        assert rig.stage() == APPROVAL
        in_force(rig)
        rig.check(kind=MessageKind.RECHECK)
        assert (rig.stage(), rig.hold()) == (ALLOWED, None)


class TestCurrencies:
    """N8: one conversion, its rate and day recorded; nobody is asked where none meet."""

    def test_a_debt_in_dollars_is_brought_to_the_limit(self) -> None:
        rig = Rig()
        rig.rates.known = Rates("RUB", (Rate("USD", Decimal(100), TODAY),))
        rig.ledger.put(client(position(not_due(usd(5_000)), currency="USD", contract="B")))
        rig.deal(amount="500000.01")
        rig.check()
        decision = rig.checks()[0].decision
        assert [reason.excess for reason in decision.reasons] == [rub("0.01")]
        assert [rate.currency for rate in decision.rates] == ["USD"]
        assert rig.rates.asked == 1

    def test_without_a_recent_rate_there_is_no_decision(self) -> None:
        rig = Rig()
        rig.rates.known = Rates("RUB", (Rate("USD", Decimal(100), date(2026, 11, 1)),))
        rig.deal(amount=usd(5))
        rig.check()
        (reason,) = rig.checks()[0].decision.reasons
        assert (reason.cause, reason.detail) == (TechnicalCause.OTHER_CURRENCY, "USD ≠ RUB")

    def test_one_currency_asks_nobody(self) -> None:
        rig = Rig()
        rig.deal()
        rig.check()
        assert rig.rates.asked == 0


class TestCardAndTerms:
    """F8: the card's category gives the limit; the contract's term is the nearest word on deferral."""

    def test_the_category_of_the_card_gives_the_limit(self) -> None:
        new = Category("new", limit=Granted(rub(100_000)))
        rig = Rig(policy=policy(categories=(new,)))
        accept(rig, CardTerms(category="new"))
        rig.ledger.put(client(position(), limit=None))
        rig.deal(amount="100000.01")
        rig.check()
        assert [reason.excess for reason in rig.checks()[0].decision.reasons] == [rub("0.01")]

    @pytest.mark.parametrize(("asked", "held"), [("net30", False), ("net60", True)])
    def test_a_longer_deferral_than_the_contracts_is_held(self, asked: str, *, held: bool) -> None:
        terms = (PaymentTerm("net30", "30 дней", 30, 10), PaymentTerm("net60", "60 дней", 60, 20))
        rig = Rig(policy=policy(payment_terms=terms))
        found = client(position())
        contracts = tuple(replace(row, deferral_days=30) for row in found.contracts)
        rig.ledger.put(replace(found, contracts=contracts))
        rig.deal(amount=1, terms=asked)
        rig.check()
        codes = {reason.code for reason in rig.checks()[0].decision.reasons}
        assert codes == ({ReasonCode.TERMS, ReasonCode.TERMS_RANK} if held else set())


class TestGrace:
    """D15, P2: after a permission there is no other check for so many days, counted from it."""

    def test_the_days_are_counted_from_the_first_permission(self) -> None:
        rig = Rig(policy=policy(stage_grace_days=2))
        rig.deal(amount=100_000)
        rig.check()
        rig.ledger.put(client(position(late(5, days=3))))
        for passed in (1, 2):
            rig.clock.advance(days=1)
            rig.check(kind=MessageKind.BUTTON)
            skipped = rig.checks()[0].decision.skipped
            assert skipped is not None
            assert (skipped.kind, skipped.until) == (SkipKind.GRACE_UNTIL, date(2026, 11, 26)), passed
            assert rig.stage() == ALLOWED
        rig.clock.advance(days=1)
        rig.check(kind=MessageKind.BUTTON)
        assert rig.stage() == APPROVAL
