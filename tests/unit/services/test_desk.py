"""The credit desk: what becomes of a deal, told in the words of the worked examples."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from b24app.domain.decision import Outcome
from b24app.domain.hold import HoldState
from b24app.domain.rules import ReasonCode
from b24app.ports.errors import TransportFailure
from b24app.ports.portal import Requisite
from b24app.ports.records import MessageKind
from tests.builders import INN
from tests.builders import late
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
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
