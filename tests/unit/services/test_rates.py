"""The board of exchange rates: asked rarely, and honest when the portal is silent."""

from __future__ import annotations

import threading
from datetime import date
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from b24app.domain.rates import Rate
from b24app.domain.rates import Rates
from b24app.ports.errors import AuthLost
from b24app.ports.errors import TransportFailure
from b24app.ports.records import RunOutcome
from b24app.services.jobs import JobRunner
from b24app.services.rates import NOTHING_KNOWN
from b24app.services.rates import RateBoard
from b24app.services.rates import renew_rates
from b24app.storage.book import memory_book
from b24app.storage.turns import FileTurns
from tests.builders import account
from tests.builders import late
from tests.builders import position
from tests.builders import rub
from tests.builders import usd
from tests.fakes import FakePortal
from tests.fakes import FakePortals
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import HandClock
from tests.unit.services.rig import contract

OTHER = "m2"


def rates(dollar: str) -> Rates:
    return Rates("RUB", (Rate("USD", Decimal(dollar), date(2026, 11, 24)),))


class Desk:
    """Two portals, a clock and a board over them."""

    def __init__(self) -> None:
        self.portal, self.other = FakePortal(rates=rates("92.5")), FakePortal(rates=rates("93"))
        self.clock = HandClock()
        self.board = RateBoard(FakePortals({MEMBER: self.portal, OTHER: self.other}), self.clock)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_portal_is_asked_once_an_hour(desk: Desk) -> None:
    assert desk.board.of(MEMBER) == rates("92.5")
    desk.portal.rates = rates("95")
    desk.clock.advance(minutes=59, seconds=59)
    assert desk.board.of(MEMBER) == rates("92.5")
    desk.clock.advance(seconds=1)
    assert desk.board.of(MEMBER) == rates("95")
    assert desk.portal.requests == ["fetch_rates"] * 2


def test_portals_keep_their_own_rates(desk: Desk) -> None:
    assert (desk.board.of(MEMBER), desk.board.of(OTHER)) == (rates("92.5"), rates("93"))
    assert (len(desk.portal.requests), len(desk.other.requests)) == (1, 1)


def test_a_silent_portal_keeps_what_it_told_last_and_is_asked_again_soon(desk: Desk) -> None:
    desk.board.of(MEMBER)
    desk.portal.rates = rates("95")
    desk.portal.failing += [TransportFailure("silent"), TransportFailure("silent")]
    desk.clock.advance(hours=1)
    assert desk.board.of(MEMBER) == rates("92.5")
    desk.clock.advance(minutes=4)
    assert desk.board.of(MEMBER) == rates("92.5")
    assert len(desk.portal.requests) == 2
    desk.clock.advance(minutes=1)
    assert desk.board.of(MEMBER) == rates("92.5")
    desk.clock.advance(minutes=5)
    assert desk.board.of(MEMBER) == rates("95")
    assert len(desk.portal.requests) == 4


def test_a_portal_that_never_told_any_has_none(desk: Desk) -> None:
    desk.portal.failing.append(AuthLost("revoked"))
    known = desk.board.of(MEMBER)
    assert known == NOTHING_KNOWN
    assert not known.can_convert("USD", "RUB")
    assert known.convert(rub(5), "RUB") == rub(5)
    assert desk.board.of("stranger") == NOTHING_KNOWN


def test_a_clock_that_was_set_back_does_not_keep_old_rates_for_long(desk: Desk) -> None:
    desk.board.of(MEMBER)
    desk.clock.moment -= timedelta(days=2)
    desk.portal.rates = rates("95")
    assert desk.board.of(MEMBER) == rates("95")
    assert desk.board.of(MEMBER) == rates("95")
    assert len(desk.portal.requests) == 2


def test_threads_that_come_together_ask_once(desk: Desk) -> None:
    together = threading.Barrier(8)
    seen: list[Rates] = []

    def look() -> None:
        together.wait(timeout=10)
        seen.append(desk.board.of(MEMBER))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert seen == [rates("92.5")] * 8
    assert desk.portal.requests == ["fetch_rates"]


@pytest.mark.parametrize(
    ("parts", "contracts", "found"),
    [
        ((), (), set()),
        ((position(),), (contract(500),), {"RUB"}),
        ((position(currency="USD"),), (), set()),
        ((position(late(usd(5), days=1), currency="USD"),), (contract(500),), {"RUB", "USD"}),
        ((position(currency="USD", credit=1),), (contract(None),), {"USD"}),
        ((position(currency="USD", pending=1), position(currency="EUR", shipped=1)), (), {"EUR", "USD"}),
        ((), (contract(500, active=False),), set()),
    ],
    ids=["nothing", "one", "empty", "debt", "advance", "two kinds", "closed contract"],
)
def test_currencies_are_those_of_money_and_limits(parts: Any, contracts: Any, found: set[str]) -> None:
    assert account(*parts, contracts=contracts).currencies == found


def test_rates_renewed_are_a_recorded_run_and_a_check_asks_no_more(desk: Desk) -> None:
    book = memory_book()
    jobs = JobRunner(book, desk.clock, FileTurns())
    run = renew_rates(jobs, desk.board, MEMBER)
    assert (run.rows, run.changed, run.outcome) == (1, 1, RunOutcome.DONE)
    assert desk.board.of(MEMBER) == rates("92.5")
    assert len(desk.portal.requests) == 1
    desk.portal.failing.append(TransportFailure("silent"))
    assert renew_rates(jobs, desk.board, MEMBER).outcome is RunOutcome.FAILED
    assert desk.board.of(MEMBER) == rates("92.5")
    with book.read() as unit:
        assert len(unit.snapshots.runs(MEMBER, limit=9)) == 2
