"""What must never happen, tried on purpose: chance plays people, faults and accounting against the desk."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from b24app.domain.assess import assess
from b24app.domain.card import CardTerms
from b24app.domain.decision import Outcome
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.ports import errors
from b24app.ports.errors import GatewayError
from b24app.ports.errors import TransportFailure
from b24app.ports.ledger import LedgerAnswer
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Result
from b24app.ports.records import EffectState
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.services.delivery import Delivery
from b24app.services.desk import CreditDesk
from b24app.services.dispatch import Dispatch
from b24app.services.guard import Watch
from b24app.services.pagetokens import PagePass
from b24app.services.settings import CreditSettings
from b24app.services.tab import CreditTab
from b24app.storage.book import SqlBook
from b24app.storage.engine import migrate
from b24app.storage.engine import open_database
from tests.builders import INN
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.fakes import FakePortal
from tests.fakes import FakePortals
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import BEYOND
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import COMPANY
from tests.unit.services.rig import EARLY
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import START
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client
from tests.unit.services.waiting import eventually

LIMIT, DEBT = 1_000_000, 400_000
DEALS = range(1, 7)
STEPS = 60


class Life:
    """Chance as people, a failing portal and a silent 1C; the deals of one client with a limit."""

    def __init__(self, seed: int) -> None:
        self.rig = Rig()
        self.rig.ledger.put(client(position(not_due(DEBT)), limit=LIMIT))
        self.chance = random.Random(seed)  # noqa: S311 - play, not secrets
        self.tokens: list[str] = []
        for number in DEALS:
            self.rig.deal(number, amount=self.chance.randrange(50, 400) * 1000, stage=EARLY)

    def step(self) -> None:
        """Do one thing somebody could do, then maybe let the lanes work a little."""
        acts = (
            self.drag,
            self.drag,
            self.edit,
            self.type_limit,
            self.call_robot,
            self.fail,
            self.restart,
            self.sweep,
        )
        self.chance.choice(acts)()
        self.rig.clock.advance(seconds=self.chance.choice((1, 1, 5, 90)))
        self.rig.portal.now = self.rig.clock.now()
        for _ in range(self.chance.randrange(4)):
            lane = self.chance.choice((self.rig.watch.work, self.rig.desk.work, self.rig.delivery.work))
            lane(MEMBER)
            self.look()

    def deal_id(self) -> int:
        return self.chance.choice(DEALS)

    def drag(self) -> None:
        number, stage = self.deal_id(), self.chance.choice((CHECK, CHECK, ALLOWED, BEYOND, EARLY, APPROVAL))
        self.rig.drag(number, stage)
        if self.chance.random() < 0.8:
            self.rig.wake(number)

    def edit(self) -> None:
        number = self.deal_id()
        self.rig.edit(number, amount=rub(self.chance.randrange(50, 700) * 1000))
        self.rig.wake(number)

    def type_limit(self) -> None:
        typed = self.chance.choice((Unlimited(), Granted(rub(9_000_000))))
        card = self.rig.portal.companies[COMPANY]
        self.rig.portal.companies[COMPANY] = replace(card, terms=CardTerms(limit=typed))
        self.rig.wake(COMPANY, kind=MessageKind.COMPANY)

    def call_robot(self) -> None:
        token = f"t|{len(self.tokens)}"
        self.tokens.append(token)
        self.rig.wake(self.deal_id(), kind=MessageKind.ROBOT, token=token, waiting=True)

    def fail(self) -> None:
        what = self.chance.randrange(4)
        if what == 0:
            self.rig.portal.failing.append(TransportFailure("cut"))
        elif what == 1:
            self.rig.portal.lost += 1
        elif what == 2:
            self.rig.ledger.fail()
        else:
            self.rig.ledger.recover()

    def restart(self) -> None:
        """Die and come back: what was taken is taken again, memory is gone."""
        with self.rig.book.write() as unit:
            unit.inbox.reclaim(MEMBER)
        self.rig.desk = CreditDesk(self.rig.office)
        self.rig.watch = Watch(self.rig.office)
        self.rig.delivery = Delivery(self.rig.office)

    def sweep(self) -> None:
        self.rig.sweep.run(MEMBER)
        self.rig.sweep.retry_technical(MEMBER)

    def calm_down(self) -> None:
        """Let everything be repaired and every lane work until nothing is owed."""
        self.rig.ledger.recover()
        self.rig.portal.failing.clear()
        self.rig.portal.lost = 0
        for _ in range(8):
            self.rig.clock.advance(minutes=11)
            self.sweep()
            self.rig.run()

    def look(self) -> None:
        """See that nothing forbidden is so at this very moment."""
        with self.rig.book.read() as unit:
            live = unit.reserves.of_account(MEMBER, INN, now=self.rig.clock.now())
        promised = sum(int(row.amount.amount) for row in live)
        assert promised + DEBT <= LIMIT
        for action, outcome in self.rig.portal.performed:
            if isinstance(action, MoveDeal) and action.stage_id == ALLOWED and outcome.result is Result.DONE:
                self.explained(action)
        self.rig.portal.performed.clear()

    def explained(self, move: MoveDeal) -> None:
        """See that a move into the allowed stage has an ALLOW on record for that amount."""
        amounts = [
            check.case.candidate.amount
            for check in self.rig.checks(move.deal_id)
            if check.decision.outcome is Outcome.ALLOW and check.case is not None
        ]
        assert move.guard.amount in amounts


@pytest.fixture(scope="module", params=range(12), ids=lambda seed: f"life {seed}")
def life(request: pytest.FixtureRequest) -> Life:
    """A life after its sixty events, calmed down."""
    lived = Life(request.param)
    with capture_logs():
        for _ in range(STEPS):
            lived.step()
        lived.calm_down()
        lived.look()
    return lived


def test_chance_never_brings_about_what_must_not_be(life: Life) -> None:
    """No unexplained permission, no over-commitment, nothing twice, no unexplainable record, nothing owed."""
    rig = life.rig
    with rig.book.read() as unit:
        open_holds = {hold.deal_id for hold in unit.holds.all_open(MEMBER)}
        assert unit.inbox.waiting(MEMBER) == 0
        assert unit.effects.open_count(MEMBER) == 0
        tasks = {f"task:{hold.id}" for number in DEALS for hold in unit.holds.episodes(MEMBER, number)}
        rows = [unit.effects.by_key(MEMBER, key) for key in tasks]
        made = sum(row is not None and row.state is EffectState.DONE for row in rows)
    assert made == len(rig.portal.tasks)
    for number in DEALS:
        if rig.stage(number) == ALLOWED:
            state = rig.state(number)
            assert number not in open_holds
            assert state is not None
            assert state.outcome is Outcome.ALLOW
        if number in open_holds:
            assert rig.stage(number) in {APPROVAL, CHECK}
        for check in rig.checks(number):
            if check.case is not None:
                assert assess(check.case, rig.policy) == check.decision
            else:
                assert check.decision.outcome is Outcome.TECHNICAL
    titles = Counter(task.title for task in rig.portal.tasks.values())
    assert set(titles.values()) <= {1}
    marks = Counter(comment.mark for comment in rig.portal.comments)
    assert set(marks.values()) <= {1}
    assert not isinstance(rig.portal.companies[COMPANY].terms.limit, Unlimited)


def test_every_robot_call_of_a_life_is_answered(life: Life) -> None:
    """A lost robot call: each is answered, and again only when the first answer's fate was unknown."""
    answered = Counter(answer.event_token for answer in life.rig.portal.answers)
    with life.rig.book.read() as unit:
        assert unit.inbox.unanswered_deals(MEMBER) == []
    asked = [token for token in life.tokens if token in answered]
    assert all(answered[token] >= 1 for token in asked)


