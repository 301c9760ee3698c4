"""A payment frees, its reversal stops again; whatever becomes of the pushes, the end is the same."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Payment
from b24app.ports.portal import WriteCompany
from b24app.ports.records import RunOutcome
from b24app.ports.records import SyncRun
from b24app.protocol.pushes import Push
from b24app.services.hooks import LedgerHook
from b24app.services.jobs import JobRunner
from b24app.services.payments import PaymentWatch
from b24app.services.payments import Tempo
from b24app.storage.intake import GroupCommitIntake
from b24app.storage.turns import FileTurns
from sync_1c.refresh import SnapshotSync
from tests.builders import INN
from tests.builders import late
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.fakes import FakePortals
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import START
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client

TEMPO = Tempo(timedelta(seconds=20), timedelta(minutes=5))
PAYMENT = Payment(START.date(), rub(300_000))
OWES = client(position(late(300_000, days=7)))
PAID = replace(client(position()), payments=(PAYMENT,))


@dataclass
class House:
    """The desk with the watch for payments beside it."""

    rig: Rig = field(default_factory=Rig)

    def __post_init__(self) -> None:
        rig = self.rig
        jobs = JobRunner(rig.book, rig.clock, FileTurns())
        portals = FakePortals({MEMBER: rig.portal})
        self.sync = SnapshotSync(
            rig.book, portals, lambda _member: rig.ledger, jobs, rig.settings_of, rig.rates.of
        )
        self.watch = PaymentWatch(
            book=rig.book,
            clock=rig.clock,
            refresh=self.sync.refresh,
            settings_of=rig.settings_of,
            tempo=TEMPO,
        )

    def tick(self, *, after: int = 5) -> bool:
        """Let the clock go on, look for payments and let everything happen."""
        self.rig.clock.advance(seconds=after)
        asked = self.watch.tick(MEMBER)
        self.rig.run()
        return asked

    def push(self, inn: str | None = INN) -> None:
        """Take in a push as the route does, committed by the intake's own writer."""
        intake = GroupCommitIntake(self.rig.book)
        intake.start()
        hook = LedgerHook(book=self.rig.book, intake=intake, clock=self.rig.clock, token="t")
        hook.pushed(MEMBER, Push("1", "posted", "Документ.Оплата", "ref", inn))
        intake.stop()

    def figures(self, figures: AccountFigures) -> None:
        self.rig.ledger.put(figures)


@pytest.fixture
def house() -> House:
    return House()


def held(house: House) -> None:
    """Have deal 1 held for an overdue debt."""
    house.figures(OWES)
    house.rig.deal()
    house.rig.check()
    assert house.rig.stage() == APPROVAL


def allowed(house: House, figures: AccountFigures = PAID) -> None:
    """Have deal 1 allowed over these figures."""
    house.figures(figures)
    house.rig.deal()
    house.rig.check()
    assert house.rig.stage() == ALLOWED


def test_a_payment_frees_a_held_deal_within_a_minute_with_no_push_at_all(house: House) -> None:
    held(house)
    house.tick()
    house.figures(PAID)
    ticks = 0
    while house.rig.stage() != ALLOWED:
        house.tick()
        ticks += 1
    assert ticks * 5 <= 60


def test_a_push_frees_it_at_the_next_tick(house: House) -> None:
    held(house)
    house.tick()
    house.figures(PAID)
    house.push()
    assert house.tick(after=1)
    assert house.rig.stage() == ALLOWED


def test_a_push_that_names_nobody_reads_whoever_has_something_at_stake(house: House) -> None:
    held(house)
    house.tick()
    house.figures(PAID)
    house.push(None)
    house.tick(after=1)
    assert house.rig.stage() == ALLOWED


def test_the_card_shows_the_payment_too(house: House) -> None:
    held(house)
    house.figures(PAID)
    house.push()
    house.tick()
    assert any(isinstance(action, WriteCompany) for action, _ in house.rig.portal.performed)


@pytest.mark.parametrize("pushed", [True, False])
def test_a_reversed_payment_stops_a_deal_not_yet_shipped(house: House, *, pushed: bool) -> None:
    allowed(house)
    house.tick()
    house.figures(OWES)
    if pushed:
        house.push()
    house.tick(after=5 if pushed else 301)
    assert house.rig.stage() == APPROVAL
    assert house.rig.reserve() is None


