"""Debt given up as hopeless: told by the scheduled reading where the configuration shows it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from b24app.domain.receivable import AccountFigures
from b24app.sandbox.onec.accounting import SandboxAccounting
from b24app.sandbox.onec.base import SandboxOneC
from b24app.sandbox.onec.core import Document
from b24app.sandbox.onec.families import SeededBase
from b24app.sandbox.server import Served
from tests.builders import rub
from tests.contract.test_ledger import CLEAN_CLIENT
from tests.contract.test_ledger import LATE
from tests.contract.test_ledger import LATE_CLIENT
from tests.contract.test_ledger import START
from tests.contract.test_ledger import debt_of
from tests.contract.test_ledger import open_family
from tests.contract.test_ledger import open_ledger


def write_off(base: SeededBase) -> Document:
    """Give up a part of the oldest debt of the late client."""
    if isinstance(base, SandboxAccounting):
        return base.write_off("late", "Д-late", "УТ-1", Decimal("4000.10"))
    assert isinstance(base, SandboxOneC)
    return base.write_off("late", Decimal("4000.10"))


@pytest.mark.parametrize("family", ["ut11", "bp30"])
def test_debt_given_up_is_told_beside_the_debt_that_is_left(family: str) -> None:
    base = open_family(family, LATE_CLIENT, CLEAN_CLIENT)
    written = write_off(base)
    with Served(base.app) as served:
        ledger = open_ledger(served, base)
        told = {one.inn: one for one in ledger.stream(now=START) if isinstance(one, AccountFigures)}
        assert told[LATE].written_off == (rub("4000.10"),)
        assert debt_of(told[LATE]) == rub("136000.15")
        assert all(one.written_off == () for inn, one in told.items() if inn != LATE)
        paid = told[LATE].last_payment
        assert paid is not None
        assert paid.amount == rub("10000.25")
        base.unpost(written)
        after = {one.inn: one for one in ledger.stream(now=START) if isinstance(one, AccountFigures)}
        assert after[LATE].written_off == ()
        assert debt_of(after[LATE]) == rub("140000.25")
