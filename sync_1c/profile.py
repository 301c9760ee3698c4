"""What a configuration of 1C must tell the adapter, and what a reading of it gives back.

A profile is one module of `sync_1c.profiles` that fits `Profile` and what its flow asks besides: `KeyedNames`
for `by_key.ByKey`, `DocumentedNames` for `by_document.ByDocument`. Names and rows stand there, the order of
requests stands in the flow. What the requests and parts of `or` chains mean is said where they are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any
from typing import Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterator
    from collections.abc import Mapping
    from collections.abc import Sequence
    from datetime import date
    from datetime import datetime
    from decimal import Decimal

    from b24app.domain.rates import Rate
    from b24app.domain.receivable import Counterparty
    from sync_1c.gathering import Gathering
    from sync_1c.odata import Quoting
    from sync_1c.query import Query
    from sync_1c.reads import Reads
    from sync_1c.rows import Balance
    from sync_1c.rows import ClientContract
    from sync_1c.rows import Dated
    from sync_1c.rows import Debt
    from sync_1c.rows import Key
    from sync_1c.rows import Piece
    from sync_1c.rows import Receipt
    from sync_1c.rows import Settled
    from sync_1c.rows import Terms
    from sync_1c.rows import WrittenOff

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """When figures are built: `today` of the base, `as_of` of the read."""

    today: date
    as_of: datetime


@dataclass(frozen=True, slots=True)
class DueRules:
    """How a base finds due days besides the terms of contracts.

    `planned`: days are set by document. `default_days`: the term where a contract has none, None: no term.
    """

    planned: bool = False
    default_days: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One reading: of these counterparties by conditions (`narrow`) or of the registers whole.

    `refs` None: every counterparty. `snapshot`: read also what only the reports need (written-off debt).
    """

    reads: Reads
    moment: Moment
    refs: Sequence[str] | None = None
    narrow: bool = False
    snapshot: bool = False


class Settlements(Protocol):
    """What the registers said, ready to be told by counterparty."""

    def pieces(self, counterparty: str, notes: list[str]) -> Iterator[Piece]:
        """Tell the sums of a counterparty, and in `notes` what is doubtful about them.

        Raises `BadValueError` when a sum cannot be told.
        """
        ...


class Flow(Protocol):
    """The order of requests of a family of configurations, with what it remembers between readings."""

    def gather(self, gathered: Gathering, asked: Asked) -> Settlements:
        """Read contracts, settlements and payments of the wanted counterparties."""
        ...

    def probe(self, reads: Reads) -> None:
        """Make one cheap read that proves address, login and rights."""
        ...

    def architecture(self, reads: Reads) -> bool | None:
        """Tell whether settlements are kept online by due day; None where there is no such switch.

        Raises `GatewayError` subclasses.
        """
        ...

    def lists(self) -> tuple[Query, ...]:
        """Name the sets that are read besides those every configuration has."""
        ...

    def registers(self, *, new: bool | None) -> tuple[Callable[[str, Quoting], Query], ...]:
        """Name the requests to settlement registers; `new` is what `architecture` told."""
        ...

    def nobody(self) -> str:
        """Write the condition under which such a request finds no row."""
        ...

    def raw(self, gathered: Gathering, asked: Asked) -> Iterator[tuple[str, Decimal | None]]:
        """Tell the sums of the settlement register by counterparty, in the base currency.

        Written apart from `gather`, so that the two can be compared. None: a sum in another currency.
        """
        ...


