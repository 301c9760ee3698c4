"""The Ledger port over a 1C base of the УТ 11 / КА 2 / ERP 2 family (onec_odata 3.1)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from b24app.ports.errors import BadAnswer
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.ledger import LedgerAnswer
from b24app.ports.ledger import SyncIssue
from sync_1c import figures
from sync_1c import mapping
from sync_1c import profiles
from sync_1c.cache import Kept
from sync_1c.gathering import Gathering
from sync_1c.odata import BadValueError
from sync_1c.odata import Quoting
from sync_1c.pace import Pace
from sync_1c.reads import ConditionRefusedError
from sync_1c.reads import QuotingMemory
from sync_1c.reads import Reads
from sync_1c.transport import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterable
    from collections.abc import Iterator
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from b24app.domain.receivable import AccountFigures
    from b24app.domain.receivable import Counterparty
    from b24app.ports.clock import Clock
    from sync_1c.reads import Row
    from sync_1c.rows import Key
    from sync_1c.transport import ODataTransport

PAYMENT_DAYS = 180
_OBJECTS_ASKED_FOR = 300


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """How to read a base: its profile and time zone, the seconds one fetch may take.

    `few_limit`: read by conditions up to so many clients; None lets `Pace` measure it.
    """

    timezone: ZoneInfo
    profile: str = profiles.AUTO
    deadline: float = 20.0
    few_limit: int | None = None


class OneCLedger:
    """Read clients' figures live over OData. Raises `GatewayError` subclasses only; thread-safe."""

    def __init__(self, transport: ODataTransport, settings: LedgerSettings, clock: Clock) -> None:
        self._transport = transport
        self._settings = settings
        self._clock = clock
        self._pace = Pace(settings.few_limit)
        self._quoting = QuotingMemory()
        self._profile: Kept[str] = Kept()
        self._architecture: Kept[bool] = Kept()
        self._currencies: Kept[dict[str, str]] = Kept()
        self._keys: Kept[dict[str, Key]] = Kept()
        self._no_condition: Kept[bool] = Kept()

    def fetch(self, inns: Sequence[str], *, now: datetime) -> LedgerAnswer:
        """Read the live figures of these clients; see the port.

        `as_of` is the moment before the first request left. A client whose money could not all be read is
        absent and stands among the issues.
        """
        as_of = self._clock.now()
        reads = self._open(self._settings.deadline)
        wanted = list(dict.fromkeys(inn.strip() for inn in inns if inn.strip()))
        parties, issues = self._parties_of(wanted, reads)
        if not parties:
            return LedgerAnswer({}, tuple(issues), as_of)
        moment = self._moment(now, as_of, reads)
        refs = [party.ref for group in parties.values() for party in group]
        gathered = self._gather(refs, moment, reads)
        accounts: dict[str, AccountFigures] = {}
        for inn, group in parties.items():
            built = figures.build_account(inn, group, gathered, moment)
            if isinstance(built, SyncIssue):
                issues.append(built)
            else:
                accounts[inn] = built
        return LedgerAnswer(accounts, (*issues, *gathered.issues), as_of)

    def stream(self, *, now: datetime) -> Iterator[AccountFigures | SyncIssue]:
        """Read every client with an ИНН; of payments only the newest of each kind of document is kept.

        Rows are streamed off the wire; held in memory are the sums by key and due day, one contract and key
        a row, and no raw answer. Clients come page by page in the order of ИНН.
        """
        as_of = self._clock.now()
        reads = self._open(self._transport.timeouts.stream)
        moment = self._moment(now, as_of, reads)
        gathered = self._gathering(None, reads, receipts_kept=1)
        self._gather_all(gathered, moment, reads)
        issues: list[SyncIssue] = []
        parties = _parties(reads.pages(mapping.counterparties(mapping.WITH_INN)), issues)
        seen: set[str] = set()
        for inn, group in groupby(parties, key=lambda party: party.inn):
            if inn in seen:
                yield SyncIssue(inn, "the list of clients changed while it was read")
                continue
            seen.add(inn)
            yield figures.build_account(inn, list(group), gathered, moment)
            for found in (gathered.issues, issues):
                yield from found
                found.clear()
        yield from issues

    def probe(self) -> None:
        """Read the architecture constant (and, once an hour, recognise the configuration)."""
        reads = self._open(self._settings.deadline)
        self._architecture.get(partial(_read_architecture, reads), fresh=True)

    # --- what is read first

    def _open(self, seconds: float) -> Reads:
        reads = Reads(self._transport, self._quoting, Deadline(seconds))
        if self._settings.profile == profiles.AUTO:
            self._profile.get(lambda: profiles.recognise(_published(reads)))
        else:
            profiles.settle(self._settings.profile)
        return reads

    def _moment(self, now: datetime, as_of: datetime, reads: Reads) -> figures.Moment:
        new = self._architecture.get(partial(_read_architecture, reads))
        return figures.Moment(now.astimezone(self._settings.timezone).date(), as_of, new)

    def _gathering(self, refs: Iterable[str] | None, reads: Reads, *, receipts_kept: int) -> Gathering:
        wanted = None if refs is None else frozenset(refs)
        return Gathering(_Currencies(self._currencies, reads), wanted, receipts_kept)

    def _parties_of(
        self, inns: Sequence[str], reads: Reads
    ) -> tuple[dict[str, list[Counterparty]], list[SyncIssue]]:
        issues: list[SyncIssue] = []
        asked = set(inns)
        found: dict[str, list[Counterparty]] = {}
        rows = reads.chained(mapping.counterparties, [mapping.has_inn(inn) for inn in inns])
        for party in _parties(rows, issues):
            if party.inn in asked:
                found.setdefault(party.inn, []).append(party)
        return found, issues

    # --- few or many

    def _gather(self, refs: Sequence[str], moment: figures.Moment, reads: Reads) -> Gathering:
        """Read by conditions or whole, whichever is faster on this base (see `Pace`)."""
        if not self._pace.is_few(len(refs)) or self._no_condition.get(lambda: False):
            return self._gather_whole(refs, moment, reads)
        began, before = time.monotonic(), reads.requests
        gathered = self._gathering(refs, reads, receipts_kept=figures.PAYMENTS_KEPT)
        try:
            _gather_few(gathered, refs, moment, reads)
        except ConditionRefusedError:
            gathered = self._gather_whole(refs, moment, reads)
            self._no_condition.get(lambda: True, fresh=True)
            return gathered
        self._pace.narrow_took(time.monotonic() - began, reads.requests - before)
        return gathered

    def _gather_whole(self, refs: Sequence[str], moment: figures.Moment, reads: Reads) -> Gathering:
        gathered = self._gathering(refs, reads, receipts_kept=figures.PAYMENTS_KEPT)
        self._gather_all(gathered, moment, reads)
        return gathered

    def _gather_all(self, gathered: Gathering, moment: figures.Moment, reads: Reads) -> None:
        """Read everything whole and keep what is wanted; keys are refreshed when a row has an unknown one."""
        began = time.monotonic()
        read_keys = partial(_read_keys, reads)
        gathered.use_keys(self._keys.get(read_keys))
        gathered.take_contracts(reads.pages(mapping.contracts()))
        _take_registers(gathered, moment, partial(_whole_table, reads))
        if gathered.strangers:
            gathered.use_keys(self._keys.get(read_keys, fresh=True))
            gathered.readmit_strangers()
        since = moment.today - timedelta(days=PAYMENT_DAYS)
        for receipts in (mapping.bank_receipts, mapping.cash_receipts):
            gathered.take_receipts(reads.pages(receipts(since)))
        _take_objects(gathered, moment, reads)
        self._pace.full_took(time.monotonic() - began)


