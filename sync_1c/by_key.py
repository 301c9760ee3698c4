"""Settlements kept by analytics key: the reading of УТ 11, КА 2 and ERP 2, in both settlement architectures.

Rules: onec_odata 3.1 ("What 1C itself computes", "Bulk requests") and 6 (traps 4, 6 to 11).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from typing import TypeVar

from b24app.ports.errors import BadAnswer
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.ledger import SyncIssue
from sync_1c import collecting
from sync_1c.cache import Kept
from sync_1c.money import BASE_CURRENCY
from sync_1c.money import currency_code
from sync_1c.odata import EMPTY_GUID
from sync_1c.odata import BadValueError
from sync_1c.odata import Quoting
from sync_1c.rows import ZERO
from sync_1c.rows import Balance
from sync_1c.rows import Debt
from sync_1c.rows import Piece

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Collection
    from collections.abc import Iterable
    from collections.abc import Iterator
    from collections.abc import Mapping
    from decimal import Decimal

    from sync_1c.gathering import Gathering
    from sync_1c.profile import Asked
    from sync_1c.profile import KeyedNames
    from sync_1c.profile import Row
    from sync_1c.query import Query
    from sync_1c.reads import Reads
    from sync_1c.rows import Dated
    from sync_1c.rows import Key

_ONE_DAY = timedelta(days=1)
_Row = TypeVar("_Row")
ItemId = tuple[str, str, str | None]


@dataclass(slots=True)
class KeyedSettlements:
    """Register rows by analytics key.

    `keys` may hold other clients' keys too: their rows are known and dropped. `strangers` are rows whose key
    is not among `keys`. `morning`: what was due by the start of today, by key, currency, settlement object.
    """

    names: KeyedNames
    gathered: Gathering
    today: date
    new_architecture: bool
    keys: Mapping[str, Key] = field(default_factory=dict)
    keys_of: dict[str, list[Key]] = field(default_factory=lambda: defaultdict(list))
    debts: dict[str, list[Debt]] = field(default_factory=lambda: defaultdict(list))
    balances: dict[str, list[Balance]] = field(default_factory=lambda: defaultdict(list))
    morning: dict[ItemId, Balance] = field(default_factory=dict)
    objects: dict[str, Dated] = field(default_factory=dict)
    strangers: list[Debt | Balance] = field(default_factory=list)

    def use_keys(self, keys: Mapping[str, Key]) -> None:
        """Take the known keys (replacing those of before) and index the wanted counterparties' ones."""
        self.keys = keys
        self.keys_of.clear()
        for key in keys.values():
            if key.counterparty is not None and self.gathered.wants(key.counterparty):
                self.keys_of[key.counterparty].append(key)

    def take_debts(self, rows: Iterable[Row]) -> None:
        """Collect rows of request A."""
        for row in rows:
            debt = self._money_row(row, self.names.parse_debt)
            if debt is not None and self._is_ours(debt):
                self.debts[debt.key].append(debt)

    def take_balances(self, rows: Iterable[Row], *, by_object: bool = False) -> None:
        """Collect rows of request B (of the end of today, when by settlement object)."""
        parse = self.names.parse_object_balance if by_object else self.names.parse_balance
        for row in rows:
            balance = self._money_row(row, parse)
            if balance is not None and self._is_ours(balance):
                self.balances[balance.key].append(balance)

    def take_morning(self, rows: Iterable[Row]) -> None:
        """Collect rows of request B by settlement object as of the start of today."""
        for row in rows:
            balance = self._money_row(row, self.names.parse_object_balance)
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
            why = "a settlement row has an analytics key that 1C does not list"
            self.gathered.issues.append(SyncIssue(ref, why))

    def take_objects(self, rows: Iterable[Row], needed: Collection[str]) -> None:
        """Collect the settlement objects asked for; an unreadable one only loses its day."""
        for row in rows:
            try:
                found = self.names.parse_settlement_object(row)
            except BadValueError as error:
                why = f"a settlement object: {error}"
                self.gathered.issues.append(SyncIssue(self.names.name_of(row), why))
                continue
            if found.ref in needed:
                self.objects[found.ref] = found

    def take_written_off(self, rows: Iterable[Row]) -> None:
        """Collect what was given up as hopeless; an unreadable record is an issue."""
        for row in rows:
            lost = collecting.parsed(row, self.names.parse_written_off, self.gathered)
            key = self.keys.get(lost.holder) if lost is not None else None
            if lost is not None and key is not None and self.gathered.wants(key.counterparty):
                self.gathered.written_off[key.counterparty or ""].append(lost)

    def overdue_objects(self) -> set[str]:
        """Name the settlement objects whose day is needed: those with an overdue part (old architecture)."""
        rows = (row for held in self.balances.values() for row in held)
        return {row.item for row in rows if row.item is not None and self._overdue_part(row) > 0}

    def pieces(self, counterparty: str, notes: list[str]) -> Iterator[Piece]:
        """Tell what the registers hold under the counterparty's keys."""
        terms = {each.contract.ref: each.terms.days for each in self.gathered.contracts[counterparty]}
        for key in self.keys_of.get(counterparty, ()):
            currencies = {row.currency for row in self.debts.get(key.ref, ())}
            currencies |= {row.currency for row in self.balances.get(key.ref, ())}
            for ref in sorted(currencies):
                code = currency_code(ref, self.gathered.currencies)
                make = partial(Piece, key.organisation, key.contract, code)
                if self.new_architecture:
                    yield from self._by_due_date(key, ref, make, notes)
                else:
                    yield from self._by_object(key, ref, make, terms.get(key.contract or ""))

    def _by_due_date(
        self, key: Key, currency: str, make: Callable[..., Piece], notes: list[str]
    ) -> Iterator[Piece]:
        """New architecture: request A carries the due dates, request B the sum УТ holds against the limit.

        Both sums of A are positive and net = Долг − Предоплата. What B has above that net is owed without a
        date.
        """
        net = ZERO
        for debt in self.debts.get(key.ref, ()):
            if debt.currency == currency:
                yield make(debt.owed, debt.due)
                yield make(-debt.prepaid)
                net += debt.owed - debt.prepaid
        exact = ZERO
        for balance in self.balances.get(key.ref, ()):
            if balance.currency == currency:
                exact += balance.amount
                yield make(ZERO, pending=balance.pending, shipping=max(balance.shipping, ZERO))
        if exact > net:
            yield make(exact - net)
            told = f"{exact} is owed, {net} by due dates"
            notes.append(f"1C's registers differ: {told}; the difference is counted as owed")

    def _by_object(
        self, key: Key, currency: str, make: Callable[..., Piece], term: int | None
    ) -> Iterator[Piece]:
        """Old architecture: per settlement object min(Сумма, КОплате − Оплачивается), due before today.

        Receipts not yet confirmed are subtracted here, object by object as 1C does, so nothing is `pending`.
        """
        for balance in self.balances.get(key.ref, ()):
            if balance.currency != currency:
                continue
            found = self.objects.get(balance.item or "")
            document = found.number if found is not None and found.number else balance.item
            overdue = self._overdue_part(balance)
            if overdue > 0:
                dated = found.dated if found is not None else None
                yield make(overdue, self._due(dated, term), document)
            yield make(balance.amount - overdue, None, document, shipping=max(balance.shipping, ZERO))

    def _overdue_part(self, row: Balance) -> Decimal:
        morning = self.morning.get((row.key, row.currency, row.item))
        due_before_today = morning.to_pay if morning is not None else ZERO
        return max(ZERO, min(row.amount, row.to_pay - row.pending, due_before_today))

    def _due(self, dated: date | None, term: int | None) -> date:
        """Tell when an overdue part was due: the object's day plus the term, else yesterday [I]."""
        yesterday = self.today - _ONE_DAY
        if dated is None or term is None:
            return yesterday
        return min(dated + timedelta(days=term), yesterday)

    def _is_ours(self, row: Debt | Balance) -> bool:
        key = self.keys.get(row.key)
        if key is None:
            self.strangers.append(row)
            return False
        return self.gathered.wants(key.counterparty)

    def _money_row(self, row: Row, parse: Callable[[Row], _Row]) -> _Row | None:
        try:
            return parse(row)
        except BadValueError as error:
            key = self.keys.get(self.names.key_in(row) or "")
            if key is None:
                raise BadAnswer(f"1C: a settlement row cannot be read: {error}") from error
            if key.counterparty is not None:
                self.gathered.spoil(key.counterparty, f"a settlement row cannot be read: {error}")
            return None


