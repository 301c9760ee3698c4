"""Rows of one read collected by client, with what is wrong with whom; no I/O.

Money that cannot be read is never left out: its client gets an issue instead of figures, and a row that
cannot even be attributed ends the read.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar

from b24app.ports.errors import BadAnswer
from b24app.ports.ledger import SyncIssue
from sync_1c import mapping
from sync_1c.odata import BadValueError
from sync_1c.rows import Debt

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Collection
    from collections.abc import Iterable
    from collections.abc import Mapping

    from b24app.domain.receivable import Contract
    from sync_1c.rows import Balance
    from sync_1c.rows import Key
    from sync_1c.rows import Receipt
    from sync_1c.rows import SettlementObject

_Row = TypeVar("_Row")
ItemId = tuple[str, str, str | None]


@dataclass(slots=True)
class Gathering:
    """Everything read about the wanted counterparties (`wanted` None: about all of them).

    `keys` may hold other clients' keys too: their rows are known and dropped. `strangers` are rows whose key
    is not among `keys`. `morning`: what was due by the start of today, by key, currency and settlement
    object. `receipts_kept`: how many of the newest receipts are kept of each document kind.
    """

    currencies: Mapping[str, str]
    wanted: Collection[str] | None
    receipts_kept: int
    keys: Mapping[str, Key] = field(default_factory=dict)
    keys_of: dict[str, list[Key]] = field(default_factory=lambda: defaultdict(list))
    debts: dict[str, list[Debt]] = field(default_factory=lambda: defaultdict(list))
    balances: dict[str, list[Balance]] = field(default_factory=lambda: defaultdict(list))
    morning: dict[ItemId, Balance] = field(default_factory=dict)
    contracts: dict[str, list[Contract]] = field(default_factory=lambda: defaultdict(list))
    receipts: dict[str, list[Receipt]] = field(default_factory=lambda: defaultdict(list))
    objects: dict[str, SettlementObject] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    issues: list[SyncIssue] = field(default_factory=list)
    strangers: list[Debt | Balance] = field(default_factory=list)

    def wants(self, counterparty: str | None) -> bool:
        """Tell whether rows of this counterparty are asked for; intercompany keys have none."""
        return counterparty is not None and (self.wanted is None or counterparty in self.wanted)

    def use_keys(self, keys: Mapping[str, Key]) -> None:
        """Take the known keys (replacing those of before) and index the wanted counterparties' ones."""
        self.keys = keys
        self.keys_of.clear()
        for key in keys.values():
            if key.counterparty is not None and self.wants(key.counterparty):
                self.keys_of[key.counterparty].append(key)

    def take_debts(self, rows: Iterable[dict[str, Any]]) -> None:
        """Collect rows of request A."""
        for row in rows:
            debt = self._money_row(row, mapping.parse_debt)
            if debt is not None and self._is_ours(debt):
                self.debts[debt.key].append(debt)

    def take_balances(self, rows: Iterable[dict[str, Any]], *, by_object: bool = False) -> None:
        """Collect rows of request B (of the end of today, when by settlement object)."""
        parse = mapping.parse_object_balance if by_object else mapping.parse_balance
        for row in rows:
            balance = self._money_row(row, parse)
            if balance is not None and self._is_ours(balance):
                self.balances[balance.key].append(balance)

    def take_morning(self, rows: Iterable[dict[str, Any]]) -> None:
        """Collect rows of request B by settlement object as of the start of today."""
        for row in rows:
            balance = self._money_row(row, mapping.parse_object_balance)
            if balance is not None and balance.key in self.keys:
                self.morning[balance.key, balance.currency, balance.item] = balance

    def readmit_strangers(self) -> None:
        """Sort the strangers in again after the keys were refreshed; those left over are issues."""
        waiting, self.strangers = self.strangers, []
        for row in waiting:
            if not self._is_ours(row):
                continue
            if isinstance(row, Debt):
                self.debts[row.key].append(row)
            else:
                self.balances[row.key].append(row)
        for ref in sorted({row.key for row in self.strangers}):
            self.issues.append(SyncIssue(ref, "a settlement row has an analytics key that 1C does not list"))

    def take_contracts(self, rows: Iterable[dict[str, Any]]) -> None:
        """Collect contracts; an unreadable one spoils its client, because a limit may stand in it."""
        for row in rows:
            try:
                found = mapping.parse_contract(row, self.currencies)
            except BadValueError as error:
                self._spoil(mapping.counterparty_in(row), f"a contract cannot be read: {error}")
                continue
            if found is not None and self.wants(found.counterparty):
                self.contracts[found.counterparty].append(found.contract)

    def take_receipts(self, rows: Iterable[dict[str, Any]]) -> None:
        """Collect payments, newest first as they come; an unreadable one is an issue and no more."""
        taken: dict[str, int] = defaultdict(int)
        for row in rows:
            try:
                receipt = mapping.parse_receipt(row)
            except BadValueError as error:
                self.issues.append(SyncIssue(mapping.name_of(row), f"a payment cannot be read: {error}"))
                continue
            if receipt is None or not self.wants(receipt.counterparty):
                continue
            if taken[receipt.counterparty] < self.receipts_kept:
                taken[receipt.counterparty] += 1
                self.receipts[receipt.counterparty].append(receipt)

    def take_objects(self, rows: Iterable[dict[str, Any]], needed: Collection[str]) -> None:
        """Collect the settlement objects asked for; an unreadable one only loses its day."""
        for row in rows:
            try:
                found = mapping.parse_settlement_object(row)
            except BadValueError as error:
                self.issues.append(SyncIssue(mapping.name_of(row), f"a settlement object: {error}"))
                continue
            if found.ref in needed:
                self.objects[found.ref] = found

    def _is_ours(self, row: Debt | Balance) -> bool:
        key = self.keys.get(row.key)
        if key is None:
            self.strangers.append(row)
            return False
        return self.wants(key.counterparty)

    def _money_row(self, row: dict[str, Any], parse: Callable[[dict[str, Any]], _Row]) -> _Row | None:
        try:
            return parse(row)
        except BadValueError as error:
            key = self.keys.get(mapping.key_in(row) or "")
            if key is None:
                raise BadAnswer(f"1C: a settlement row cannot be read: {error}") from error
            if key.counterparty is not None:
                self._spoil(key.counterparty, f"a settlement row cannot be read: {error}")
            return None

    def _spoil(self, counterparty: str | None, why: str) -> None:
        if counterparty is None:
            raise BadAnswer(f"1C: {why}, and it does not say whose it is")
        if self.wants(counterparty):
            self.broken.setdefault(counterparty, why)