class _Currencies(Mapping[str, str]):
    """Currency codes by reference; an unknown reference makes the list be read again, once a fetch."""

    def __init__(self, kept: Kept[dict[str, str]], reads: Reads) -> None:
        self._kept = kept
        self._read = partial(_read_currencies, reads)
        self._known = kept.get(self._read)
        self._refreshed = False

    def __getitem__(self, ref: str) -> str:
        if ref and ref not in self._known and not self._refreshed:
            self._refreshed = True
            self._known = self._kept.get(self._read, fresh=True)
        return self._known[ref]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def _gather_few(gathered: Gathering, refs: Sequence[str], moment: figures.Moment, reads: Reads) -> None:
    """Read by `or` chains; keys are read anew, since a remembered list would hide a new contract's debt."""
    rows = reads.chained(mapping.keys, [mapping.key_of_counterparty(ref) for ref in refs])
    gathered.use_keys({key.ref: key for key in _parsed_keys(rows)})
    by_party = [mapping.with_counterparty(ref) for ref in refs]
    gathered.take_contracts(reads.chained(mapping.contracts, by_party))
    conditions = [mapping.with_key(key.ref) for keys in gathered.keys_of.values() for key in keys]
    _take_registers(gathered, moment, partial(_conditioned_table, reads, conditions))
    since = moment.today - timedelta(days=PAYMENT_DAYS)
    for receipts in (mapping.bank_receipts, mapping.cash_receipts):
        make = partial(receipts, since)
        kept = figures.PAYMENTS_KEPT
        gathered.take_receipts(reads.newest(make, refs, mapping.with_counterparty, kept=kept))
    _take_objects(gathered, moment, reads)


