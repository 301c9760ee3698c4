"""The checks of a 1C base in the order in which each stands on those before it."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from b24app.ports.diagnosis import OF_LEDGER
from b24app.ports.diagnosis import Check
from b24app.ports.diagnosis import Fact
from b24app.ports.diagnosis import Finding
from b24app.ports.diagnosis import Level
from b24app.ports.diagnosis import RawBalance
from b24app.ports.diagnosis import broken_off
from b24app.ports.diagnosis import failed
from b24app.ports.diagnosis import skipped
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import GatewayError
from b24app.ports.errors import LedgerMisconfigured
from sync_1c import odata
from sync_1c import profiles
from sync_1c.checkup import connection
from sync_1c.checkup.objects import Access
from sync_1c.checkup.objects import Gatekeeper
from sync_1c.checkup.objects import composition
from sync_1c.checkup.objects import configuration
from sync_1c.checkup.objects import try_registers
from sync_1c.collecting import PAYMENT_DAYS
from sync_1c.gathering import Gathering
from sync_1c.ledger import read_currencies
from sync_1c.profile import Asked
from sync_1c.profile import Moment
from sync_1c.query import Query
from sync_1c.reads import Habits
from sync_1c.reads import Reads
from sync_1c.transport import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping
    from datetime import date

    from b24app.ports.clock import Clock
    from b24app.ports.diagnosis import Progress
    from sync_1c.ledger import LedgerSettings
    from sync_1c.profile import Flow
    from sync_1c.profile import Profile
    from sync_1c.transport import Knock
    from sync_1c.transport import ODataTransport

_NEWEST = 5
_WEEK = timedelta(days=7)
_AFTER_DOOR = (Check.PUBLISHED, Check.LOGIN, *OF_LEDGER)


class OneCExaminer:
    """Examine one 1C base; nothing here writes. Not to be shared between threads.

    Rules and sources of the checks stand where each is written.
    """

    def __init__(
        self,
        transport: ODataTransport,
        settings: LedgerSettings,
        clock: Clock,
        progress: Progress,
    ) -> None:
        self._transport = transport
        self._settings = settings
        self._clock = clock
        self._progress = progress
        self._habits = Habits()
        self._profile: Profile | None = None
        self._flow: Flow | None = None
        self._wrong = False

    @property
    def readable(self) -> bool:
        """Tell whether the figures of clients can be read: nothing was found to be wrong."""
        return self._flow is not None and not self._wrong

    @property
    def keeps_limits(self) -> bool:
        """Tell whether this configuration keeps credit limits."""
        return self._profile is not None and self._profile.KEEPS_LIMITS

    def examine(self) -> Iterator[Finding]:
        """Make the checks from the address to the time zone; see the port."""
        for finding in self._examine():
            if finding.level is Level.WRONG and finding.check is not Check.CLOCK:
                self._wrong = True
            yield finding

    def raw_balances(self) -> Mapping[str, RawBalance]:
        """Add up the settlement register by counterparty; see the port."""
        profile, flow = self._known()
        reads = self._reads(self._transport.timeouts.stream)
        now = self._clock.now()
        gathered = Gathering(profile, read_currencies(profile, reads), None, 1)
        asked = Asked(reads, Moment(self._today(), now))
        found: dict[str, RawBalance] = defaultdict(RawBalance)
        for number, (counterparty, amount) in enumerate(flow.raw(gathered, asked)):
            if amount is None:
                found[counterparty].foreign = True
            else:
                found[counterparty].amount += amount
            if number % 1000 == 0:
                self._progress("register", number)
        return dict(found)

    def names_of(self, refs: list[str]) -> Mapping[str, tuple[str, str]]:
        """Return name and ИНН of counterparties; see the port."""
        profile, _ = self._known()
        rows = self._reads().chained(profile.counterparties, [profile.with_ref(ref) for ref in refs])
        try:
            named = [profile.named_party(row) for row in rows]
        except odata.BadValueError as error:
            raise BadAnswer(f"1C: a counterparty cannot be read: {error}") from error
        return {ref: (name, inn) for ref, name, inn in named}

    # --- the order

    def _examine(self) -> Iterator[Finding]:
        url = self._transport.base
        self._progress("connection")
        try:
            first = self._knock()
        except GatewayError as error:
            yield connection.not_reached(error, url)
            yield from (skipped(check, "before") for check in _AFTER_DOOR)
            return
        left = list(_AFTER_DOOR)
        door = (
            connection.reached(first, url),
            connection.published(first, url),
            connection.let_in(first, self._transport.auth.username),
        )
        for finding in door:
            yield finding
            if finding.check in left:
                left.remove(finding.check)
            if finding.level is Level.WRONG:
                yield from (skipped(check, "before") for check in left)
                return
        yield from self._behind_door(first)

    def _behind_door(self, first: Knock) -> Iterator[Finding]:
        try:
            ours = self._clock.now()
            second = self._knock()
        except GatewayError as error:
            yield failed(Check.SPEED, error)
            yield from (skipped(check, "before") for check in OF_LEDGER if check is not Check.SPEED)
            return
        yield connection.speed(first.seconds, second.seconds, self._settings.deadline)
        yield connection.clock(second, ours)
        sets = _names_in(first)
        self._progress("composition")
        finding, profile = configuration(sets, self._settings.profile)
        yield finding
        if profile is None:
            rest = (Check.LENGTH, Check.RIGHTS, Check.HIDDEN, Check.ARCHITECTURE, Check.ZONE)
            yield Finding(Check.COMPOSITION, Level.WRONG, Fact("unknown" if sets else "empty_unknown"))
            yield from (skipped(check, "before") for check in rest)
            return
        yield from self._of_configuration(profile, sets)

    def _of_configuration(self, profile: Profile, sets: frozenset[str]) -> Iterator[Finding]:
        self._profile, self._flow = profile, profile.FLOW(profile)
        length = self._length(profile, sets)
        if length.level is Level.WRONG:
            yield composition(sets, profile)
            yield length
            rest = (Check.RIGHTS, Check.HIDDEN, Check.ARCHITECTURE, Check.ZONE)
            yield from (skipped(check, "before") for check in rest)
            return
        new, switch = self._architecture(self._flow, profile)
        besides = profile.BESIDES.get(new, ())
        yield composition(sets, profile, besides)
        yield length
        self._progress("rights")
        try:
            access = self._access(profile, self._flow, sets, new=new)
        except GatewayError as error:
            yield broken_off(Check.RIGHTS, error)
            yield skipped(Check.HIDDEN, "before")
        else:
            yield access.rights()
            yield access.rows()
        yield switch
        try:
            yield self._zone(profile)
        except GatewayError:
            yield skipped(Check.ZONE, "before")

    # --- the checks that ask

    def _length(self, profile: Profile, sets: frozenset[str]) -> Finding:
        if profile.counterparties().resource not in sets:
            return skipped(Check.LENGTH, "before")
        try:
            return Gatekeeper(self._transport).try_length(profile, self._transport.timeouts.read)
        except GatewayError as error:
            return failed(Check.LENGTH, error)

    def _architecture(self, flow: Flow, profile: Profile) -> tuple[bool | None, Finding]:
        """Read which settlement register is live; a base that does not tell leaves it open."""
        try:
            new = flow.architecture(self._reads())
        except LedgerMisconfigured as error:
            if error.missing:
                return None, skipped(Check.ARCHITECTURE, "before")
            return None, Finding(Check.ARCHITECTURE, Level.WRONG, Fact("unreadable"))
        except GatewayError as error:
            return None, failed(Check.ARCHITECTURE, error)
        if not profile.BESIDES:
            return None, Finding(Check.ARCHITECTURE, Level.OK, Fact("none", {"title": profile.TITLE}))
        return new, Finding(Check.ARCHITECTURE, Level.OK, Fact("new" if new else "old"))

    def _access(self, profile: Profile, flow: Flow, sets: frozenset[str], *, new: bool | None) -> Access:
        """Try everything published that we read: lists and payments counted, the rest by one row."""
        since = self._today() - timedelta(days=PAYMENT_DAYS)
        listed = [profile.counterparties(), profile.contracts(), profile.currencies(), *flow.lists()]
        listed += [make("") for make in profile.receipts(since)]
        covered = {query.resource for query in listed}
        needed = (*profile.NEEDED, *profile.BESIDES.get(new, ()), *profile.USEFUL)
        others = [name for name in needed if name not in covered and not profiles.is_register(name)]
        queries = [*listed, *(Query(name, {}) for name in others)]
        seconds = self._transport.timeouts.read
        there = [query for query in queries if query.resource in sets]
        access = Gatekeeper(self._transport).try_sets(there, seconds)
        if all(name in sets for name in (*profile.NEEDED, *profile.BESIDES.get(new, ()))):
            access += try_registers(flow, self._reads(), new=new)
        return access

    def _zone(self, profile: Profile) -> Finding:
        """Compare the newest payments with our clock in the configured zone."""
        entered = []
        for make in profile.receipts(self._today() - _WEEK):
            query = make("")
            newest = Query(query.resource, {**query.options, "top": str(_NEWEST)})
            for row in islice(self._reads().whole(newest), _NEWEST):
                try:
                    entered.append(profile.entered_at(row))
                except odata.BadValueError:
                    continue
        zone = self._settings.timezone
        now = self._clock.now().astimezone(zone).replace(tzinfo=None)
        return connection.zone([each for each in entered if each is not None], now, zone.key)

    # --- tools

    def _knock(self) -> Knock:
        return self._transport.knock("", {}, Deadline(self._transport.timeouts.read))

    def _reads(self, seconds: float | None = None) -> Reads:
        return Reads(self._transport, self._habits, Deadline(seconds or self._transport.timeouts.read))

    def _today(self) -> date:
        return self._clock.now().astimezone(self._settings.timezone).date()

    def _known(self) -> tuple[Profile, Flow]:
        if self._profile is None or self._flow is None:
            raise LedgerMisconfigured("1C: nothing is known of this base yet")
        return self._profile, self._flow


def _names_in(knock: Knock) -> frozenset[str]:
    return frozenset(str(row.get("name", "")) for row in odata.values(odata.document(knock.body)))
