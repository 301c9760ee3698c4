"""The limit a client has by his contracts."""

from __future__ import annotations

import pytest

from b24app.domain.contracts import contracts_limit
from b24app.domain.errors import CurrencyMismatchError
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import NotSet
from b24app.domain.limits import Unlimited
from b24app.domain.receivable import Contract
from tests.builders import rub
from tests.builders import usd


def contract(limit: CreditLimit, *, active: bool = True) -> Contract:
    """Make a contract with this limit."""
    return Contract("ref", "1", "RUB", active=active, limit=limit)


@pytest.mark.parametrize(
    ("contracts", "expected"),
    [
        ([], NotSet()),
        ([contract(NotSet())], NotSet()),
        ([contract(Granted(rub("100")), active=False)], NotSet()),
        ([contract(Granted(rub("0")))], Granted(rub("0"))),
        (
            [contract(Granted(rub("100"))), contract(Granted(rub("50.50"))), contract(NotSet())],
            Granted(rub("150.50")),
        ),
        ([contract(Granted(rub("100"))), contract(Granted(usd("7")), active=False)], Granted(rub("100"))),
        ([contract(Granted(rub("100"))), contract(Unlimited())], Unlimited()),
    ],
    ids=["none", "switch off", "closed", "prepayment", "summed", "closed foreign one", "unlimited"],
)
def test_the_limits_of_active_contracts_add_up(contracts: list[Contract], expected: CreditLimit) -> None:
    assert contracts_limit(contracts) == expected


def test_limits_in_two_currencies_are_no_one_sum() -> None:
    with pytest.raises(CurrencyMismatchError):
        contracts_limit([contract(Granted(rub("1"))), contract(Granted(usd("1")))])
