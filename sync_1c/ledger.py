"""The Ledger port over a 1C base of any configuration that has a profile."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from b24app.domain.limits import Granted
from b24app.domain.rates import Rates
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.errors import Rejected
from b24app.ports.ledger import LedgerAnswer
from b24app.ports.ledger import SyncIssue
from sync_1c import figures
from sync_1c.cache import Kept
from sync_1c.gathering import Gathering
from sync_1c.money import BASE_CURRENCY
from sync_1c.odata import BadValueError
from sync_1c.pace import Pace
from sync_1c.profile import Asked
from sync_1c.profile import Moment
from sync_1c.profiles import AUTO
from sync_1c.profiles import named
from sync_1c.profiles import recognise
from sync_1c.query import Query
from sync_1c.reads import ConditionRefusedError
from sync_1c.reads import Habits
from sync_1c.reads import Reads
from sync_1c.transport import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Iterator
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from b24app.domain.receivable import AccountFigures
    from b24app.domain.receivable import Counterparty
    from b24app.ports.clock import Clock
    from sync_1c.profile import Flow
    from sync_1c.profile import Profile
    from sync_1c.profile import Row
    from sync_1c.profile import Settlements
    from sync_1c.transport import ODataTransport


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """How to read a base: its profile and time zone, the seconds one fetch may take.

    `few_limit`: read by conditions up to so many clients; None lets `Pace` measure it.
    """

    timezone: ZoneInfo
    profile: str = AUTO
    deadline: float = 20.0
    few_limit: int | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """The profile of a base and the order of its requests."""

    profile: Profile
    flow: Flow


class OneCLedger:
    """Read clients' figures live over OData. Raises `GatewayError` subclasses only; thread-safe."""

    def __init__(self, transport: ODataTransport, settings: LedgerSettings, clock: Clock) -> None:
        self._transport = transport
        self._settings = settings
        self._clock = clock
        self._pace = Pace(settings.few_limit)
        self._habits = Habits()
        self._profile: Kept[_Source] = Kept()
        self._currencies: Kept[dict[str, str]] = Kept()
        self._no_condition: Kept[bool] = Kept()

    def fetch(self, inns: Sequence[str], *, now: datetime) -> LedgerAnswer:
        """Read the live figures of these clients; see the port.

        `as_of` is the moment before the first request left. A client whose money could not all be read is
        absent and stands among the issues. Exchange rates are read only when some figure needs them.
        """
        as_of = self._clock.now()
        reads = self._open(self._settings.deadline)
        source = self._source(reads)
        wanted = list(dict.fromkeys(inn.strip() for inn in inns if inn.strip()))
        parties, issues = _parties_of(source, wanted, reads)
        if not parties:
            return LedgerAnswer({}, tuple(issues), as_of)
        refs = [party.ref for group in parties.values() for party in group]
        asked = Asked(reads, self._moment(now, as_of), refs)
        gathered, settled = self._read(source, asked)
        accounts: dict[str, AccountFigures] = {}
        for inn, group in parties.items():
            built = figures.build_account(inn, group, gathered, settled, asked.moment)
            if isinstance(built, SyncIssue):
                issues.append(built)
            else:
                accounts[inn] = built
        rates = _rates(source, accounts.values(), asked, gathered)
        return LedgerAnswer(accounts, (*issues, *gathered.issues), as_of, rates)

    def stream(self, *, now: datetime) -> Iterator[AccountFigures | SyncIssue]:
        """Read every client with an ИНН; of payments only the newest of each kind of document is kept.

        Rows are streamed off the wire; held in memory are the sums by key and due day, one contract and key
        a row, and no raw answer. Clients come page by page in the order of ИНН.
        """
        as_of = self._clock.now()
        reads = self._open(self._transport.timeouts.stream)
        source = self._source(reads)
        asked = Asked(reads, self._moment(now, as_of), snapshot=True)
        gathered, settled = self._read_whole(source, asked)
        issues: list[SyncIssue] = []
        profile = source.profile
        parties = _parties(source, reads.pages(profile.counterparties(profile.WITH_INN)), issues)
        seen: set[str] = set()
        for inn, group in groupby(parties, key=lambda party: party.inn):
            if inn in seen:
                yield SyncIssue(inn, "the list of clients changed while it was read")
                continue
            seen.add(inn)
            yield figures.build_account(inn, list(group), gathered, settled, asked.moment)
            for found in (gathered.issues, issues):
                yield from found
                found.clear()
        yield from issues

    def probe(self) -> None:
        """Make one cheap read (and, once an hour, recognise the configuration)."""
        reads = self._open(self._settings.deadline)
        self._source(reads).flow.probe(reads)

    # --- what is read first

    def _open(self, seconds: float) -> Reads:
        return Reads(self._transport, self._habits, Deadline(seconds))

    def _source(self, reads: Reads) -> _Source:
        """Return the profile of this base and its flow, recognising it (one request) when asked to."""
        return self._profile.get(partial(self._recognised, reads))

    def _recognised(self, reads: Reads) -> _Source:
        wanted = self._settings.profile
        found = recognise(_published(reads)) if wanted == AUTO else named(wanted)
        return _Source(found, found.FLOW(found))

    def _moment(self, now: datetime, as_of: datetime) -> Moment:
        return Moment(now.astimezone(self._settings.timezone).date(), as_of)

    def _gathering(
        self, source: _Source, refs: Iterable[str] | None, reads: Reads, *, kept: int = figures.PAYMENTS_KEPT
    ) -> Gathering:
        wanted = None if refs is None else frozenset(refs)
        currencies = _Currencies(self._currencies, source.profile, reads)
        return Gathering(source.profile, currencies, wanted, kept)

    # --- few or many

    def _read(self, source: _Source, asked: Asked) -> tuple[Gathering, Settlements]:
        """Read by conditions or whole, whichever is faster on this base (see `Pace`)."""
        refs = asked.refs or ()
        if not self._pace.is_few(len(refs)) or self._no_condition.get(lambda: False):
            return self._read_whole(source, asked)
        began, before = time.monotonic(), asked.reads.requests
        gathered = self._gathering(source, refs, asked.reads)
        try:
            settled = source.flow.gather(gathered, replace(asked, narrow=True))
        except ConditionRefusedError:
            whole = self._read_whole(source, asked)
            self._no_condition.get(lambda: True, fresh=True)
            return whole
        self._pace.narrow_took(time.monotonic() - began, asked.reads.requests - before)
        return gathered, settled

    def _read_whole(self, source: _Source, asked: Asked) -> tuple[Gathering, Settlements]:
        kept = 1 if asked.snapshot else figures.PAYMENTS_KEPT
        gathered = self._gathering(source, asked.refs, asked.reads, kept=kept)
        began = time.monotonic()
        settled = source.flow.gather(gathered, asked)
        self._pace.full_took(time.monotonic() - began)
        return gathered, settled