class ByKey:
    """The order of requests: keys, contracts, registers, payments; keys and architecture kept for an hour."""

    def __init__(self, names: KeyedNames) -> None:
        self._names = names
        self._architecture: Kept[bool] = Kept()
        self._keys: Kept[dict[str, Key]] = Kept()

    def probe(self, reads: Reads) -> None:
        """Read the architecture constant."""
        self._architecture.get(partial(self._read_architecture, reads), fresh=True)

    def architecture(self, reads: Reads) -> bool:
        """Read the constant anew; see `Flow`."""
        return self._architecture.get(partial(self._read_architecture, reads), fresh=True)

    def lists(self) -> tuple[Query, ...]:
        """Name the analytics keys."""
        return (self._names.keys(),)

    def registers(self, *, new: bool | None) -> tuple[Callable[[str, Quoting], Query], ...]:
        """Name request B, and A in the new architecture."""
        return (self._names.debts, self._names.balances) if new else (self._names.balances,)

    def nobody(self) -> str:
        """Ask for the empty key."""
        return self._names.with_key(EMPTY_GUID)

    def raw(self, gathered: Gathering, asked: Asked) -> Iterator[tuple[str, Decimal | None]]:
        """Tell request B by the counterparty of each key; at the end of today in the old architecture.

        Rows of keys without a counterparty are between own companies; unreadable ones are left to `gather`.
        """
        keys = self._keys.get(partial(self._read_keys, asked.reads), fresh=True)
        today = asked.moment.today
        midnight = datetime(today.year, today.month, today.day) + _ONE_DAY  # noqa: DTZ001 - base's own clock
        new = self._architecture.get(partial(self._read_architecture, asked.reads))
        query = self._names.balances("", Quoting.SINGLE, period=None if new else midnight)
        for row in asked.reads.whole(query):
            found = collecting.parsed(row, self._names.parse_balance, gathered)
            key = keys.get(found.key) if found is not None else None
            if found is not None and key is not None and key.counterparty is not None:
                base = gathered.currencies.get(found.currency) == BASE_CURRENCY
                if base or found.amount:
                    yield key.counterparty, found.amount if base else None

    def gather(self, gathered: Gathering, asked: Asked) -> KeyedSettlements:
        """Read by conditions, or the registers whole; see `Flow`."""
        new = self._architecture.get(partial(self._read_architecture, asked.reads))
        settled = KeyedSettlements(self._names, gathered, asked.moment.today, new)
        if asked.narrow:
            self._few(settled, asked)
        else:
            self._whole(settled, asked)
        collecting.take_receipts(gathered, asked)
        self._take_objects(settled, asked.reads)
        return settled

    def _few(self, settled: KeyedSettlements, asked: Asked) -> None:
        """Read by `or` chains; keys are read anew: a remembered list would hide a new contract's debt."""
        names, refs, reads = self._names, asked.refs or (), asked.reads
        rows = reads.chained(names.keys, [names.key_of_counterparty(ref) for ref in refs])
        settled.use_keys({key.ref: key for key in self._parsed_keys(rows)})
        collecting.take_contracts(settled.gathered, asked)
        conditions = [names.with_key(key.ref) for keys in settled.keys_of.values() for key in keys]
        self._take_registers(settled, lambda make: reads.conditioned(make, conditions))

    def _whole(self, settled: KeyedSettlements, asked: Asked) -> None:
        """Read everything and keep what is wanted; keys are refreshed when a row has an unknown one."""
        reads = asked.reads
        read_keys = partial(self._read_keys, reads)
        settled.use_keys(self._keys.get(read_keys))
        collecting.take_contracts(settled.gathered, asked)
        self._take_registers(settled, lambda make: reads.whole(make("", Quoting.SINGLE)))
        if settled.strangers:
            settled.use_keys(self._keys.get(read_keys, fresh=True))
            settled.readmit_strangers()
        if asked.snapshot:
            settled.take_written_off(reads.pages(self._names.written_off()))

    def _take_registers(
        self,
        settled: KeyedSettlements,
        table: Callable[[Callable[[str, Quoting], Query]], Iterable[Row]],
    ) -> None:
        """Read A and B, or in the old architecture B as of the start and the end of today.

        The end of a day is the next midnight: bank-confirmed receipts are dated 23:59:59 (onec_odata 3.1).
        """
        if settled.new_architecture:
            settled.take_debts(table(self._names.debts))
            settled.take_balances(table(self._names.balances))
            return
        today = settled.today
        midnight = datetime(today.year, today.month, today.day)  # noqa: DTZ001 - base's own clock
        morning = partial(self._names.balances, by_object=True, period=midnight)
        evening = partial(self._names.balances, by_object=True, period=midnight + _ONE_DAY)
        settled.take_morning(table(morning))
        settled.take_balances(table(evening), by_object=True)

    def _take_objects(self, settled: KeyedSettlements, reads: Reads) -> None:
        """Read the days of settlement objects with an overdue part (old architecture only)."""
        if settled.new_architecture:
            return
        needed = settled.overdue_objects()
        parts = [self._names.with_ref(ref) for ref in sorted(needed)]
        rows = reads.named(self._names.settlement_objects, parts)
        settled.take_objects(rows, needed)

    def _read_architecture(self, reads: Reads) -> bool:
        try:
            return self._names.parse_architecture(reads.collection(self._names.architecture()))
        except BadValueError as error:
            raise LedgerMisconfigured(f"1C: {error}") from error

    def _read_keys(self, reads: Reads) -> dict[str, Key]:
        return {key.ref: key for key in self._parsed_keys(reads.pages(self._names.keys()))}

    def _parsed_keys(self, rows: Iterable[Row]) -> Iterator[Key]:
        for row in rows:
            try:
                yield self._names.parse_key(row)
            except BadValueError as error:
                raise BadAnswer(f"1C: an analytics key cannot be read: {error}") from error
