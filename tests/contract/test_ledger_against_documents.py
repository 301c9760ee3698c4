"""Figures of random clients, read over OData, against figures counted from their documents alone."""

from __future__ import annotations

import ast
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from b24app.domain.receivable import AccountFigures
from b24app.sandbox.onec import objects_bp
from b24app.sandbox.onec.families import SeededBase
from b24app.sandbox.onec.http import Publication
from b24app.sandbox.onec.planting import Planted
from b24app.sandbox.server import Served
from sync_1c.ledger import OneCLedger
from sync_1c.reads import MOST_ADDRESSES
from tests import bookkeeping
from tests.bookkeeping.documents import Client
from tests.bookkeeping.documents import clients
from tests.bookkeeping.rules import Told
from tests.bookkeeping.rules import Way
from tests.bookkeeping.rules import expected
from tests.bookkeeping.seeding import differences
from tests.bookkeeping.seeding import seed_of
from tests.bookkeeping.seeding import told_of
from tests.bookkeeping.seeding import write_drafts
from tests.contract.test_ledger import START
from tests.contract.test_ledger import TODAY
from tests.contract.test_ledger import open_family
from tests.contract.test_ledger import open_ledger

FAMILY = {
    Way.TRADE: "ut11",
    Way.TRADE_BY_OBJECT: "ut11",
    Way.ACCOUNTS: "bp30",
    Way.ACCOUNTS_BY_TERM: "bp30",
    Way.SMALL_FIRM: "unf",
}
MOST_REQUESTS = {"ut11": 16 + MOST_ADDRESSES, "bp30": 16 + 2 * MOST_ADDRESSES, "unf": 12 + 2 * MOST_ADDRESSES}
"""Of one reading of everybody, for any number of clients that fit a few pages of a thousand rows."""
NOT_TOLD = {Way.TRADE_BY_OBJECT: frozenset({"days"})}
"""The old architecture of УТ keeps no due days: how late a debt is can only be guessed by the term."""
FEW = 120


@dataclass(frozen=True)
class Compared:
    """A base of random clients, the adapter over it and what must come out."""

    base: SeededBase
    open: Callable[[], OneCLedger]
    wanted: dict[str, Told]
    way: Way

    def differing(self) -> dict[str, set[str]]:
        """Read everybody with an adapter that remembers nothing, and name what differs, by ИНН.

        Issues count as differences.
        """
        found: dict[str, set[str]] = {}
        seen: set[str] = set()
        for told in self.open().stream(now=START):
            if not isinstance(told, AccountFigures):
                found.setdefault(told.subject, set()).add(told.why)
                continue
            seen.add(told.inn)
            own = differences(
                told_of(told, TODAY), self.wanted[told.inn], skip=NOT_TOLD.get(self.way, frozenset())
            )
            if own:
                found.setdefault(told.inn, set()).update(own)
        found.update({inn: {"absent"} for inn in self.wanted.keys() - seen})
        return found


@contextmanager
def compared(way: Way, made: list[Client]) -> Iterator[Compared]:
    """Serve a base of these clients."""
    about = Publication(new_architecture=way is not Way.TRADE_BY_OBJECT)
    base = open_family(FAMILY[way], *map(seed_of, made), publication=about)
    assert write_drafts(base, made, TODAY)
    if way is Way.ACCOUNTS_BY_TERM:
        base.write(objects_bp.PLANNING, "0", {"Value": False})
    with Served(base.app) as served:
        yield Compared(
            base, lambda: open_ledger(served, base, few_limit=FEW), expected(made, way, today=TODAY), way
        )


@pytest.mark.parametrize("way", Way, ids=lambda way: way.name)
def test_random_clients_are_told_as_their_documents_say(way: Way) -> None:
    with compared(way, clients(FEW, seed=7, today=TODAY)) as one:
        assert one.differing() == {}
        assert one.base.log.count() <= MOST_REQUESTS[FAMILY[way]]


@pytest.mark.parametrize("way", Way, ids=lambda way: way.name)
def test_a_few_of_many_clients_asked_by_conditions_are_told_the_same(way: Way) -> None:
    with compared(way, clients(FEW, seed=17, today=TODAY)) as one:
        asked = sorted(one.wanted)[::8]
        answer = one.open().fetch(asked, now=START)
        assert set(answer.accounts) == set(asked)
        assert answer.issues == ()
        skipped = NOT_TOLD.get(way, frozenset())
        for inn, account in answer.accounts.items():
            assert differences(told_of(account, TODAY), one.wanted[inn], skip=skipped) == set(), inn


@pytest.mark.slow
@pytest.mark.parametrize("way", Way, ids=lambda way: way.name)
def test_a_thousand_random_clients_are_told_as_their_documents_say(way: Way) -> None:
    with compared(way, clients(1000, seed=11, today=TODAY)) as one:
        assert one.differing() == {}
        assert one.base.log.count() <= MOST_REQUESTS[FAMILY[way]]


CAUGHT_BY = {
    Planted.LOST: "debt",
    Planted.SIGN: "debt",
    Planted.LATE: "days",
    Planted.UNPOSTED: "debt",
    Planted.KOPECKS: "debt",
    Planted.CONTRACT: "debt",
}


@pytest.mark.parametrize("way", [Way.TRADE, Way.ACCOUNTS, Way.ACCOUNTS_BY_TERM, Way.SMALL_FIRM])
def test_six_planted_errors_are_each_caught_and_nothing_else(way: Way) -> None:
    with compared(way, clients(FEW, seed=13, today=TODAY)) as one:
        for planted in Planted:
            one.base.plant(planted)
            caught = set[str]().union(*one.differing().values())
            assert CAUGHT_BY[planted] in caught, planted
        one.base.plant(None)
        assert one.differing() == {}


def test_the_documents_and_their_rules_know_neither_the_base_nor_the_adapter() -> None:
    folder = Path(bookkeeping.__file__).parent
    for name in ("documents.py", "rules.py"):
        for node in ast.walk(ast.parse((folder / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith(("b24app", "sync_1c", "tests.contract"))
            assert not isinstance(node, ast.Import) or node.names[0].name == "random"