class _Currencies(Mapping[str, str]):
    """Currency codes by reference; an unknown reference makes the list be read again, once a fetch."""

    def __init__(self, kept: Kept[dict[str, str]], profile: Profile, reads: Reads) -> None:
        self._kept = kept
        self._read = partial(read_currencies, profile, reads)
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


def _parties_of(
    source: _Source, inns: Sequence[str], reads: Reads
) -> tuple[dict[str, list[Counterparty]], list[SyncIssue]]:
    issues: list[SyncIssue] = []
    asked, profile = set(inns), source.profile
    found: dict[str, list[Counterparty]] = {}
    rows = reads.chained(profile.counterparties, [profile.has_inn(inn) for inn in inns])
    for party in _parties(source, rows, issues):
        if party.inn in asked:
            found.setdefault(party.inn, []).append(party)
    return found, issues


def _rates(
    source: _Source, accounts: Iterable[AccountFigures], asked: Asked, gathered: Gathering
) -> Rates | None:
    """Read the exchange rates when some figure is in foreign money; a base that hides them is an issue."""
    if not any(_is_foreign(account) for account in accounts):
        return None
    profile = source.profile
    query = profile.rates(asked.moment.today)
    try:
        rows = list(asked.reads.whole(query))
        found = [profile.parse_rate(row, gathered.currencies) for row in rows]
    except (LedgerMisconfigured, Rejected, BadValueError) as error:
        gathered.issues.append(SyncIssue(query.resource.partition("/")[0], f"no exchange rates: {error}"))
        return None
    newest = {rate.currency: rate for rate in sorted(filter(None, found), key=lambda rate: rate.on)}
    return Rates(BASE_CURRENCY, tuple(newest[code] for code in sorted(newest)))


def _is_foreign(account: AccountFigures) -> bool:
    """Tell whether any sum or limit of a client is not in the base currency."""
    limits = (each.currency for each in account.contracts if isinstance(each.limit, Granted))
    positions = (each.currency for each in account.positions)
    paid = (each.amount.currency for each in account.payments)
    return any(code != BASE_CURRENCY for code in (*positions, *limits, *paid))


def _published(reads: Reads) -> frozenset[str]:
    service_document = reads.collection(Query("", {}))
    return frozenset(str(row.get("name", "")) for row in service_document)


def read_currencies(profile: Profile, reads: Reads) -> dict[str, str]:
    """Read the codes of currencies; raises `BadAnswer` when one cannot be read."""
    try:
        found = [profile.parse_currency(row) for row in reads.pages(profile.currencies())]
    except BadValueError as error:
        raise BadAnswer(f"1C: a currency cannot be read: {error}") from error
    return dict(pair for pair in found if pair is not None)


def _parties(source: _Source, rows: Iterable[Row], issues: list[SyncIssue]) -> Iterator[Counterparty]:
    for row in rows:
        try:
            party = source.profile.parse_counterparty(row)
        except BadValueError as error:
            issues.append(SyncIssue(source.profile.name_of(row), f"a client cannot be read: {error}"))
            continue
        if party is not None:
            yield party