class Profile(Protocol):
    """The names of one configuration: requests as values, rows as values.

    `NAMES`: what it is called in the settings, its own name first. `TITLE`: what people call it. `RANK`: the
    lower is tried first when a base is recognised. `MARKS`: objects that only this configuration has among
    those tried later. `NEEDED`: objects without which nothing can be read; `BESIDES`: those needed under
    what `Flow.architecture` told; `USEFUL`: those needed for some clients only. `KEEPS_LIMITS`: credit limits
    stand in contracts. Parsers raise `BadValueError`.
    """

    @property
    def NAMES(self) -> tuple[str, ...]: ...

    @property
    def TITLE(self) -> str: ...

    @property
    def RANK(self) -> int: ...

    @property
    def MARKS(self) -> tuple[str, ...]: ...

    @property
    def NEEDED(self) -> tuple[str, ...]: ...

    @property
    def BESIDES(self) -> Mapping[bool | None, tuple[str, ...]]: ...

    @property
    def USEFUL(self) -> tuple[str, ...]: ...

    @property
    def KEEPS_LIMITS(self) -> bool: ...

    @property
    def FLOW(self) -> Callable[[Any], Flow]: ...

    @property
    def WITH_INN(self) -> str: ...

    def counterparties(self, filter_: str = "") -> Query: ...

    def with_ref(self, ref: str) -> str: ...

    def named_party(self, row: Mapping[str, Any]) -> tuple[str, str, str]: ...

    def entered_at(self, row: Mapping[str, Any]) -> datetime | None: ...

    def has_inn(self, inn: str) -> str: ...

    def parse_counterparty(self, row: Mapping[str, Any]) -> Counterparty | None: ...

    def currencies(self) -> Query: ...

    def parse_currency(self, row: Mapping[str, Any]) -> tuple[str, str] | None: ...

    def contracts(self, filter_: str = "") -> Query: ...

    def contract_of(self, ref: str) -> str: ...

    def parse_contract(
        self, row: Mapping[str, Any], currencies_: Mapping[str, str]
    ) -> ClientContract | None: ...

    def counterparty_in(self, row: Mapping[str, Any]) -> str | None: ...

    def receipts(self, since: date) -> tuple[Callable[[str], Query], ...]: ...

    def receipt_from(self, ref: str) -> str: ...

    def parse_receipt(self, row: Mapping[str, Any]) -> Receipt | None: ...

    def rates(self, on: date) -> Query: ...

    def parse_rate(self, row: Mapping[str, Any], currencies_: Mapping[str, str]) -> Rate | None: ...

    def name_of(self, row: Mapping[str, Any]) -> str: ...


class KeyedNames(Profile, Protocol):
    """What a configuration with analytics keys tells besides."""

    def keys(self, filter_: str = "") -> Query: ...

    def key_of_counterparty(self, ref: str) -> str: ...

    def parse_key(self, row: Mapping[str, Any]) -> Key: ...

    def key_in(self, row: Mapping[str, Any]) -> str | None: ...

    def with_key(self, ref: str) -> str: ...

    def debts(self, condition: str, quoting: Quoting) -> Query: ...

    def parse_debt(self, row: Mapping[str, Any]) -> Debt: ...

    def balances(
        self,
        condition: str,
        quoting: Quoting,
        *,
        by_object: bool = False,
        period: datetime | None = None,
    ) -> Query: ...

    def parse_balance(self, row: Mapping[str, Any]) -> Balance: ...

    def parse_object_balance(self, row: Mapping[str, Any]) -> Balance: ...

    def settlement_objects(self, filter_: str = "") -> Query: ...

    def parse_settlement_object(self, row: Mapping[str, Any]) -> Dated: ...

    def architecture(self) -> Query: ...

    def parse_architecture(self, rows: Sequence[Mapping[str, Any]]) -> bool: ...

    def written_off(self) -> Query: ...

    def parse_written_off(self, row: Mapping[str, Any]) -> WrittenOff: ...


class DocumentedNames(Profile, Protocol):
    """What a configuration tells besides whose settlements stand by document."""

    def settled(self, condition: str, quoting: Quoting, *, snapshot: bool = False) -> Query: ...

    def settled_plainly(self, condition: str, *, snapshot: bool = False) -> Query | None: ...

    def settled_with(self, ref: str) -> str: ...

    def parse_settled(self, row: Mapping[str, Any], accounts: Mapping[str, str]) -> Settled | None: ...

    def is_written_off(self, row: Mapping[str, Any], accounts: Mapping[str, str]) -> bool: ...

    def parse_written_off(self, row: Mapping[str, Any]) -> WrittenOff: ...

    def settled_party_in(self, row: Mapping[str, Any]) -> str | None: ...

    def accounts(self) -> Query | None: ...

    def parse_account(self, row: Mapping[str, Any]) -> tuple[str, str]: ...

    def rules(self, read: Callable[[Query], Sequence[Row]]) -> DueRules: ...

    def planned(self, filter_: str = "") -> Query: ...

    def parse_planned(self, row: Mapping[str, Any]) -> tuple[str, date | None]: ...

    def dated_in(self, kind: str) -> str: ...

    def documents(self, dated_in: str, filter_: str = "") -> Query: ...

    def document_with(self, kind: str, ref: str) -> str: ...

    def parse_document(self, row: Mapping[str, Any]) -> Dated: ...

    def due(self, dated: date, terms: Terms, rules: DueRules) -> date | None: ...
