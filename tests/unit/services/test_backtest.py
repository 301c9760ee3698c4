"""Recorded checks under another policy: what changes, what it is worth, what cannot be told."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from b24app.domain.assess import assess
from b24app.domain.case import AssessmentCase
from b24app.domain.case import PoolMember
from b24app.domain.decision import Decision
from b24app.domain.decision import Outcome
from b24app.domain.decision import assess_technical
from b24app.domain.limits import NOT_SET
from b24app.domain.money import Money
from b24app.domain.policy import Policy
from b24app.domain.policy import Softness
from b24app.domain.rules import ReasonCode
from b24app.domain.rules import TechnicalCause
from b24app.ports.records import CheckRecord
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.ports.records import Weight
from b24app.services.backtest import MOST_PROCESSES
from b24app.services.backtest import SMALL
from b24app.services.backtest import Backtest
from b24app.services.backtest import Question
from b24app.services.backtest import Share
from b24app.services.backtest import Tally
from b24app.services.backtest import processes_for
from b24app.services.redecide import Change
from b24app.services.redecide import Gap
from b24app.services.redecide import Restored
from b24app.services.redecide import begin
from b24app.services.redecide import redecide
from b24app.services.redecide import redecide_here
from b24app.storage.book import SqlBook
from b24app.storage.book import memory_book
from b24app.storage.recorded import restore
from tests.builders import NOW
from tests.builders import account
from tests.builders import block
from tests.builders import case
from tests.builders import late
from tests.builders import policy
from tests.builders import pool
from tests.builders import position
from tests.builders import rub
from tests.builders import ruled
from tests.builders import usd

MEMBER = "m1"
OLD = policy(default_limit=rub(1_000), overdue_grace_days=10)


def owing(amount: int, days: int) -> AssessmentCase:
    """A client with one debt and no limit of his own who wants 100 more."""
    return case(account(position(late(amount, days=days))), granted=NOT_SET, wants=100)


FITS = owing(500, -5)
LATE = owing(500, 7)
OVER = owing(1_000, -5)
BOTH = owing(1_000, 7)


def made(known: AssessmentCase | None, deal_id: int = 1, **changes: Any) -> CheckRecord:
    """Make the record of a check decided under the old policy."""
    decision = changes.pop("decision", None) or (
        assess(known, OLD) if known is not None else assess_technical(TechnicalCause.LEDGER_SILENT, None, OLD)
    )
    values: dict[str, Any] = {
        "member_id": MEMBER,
        "deal_id": deal_id,
        "company_id": 3,
        "company_title": "ООО «Ромашка»",
        "inn": "7701234567",
        "trigger": MessageKind.ROBOT,
        "mode": Mode.ENFORCE,
        "weight": Weight.BINDING,
        "version": "v",
        "case": known,
        "decision": decision,
        "decided_at": NOW,
    }
    return CheckRecord(**(values | changes))


def book_of(*records: CheckRecord) -> SqlBook:
    book = memory_book()
    with book.write() as unit:
        for record in records:
            unit.checks.add(record)
    return book


def told(book: SqlBook, new: Policy, *, processes: int = 1, **changes: Any) -> Tally:
    """Decide everything again and return what was found."""
    tally = Tally(keep=changes.pop("keep", 50))
    trial = Backtest(book, changes.pop("restore", restore), page=2)
    question = Question(MEMBER, new, **changes)
    assert sum(trial.run(question, tally, processes=processes)) == tally.examined == trial.count(question)
    return tally


def changes_of(tally: Tally) -> dict[Change, int]:
    return {change: share.checks for change, share in tally.changes.items()}


TURNS = [
    pytest.param(FITS, {"default_limit": rub(599)}, Change.STOPPED, {ReasonCode.LIMIT}, id="limit lowered"),
    pytest.param(OVER, {"default_limit": rub(1_100)}, Change.FREED, {ReasonCode.LIMIT}, id="limit raised"),
    pytest.param(LATE, {"overdue_grace_days": 6}, Change.STOPPED, {ReasonCode.OVERDUE_DAYS}, id="less grace"),
    pytest.param(
        BOTH, {"overdue_grace_days": 6}, Change.REASONS, {ReasonCode.OVERDUE_DAYS}, id="held for more reasons"
    ),
    pytest.param(FITS, {"default_limit": rub(600)}, None, set(), id="still fits"),
    pytest.param(OVER, {"default_limit": rub(1_050)}, None, set(), id="still over, by less"),
    pytest.param(
        FITS,
        {"max_data_age": timedelta(minutes=4)},
        Change.MADE_TECHNICAL,
        {ReasonCode.TECHNICAL},
        id="stale",
    ),
]


@pytest.mark.parametrize(("known", "changes", "change", "codes"), TURNS)
def test_a_check_comes_out_otherwise(
    known: AssessmentCase, changes: dict[str, Any], change: Change | None, codes: set[ReasonCode]
) -> None:
    tally = told(book_of(made(known)), replace(OLD, **changes))
    assert changes_of(tally) == ({change: 1} if change else {})
    assert tally.unchanged == (0 if change else 1)
    assert set(tally.gained) | set(tally.lost) == codes
    for share in (*tally.gained.values(), *tally.lost.values()):
        assert (share.checks, share.deals, share.value) == (1, 1, (rub(100),))


def test_a_softer_policy_lets_it_go_with_a_warning() -> None:
    client = replace(LATE.client, strategic=True)
    stricter = replace(OLD, overdue_grace_days=5)
    tally = told(
        book_of(made(replace(LATE, client=client))),
        replace(stricter, strategic=Softness(days=9, amount=rub(500))),
    )
    assert changes_of(tally) == {Change.NOTICE: 1}


def test_what_was_not_decided_for_old_figures_is_decided_where_they_may_be_older() -> None:
    stale = assess(FITS, replace(OLD, max_data_age=timedelta(0)))
    assert stale.outcome is Outcome.TECHNICAL
    assert changes_of(told(book_of(made(FITS, decision=stale)), OLD)) == {Change.NO_LONGER_TECHNICAL: 1}


def test_what_cannot_be_told_is_counted_apart() -> None:
    records = (made(None), made(FITS), made(replace(FITS, pool=None), 2))
    shared = replace(OLD, credit_groups=(pool(5_000, "7702"),))
    tally = told(book_of(*records), shared)
    assert tally.gaps == {Gap.NO_FACTS: 1, Gap.NO_POOL: 2}
    known = replace(FITS, pool=(PoolMember("7702", rub(1)),))
    assert told(book_of(made(known)), shared).gaps == {}
    foreign = ruled(block("order_amount", amount=usd(1)), default_limit=rub(1_000))
    tally = told(book_of(*records), foreign)
    assert tally.gaps == {Gap.NO_FACTS: 1, Gap.NO_RATE: 2}
    assert (tally.examined, tally.unchanged, tally.every.checks) == (3, 0, 0)
    assert redecide([("{}", "{}"), ("[]", "?")], OLD, restore).gaps == {Gap.UNREADABLE: 2}


def test_advice_does_not_count_and_what_was_only_watched_does() -> None:
    book = book_of(*(made(FITS, number, weight=weight) for number, weight in enumerate(Weight, 1)))
    tally = told(book, replace(OLD, default_limit=rub(0)))
    assert [check.deal_id for check in tally.newest_first] == [2, 1]
    assert tally.examined == 2


def test_it_begins_with_the_day_named() -> None:
    days = [NOW + timedelta(days=number) for number in range(4)]
    book = book_of(*(made(FITS, number, decided_at=day) for number, day in enumerate(days)))
    tally = told(book, OLD, since=days[1])
    assert (tally.examined, tally.first, tally.last) == (3, days[1], days[3])
    assert told(book, OLD, since=days[3] + timedelta(seconds=1)) == Tally()


def test_a_deal_checked_twice_counts_once_with_its_newest_amount() -> None:
    again = case(account(position(late(500, days=-5))), granted=NOT_SET, wants=300)
    dollars = case(account(position()), granted=NOT_SET, wants=usd(7), contract=None)
    decision = Decision(Outcome.HOLD, (), "1", NOW)
    book = book_of(made(FITS, 1), made(FITS, 2), made(again, 1), made(dollars, 3, decision=decision))
    tally = told(book, replace(OLD, default_limit=rub(0)))
    stopped = tally.changes[Change.STOPPED]
    assert (stopped.checks, stopped.deals, stopped.value) == (3, 2, (rub(400),))
    assert [(check.deal_id, check.amount) for check in tally.newest_first] == [(1, rub(300)), (2, rub(100))]


def test_values_of_several_currencies_stand_side_by_side() -> None:
    share = Share()
    for number, amount in enumerate([rub(1), usd(2), rub("3.50")]):
        share.add(number, amount)
    assert share.value == (rub("4.50"), Money(Decimal(2), "USD"))


def test_only_the_last_deals_are_listed_and_all_are_counted() -> None:
    book = book_of(*(made(FITS, number) for number in (1, 2, 3, 1, 4)))
    tally = told(book, replace(OLD, default_limit=rub(0)), keep=2)
    assert [check.deal_id for check in tally.newest_first] == [4, 1]
    assert (tally.every.checks, tally.every.deals) == (5, 4)
    assert told(book, replace(OLD, default_limit=rub(0)), keep=0).listed == {}


def mixed() -> SqlBook:
    """Nine checks of all kinds."""
    known: Iterable[AssessmentCase | None] = (FITS, LATE, OVER, BOTH, None, LATE, FITS, OVER, BOTH)
    return book_of(*(made(each, number) for number, each in enumerate(known, 1)))


STRICTER = replace(OLD, overdue_grace_days=6, default_limit=rub(1_050))


class TestInterrupted:
    """Whoever stops it keeps what was found so far."""

    @pytest.mark.parametrize("processes", [1, 2])
    def test_what_was_found_so_far_stays(self, processes: int) -> None:
        tally = Tally()
        trial = Backtest(mixed(), restore, page=2)
        with closing(trial.run(Question(MEMBER, STRICTER), tally, processes=processes)) as steps:
            assert next(steps) == 2
        assert multiprocessing.active_children() == []
        assert tally.examined == 2
        assert changes_of(tally) == {Change.STOPPED: 1}

    def test_ctrl_c_reaches_whoever_asked(self) -> None:
        tally = Tally()
        seen: list[str] = []

        def pressed(facts: str | None, decision: str) -> Restored | None:
            seen.append(decision)
            if len(seen) > 4:
                raise KeyboardInterrupt
            return restore(facts, decision)

        with pytest.raises(KeyboardInterrupt):
            list(Backtest(mixed(), pressed, page=2).run(Question(MEMBER, STRICTER), tally))
        assert tally.examined == 4
        assert gc.isenabled()


def dying(facts: str | None, decision: str) -> Restored | None:
    """Read a check, but end any process that is not the tests' own."""
    if multiprocessing.parent_process() is not None:
        os._exit(3)
    return restore(facts, decision)


