"""Credit terms typed into a company card."""

from __future__ import annotations

from dataclasses import replace

import pytest

from b24app.domain.card import CardTerms
from b24app.domain.decision import Outcome
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.ports.records import MessageKind
from tests.builders import position
from tests.builders import rub
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import CFO
from tests.unit.services.rig import COMPANY
from tests.unit.services.rig import SALES_HEAD
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client


class TestTypedLimits:
    """A limit typed into the card never loosens a decision."""

    @pytest.mark.parametrize("typed", [Granted(rub(9_000_000)), Unlimited()], ids=["higher", "unlimited"])
    def test_typing_and_dragging_at_once_is_still_held(self, typed: Granted | Unlimited) -> None:
        rig = Rig()
        rig.ledger.put(client(position(), limit=100_000))
        rig.deal(amount=300_000)
        rig.company(terms=CardTerms(limit=typed))
        rig.check()
        assert rig.stage() == APPROVAL
        assert rig.portal.companies[COMPANY].terms.limit == Granted(rub(100_000))
        assert any("100\u00a0000,00\u00a0₽" in text for text in rig.told(CFO))

    def test_a_lower_value_counts(self) -> None:
        rig = Rig()
        rig.deal(amount=300_000)
        rig.company(terms=CardTerms(limit=Granted(rub(200_000))))
        rig.check()
        assert rig.checks()[0].decision.outcome is Outcome.HOLD

    def test_a_company_event_puts_it_back_without_any_deal(self) -> None:
        rig = Rig()
        rig.deal()
        rig.check()
        card = rig.portal.companies[COMPANY]
        rig.portal.companies[COMPANY] = replace(card, terms=CardTerms(limit=Unlimited()))
        rig.check(COMPANY, kind=MessageKind.COMPANY)
        assert rig.portal.companies[COMPANY].terms.limit == Granted(rub(1_000_000))
        assert len(rig.told(SALES_HEAD)) == 1

    def test_typing_the_same_again_is_put_back_again(self) -> None:
        rig = Rig()
        rig.deal()
        rig.check()
        for _ in range(2):
            card = rig.portal.companies[COMPANY]
            rig.portal.companies[COMPANY] = replace(card, terms=CardTerms(limit=Unlimited()))
            rig.check(COMPANY, kind=MessageKind.COMPANY)
        assert rig.portal.companies[COMPANY].terms.limit == Granted(rub(1_000_000))
        assert len(rig.told(SALES_HEAD)) == 2

    def test_a_limit_raised_in_accounting_counts_at_once(self) -> None:
        rig = Rig()
        rig.deal(1, amount=100_000)
        rig.check(1)
        rig.ledger.put(client(position(), limit=5_000_000))
        rig.deal(2, amount=4_000_000)
        rig.check(2)
        assert rig.stage(2) == ALLOWED
