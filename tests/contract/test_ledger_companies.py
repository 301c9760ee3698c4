"""The Ledger port about a client who trades with two companies of ours, over the fake and the adapter."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Contract
from b24app.domain.receivable import Counterparty
from b24app.domain.receivable import Position
from b24app.ports.ledger import SyncIssue
from b24app.sandbox.onec.http import Publication
from b24app.sandbox.server import Served
from b24app.sandbox.world import SeedContract
from b24app.sandbox.world import SeedPayment
from tests.builders import instalment
from tests.builders import rub
from tests.contract.test_ledger import CLEAN
from tests.contract.test_ledger import CLEAN_CLIENT
from tests.contract.test_ledger import LATE
from tests.contract.test_ledger import START
from tests.contract.test_ledger import ago
from tests.contract.test_ledger import client
from tests.contract.test_ledger import open_base
from tests.contract.test_ledger import open_ledger
from tests.contract.test_ledger import sale
from tests.fakes_ledger import FakeLedger

if TYPE_CHECKING:
    from b24app.ports.ledger import Ledger

GOODS, TOOLS, MORE = "Д-goods", "Д-tools", "Д-more"
CLIENT = client(
    "both",
    LATE,
    contracts=(
        SeedContract(GOODS, Decimal(400_000), 30),
        SeedContract(TOOLS, Decimal(150_000), 14, company="sister"),
        SeedContract(MORE, None, 14, company="sister"),
    ),
    sales=(
        sale("УТ-1", GOODS, "210000", sold=40, due=10),
        sale("УТ-2", TOOLS, "70000.50", sold=20, due=6),
    ),
    payments=(SeedPayment("П-1", MORE, ago(3), Decimal(9000), None),),
)


def fake() -> FakeLedger:
    """Put the same client into the fake."""

    def position(contract: str, company: str, owed: str, credit: str = "0") -> Position:
        return Position(
            contract,
            "RUB",
            (instalment(owed, ago(1)),) if Decimal(owed) else (),
            credit=rub(credit),
            pending=rub(0),
            shipped_not_invoiced=rub(0),
            organisation=company,
        )

    both = AccountFigures(
        inn=LATE,
        counterparties=(Counterparty("c", "ООО «both»", LATE, "770101001"),),
        positions=(
            position("g", "main", "210000"),
            position("t", "sister", "70000.50"),
            position("m", "sister", "0", credit="9000"),
        ),
        contracts=(
            Contract("g", GOODS, "RUB", active=True, organisation="main"),
            Contract("t", TOOLS, "RUB", active=True, organisation="sister"),
            Contract("m", MORE, "RUB", active=True, organisation="sister"),
        ),
        payments=(),
        as_of=START,
    )
    return FakeLedger(both, AccountFigures(CLEAN, (), (), (), (), START))


@pytest.fixture(params=["fake", "new, few", "new, many", "old, few", "old, many"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    case: str = request.param
    if case == "fake":
        yield fake()
        return
    base = open_base(Publication(new_architecture="new" in case), CLIENT, CLEAN_CLIENT)
    with Served(base.app) as served:
        yield open_ledger(served, base, few_limit=0 if "many" in case else 50)


def told(account: AccountFigures) -> dict[str, set[tuple[str, Decimal]]]:
    """Show the contracts a company of ours is owed under, and how much is owed less advances."""
    numbers = {contract.ref: contract.number for contract in account.contracts}
    found: dict[str, set[tuple[str, Decimal]]] = {}
    for position in account.positions:
        owed = sum((part.open_amount.amount for part in position.instalments), Decimal(0))
        row = (numbers[position.contract or ""], owed - position.credit.amount)
        found.setdefault(position.organisation or "", set()).add(row)
    return found


def test_debts_to_two_companies_of_ours_come_as_positions_told_apart(ledger: Ledger) -> None:
    account = ledger.fetch([LATE, CLEAN], now=START).accounts[LATE]
    by_contract = {contract.number: contract.organisation or "" for contract in account.contracts}
    main, sister = by_contract[GOODS], by_contract[TOOLS]
    assert main
    assert sister
    assert main != sister == by_contract[MORE]
    assert told(account) == {
        main: {(GOODS, Decimal(210_000))},
        sister: {(TOOLS, Decimal("70000.50")), (MORE, Decimal(-9000))},
    }


def test_a_position_is_of_the_company_its_contract_is_with(ledger: Ledger) -> None:
    account = ledger.fetch([LATE], now=START).accounts[LATE]
    companies = {contract.ref: contract.organisation for contract in account.contracts}
    assert account.positions
    for position in account.positions:
        assert position.organisation == companies[position.contract or ""]


def test_the_stream_tells_the_companies_too(ledger: Ledger) -> None:
    streamed = {each.inn: each for each in ledger.stream(now=START) if not isinstance(each, SyncIssue)}
    fetched = ledger.fetch([LATE], now=START).accounts[LATE]
    assert streamed[LATE].positions == fetched.positions
    assert streamed[LATE].contracts == fetched.contracts
