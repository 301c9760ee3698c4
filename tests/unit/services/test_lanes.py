"""The lanes as threads: woken, failing and going on, stopping, and never waiting for each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from b24app.ports.portal import Notify
from b24app.ports.records import MessageKind
from b24app.ports.records import NewEffect
from b24app.services import lanes
from b24app.services.lanes import Lane
from b24app.services.lanes import PortalLanes
from tests.builders import not_due
from tests.builders import position
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client
from tests.unit.services.waiting import eventually

FOREVER = 60.0


class Work:
    """Work that counts its rounds, reports as many touched as told, and fails as often as told."""

    def __init__(self, *, touched: int = 0, failures: int = 0) -> None:
        self.rounds = 0
        self.touched = touched
        self.failures = failures
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self) -> int:
        self.rounds += 1
        self.gate.wait(10)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("a bad round")
        self.touched, before = max(0, self.touched - 1), self.touched
        return before


@pytest.fixture
def running() -> Iterator[list[Lane]]:
    """Lanes to be stopped after the test, whatever becomes of it."""
    started: list[Lane] = []
    yield started
    for lane in started:
        lane.stop()


def start(work: Work, running: list[Lane], *, idle: float = FOREVER) -> Lane:
    lane = Lane("decide:m1", work, idle=idle)
    running.append(lane)
    lane.start()
    return lane


def test_a_lane_looks_once_and_sleeps_until_woken(running: list[Lane]) -> None:
    work = Work()
    lane = start(work, running)
    assert eventually(lambda: work.rounds == 1)
    assert eventually(lambda: not lane.is_busy)
    lane.wake()
    assert eventually(lambda: work.rounds == 2)


def test_a_lane_goes_on_while_there_is_something_to_do(running: list[Lane]) -> None:
    work = Work(touched=5)
    start(work, running)
    assert eventually(lambda: work.rounds == 6)


def test_a_lane_nobody_wakes_looks_by_itself(running: list[Lane]) -> None:
    work = Work()
    start(work, running, idle=0.01)
    assert eventually(lambda: work.rounds >= 3)


def test_a_bell_rung_during_a_round_is_heard_after_it(running: list[Lane]) -> None:
    work = Work()
    work.gate.clear()
    lane = start(work, running)
    assert eventually(lambda: lane.is_busy and work.rounds == 1)
    lane.wake()
    work.gate.set()
    assert eventually(lambda: work.rounds == 2)


def test_a_failed_round_is_logged_and_survived(running: list[Lane], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "FIRST_PAUSE", 0.01)
    work = Work(failures=3)
    with capture_logs() as logs:
        lane = start(work, running, idle=0.01)
        assert eventually(lambda: work.rounds >= 5)
        lane.stop()
        running.clear()
    failed = [row for row in logs if row["event"] == "lane.failed"]
    assert [(row["lane"], row["exc_info"]) for row in failed] == [("decide:m1", True)] * 3


def test_stopping_waits_for_the_round_under_way() -> None:
    work = Work()
    work.gate.clear()
    lane = Lane("decide:m1", work, idle=FOREVER)
    lane.start()
    assert eventually(lambda: lane.is_busy)
    stopper = threading.Thread(target=lane.stop)
    stopper.start()
    stopper.join(0.05)
    assert stopper.is_alive()
    work.gate.set()
    stopper.join(5)
    assert not stopper.is_alive()
    assert work.rounds == 1


@pytest.fixture
def rig() -> Iterator[Rig]:
    """A rig whose lanes run as threads; they are stopped after the test."""
    made = Rig()
    made.portal.now = made.clock.now()
    made.lanes = PortalLanes(  # type: ignore[attr-defined] # kept with what it works on
        MEMBER, book=made.book, desk=made.desk, watch=made.watch, delivery=made.delivery
    )
    yield made
    made.ledger.recover()
    lanes_of(made).stop()


def lanes_of(rig: Rig) -> PortalLanes:
    found = rig.lanes  # type: ignore[attr-defined] # see the fixture
    assert isinstance(found, PortalLanes)
    return found


def never_looks_by_itself(rig: Rig) -> None:
    """Leave the lanes nothing but their bells."""
    lanes_of(rig)._decide._idle = lanes_of(rig)._deliver._idle = 10 * FOREVER


def ring(rig: Rig, *deal_ids: int) -> None:
    rig.wake(*deal_ids)
    lanes_of(rig).wake()


def test_a_woken_deal_is_decided_and_delivered_at_once(rig: Rig) -> None:
    rig.deal()
    never_looks_by_itself(rig)
    lanes_of(rig).start()
    assert eventually(lambda: not lanes_of(rig)._decide.is_busy)
    ring(rig, 1)
    assert eventually(lambda: rig.stage() == ALLOWED)


def test_what_a_dead_process_had_taken_is_taken_again(rig: Rig) -> None:
    rig.deal()
    rig.wake()
    with rig.book.write() as unit:
        assert unit.inbox.take(MEMBER, now=rig.clock.now(), limit=9)
    with capture_logs() as logs:
        lanes_of(rig).start()
        assert eventually(lambda: rig.stage() == ALLOWED)
    assert [row["messages"] for row in logs if row["event"] == "lane.reclaimed"] == [1]


def test_a_hung_1c_stops_neither_put_backs_nor_deliveries(rig: Rig) -> None:
    rig.ledger.put(client(position(not_due(950_000))))
    rig.deal(1, amount=100_000)
    rig.check()
    rig.deal(2, amount=1)
    rig.deal(3, amount=1)
    rig.ledger.hang()
    lanes_of(rig).start()
    ring(rig, 2)
    assert rig.ledger.hung.wait(5)
    rig.drag(1, ALLOWED)
    ring(rig, 1, 3)
    assert eventually(lambda: rig.stage(1) == APPROVAL)
    with rig.book.write() as unit:
        unit.effects.add([NewEffect(MEMBER, "e1", Notify(7, "tag", "текст"))])
    lanes_of(rig).wake()
    assert eventually(lambda: "текст" in rig.told(7))
    assert rig.state(2) is None
    rig.ledger.recover()
    lanes_of(rig).wake()
    assert eventually(lambda: rig.stage(3) == ALLOWED)


def test_a_held_deal_that_needs_figures_goes_on_to_the_decide_lane(rig: Rig) -> None:
    rig.ledger.put(client(position(not_due(950_000))))
    rig.deal(amount=100_000)
    rig.check()
    rig.ledger.put(client(position()))
    lanes_of(rig)._decide._idle = FOREVER
    lanes_of(rig).start()
    assert eventually(lambda: not lanes_of(rig)._decide.is_busy)
    rig.wake(kind=MessageKind.RECHECK)
    lanes_of(rig)._deliver.wake()
    assert eventually(lambda: rig.stage() == ALLOWED)


def test_deals_that_come_in_together_are_read_together(rig: Rig) -> None:
    for number in range(1, 31):
        rig.deal(number, amount=1)
    lanes_of(rig).start()
    for number in range(1, 31):
        ring(rig, number)
    assert eventually(lambda: all(rig.stage(number) == ALLOWED for number in range(1, 31)))
    assert rig.portal.requests.count("fetch_deals") <= 10


@pytest.mark.parametrize(
    ("loads", "rounds"),
    [
        pytest.param([0, 5], 0, id="nothing is not waited for"),
        pytest.param([1, 1, 1, 1, 1], 2, id="one alone is waited with for a third of the quiet moment"),
        pytest.param([2, 2, 2, 2, 2], 4, id="several are waited with for the quiet moment"),
        pytest.param([1, 2, 3, 3, 3, 3, 3], 6, id="growing starts the quiet moment again"),
        pytest.param([1, 9, 10, 11], 2, id="a full one goes"),
        pytest.param([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6], 10, id="growing for ever ends"),
        pytest.param([4, 3, 2, 2, 2], 4, id="a load that shrinks does not grow"),
    ],
)
def test_how_long_a_load_is_waited_for(loads: list[int], rounds: int) -> None:
    waited = 0
    filling = lanes.Filling(full=10, quiet=4.0, longest=10.0, clock=lambda: 100.0 + waited)
    for load in loads:
        if not filling.goes_on(load):
            break
        waited += 1
    assert waited == rounds
