"""The credit desk: what becomes of a deal, told in the words of the worked examples."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from b24app.domain.card import CardTerms
from b24app.domain.decision import Outcome
from b24app.domain.decision import ReasonCode
from b24app.domain.hold import HoldState
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.errors import RateLimited
from b24app.ports.errors import TransportFailure
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Requisite
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from tests.builders import INN
from tests.builders import late
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.unit.services.rig import ADMIN
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import BEYOND
from tests.unit.services.rig import CFO
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import COMPANY
from tests.unit.services.rig import EARLY
from tests.unit.services.rig import MANAGER
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import SALES_HEAD
from tests.unit.services.rig import START
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client


def test_a_deal_that_fits_is_allowed_and_takes_its_room() -> None:
    rig = Rig()
    rig.deal(amount=100_000)
    rig.check()
    assert rig.stage() == ALLOWED
    reserve = rig.reserve()
    assert reserve is not None
    assert reserve.amount == rub(100_000)
    assert len(rig.portal.comments) == 1
    assert not rig.portal.tasks
    assert not rig.portal.notified


def test_a_deal_over_the_limit_is_held_with_task_and_messages() -> None:
    rig = Rig()
    rig.ledger.put(client(position(not_due(950_000))))
    rig.deal(amount=100_000)
    rig.check()
    assert rig.stage() == APPROVAL
    hold = rig.hold()
    assert hold is not None
    assert hold.reasons == (ReasonCode.LIMIT,)
    assert [task.responsible_id for task in rig.portal.tasks.values()] == [MANAGER]
    assert len(rig.told(CFO)) == len(rig.told(SALES_HEAD)) == 1
    assert "50\u00a0000,00\u00a0₽" in rig.told(CFO)[0]
    fields = rig.portal.deal_fields[1]
    assert fields.decision == "hold"
    assert fields.excess == rub(50_000)
    assert fields.to_pay == rub(50_000)
    assert rig.reserve() is None


def test_both_reasons_are_told_at_once() -> None:
    rig = Rig()
    rig.ledger.put(client(position(late(950_000, days=7))))
    rig.deal(amount=100_000)
    rig.check()
    hold = rig.hold()
    assert hold is not None
    assert set(hold.reasons) == {ReasonCode.LIMIT, ReasonCode.OVERDUE_DAYS}


def test_one_check_costs_one_read_and_one_write() -> None:
    rig = Rig()
    rig.ledger.put(client(position(not_due(950_000))))
    rig.deal(amount=100_000)
    rig.wake()
    rig.decide()
    rig.deliver()
    assert rig.portal.requests == ["fetch_deals", "perform"]


def test_e7_two_deals_at_the_same_instant_get_one_allow() -> None:
    rig = Rig()
    rig.ledger.put(client(position(not_due(400_000))))
    rig.deal(1, amount=400_000)
    rig.deal(2, amount=400_000)
    rig.wake(1, 2)
    rig.run()
    assert [rig.stage(1), rig.stage(2)] == [ALLOWED, APPROVAL]
    hold = rig.checks(2)[0].decision
    assert hold.reasons[0].excess == rub(200_000)


def test_fifty_deals_of_one_client_never_over_commit() -> None:
    rig = Rig()
    for number in range(1, 51):
        rig.deal(number, amount=90_000)
    rig.wake(*range(1, 51))
    rig.run()
    allowed = [number for number in range(1, 51) if rig.stage(number) == ALLOWED]
    assert allowed == list(range(1, 12))


def test_e8_an_allowed_deal_checked_again_unchanged_stays_allowed_without_a_word() -> None:
    rig = Rig()
    rig.ledger.put(client(position(not_due(600_000))))
    rig.deal(amount=400_000)
    rig.check()
    rig.check(kind=MessageKind.RECHECK)
    assert rig.stage() == ALLOWED
    assert len(rig.checks()) == 1
    assert len(rig.portal.comments) == 1


@pytest.mark.parametrize(
    ("amount", "stage", "reserved"),
    [
        pytest.param(400_001, APPROVAL, None, id="E9-one-rouble-more"),
        pytest.param(350_000, ALLOWED, rub(350_000), id="E9-less"),
    ],
)
def test_e9_an_edit_after_permission(amount: int, stage: str, reserved: object) -> None:
    rig = Rig()
    rig.ledger.put(client(position(not_due(600_000))))
    rig.deal(amount=400_000)
    rig.check()
    rig.edit(amount=rub(amount))
    rig.check()
    assert rig.stage() == stage
    found = rig.reserve()
    assert (found.amount if found else None) == reserved


def test_p25_the_reserve_follows_a_smaller_shipped_value() -> None:
    rig = Rig()
    rig.ledger.put(client(position(), limit=50_000))
    rig.deal(amount=50_000)
    rig.check()
    rig.edit(amount=rub(47_000))
    rig.check()
    found = rig.reserve()
    assert rig.stage() == ALLOWED
    assert found is not None
    assert found.amount == rub(47_000)


def test_an_echo_of_our_own_write_is_dropped_after_the_read() -> None:
    rig = Rig()
    rig.deal()
    rig.check()
    rig.portal.requests.clear()
    rig.check()
    assert rig.portal.requests == ["fetch_deals"]
    assert len(rig.ledger.asked) == 1


def test_a_held_deal_checked_again_tells_nobody_twice() -> None:
    rig = Rig()
    rig.ledger.put(client(position(not_due(950_000))))
    rig.deal(amount=100_000)
    rig.check()
    rig.check(kind=MessageKind.RECHECK)
    assert len(rig.told(CFO)) == 1
    assert len(rig.portal.tasks) == 1
    assert len(rig.checks()) == 1


def test_a_new_reason_is_told_once_more() -> None:
    rig = Rig()
    rig.ledger.put(client(position(not_due(950_000))))
    rig.deal(amount=100_000)
    rig.check()
    rig.ledger.put(client(position(late(950_000, days=3))))
    rig.check(kind=MessageKind.RECHECK)
    assert len(rig.told(CFO)) == 2
    assert len(rig.portal.tasks) == 1


def test_a_payment_frees_the_deal_and_closes_the_task() -> None:
    rig = Rig()
    rig.ledger.put(client(position(late(300_000, days=7))))
    rig.deal(amount=100_000)
    rig.check()
    assert rig.stage() == APPROVAL
    rig.ledger.put(client(position()))
    rig.check(kind=MessageKind.RECHECK)
    assert rig.stage() == ALLOWED
    assert rig.hold() is None
    assert [task.closed for task in rig.portal.tasks.values()] == [True]


def test_holds_are_freed_in_the_order_they_were_made() -> None:
    rig = Rig()
    rig.ledger.put(client(position(not_due(900_000))))
    rig.deal(1, amount=300_000)
    rig.check(1)
    rig.clock.advance(minutes=1)
    rig.deal(2, amount=200_000)
    rig.check(2)
    rig.ledger.put(client(position(not_due(650_000))))
    rig.wake(2, kind=MessageKind.RECHECK)
    rig.wake(1, kind=MessageKind.RECHECK)
    rig.run()
    assert [rig.stage(1), rig.stage(2)] == [ALLOWED, APPROVAL]


class TestDraggedPastTheBlock:
    """A block cannot be dragged round."""

    @staticmethod
    def held() -> Rig:
        rig = Rig()
        rig.ledger.put(client(position(not_due(950_000))))
        rig.deal(amount=100_000)
        rig.check()
        rig.portal.notified.clear()
        return rig

    @pytest.mark.parametrize("stage", [ALLOWED, BEYOND])
    def test_it_returns_and_the_attempt_is_recorded(self, stage: str) -> None:
        rig = self.held()
        rig.drag(1, stage)
        rig.check()
        assert rig.stage() == APPROVAL
        with rig.book.read() as unit:
            attempts = unit.attempts.recent(MEMBER, 1, since=START)
        assert [(row.user_id, row.after) for row in attempts] == [(MANAGER, stage)]
        assert len(rig.told(MANAGER)) == 1
        assert not rig.told(SALES_HEAD)

    def test_a_repeat_is_reported_to_the_head_of_sales(self) -> None:
        rig = self.held()
        for _ in range(2):
            rig.drag(1, ALLOWED)
            rig.check()
        assert rig.stage() == APPROVAL
        assert len(rig.told(SALES_HEAD)) == 1

    def test_a_silent_1c_does_not_delay_it(self) -> None:
        rig = self.held()
        rig.ledger.fail()
        asked = len(rig.ledger.asked)
        rig.drag(1, ALLOWED)
        rig.wake()
        rig.deliver()
        assert rig.stage() == APPROVAL
        assert len(rig.ledger.asked) == asked

    def test_after_three_put_backs_a_person_is_asked(self) -> None:
        rig = self.held()
        for _ in range(4):
            rig.drag(1, ALLOWED)
            rig.check()
        assert rig.stage() == ALLOWED
        assert len(rig.told(ADMIN)) == 1

    def test_moving_back_is_free_and_ends_the_hold(self) -> None:
        rig = self.held()
        rig.drag(1, EARLY)
        rig.check()
        assert rig.stage() == EARLY
        assert rig.hold() is None
        assert [task.closed for task in rig.portal.tasks.values()] == [True]

    def test_back_into_the_check_stage_is_checked_again_under_the_same_hold(self) -> None:
        rig = self.held()
        rig.drag(1, CHECK)
        rig.check()
        assert rig.stage() == APPROVAL
        assert len(rig.portal.tasks) == 1
        assert not rig.told(CFO)


def test_a_deal_that_jumps_over_the_check_is_checked_where_it_stands() -> None:
    rig = Rig()
    rig.ledger.put(client(position(late(10_000, days=2))))
    rig.deal(stage=ALLOWED)
    rig.check()
    assert rig.stage() == APPROVAL


def test_a_deleted_deal_gives_its_room_back() -> None:
    rig = Rig()
    rig.deal()
    rig.check()
    del rig.portal.deals[1]
    rig.check()
    assert rig.reserve() is None
    assert rig.state() is None


class TestSilentAccounting:
    """Nothing is allowed because 1C was silent (E38)."""

    def test_e38_it_waits_and_heals_by_itself(self) -> None:
        rig = Rig()
        rig.ledger.fail()
        rig.deal()
        rig.check()
        assert rig.stage() == CHECK
        assert rig.portal.deal_fields[1].decision == "technical"
        assert len(rig.told(MANAGER)) == len(rig.told(ADMIN)) == 1
        assert not rig.told(CFO)
        assert not rig.portal.tasks
        rig.ledger.recover()
        rig.clock.advance(seconds=30)
        rig.sweep.retry_technical(MEMBER)
        rig.run()
        assert rig.stage() == ALLOWED

    def test_people_are_told_once_per_outage(self) -> None:
        rig = Rig()
        rig.ledger.fail()
        rig.deal()
        rig.check()
        for _ in range(5):
            rig.clock.advance(seconds=30)
            rig.sweep.retry_technical(MEMBER)
            rig.run()
        rig.deal(2)
        rig.check(2)
        assert len(rig.told(ADMIN)) == 1
        assert len(rig.told(MANAGER)) == 2
        assert len(rig.checks()) == 1

    def test_after_an_hour_it_goes_to_a_person(self) -> None:
        rig = Rig()
        rig.ledger.fail()
        rig.deal()
        rig.check()
        rig.clock.advance(minutes=60)
        rig.sweep.retry_technical(MEMBER)
        rig.run()
        assert rig.stage() == APPROVAL
        hold = rig.hold()
        assert hold is not None
        assert hold.reasons == (ReasonCode.TECHNICAL,)
        rig.ledger.recover()
        rig.check(kind=MessageKind.RECHECK)
        assert rig.stage() == ALLOWED

    def test_a_held_deal_keeps_its_reasons(self) -> None:
        rig = Rig()
        rig.ledger.put(client(position(not_due(950_000))))
        rig.deal(amount=100_000)
        rig.check()
        rig.ledger.fail()
        rig.check(kind=MessageKind.RECHECK)
        hold = rig.hold()
        assert hold is not None
        assert hold.reasons == (ReasonCode.LIMIT,)
        assert rig.stage() == APPROVAL
        assert len(rig.told(CFO)) == 1

    def test_a_permission_whose_amount_rose_does_not_outlive_the_silence(self) -> None:
        rig = Rig()
        rig.deal(amount=100_000)
        rig.check()
        rig.ledger.fail()
        rig.edit(amount=rub(500_000))
        rig.check()
        assert rig.stage() == CHECK
        assert rig.reserve() is None

    def test_a_misconfigured_base_is_named_so(self) -> None:
        rig = Rig()
        rig.ledger.fail(LedgerMisconfigured("1C", missing=("Catalog_Контрагенты",)))
        rig.deal()
        rig.check()
        assert "Catalog_Контрагенты" in rig.told(ADMIN)[0]


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        pytest.param("no company", "no_company", id="deal-without-company"),
        pytest.param("no inn", "no_tax_number", id="company-without-inn"),
        pytest.param("two inns", "several_tax_numbers", id="company-with-two-inns"),
        pytest.param("unknown", "client_unknown", id="client-unknown-to-1c"),
        pytest.param("currency", "other_currency", id="deal-in-another-currency"),
    ],
)
def test_missing_data_is_a_recorded_outcome_in_clear_words(trouble: str, cause: str) -> None:
    rig = Rig()
    rig.deal()
    if trouble == "no company":
        rig.edit(company_id=None)
    elif trouble == "no inn":
        rig.company(inn="")
    elif trouble == "two inns":
        card = rig.company()
        rows = (*card.requisites, Requisite(77, "7702000000", ""))
        rig.portal.companies[COMPANY] = replace(card, requisites=rows)
    elif trouble == "unknown":
        rig.ledger.forget(INN)
    else:
        rig.edit(amount=replace(rub(1), currency="USD"))
    rig.check()
    decision = rig.checks()[0].decision
    assert decision.outcome is Outcome.TECHNICAL
    assert decision.reasons[0].cause is not None
    assert decision.reasons[0].cause.value == cause
    assert rig.stage() == CHECK
    assert len(rig.told(MANAGER)) == 1


def test_e45_a_return_is_never_held() -> None:
    rig = Rig()
    rig.ledger.put(client(position(late(5_000_000, days=90))))
    rig.deal(amount=-50_000)
    rig.check()
    assert rig.stage() == ALLOWED
    assert rig.reserve() is None


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


class TestObserve:
    """Observe mode decides, records and shows; it writes nothing but fields."""

    def test_a_deal_that_would_be_held_gets_fields_only(self) -> None:
        rig = Rig(mode=Mode.OBSERVE, enforce_since=None)
        rig.ledger.put(client(position(late(950_000, days=7))))
        rig.deal(amount=100_000)
        rig.check()
        assert rig.stage() == CHECK
        assert rig.portal.deal_fields[1].decision == "hold"
        assert [type(action).__name__ for action, _ in rig.portal.performed] == ["WriteDealFields"]
        assert rig.checks()[0].mode is Mode.OBSERVE

    def test_silence_and_typed_cards_write_nothing_else_either(self) -> None:
        rig = Rig(mode=Mode.OBSERVE, enforce_since=None)
        rig.ledger.fail()
        rig.company(terms=CardTerms(limit=Unlimited()))
        rig.deal()
        rig.check()
        rig.ledger.recover()
        rig.check(kind=MessageKind.RECHECK)
        assert {type(action).__name__ for action, _ in rig.portal.performed} == {"WriteDealFields"}

    def test_switching_to_enforce_leaves_old_deals_alone(self) -> None:
        rig = Rig(mode=Mode.OBSERVE, enforce_since=None)
        rig.ledger.put(client(position(late(950_000, days=7))))
        rig.deal(1)
        rig.check(1)
        rig.clock.advance(hours=1)
        rig.mode, rig.enforce_since = Mode.ENFORCE, rig.clock.now()
        with rig.book.write() as unit:
            unit.portals.save(rig.record())
        rig.check(1, kind=MessageKind.SWEEP)
        rig.drag(1, ALLOWED)
        rig.edit(1, moved_at=START)
        rig.check(1)
        assert rig.stage(1) == ALLOWED
        rig.deal(2)
        rig.check(2)
        assert rig.stage(2) == APPROVAL


class TestWaitingRobots:
    """A waiting robot gets the decision; the administrator's robots move the deal."""

    @pytest.mark.parametrize(("debt", "proceed"), [(0, True), (950_000, False)])
    def test_it_is_answered_and_nothing_is_moved(self, debt: int, proceed: bool) -> None:
        rig = Rig()
        rig.ledger.put(client(position(not_due(debt))))
        rig.deal(amount=100_000)
        rig.check(kind=MessageKind.ROBOT, token="t|1", waiting=True)
        assert [(row.event_token, row.proceed) for row in rig.portal.answers] == [("t|1", proceed)]
        assert rig.stage() == CHECK
        assert not any(isinstance(action, MoveDeal) for action, _ in rig.portal.performed)

    def test_the_answer_never_shares_a_request_with_a_write_of_its_deal(self) -> None:
        rig = Rig()
        rig.deal()
        rig.wake(1, kind=MessageKind.ROBOT, token="t|1", waiting=True)
        rig.decide()
        rig.deliver()
        assert rig.portal.requests == ["fetch_deals", "perform", "perform"]

    def test_a_late_call_for_a_decided_version_is_answered_too(self) -> None:
        rig = Rig()
        rig.deal()
        rig.check(kind=MessageKind.ROBOT, token="t|1", waiting=True)
        rig.check(kind=MessageKind.ROBOT, token="t|2", waiting=True)
        assert [row.event_token for row in rig.portal.answers] == ["t|1", "t|2"]
        assert len(rig.checks()) == 1

    def test_in_observe_mode_the_robot_may_always_proceed(self) -> None:
        rig = Rig(mode=Mode.OBSERVE, enforce_since=None)
        rig.ledger.put(client(position(late(1, days=7))))
        rig.deal()
        rig.check(kind=MessageKind.ROBOT, token="t|1", waiting=True)
        assert [(row.decision, row.proceed) for row in rig.portal.answers] == [("hold", True)]

    def test_it_waits_through_a_silence_of_1c(self) -> None:
        rig = Rig()
        rig.ledger.fail()
        rig.deal()
        rig.check(kind=MessageKind.ROBOT, token="t|1", waiting=True)
        assert not rig.portal.answers
        rig.ledger.recover()
        rig.sweep.retry_technical(MEMBER)
        rig.run()
        assert [row.proceed for row in rig.portal.answers] == [True]