def _whole_table(reads: Reads, make: Callable[[str, Quoting], mapping.Query]) -> Iterator[Row]:
    return reads.whole(make("", Quoting.SINGLE))


def _conditioned_table(
    reads: Reads, conditions: Sequence[str], make: Callable[[str, Quoting], mapping.Query]
) -> Iterator[Row]:
    return reads.conditioned(make, conditions)


def _take_registers(
    gathered: Gathering,
    moment: figures.Moment,
    table: Callable[[Callable[[str, Quoting], mapping.Query]], Iterable[Row]],
) -> None:
    """Read A and B, or in the old architecture B as of the start and the end of today.

    The end of a day is the next midnight: bank-confirmed receipts are dated 23:59:59 (onec_odata 1.6, 3.1).
    """
    if moment.new_architecture:
        gathered.take_debts(table(mapping.debts))
        gathered.take_balances(table(mapping.balances))
        return
    midnight = datetime(moment.today.year, moment.today.month, moment.today.day)  # noqa: DTZ001 - base's own clock
    morning = partial(mapping.balances, by_object=True, period=midnight)
    evening = partial(mapping.balances, by_object=True, period=midnight + timedelta(days=1))
    gathered.take_morning(table(morning))
    gathered.take_balances(table(evening), by_object=True)


def _take_objects(gathered: Gathering, moment: figures.Moment, reads: Reads) -> None:
    """Read the days of settlement objects with an overdue part (old architecture only)."""
    if moment.new_architecture:
        return
    needed = figures.overdue_objects(gathered)
    if len(needed) > _OBJECTS_ASKED_FOR:
        rows = reads.pages(mapping.settlement_objects())
    else:
        rows = reads.chained(mapping.settlement_objects, [mapping.with_ref(ref) for ref in sorted(needed)])
    gathered.take_objects(rows, needed)


def _published(reads: Reads) -> frozenset[str]:
    service_document = reads.collection(mapping.Query("", {}))
    return frozenset(str(row.get("name", "")) for row in service_document)


def _read_architecture(reads: Reads) -> bool:
    try:
        return mapping.parse_architecture(reads.collection(mapping.architecture()))
    except BadValueError as error:
        raise LedgerMisconfigured(f"1C: {error}") from error


def _read_currencies(reads: Reads) -> dict[str, str]:
    try:
        found = [mapping.parse_currency(row) for row in reads.pages(mapping.currencies())]
    except BadValueError as error:
        raise BadAnswer(f"1C: a currency cannot be read: {error}") from error
    return dict(pair for pair in found if pair is not None)


def _read_keys(reads: Reads) -> dict[str, Key]:
    return {key.ref: key for key in _parsed_keys(reads.pages(mapping.keys()))}


def _parsed_keys(rows: Iterable[Row]) -> Iterator[Key]:
    for row in rows:
        try:
            yield mapping.parse_key(row)
        except BadValueError as error:
            raise BadAnswer(f"1C: an analytics key cannot be read: {error}") from error


def _parties(rows: Iterable[Row], issues: list[SyncIssue]) -> Iterator[Counterparty]:
    for row in rows:
        try:
            party = mapping.parse_counterparty(row)
        except BadValueError as error:
            issues.append(SyncIssue(mapping.name_of(row), f"a client cannot be read: {error}"))
            continue
        if party is not None:
            yield party
