"""The book's promises about portals, deals, checks, holds, cards and figures."""

from __future__ import annotations

import dataclasses
import json
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from b24app.domain.assess import assess
from b24app.domain.card import CardTerms
from b24app.domain.decision import Decision
from b24app.domain.decision import Outcome
from b24app.domain.errors import CreditControlError
from b24app.domain.hold import HoldState
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.domain.rules import Reason
from b24app.domain.rules import ReasonCode
from b24app.domain.rules import TechnicalCause
from b24app.ports.records import AttemptKind
from b24app.ports.records import AttemptRecord
from b24app.ports.records import CheckRecord
from b24app.ports.records import KnownCard
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.ports.records import People
from b24app.ports.records import PortalRecord
from b24app.ports.records import RecordedCheck
from b24app.ports.records import SnapshotRow
from b24app.ports.records import Stages
from b24app.ports.records import SyncRun
from b24app.ports.records import Weight
from b24app.storage.verdicts import unpack
from tests.builders import account
from tests.builders import case
from tests.builders import late
from tests.builders import policy
from tests.builders import position

if TYPE_CHECKING:
    from b24app.ports.book import Book

from tests.contract.rows import HOUR
from tests.contract.rows import NOW
from tests.contract.rows import SECOND
from tests.contract.rows import A
from tests.contract.rows import B
from tests.contract.rows import deal_record
from tests.contract.rows import hold
from tests.contract.rows import reserve
from tests.contract.rows import rub


def test_a_portal_comes_back_as_it_was_saved(book: Book) -> None:
    portal = PortalRecord(
        member_id=A,
        client_endpoint="https://company.bitrix24.ru/rest/",
        server_endpoint="https://oauth.bitrix24.tech/rest/",
        service_user_id=1,
        installed=True,
        mode=Mode.ENFORCE,
        enforce_since=NOW,
        stages=Stages(0, "C", "A", "X"),
        people=People(7, (9,), (12, 13), 1),
        options={"COMPANY.UF_CRM_CC_STATUS": {"active": 41}},
    )
    bare = dataclasses.replace(portal, member_id=B, stages=None, enforce_since=None)
    with book.write() as unit:
        unit.portals.save(bare)
        unit.portals.save(dataclasses.replace(portal, installed=False))
        unit.portals.save(portal)
    with book.read() as unit:
        assert unit.portals.get(A) == portal
        assert unit.portals.all() == [portal, bare]
        assert unit.portals.get("nobody") is None


def test_a_deal_keeps_its_newest_version_to_the_kopeck(book: Book) -> None:
    technical = dataclasses.replace(
        deal_record(2), outcome=Outcome.TECHNICAL, technical_since=NOW, permitted=None
    )
    with book.write() as unit:
        unit.deals.save(dataclasses.replace(deal_record(), version="old"))
        for record in (deal_record(), technical, deal_record(1, B)):
            unit.deals.save(record)
        assert unit.deals.get(A, 1) == deal_record()
        assert unit.deals.many(A, [1, 2, 3]) == {1: deal_record(), 2: technical}
        assert unit.deals.technical(A) == [technical]
        unit.deals.forget(A, 1)
        assert unit.deals.get(A, 1) is None
        assert unit.deals.get(B, 1) == deal_record(1, B)


def test_checks_are_kept_for_ever_and_listed_newest_first(book: Book) -> None:
    reason = Reason(ReasonCode.TECHNICAL, cause=TechnicalCause.LEDGER_SILENT, detail="timeout")
    decision = Decision(Outcome.TECHNICAL, (reason,), "1", None)
    trigger, mode, weight = MessageKind.ROBOT, Mode.OBSERVE, Weight.ADVICE
    check = CheckRecord(A, 1, None, "ООО «Ромашка»", None, trigger, mode, weight, "v", None, decision, NOW)
    with book.write() as unit:
        ids = [unit.checks.add(dataclasses.replace(check, version=str(number))) for number in range(3)]
        unit.checks.add(dataclasses.replace(check, member_id=B))
        assert unit.checks.get(ids[0]) == dataclasses.replace(check, version="0", id=ids[0])
        assert [found.id for found in unit.checks.of_deal(A, 1, limit=2)] == [ids[2], ids[1]]
        assert unit.checks.get(999) is None