class TestFailures:
    """One bad deal, a hung 1C or a failing portal stops nobody else."""

    def test_an_unreachable_portal_loses_no_message(self) -> None:
        rig = Rig()
        rig.deal()
        rig.portal.failing.append(TransportFailure("down"))
        rig.wake()
        rig.decide()
        assert rig.state() is None
        rig.clock.advance(seconds=5)
        rig.run()
        assert rig.stage() == ALLOWED

    def test_a_deal_that_throws_fails_alone_and_is_recorded_in_the_end(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        rig = Rig()
        broken = replace(client(position()), inn="7702000000", contracts=None)  # type: ignore[arg-type]
        rig.ledger.put(broken)
        rig.company(200, inn="7702000000")
        rig.deal(1, company_id=200)
        rig.deal(2)
        rig.wake(1, 2)
        rig.run()
        assert rig.stage(2) == ALLOWED
        assert rig.state(1) is None
        for _ in range(5):
            rig.clock.advance(minutes=5)
            rig.run()
        state = rig.state(1)
        assert state is not None
        assert state.outcome is Outcome.TECHNICAL
        caplog.clear()

    def test_a_decision_not_yet_delivered_is_overtaken_by_a_newer_one(self) -> None:
        rig = Rig()
        rig.deal(amount=100_000)
        rig.wake()
        rig.decide()
        rig.edit(amount=rub(5_000_000))
        rig.wake()
        rig.decide()
        rig.deliver()
        assert rig.stage() == APPROVAL

    def test_a_move_decided_for_another_amount_does_not_happen(self) -> None:
        rig = Rig()
        rig.deal(amount=100_000)
        rig.wake()
        rig.decide()
        rig.edit(amount=rub(5_000_000))
        rig.run()
        assert rig.stage() == APPROVAL

    def test_a_lost_answer_makes_no_second_task(self) -> None:
        rig = Rig()
        rig.ledger.put(client(position(not_due(950_000))))
        rig.deal(amount=100_000)
        rig.portal.lost = 1
        rig.check()
        rig.clock.advance(seconds=71)
        rig.run()
        assert len(rig.portal.tasks) == 1
        assert len(rig.portal.comments) == 1
        assert len(rig.portal.notifications) == 2
        with rig.book.read() as unit:
            assert unit.effects.open_count(MEMBER) == 0

    def test_a_move_the_portal_refuses_is_told_to_the_administrator(self) -> None:
        rig = Rig()
        rig.deal()
        rig.portal.refused.add(MoveDeal)
        rig.check()
        assert rig.stage() == CHECK
        assert len(rig.told(ADMIN)) == 1
        assert "refused by the test" in rig.told(ADMIN)[0]

    def test_an_uncertain_write_is_not_looked_for_before_it_could_have_ended(self) -> None:
        rig = Rig()
        rig.deal()
        rig.portal.lost = 1
        rig.check()
        rig.clock.advance(seconds=60)
        rig.run()
        assert "look" not in rig.portal.requests

    def test_a_request_refused_for_speed_is_repeated(self) -> None:
        rig = Rig()
        rig.deal()
        rig.wake()
        rig.decide()
        rig.portal.failing.append(RateLimited("batch"))
        rig.deliver()
        rig.clock.advance(seconds=5)
        rig.run()
        assert rig.stage() == ALLOWED


def test_an_expired_permission_is_renewed_only_by_a_new_check() -> None:
    rig = Rig()
    rig.deal()
    rig.check()
    rig.clock.advance(days=6)
    rig.ledger.put(client(position(late(10, days=1))))
    rig.sweep.run(MEMBER)
    rig.run()
    assert rig.stage() == APPROVAL


def test_cancelled_holds_are_episodes_of_the_past() -> None:
    rig = Rig()
    rig.ledger.put(client(position(not_due(950_000))))
    rig.deal(amount=100_000)
    rig.check()
    rig.drag(1, EARLY)
    rig.check()
    rig.drag(1, CHECK)
    rig.check()
    with rig.book.read() as unit:
        states = [hold.state for hold in unit.holds.episodes(MEMBER, 1)]
    assert sorted(state.value for state in states) == sorted(
        [HoldState.CANCELLED.value, HoldState.HELD.value]
    )
    assert len(rig.portal.tasks) == 2


def test_messages_to_one_person_that_leave_together_are_one_message() -> None:
    rig = Rig()
    rig.ledger.put(client(position(late(10, days=3))))
    for number in range(1, 6):
        rig.deal(number)
    rig.wake(*range(1, 6))
    rig.run()
    assert len(rig.told(CFO)) == 1
    assert all(f"Поставка {number}" in rig.told(CFO)[0] for number in range(1, 6))


class TestSweep:
    """Nothing depends on delivery by Bitrix24."""

    def test_a_deal_nobody_told_us_of_is_found(self) -> None:
        rig = Rig()
        rig.deal()
        assert rig.sweep.run(MEMBER) == 1
        rig.run()
        assert rig.stage() == ALLOWED
        assert rig.sweep.run(MEMBER) == 0

    def test_a_held_deal_dragged_silently_is_found(self) -> None:
        rig = Rig()
        rig.ledger.put(client(position(not_due(950_000))))
        rig.deal(amount=100_000)
        rig.check()
        rig.drag(1, ALLOWED)
        rig.sweep.run(MEMBER)
        rig.run()
        assert rig.stage() == APPROVAL

    def test_a_portal_that_fails_is_swept_next_time(self) -> None:
        rig = Rig()
        rig.deal()
        rig.portal.failing.append(TransportFailure("down"))
        assert rig.sweep.run(MEMBER) == 0
        assert rig.sweep.run(MEMBER) == 1


def test_the_permission_lasts_three_working_days() -> None:
    rig = Rig()
    rig.deal()
    rig.check()
    found = rig.reserve()
    assert found is not None
    assert found.expires_at - START < timedelta(days=4)
