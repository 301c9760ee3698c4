"""Company cards: what is accepted, what is put back, what is reported, and how often."""

from __future__ import annotations

from dataclasses import replace

import pytest

from b24app.domain.card import CardTerms
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.ports.portal import WriteCompany
from b24app.ports.records import AttemptKind
from b24app.ports.records import AttemptRecord
from b24app.ports.records import KnownCard
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.services.cards import accepted_terms
from b24app.services.cards import digest
from b24app.services.cards import remember_card
from b24app.services.cards import review_known
from tests.builders import INN
from tests.builders import rub
from tests.unit.services.rig import CFO
from tests.unit.services.rig import COMPANY
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import SALES_HEAD
from tests.unit.services.rig import Rig

OURS = CardTerms(limit=Granted(rub(100)), terms_days=14)
TYPED = CardTerms(limit=Granted(rub(900)), terms_days=14)


def known(accepted: CardTerms = OURS, mirrored: CardTerms | None = OURS) -> KnownCard:
    return KnownCard(MEMBER, COMPANY, INN, "ООО", accepted, mirrored)


def typed_over(rig: Rig, terms: CardTerms) -> None:
    rig.portal.companies[COMPANY] = replace(rig.portal.companies[COMPANY], terms=terms)
    rig.wake(COMPANY, kind=MessageKind.COMPANY)


@pytest.mark.parametrize(
    ("card", "authoritative", "accepted"),
    [
        pytest.param(None, Granted(rub(5)), replace(TYPED, limit=Granted(rub(5))), id="first seen"),
        pytest.param(None, NOT_SET, replace(TYPED, limit=NOT_SET), id="first seen, no limit in 1C"),
        pytest.param(known(), Granted(rub(7)), replace(OURS, limit=Granted(rub(7))), id="seen before"),
        pytest.param(known(), Unlimited(), replace(OURS, limit=Unlimited()), id="1C says unlimited"),
    ],
)
def test_the_limit_is_accountings_and_the_rest_the_last_accepted(
    card: KnownCard | None, authoritative: CreditLimit, accepted: CardTerms
) -> None:
    company = Rig().company(terms=TYPED)
    assert accepted_terms(company, card, authoritative) == accepted


@pytest.mark.parametrize(
    ("shown", "card", "fields"),
    [
        pytest.param(OURS, known(), [], id="as accepted"),
        pytest.param(TYPED, known(), ["limit"], id="limit typed"),
        pytest.param(replace(OURS, terms_days=90), known(), ["terms_days"], id="days typed"),
        pytest.param(TYPED, known(mirrored=TYPED), [], id="shows what we wrote last"),
        pytest.param(CardTerms(), known(mirrored=None), [], id="never written and empty"),
        pytest.param(TYPED, known(mirrored=None), ["limit"], id="never written and typed"),
    ],
)
def test_which_fields_were_typed(shown: CardTerms, card: KnownCard, fields: list[str]) -> None:
    review = review_known(Rig().company(terms=shown), card)
    assert [change.field for change in review.tampered] == fields


def test_accepting_the_same_again_makes_no_new_version() -> None:
    rig = Rig()
    company = rig.company(terms=OURS)
    with rig.book.write() as unit:
        for terms in (OURS, OURS, TYPED):
            remember_card(unit, MEMBER, company, unit.cards.get(MEMBER, COMPANY), inn=INN, terms=terms)
        remember_card(unit, MEMBER, company, unit.cards.get(MEMBER, COMPANY), inn=None, terms=TYPED)
        card = unit.cards.get(MEMBER, COMPANY)
    assert card is not None
    assert (card.version, card.inn) == (1, INN)


class TestPutBack:
    """What becomes of a value typed without right."""

    @staticmethod
    def accepted(mode: Mode = Mode.ENFORCE) -> Rig:
        rig = Rig(mode=mode)
        rig.company(terms=CardTerms(limit=Granted(rub(1_000_000))))
        rig.deal()
        rig.check()
        rig.portal.performed.clear()
        rig.portal.notified.clear()
        return rig

    def test_it_is_written_back_and_reported_to_those_who_answer_for_it(self) -> None:
        rig = self.accepted()
        typed_over(rig, TYPED)
        rig.run()
        assert rig.portal.companies[COMPANY].terms == CardTerms(limit=Granted(rub(1_000_000)))
        assert len(rig.told(CFO)) == len(rig.told(SALES_HEAD)) == 1
        assert f"/crm/company/details/{COMPANY}/" in rig.told(CFO)[0]

    def test_many_events_of_one_edit_are_one_put_back(self) -> None:
        rig = self.accepted()
        typed_over(rig, TYPED)
        rig.decide()
        typed_over(rig, TYPED)
        rig.decide()
        rig.deliver()
        writes = [row for row, _ in rig.portal.performed if isinstance(row, WriteCompany)]
        assert len(writes) == 1
        assert len(rig.told(CFO)) == 1

    def test_the_event_of_our_own_put_back_changes_nothing(self) -> None:
        rig = self.accepted()
        typed_over(rig, TYPED)
        rig.run()
        rig.portal.performed.clear()
        rig.check(COMPANY, kind=MessageKind.COMPANY)
        assert rig.portal.performed == []

    def test_in_observe_mode_a_limit_is_only_recorded(self) -> None:
        rig = self.accepted(Mode.OBSERVE)
        typed_over(rig, TYPED)
        rig.run()
        assert rig.portal.companies[COMPANY].terms == TYPED
        assert rig.portal.performed == []
        with rig.book.write() as unit:
            assert unit.attempts.add(attempt_of(rig)) is False

    def test_a_flag_typed_before_the_first_check_is_not_accepted_by_it(self) -> None:
        rig = Rig()
        rig.company(terms=CardTerms(strategic=True, category="large"))
        rig.deal()
        rig.check()
        assert rig.portal.companies[COMPANY].terms == CardTerms(limit=Granted(rub(1_000_000)))
        assert len(rig.told(CFO)) == 1

    def test_a_card_nobody_has_accepted_is_left_alone(self) -> None:
        rig = Rig()
        typed_over(rig, TYPED)
        rig.run()
        assert rig.portal.companies[COMPANY].terms == TYPED
        assert rig.portal.performed == []

    def test_a_changed_requisite_wakes_the_deals_that_wait_for_it(self) -> None:
        rig = Rig()
        rig.company(inn="")
        rig.deal()
        rig.check()
        rig.company()
        rig.check(COMPANY * 10, kind=MessageKind.REQUISITE)
        assert rig.stage() == "ALLOWED"


def attempt_of(rig: Rig) -> AttemptRecord:
    """Return the attempt a typed card leaves: adding it again must find it there."""
    key = f"card:{COMPANY}:{digest(TYPED)}:1"
    return AttemptRecord(MEMBER, key, AttemptKind.CARD, None, COMPANY, None, "", "", rig.clock.now())


def test_a_digest_tells_values_apart_and_nothing_else() -> None:
    assert digest(OURS) == digest(replace(OURS))
    assert digest(OURS) != digest(TYPED)