def test_checks_are_read_again_page_by_page(book: Book) -> None:
    known = case(account(position(late("100.10", days=7))), wants="1500.55")
    decision = assess(known, policy())
    trigger, mode, weight = MessageKind.ROBOT, Mode.ENFORCE, Weight.BINDING
    check = CheckRecord(A, 1, 3, "ООО «Ромашка»", "7701", trigger, mode, weight, "v", known, decision, NOW)
    with book.write() as unit:
        first = unit.checks.add(check)
        unit.checks.add(dataclasses.replace(check, member_id=B))
        unit.checks.add(dataclasses.replace(check, weight=Weight.ADVICE))
        observed = unit.checks.add(dataclasses.replace(check, weight=Weight.OBSERVED))
        second, third = (unit.checks.add(dataclasses.replace(check, deal_id=deal)) for deal in (2, 3))
        unknown = unit.checks.add(dataclasses.replace(check, case=None))
    with book.read() as unit:
        page = unit.checks.recorded(A, limit=2)
        assert page == [
            RecordedCheck(first, 1, "ООО «Ромашка»", NOW, known, decision),
            RecordedCheck(second, 2, "ООО «Ромашка»", NOW, known, decision),
        ]
        rest = unit.checks.recorded(A, after=second, limit=9)
        assert [(found.id, found.case) for found in rest] == [(third, known), (unknown, None)]
        assert unit.checks.recorded(A, after=unknown, limit=9) == []
        watched = unit.checks.recorded(A, limit=9, weights=[Weight.OBSERVED, Weight.BINDING])
        assert [found.id for found in watched] == [first, observed, second, third, unknown]


def test_packed_checks_are_the_same_page_unread(book: Book) -> None:
    known = case()
    trigger, mode, weight = MessageKind.ROBOT, Mode.ENFORCE, Weight.BINDING
    check = CheckRecord(
        A, 1, 3, "ООО", "7701", trigger, mode, weight, "v", known, assess(known, policy()), NOW
    )
    with book.write() as unit:
        unit.checks.add(check)
        unit.checks.add(dataclasses.replace(check, case=None))
    with book.read() as unit:
        packed = pickle.loads(pickle.dumps(unit.checks.packed(A, limit=9)))  # noqa: S301 - ours, as a process gets it
        assert [unpack(each) for each in packed] == unit.checks.recorded(A, limit=9)
        assert [json.loads(each.decision)["outcome"] for each in packed] == ["allow", "allow"]


def test_checks_are_counted_as_they_are_paged(book: Book) -> None:
    trigger, mode = MessageKind.ROBOT, Mode.ENFORCE
    decision = assess(case(), policy())
    with book.write() as unit:
        for hours, weight in enumerate((Weight.BINDING, Weight.OBSERVED, Weight.ADVICE, Weight.BINDING)):
            at = NOW + timedelta(hours=hours)
            unit.checks.add(
                CheckRecord(A, hours, 3, "ООО", "7701", trigger, mode, weight, "v", None, decision, at)
            )
    for weights, since, deals in (
        ((Weight.BINDING,), None, [0, 3]),
        ((Weight.BINDING, Weight.OBSERVED), None, [0, 1, 3]),
        (Weight, NOW + timedelta(hours=1), [1, 2, 3]),
        (Weight, NOW + timedelta(hours=4), []),
    ):
        with book.read() as unit:
            page = unit.checks.packed(A, limit=9, weights=weights, since=since)
            assert [each.deal_id for each in page] == deals
            assert unit.checks.count(A, weights=weights, since=since) == len(deals)
            assert unit.checks.count(B, weights=weights, since=since) == 0


def test_a_deal_has_one_reserve_which_ends_with_its_time(book: Book) -> None:
    with book.write() as unit:
        unit.reserves.lock(A, "7701")
        unit.reserves.lock(A, "7701")
        unit.reserves.put(dataclasses.replace(reserve(1), amount=rub("99"), inn="7702"))
        for record in (reserve(1), reserve(2, expires=NOW), reserve(1, B)):
            unit.reserves.put(record)
        assert unit.reserves.of_account(A, "7701", now=NOW) == [reserve(1)]
        assert unit.reserves.of_account(A, "7702", now=NOW) == []
        assert unit.reserves.expired(A, now=NOW) == [reserve(2, expires=NOW)]
        assert unit.reserves.drop(A, 1)
        assert not unit.reserves.drop(A, 1)
        assert unit.reserves.of_deal(A, 1) is None
        assert unit.reserves.of_deal(B, 1) == reserve(1, B)


def test_of_two_changes_of_a_hold_seen_alike_one_wins(book: Book) -> None:
    with book.write() as unit:
        seen = unit.holds.add(hold())
        assert unit.holds.open_of_deal(A, 1) == seen
    released = dataclasses.replace(seen, state=HoldState.RELEASED, closed_at=NOW)
    barrier = threading.Barrier(8)

    def release(_: int) -> bool:
        barrier.wait()
        with book.write() as unit:
            return unit.holds.change(released)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(release, range(8))) == 1
    with book.read() as unit:
        assert unit.holds.open_of_deal(A, 1) is None
        assert unit.holds.episodes(A, 1) == [dataclasses.replace(released, version=2)]