FAILURES: list[GatewayError] = [
    errors.TransportFailure("silent"),
    errors.NotReached("refused"),
    errors.BadAnswer("html"),
    errors.RateLimited("1C"),
    errors.AuthLost("login"),
    errors.Forbidden("rights"),
    errors.NotFound("gone"),
    errors.Rejected("E", "no"),
    errors.MethodUnknown("entity"),
    errors.LedgerMisconfigured("profile"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
@pytest.mark.parametrize("kind", [MessageKind.DEAL, MessageKind.BUTTON, MessageKind.SWEEP])
@pytest.mark.parametrize("stage", [CHECK, ALLOWED])
def test_no_failure_of_1c_ever_allows(failure: GatewayError, kind: MessageKind, stage: str) -> None:
    """An allow because 1C was silent."""
    rig = Rig()
    rig.deal(stage=stage, amount=1)
    rig.ledger.fail(failure)
    with capture_logs():
        rig.check(kind=kind)
        rig.clock.advance(hours=2)
        rig.sweep.retry_technical(MEMBER)
        rig.run()
    assert rig.stage() == APPROVAL
    assert rig.reserve() is None
    assert {check.decision.outcome for check in rig.checks()} == {Outcome.TECHNICAL}


def test_old_figures_never_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    """An allow because 1C was silent: it answered, but with figures of an hour ago."""
    rig = Rig()
    fetch = rig.ledger.fetch

    def old(inns: Sequence[str], *, now: datetime) -> LedgerAnswer:
        return fetch(inns, now=now - timedelta(hours=1))

    monkeypatch.setattr(rig.ledger, "fetch", old)
    rig.deal(amount=1)
    rig.check()
    assert rig.stage() == CHECK
    assert rig.checks()[0].decision.outcome is Outcome.TECHNICAL


@contextmanager
def on_file(folder: Path) -> Iterator[SqlBook]:
    database = open_database(f"sqlite:///{(folder / 'b24app.sqlite3').as_posix()}")
    migrate(database)
    try:
        yield SqlBook(database)
    finally:
        database.close()


def test_two_desks_at_once_never_over_commit(tmp_path: Path) -> None:
    """Over-commitment of a limit by parallel deals, decided by two desks over one database."""
    with on_file(tmp_path) as book:
        rig = Rig(book=book)
        rig.ledger.put(client(position(), limit=LIMIT))
        for number in range(1, 25):
            rig.deal(number, amount=90_000)
            rig.wake(number)
        start = threading.Barrier(2)

        def work() -> None:
            desk = CreditDesk(rig.office)
            start.wait(5)
            while desk.work(MEMBER):
                pass

        desks = [threading.Thread(target=work) for _ in range(2)]
        for desk in desks:
            desk.start()
        for number in range(1, 25):
            rig.wake(number, kind=MessageKind.RECHECK)
        for desk in desks:
            desk.join()
        rig.run()
        with book.read() as unit:
            live = unit.reserves.of_account(MEMBER, INN, now=START)
        assert len(live) == 11
        assert [rig.stage(number) for number in range(1, 25)].count(ALLOWED) == 11


def test_one_portal_sees_nothing_of_another() -> None:
    """One portal seeing another's data: reserves, checks, holds and cards of one client on two portals."""
    rig = Rig()
    rig.ledger.put(client(position(not_due(DEBT))))
    rig.deal(amount=500_000)
    rig.check()
    with rig.book.write() as unit:
        unit.portals.save(replace(rig.record(), member_id="m2"))
    other = FakePortal(deals=dict(rig.portal.deals), companies=dict(rig.portal.companies), now=START)
    other.move_by_hand(1, CHECK, user_id=1, at=START)
    office = replace(
        rig.office, portals=FakePortals({MEMBER: rig.portal, "m2": other}), settings_of=rig_settings(rig)
    )
    tab = CreditTab(book=rig.book, settings_of=rig_settings(rig), clock=rig.clock)
    assert tab.view("m2", 1, PagePass("m2", 1, 1, "ru")).revision == "0"
    with rig.book.write() as unit:
        unit.inbox.add([Message("m2", MessageKind.DEAL, 1, START)])
    assert CreditDesk(office).work("m2") == 1
    assert rig.desk.work(MEMBER) == 0
    with rig.book.read() as unit:
        [check] = unit.checks.of_deal("m2", 1, limit=9)
        assert check.case is not None
        assert check.case.reserves == ()
        assert len(unit.checks.of_deal(MEMBER, 1, limit=9)) == 1


def rig_settings(rig: Rig) -> AnySettings:
    return AnySettings(rig.settings)


class AnySettings:
    """The same settings for every portal."""

    def __init__(self, settings: CreditSettings) -> None:
        self._settings = settings

    def __call__(self, member_id: str) -> CreditSettings:
        assert member_id
        return self._settings


def test_a_broken_portal_stops_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """One bad portal stopping the others: its very reading throws what nobody expects."""
    rig = Rig()
    bad = FakePortal()

    def broken(deal_ids: Sequence[int], **options: object) -> None:
        raise RuntimeError(f"{len(deal_ids)} deals, {len(options)} options")

    monkeypatch.setattr(bad, "fetch_deals", broken)
    rig.portal.now = rig.clock.now()
    office = replace(
        rig.office, portals=FakePortals({MEMBER: rig.portal, "m2": bad}), settings_of=rig_settings(rig)
    )
    with rig.book.write() as unit:
        unit.portals.save(replace(rig.record(), member_id="m2"))
        unit.inbox.add([Message("m2", MessageKind.DEAL, 1, START)])
    rig.deal()
    rig.wake()
    dispatch = Dispatch(
        book=rig.book, desk=CreditDesk(office), watch=Watch(office), delivery=Delivery(office)
    )
    with capture_logs() as logs:
        dispatch.start()
        assert eventually(lambda: rig.stage() == ALLOWED)
        assert eventually(lambda: any(row["event"] == "lane.failed" for row in logs))
        dispatch.stop()
    assert {row["lane"] for row in logs if row["event"] == "lane.failed"} == {"decide:m2"}