class TestProcesses:
    """Several processes find what one finds."""

    def test_the_same_is_found_in_the_same_order(self) -> None:
        book = mixed()
        alone = told(book, STRICTER)
        assert changes_of(alone) == {Change.STOPPED: 2, Change.REASONS: 2}
        together = told(book, STRICTER, processes=2)
        assert together == alone
        assert list(together.listed) == list(alone.listed)

    def test_a_process_that_dies_is_done_without(self) -> None:
        book = mixed()
        assert told(book, STRICTER, processes=2, restore=dying) == told(book, STRICTER)

    def test_a_prepared_process_leaves_the_keyboard_to_its_parent(self) -> None:
        before = signal.getsignal(signal.SIGINT)
        try:
            begin(STRICTER, restore)
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
            with mixed().read() as unit:
                rows = [(each.case, each.decision) for each in unit.checks.packed(MEMBER, limit=9)]
            assert redecide_here(rows) == redecide(rows, STRICTER, restore)
            assert not gc.isenabled()
        finally:
            signal.signal(signal.SIGINT, before)
            gc.enable()
            gc.unfreeze()

    def test_few_checks_are_worth_no_other_process(self) -> None:
        assert processes_for(0) == processes_for(SMALL - 1) == 1
        assert 1 <= processes_for(SMALL) <= MOST_PROCESSES