def test_a_deal_has_one_open_hold_and_any_number_of_ended_ones(book: Book) -> None:
    with book.write() as unit:
        first = unit.holds.add(hold())
    with pytest.raises(CreditControlError, match="held already"), book.write() as unit:
        unit.holds.add(hold())
    with book.write() as unit:
        unit.holds.change(dataclasses.replace(first, state=HoldState.CANCELLED, closed_at=NOW))
        second = unit.holds.add(hold())
        unit.holds.add(hold(member=B))
        assert [episode.id for episode in unit.holds.episodes(A, 1)] == [first.id, second.id]


def test_a_hold_cannot_be_changed_from_another_portal(book: Book) -> None:
    with book.write() as unit:
        seen = unit.holds.add(hold())
        assert not unit.holds.change(dataclasses.replace(seen, member_id=B))


def test_open_holds_of_accounts_come_oldest_first(book: Book) -> None:
    with book.write() as unit:
        late = unit.holds.add(hold(1, opened=NOW + HOUR))
        early = unit.holds.add(hold(2, inn="7702"))
        unit.holds.add(hold(3, inn="7703"))
        unit.holds.add(hold(4, B))
        assert unit.holds.open_of_accounts(A, ["7701", "7702"]) == [early, late]
        assert [found.deal_id for found in unit.holds.all_open(A)] == [2, 3, 1]


def test_an_attempt_is_counted_once(book: Book) -> None:
    attempt = AttemptRecord(A, "k", AttemptKind.DRAG, 1, None, 4, "check", "allowed", NOW)
    with book.write() as unit:
        assert unit.attempts.add(attempt)
        assert not unit.attempts.add(attempt)
        assert unit.attempts.add(dataclasses.replace(attempt, member_id=B))
        assert unit.attempts.recent(A, 1, since=NOW) == [attempt]
        assert unit.attempts.recent(A, 1, since=NOW + SECOND) == []
        assert unit.attempts.by_user(A, 4, since=NOW) == 1


def test_a_change_of_accepted_terms_is_a_new_version(book: Book) -> None:
    terms = CardTerms(limit=Granted(rub("100")), limit_until=date(2027, 1, 1), category="A", strategic=True)
    card = KnownCard(A, 3, "7701", "ООО", terms, None)
    richer = dataclasses.replace(card, accepted=dataclasses.replace(terms, limit=Unlimited()))
    with book.write() as unit:
        unit.cards.save(card)
        unit.cards.save(dataclasses.replace(card, mirrored=terms))
        assert unit.cards.get(A, 3) == dataclasses.replace(card, mirrored=terms)
        unit.cards.save(richer)
        unit.cards.save(richer)
        unit.cards.save(card)
        unit.cards.save(dataclasses.replace(card, member_id=B))
        assert unit.cards.get(A, 3) == dataclasses.replace(card, version=2)
        assert len(unit.cards.of_account(A, "7701")) == len(unit.cards.all(A)) == 1
        assert unit.cards.of_account(A, "7702") == []


def test_figures_are_kept_by_account(book: Book) -> None:
    row = SnapshotRow(
        A, "7701", rub("-5"), rub("0.01"), 3, None, "2026-11-01", "ref", CardTerms(terms_days=14), NOW
    )
    many = [dataclasses.replace(row, inn=str(number), available=rub("1")) for number in range(1200)]
    with book.write() as unit:
        unit.snapshots.save([row])
        unit.snapshots.save([dataclasses.replace(row, overdue_days=4), dataclasses.replace(row, member_id=B)])
        assert unit.snapshots.all(A) == {"7701": dataclasses.replace(row, overdue_days=4)}
        unit.snapshots.save(many)
        assert len(unit.snapshots.all(A)) == 1201
        assert unit.snapshots.all(B) == {"7701": dataclasses.replace(row, member_id=B)}


def test_the_last_run_of_a_job_is_found(book: Book) -> None:
    run = SyncRun(A, "snapshot", NOW, NOW + SECOND, 10, 1, ("7701: no name",), None)
    with book.write() as unit:
        unit.snapshots.add_run(dataclasses.replace(run, error="silent"))
        unit.snapshots.add_run(run)
        unit.snapshots.add_run(dataclasses.replace(run, job="sweep"))
        assert unit.snapshots.last_run(A, "snapshot") == run
        assert unit.snapshots.last_run(B, "snapshot") is None


def test_an_outage_is_opened_once_and_closed_once(book: Book) -> None:
    with book.write() as unit:
        first, opened = unit.outages.open(A, now=NOW, why="timeout")
        assert opened
        assert unit.outages.open(A, now=NOW, why="timeout") == (first, False)
        assert unit.outages.open(B, now=NOW, why="timeout")[1]
        assert unit.outages.close(A, now=NOW) == first
        assert unit.outages.close(A, now=NOW) is None
        assert unit.outages.running(A) is None
        assert unit.outages.running(B) is not None
        assert unit.outages.open(A, now=NOW, why="again") != (first, True)
