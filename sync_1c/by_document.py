"""Settlements kept by counterparty, contract and document: the reading of БП 3.0 and УНФ.

Rules: onec_odata 3.2 and 3.3 ("Overdue", "Bulk requests") and 6 (traps 5, 6, 10 to 14).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING

from b24app.ports.errors import BadAnswer
from b24app.ports.errors import LedgerMisconfigured
from sync_1c import collecting
from sync_1c.cache import Kept
from sync_1c.money import BASE_CURRENCY
from sync_1c.money import currency_code
from sync_1c.odata import EMPTY_GUID
from sync_1c.odata import BadValueError
from sync_1c.profile import DueRules
from sync_1c.reads import ConditionRefusedError
from sync_1c.rows import Piece
from sync_1c.rows import Terms

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterable
    from collections.abc import Iterator
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from sync_1c.gathering import Gathering
    from sync_1c.odata import Quoting
    from sync_1c.profile import Asked
    from sync_1c.profile import DocumentedNames
    from sync_1c.profile import Row
    from sync_1c.query import Query
    from sync_1c.reads import Reads
    from sync_1c.rows import Dated
    from sync_1c.rows import Settled


@dataclass(slots=True)
class DocumentedSettlements:
    """Balances by counterparty, with the days of the documents that are owed.

    `planned`: due days set by document. `dated`: the documents' own days and numbers.
    """

    gathered: Gathering
    names: DocumentedNames
    rules: DueRules
    balances: dict[str, list[Settled]] = field(default_factory=lambda: defaultdict(list))
    planned: dict[str, date] = field(default_factory=dict)
    dated: Mapping[str, Dated] = field(default_factory=dict)

    def take(self, rows: Iterable[Row], accounts: Mapping[str, str]) -> None:
        """Collect balances; money that cannot be read spoils its client."""
        for row in rows:
            try:
                if self.names.is_written_off(row, accounts):
                    lost = self.names.parse_written_off(row)
                    if self.gathered.wants(lost.holder):
                        self.gathered.written_off[lost.holder].append(lost)
                    continue
                found = self.names.parse_settled(row, accounts)
            except BadValueError as error:
                self.gathered.spoil(
                    self.names.settled_party_in(row), f"a settlement row cannot be read: {error}"
                )
                continue
            if found is not None and self.gathered.wants(found.counterparty):
                self.balances[found.counterparty].append(found)

    def owed_documents(self) -> set[tuple[str, str]]:
        """Name the documents whose due day is needed."""
        rows = (row for held in self.balances.values() for row in held)
        return {row.document for row in rows if row.document is not None and falls_due(row)}

    def pieces(self, counterparty: str, notes: list[str]) -> Iterator[Piece]:
        """Tell the balances of a counterparty with the day each debt is due."""
        known = {each.contract.ref: each for each in self.gathered.contracts[counterparty]}
        undated = 0
        for row in self.balances.get(counterparty, ()):
            contract = known.get(row.contract or "")
            code, amount = self._money(row, contract.contract.currency if contract is not None else None)
            if not falls_due(row) or amount <= 0:
                yield Piece(row.organisation, row.contract, code, amount)
                continue
            document = self.dated.get(row.document[1]) if row.document is not None else None
            terms = contract.terms if contract is not None else Terms()
            undated += not self._has_day(row, document, terms)
            due = self._due(row, document, terms)
            number = document.number if document is not None else None
            yield Piece(row.organisation, row.contract, code, amount, due, number)
        if undated:
            notes.append(f"debts without a document that has a day: {undated}; never counted as overdue")

    def _money(self, row: Settled, contract_currency: str | None) -> tuple[str, Decimal]:
        if row.currency is not None:
            return currency_code(row.currency, self.gathered.currencies), row.amount
        if contract_currency is not None:
            return contract_currency, row.amount
        return BASE_CURRENCY, row.base_amount

    def _has_day(self, row: Settled, document: Dated | None, terms: Terms) -> bool:
        return self._set_day(row, terms) is not None or (document is not None and document.dated is not None)

    def _due(self, row: Settled, document: Dated | None, terms: Terms) -> date | None:
        """Tell the day: set for the document, set by the contract, or its term after the document's day."""
        day = self._set_day(row, terms)
        if day is not None or document is None or document.dated is None:
            return day
        return self.names.due(document.dated, terms, self.rules)

    def _set_day(self, row: Settled, terms: Terms) -> date | None:
        planned = self.planned.get(row.document[1]) if row.document is not None else None
        return planned or terms.day


