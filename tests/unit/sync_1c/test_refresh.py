"""The scheduled snapshot: what moved in accounting reaches the cards, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from b24app.domain.card import CardTerms
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.domain.receivable import Payment
from b24app.ports.errors import TransportFailure
from b24app.ports.ledger import SyncIssue
from b24app.ports.portal import Requisite
from b24app.ports.portal import WriteCompany
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.services.jobs import JobRunner
from b24app.storage.turns import FileTurns
from sync_1c.refresh import JOB
from sync_1c.refresh import SnapshotSync
from tests.builders import INN
from tests.builders import late
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.builders import usd
from tests.fakes import FakePortals
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import COMPANY
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import START
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client

if TYPE_CHECKING:
    from b24app.ports.records import KnownCard
    from b24app.ports.records import SyncRun

OTHER = "7702000000"


@pytest.fixture
def rig() -> Rig:
    return Rig()


def sync(rig: Rig) -> SyncRun:
    """Run the snapshot and deliver what it owes."""
    snapshot = SnapshotSync(
        rig.book,
        FakePortals({MEMBER: rig.portal}),
        lambda _member: rig.ledger,
        JobRunner(rig.book, rig.clock, FileTurns()),
        rig.settings_of,
        rig.rates.of,
    )
    run = snapshot.run(MEMBER)
    rig.run()
    return run


def writes(rig: Rig) -> list[WriteCompany]:
    return [action for action, _ in rig.portal.performed if isinstance(action, WriteCompany)]


def card(rig: Rig, company_id: int = COMPANY) -> KnownCard:
    with rig.book.read() as unit:
        found = unit.cards.get(MEMBER, company_id)
    assert found is not None
    return found


def test_the_first_run_puts_figures_and_limit_on_the_card(rig: Rig) -> None:
    paid = Payment(START.date(), rub(10))
    rig.ledger.put(replace(client(position(late(300_000, days=7)), limit=500_000), payments=(paid,)))
    run = sync(rig)
    assert (run.rows, run.changed, run.issues, run.error) == (1, 1, (), None)
    shown = rig.portal.mirrors[COMPANY]
    assert (shown.balance, shown.overdue, shown.overdue_days) == (rub(300_000), rub(300_000), 7)
    assert shown.available == rub(200_000)
    assert shown.last_payment == START.date()
    assert rig.portal.companies[COMPANY].terms.limit == Granted(rub(500_000))
    assert card(rig).accepted == card(rig).mirrored == rig.portal.companies[COMPANY].terms


def test_a_second_run_without_news_writes_nothing_not_even_the_time(rig: Rig) -> None:
    sync(rig)
    rig.portal.performed.clear()
    rig.clock.advance(hours=1)
    assert sync(rig).changed == 0
    assert not writes(rig)


def test_only_the_client_whose_figures_moved_is_written(rig: Rig) -> None:
    rig.company(200, inn=OTHER)
    rig.ledger.put(client(position(), inn=OTHER))
    sync(rig)
    rig.portal.performed.clear()
    rig.ledger.put(client(position(not_due(1_000)), inn=OTHER))
    assert sync(rig).changed == 1
    assert [write.company_id for write in writes(rig)] == [200]


def test_a_limit_changed_in_accounting_becomes_a_new_accepted_version(rig: Rig) -> None:
    sync(rig)
    before = card(rig).version
    rig.ledger.put(client(position(), limit=2_000_000))
    sync(rig)
    assert card(rig).accepted.limit == Granted(rub(2_000_000))
    assert card(rig).version > before
    assert rig.portal.companies[COMPANY].terms.limit == Granted(rub(2_000_000))


def test_our_own_writing_is_never_taken_for_somebodys_typing(rig: Rig) -> None:
    sync(rig)
    rig.ledger.put(client(position(), limit=2_000_000))
    sync(rig)
    rig.check(COMPANY, kind=MessageKind.COMPANY)
    with rig.book.read() as unit:
        assert not unit.attempts.by_user(MEMBER, 0, since=START)
    assert rig.portal.companies[COMPANY].terms.limit == Granted(rub(2_000_000))
    assert not rig.portal.notified


def test_a_limit_typed_into_the_card_is_put_back_by_the_review(rig: Rig) -> None:
    sync(rig)
    shown = rig.portal.companies[COMPANY]
    rig.portal.companies[COMPANY] = replace(shown, terms=replace(shown.terms, limit=Unlimited()))
    sync(rig)
    assert card(rig).accepted.limit == Granted(rub(1_000_000))
    assert rig.portal.companies[COMPANY].terms.limit == Granted(rub(1_000_000))
    assert rig.portal.notified


def test_two_cards_of_one_tax_number_show_the_same_and_are_reported(rig: Rig) -> None:
    rig.company(200)
    run = sync(rig)
    assert any(str(COMPANY) in issue and "200" in issue for issue in run.issues)
    assert rig.portal.companies[COMPANY].terms == rig.portal.companies[200].terms


def test_a_card_with_several_tax_numbers_is_an_issue(rig: Rig) -> None:
    shown = rig.company()
    rows = (*shown.requisites, Requisite(5, OTHER, ""))
    rig.portal.companies[COMPANY] = replace(shown, requisites=rows)
    run = sync(rig)
    assert any(OTHER in issue for issue in run.issues)
    assert not writes(rig)


def test_a_client_in_several_currencies_is_an_issue_and_his_card_stays(rig: Rig) -> None:
    rig.ledger.put(client(position(not_due(usd(5)), contract="U", currency="USD"), position(not_due(7))))
    run = sync(rig)
    assert any(INN in issue for issue in run.issues)
    assert not writes(rig)


def test_issues_of_accounting_are_kept_with_the_run(rig: Rig) -> None:
    rig.ledger.issues.append(SyncIssue("document 7", "cannot be read"))
    assert "document 7: cannot be read" in sync(rig).issues
    with rig.book.read() as unit:
        last = unit.snapshots.last_run(MEMBER, JOB)
    assert last is not None
    assert last.issues == ("document 7: cannot be read",)


def test_a_payment_frees_the_held_deals_of_exactly_that_client(rig: Rig) -> None:
    rig.company(200, inn=OTHER)
    rig.ledger.put(client(position(late(10, days=3))), client(position(late(10, days=3)), inn=OTHER))
    rig.deal(1)
    rig.deal(2, company_id=200)
    rig.wake(1, 2)
    rig.run()
    sync(rig)
    asked = len(rig.ledger.asked)
    rig.ledger.put(client(position()))
    sync(rig)
    assert (rig.stage(1), rig.stage(2)) == ("ALLOWED", APPROVAL)
    assert rig.ledger.asked[asked:] == [(INN,)]


def test_deals_waiting_for_data_are_woken(rig: Rig) -> None:
    rig.ledger.forget(INN)
    rig.deal()
    rig.check()
    assert rig.stage() == "PREPARE"
    rig.ledger.put(client(position()))
    sync(rig)
    assert rig.stage() == "ALLOWED"


def test_a_silent_ledger_ends_the_run_with_its_name_and_loses_nothing(rig: Rig) -> None:
    sync(rig)
    rig.ledger.fail(TransportFailure("1C did not answer in time"))
    run = sync(rig)
    assert run.error == "TransportFailure: 1C did not answer in time"
    with rig.book.read() as unit:
        assert set(unit.snapshots.all(MEMBER)) == {INN}
    rig.ledger.recover()
    assert sync(rig).error is None


def test_a_silent_portal_ends_the_run_too(rig: Rig) -> None:
    rig.portal.failing.append(TransportFailure("down"))
    assert sync(rig).error == "TransportFailure: down"


def test_a_card_first_seen_while_observing_keeps_what_people_wrote_but_not_its_limit() -> None:
    rig = Rig(mode=Mode.OBSERVE, enforce_since=None)
    rig.company(terms=CardTerms(limit=Granted(rub(9_000_000)), category="large", strategic=True))
    sync(rig)
    shown = rig.portal.companies[COMPANY].terms
    assert (shown.limit, shown.category, shown.strategic) == (Granted(rub(1_000_000)), "large", True)


def test_nothing_of_a_card_first_seen_while_enforcing_is_accepted(rig: Rig) -> None:
    rig.company(terms=CardTerms(limit=Granted(rub(9_000_000)), category="large", strategic=True))
    sync(rig)
    assert rig.portal.companies[COMPANY].terms == CardTerms(limit=Granted(rub(1_000_000)))
    assert rig.portal.notified


def test_a_second_card_of_a_client_decides_nothing_for_the_first() -> None:
    rig = Rig(mode=Mode.OBSERVE, enforce_since=None)
    rig.company(200, terms=CardTerms(strategic=True))
    del rig.portal.companies[COMPANY]
    sync(rig)
    with rig.book.write() as unit:
        unit.portals.save(replace(rig.record(), mode=Mode.ENFORCE, enforce_since=START))
    rig.company()
    sync(rig)
    assert [rig.portal.companies[number].terms.strategic for number in (COMPANY, 200)] == [True, True]


def test_a_rehearsal_counts_the_same_and_stores_nothing(rig: Rig) -> None:
    rig.ledger.put(client(position(late(300_000, days=7))))
    snapshot = SnapshotSync(
        rig.book,
        FakePortals({MEMBER: rig.portal}),
        lambda _member: rig.ledger,
        JobRunner(rig.book, rig.clock, FileTurns()),
        rig.settings_of,
        rig.rates.of,
    )
    assert snapshot.run(MEMBER, rehearsal=True).changed == 1
    with rig.book.read() as unit:
        assert (unit.snapshots.all(MEMBER), unit.effects.open_count(MEMBER), unit.cards.all(MEMBER)) == (
            {},
            0,
            [],
        )
        assert unit.snapshots.runs(MEMBER, limit=5) == []
    assert snapshot.run(MEMBER).changed == 1


def test_figures_read_earlier_never_replace_newer_ones(rig: Rig) -> None:
    """A long snapshot and a quick look at a payment run beside each other; the newer reading stays."""
    sync(rig)
    rig.clock.advance(minutes=10)
    rig.ledger.put(client(position(not_due(1_000))))
    sync(rig)
    rig.clock.advance(minutes=-5)
    rig.ledger.put(client(position(not_due(9_000))))
    assert sync(rig).changed == 0
    assert rig.portal.mirrors[COMPANY].balance == rub(1_000)