def test_a_payment_read_and_taken_back_between_two_looks_stops_it_as_well(house: House) -> None:
    """Nothing but the decision itself has seen the payment: no snapshot moved, and yet it stands on it."""
    house.figures(OWES)
    house.sync.run(MEMBER)
    allowed(house)
    house.figures(OWES)
    house.tick(after=301)
    assert house.rig.stage() == APPROVAL


def test_the_deals_own_shipment_posted_meanwhile_is_no_reversal(house: House) -> None:
    allowed(house)
    checks = len(house.rig.checks())
    house.figures(replace(client(position(not_due(950_000))), payments=(PAYMENT,)))
    house.push()
    house.tick()
    assert house.rig.stage() == ALLOWED
    assert len(house.rig.checks()) == checks


def test_figures_that_did_not_move_are_not_decided_again(house: House) -> None:
    held(house)
    checks = len(house.rig.checks())
    for _ in range(5):
        house.push()
        house.tick(after=60)
    assert len(house.rig.checks()) == checks


def test_a_push_while_accounting_is_silent_waits_and_is_not_lost(house: House) -> None:
    held(house)
    house.tick()
    house.figures(PAID)
    house.rig.ledger.fail()
    house.push()
    house.tick()
    assert house.rig.stage() == APPROVAL
    house.rig.ledger.recover()
    house.tick(after=31)
    assert house.rig.stage() == ALLOWED
    with house.rig.book.write() as unit:
        assert not unit.inbox.take_pushes(MEMBER, now=house.rig.clock.now() + timedelta(days=1), limit=9)


def test_with_nothing_at_stake_accounting_is_not_asked(house: House) -> None:
    assert not house.tick()
    assert not house.rig.ledger.asked


def test_an_interval_grows_while_it_is_quiet_and_is_short_again_when_something_moves() -> None:
    wait, waits = TEMPO.shortest, []
    for _ in range(5):
        wait = TEMPO.after(wait, None, held=False)
        waits.append(int(wait.total_seconds()))
    assert waits == [40, 80, 160, 300, 300]
    assert TEMPO.after(wait, None, held=True) == TEMPO.shortest
    moved = SyncRun(MEMBER, "payments", START, START, 1, 1, (), None)
    assert TEMPO.after(wait, moved, held=False) == TEMPO.shortest


def test_a_slow_base_is_not_asked_without_a_rest() -> None:
    slow = SyncRun(MEMBER, "payments", START, START + timedelta(seconds=12), 1, 0, (), None)
    assert TEMPO.after(TEMPO.shortest, slow, held=True) == timedelta(seconds=60)
    broken = replace(slow, outcome=RunOutcome.FAILED, finished_at=START)
    assert TEMPO.after(TEMPO.longest, broken, held=False) == TEMPO.shortest


FATES = st.lists(st.sampled_from(["lost", "once", "twice", "unnamed"]), min_size=4, max_size=4)
STORY = (OWES, PAID, OWES, replace(client(position(late(10_000, days=20))), payments=()), PAID)


@settings(max_examples=25, deadline=None)
@given(
    fates=FATES,
    order=st.permutations(range(4)),
    looks=st.lists(st.booleans(), min_size=4, max_size=4),
    end=st.sampled_from([OWES, PAID]),
)
def test_lost_repeated_and_reordered_pushes_end_alike(
    fates: list[str], order: list[int], looks: list[bool], end: AccountFigures
) -> None:
    """Figures go their way while pushes about them come in any order, twice or never: only the end counts."""
    house = House()
    house.figures(OWES)
    house.rig.deal()
    house.rig.check()
    for step, number in enumerate(order):
        house.figures(STORY[step + 1])
        for _ in range({"lost": 0, "once": 1, "twice": 2, "unnamed": 1}[fates[number]]):
            house.push(None if fates[number] == "unnamed" else INN)
        if looks[step]:
            house.tick()
    house.figures(end)
    for _ in range(3):
        house.tick(after=301)
    assert house.rig.stage() == (ALLOWED if end is PAID else APPROVAL)
    with house.rig.book.read() as unit:
        shown = unit.snapshots.many(MEMBER, [INN])[INN]
    assert shown.balance == (rub(0) if end is PAID else rub(300_000))