class ByDocument:
    """The order of requests: contracts, balances, due days, days of documents, payments.

    Kept for an hour: the rules, the accounts, the days of documents (onec_odata 3.2: dated for good; a day
    can be corrected, so not for longer).
    """

    def __init__(self, names: DocumentedNames) -> None:
        self._names = names
        self._rules: Kept[DueRules] = Kept()
        self._accounts: Kept[dict[str, str]] = Kept()
        self._dated: Kept[dict[str, Dated]] = Kept()
        self._plain: Kept[bool] = Kept()

    def probe(self, reads: Reads) -> None:
        """Read the rules, or where the configuration keeps none, the currencies."""
        rules = self._rules.get(partial(self._read_rules, reads), fresh=True)
        if rules == DueRules():
            reads.collection(self._names.currencies())

    def architecture(self, reads: Reads) -> None:
        """Tell that there is no such switch, after reading the rules; see `Flow`."""
        self._rules.get(partial(self._read_rules, reads), fresh=True)

    def lists(self) -> tuple[Query, ...]:
        """Name the accounts, where settlements stand on accounts."""
        accounts = self._names.accounts()
        return () if accounts is None else (accounts,)

    def registers(self, *, new: bool | None) -> tuple[Callable[[str, Quoting], Query], ...]:
        """Name request A."""
        del new
        return (self._names.settled,)

    def nobody(self) -> str:
        """Ask for the empty counterparty."""
        return self._names.settled_with(EMPTY_GUID)

    def raw(self, gathered: Gathering, asked: Asked) -> Iterator[tuple[str, Decimal | None]]:
        """Tell request A in the base currency, whatever contract or document a row stands under."""
        settled = DocumentedSettlements(gathered, self._names, DueRules())
        self._take_balances(settled, asked)
        for counterparty, rows in settled.balances.items():
            for row in rows:
                foreign = row.currency is not None or row.amount != row.base_amount
                yield counterparty, None if foreign else row.base_amount

    def gather(self, gathered: Gathering, asked: Asked) -> DocumentedSettlements:
        """Read by conditions, or the register whole; see `Flow`."""
        reads = asked.reads
        rules = self._rules.get(partial(self._read_rules, reads))
        settled = DocumentedSettlements(gathered, self._names, rules)
        collecting.take_contracts(gathered, asked)
        self._take_balances(settled, asked)
        needed = settled.owed_documents()
        if rules.planned:
            settled.planned = self._read_planned(needed, reads)
        settled.dated = self._read_days(needed, reads)
        collecting.take_receipts(gathered, asked)
        return settled

    def _take_balances(self, settled: DocumentedSettlements, asked: Asked) -> None:
        """Read the register by the argument for accounts and clients, else by `$filter` (onec_odata 1.6)."""
        accounts = self._accounts.get(partial(self._read_accounts, asked.reads))
        if not self._plain.get(lambda: False):
            try:
                settled.take(self._conditioned(asked), accounts)
            except ConditionRefusedError:
                if self._names.settled_plainly("") is None:
                    raise
                settled.balances.clear()
                settled.gathered.written_off.clear()
                self._plain.get(lambda: True, fresh=True)
            else:
                return
        settled.take(self._filtered(asked), accounts)

    def _conditioned(self, asked: Asked) -> Iterator[Row]:
        make = partial(self._names.settled, snapshot=asked.snapshot)
        if asked.narrow:
            return asked.reads.conditioned(make, self._parts(asked))
        return asked.reads.quoted(partial(make, ""))

    def _filtered(self, asked: Asked) -> Iterator[Row]:
        make = partial(self._plainly, snapshot=asked.snapshot)
        return asked.reads.chained(make, self._parts(asked)) if asked.narrow else asked.reads.whole(make(""))

    def _plainly(self, condition: str, *, snapshot: bool) -> Query:
        query = self._names.settled_plainly(condition, snapshot=snapshot)
        if query is None:
            raise ConditionRefusedError("1C: the settlements cannot be read without conditions")
        return query

    def _parts(self, asked: Asked) -> list[str]:
        return [self._names.settled_with(ref) for ref in asked.refs or ()]

    def _read_planned(self, needed: Iterable[tuple[str, str]], reads: Reads) -> dict[str, date]:
        """Read the due days that are set by document."""
        documents = sorted(needed)
        wanted = {ref for _, ref in documents}
        found: dict[str, date] = {}
        for row in self._rows_of(documents, self._names.planned, reads):
            try:
                ref, day = self._names.parse_planned(row)
            except BadValueError as error:
                raise BadAnswer(f"1C: a due day cannot be read: {error}") from error
            if ref in wanted and day is not None:
                found[ref] = day
        return found

    def _read_days(self, needed: Iterable[tuple[str, str]], reads: Reads) -> dict[str, Dated]:
        """Read the days of documents not dated yet."""
        known = self._dated.get(dict)
        sources: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for kind, ref in sorted(needed):
            if ref not in known:
                sources[self._names.dated_in(kind)].append((kind, ref))
        for source, documents in sources.items():
            wanted = {ref for _, ref in documents}
            for row in self._rows_of(documents, partial(self._names.documents, source), reads):
                try:
                    found = self._names.parse_document(row)
                except BadValueError as error:
                    raise BadAnswer(f"1C: a document's day cannot be read: {error}") from error
                if found.ref in wanted:
                    known[found.ref] = found
        return known

    def _rows_of(
        self, documents: list[tuple[str, str]], make: Callable[[str], Query], reads: Reads
    ) -> Iterator[Row]:
        return reads.named(make, [self._names.document_with(kind, ref) for kind, ref in documents])

    def _read_rules(self, reads: Reads) -> DueRules:
        try:
            return self._names.rules(reads.collection)
        except BadValueError as error:
            raise LedgerMisconfigured(f"1C: {error}") from error

    def _read_accounts(self, reads: Reads) -> dict[str, str]:
        query = self._names.accounts()
        if query is None:
            return {}
        try:
            return dict(self._names.parse_account(row) for row in reads.pages(query))
        except BadValueError as error:
            raise BadAnswer(f"1C: an account cannot be read: {error}") from error


def falls_due(row: Settled) -> bool:
    """Tell whether a balance is a debt with a day to be paid."""
    return row.payable and (row.amount > 0 or row.base_amount > 0)
