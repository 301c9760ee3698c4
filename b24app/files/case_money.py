"""The sums of a case file with their currencies: where one is left out, the place it stands in says it."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.domain.money import Money
from b24app.files.sums import Sum

if TYPE_CHECKING:
    from b24app.files.case_rows import ClientForm
    from b24app.files.case_rows import ContractForm
    from b24app.files.case_rows import DealForm
    from b24app.files.case_rows import ReserveForm
    from b24app.files.locator import Path


@dataclass(frozen=True, slots=True)
class Purse:
    """Knows the credit currency, and the contracts of every client by ИНН."""

    home: str
    clients: Mapping[str, ClientForm]

    def under(self, contract: ContractForm | None, amount: Sum | None) -> Money:
        """Return a sum that stands under a contract; none is nothing."""
        currency = (contract.currency if contract is not None else None) or self.home
        return Money.zero(currency) if amount is None else amount.money(currency)

    def asked(self, row: DealForm | ReserveForm, amount: Sum | None = None) -> Money:
        """Return the amount of a deal or a promise; that of its contract's currency."""
        return self.under(self.contract(row.client, row.contract), row.amount if amount is None else amount)

    def limit(self, given: Sum | Unlimited | None, contract: ContractForm | None = None) -> CreditLimit:
        """Return a limit, in the currency of its contract where it has one."""
        if given is None:
            return NOT_SET
        return given if isinstance(given, Unlimited) else Granted(self.under(contract, given))

    def contract(self, inn: str, named: str | None) -> ContractForm | None:
        """Find the contract a row names by number or key."""
        client = self.clients.get(inn)
        found = [] if client is None or named is None else named_so(client, named)
        return found[0] if len(found) == 1 else None

    def met(self, path: Path, client: ClientForm) -> Iterator[tuple[Path, Money]]:
        """Return the money of a client with its path; nothing is left out, his limits are not."""
        limits = [((*path, "limit"), self.limit(client.limit))]
        for number, contract in enumerate(client.contracts):
            place = (*path, "contracts", number)
            limits.append(((*place, "limit"), self.limit(contract.limit, contract)))
            for index, document in enumerate(contract.documents):
                yield (*place, "documents", index, "amount"), self.under(contract, document.amount)
            yield (*place, "advances"), self.under(contract, contract.advances)
            yield (*place, "pending_receipts"), self.under(contract, contract.pending_receipts)
            yield (*place, "shipped_not_invoiced"), self.under(contract, contract.shipped_not_invoiced)
        for where, limit in limits:
            if isinstance(limit, Granted):
                yield where, limit.amount


def named_so(client: ClientForm, named: str) -> list[ContractForm]:
    """Return the contracts of a client that have a number or a key."""
    return [each for each in client.contracts if named in {each.key, each.number}]
