"""What a base publishes beside what its configuration needs, and what of that our user may read.

Rules: onec_odata 1.1 (composition), 1.5 (`$count`, `allowedOnly`) and 1.9 (code 20). That `$count` takes
`$filter` and refuses when rows are hidden is our inference [I]; a base that cannot
count is asked for one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from b24app.ports.diagnosis import Check
from b24app.ports.diagnosis import Fact
from b24app.ports.diagnosis import Finding
from b24app.ports.diagnosis import Level
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import LedgerMisconfigured
from sync_1c import odata
from sync_1c import profiles
from sync_1c.query import Query
from sync_1c.reads import ConditionRefusedError
from sync_1c.transport import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Collection
    from collections.abc import Iterable

    from sync_1c.profile import Flow
    from sync_1c.profile import Profile
    from sync_1c.reads import Reads
    from sync_1c.transport import ODataTransport


def configuration(sets: Collection[str], wanted: str) -> tuple[Finding, Profile | None]:
    """Compare what the base looks like with the setting; return the finding and the profile to go on with.

    `wanted`: a name of a profile, or `auto`. The setting wins where the base tells nothing.
    """
    seen = profiles.fitting(sets)
    named = None if wanted == profiles.AUTO else profiles.named(wanted)
    pieces = {"setting": wanted}
    if seen is None:
        looked = ", ".join(each.MARKS[0] for each in profiles.known())
        fact = Fact("unknown" if sets else "nothing", {**pieces, "objects": looked})
        return Finding(Check.CONFIGURATION, Level.WRONG if named is None else Level.WARNING, fact), named
    pieces |= {"title": seen.TITLE, "name": seen.NAMES[0]}
    if named is None or named is seen:
        return Finding(
            Check.CONFIGURATION, Level.OK, Fact("auto" if named is None else "agrees", pieces)
        ), seen
    pieces["other"] = named.TITLE
    if any(mark in sets for mark in named.MARKS):
        return Finding(Check.CONFIGURATION, Level.WARNING, Fact("several", pieces)), named
    return Finding(Check.CONFIGURATION, Level.WRONG, Fact("differs", pieces)), seen


def composition(sets: Collection[str], profile: Profile, besides: Iterable[str] = ()) -> Finding:
    """Name every object that has to be added; the list is never cut, it is there to be ticked off."""
    needed = (*profile.NEEDED, *besides)
    missing = [name for name in needed if name not in sets]
    if missing:
        fact = Fact("missing" if sets else "empty", {"number": len(missing)})
        items = tuple(Fact("object", {"object": name}) for name in missing)
        return Finding(Check.COMPOSITION, Level.WRONG, fact, items)
    useful = [name for name in profile.USEFUL if name not in sets]
    if useful:
        items = tuple(Fact("object", {"object": name}) for name in useful)
        return Finding(Check.COMPOSITION, Level.WARNING, Fact("useful"), items)
    return Finding(Check.COMPOSITION, Level.OK, Fact("whole", {"number": len(needed)}))


@dataclass(frozen=True, slots=True)
class Access:
    """The objects whose reading was refused, and those of which some rows are hidden."""

    refused: tuple[str, ...]
    hidden: tuple[str, ...]

    def __add__(self, other: Access) -> Access:
        return Access((*self.refused, *other.refused), (*self.hidden, *other.hidden))

    def rights(self) -> Finding:
        """Tell the refused objects."""
        if not self.refused:
            return Finding(Check.RIGHTS, Level.OK, Fact("enough"))
        items = tuple(Fact("object", {"object": name}) for name in self.refused)
        return Finding(Check.RIGHTS, Level.WRONG, Fact("refused", {"number": len(items)}), items)

    def rows(self) -> Finding:
        """Tell the objects with hidden rows."""
        if not self.hidden:
            return Finding(Check.HIDDEN, Level.OK, Fact("unseen"))
        items = tuple(Fact("object", {"object": name}) for name in self.hidden)
        return Finding(Check.HIDDEN, Level.WRONG, Fact("hidden", {"number": len(items)}), items)


class Gatekeeper:
    """Tries to read every object of a profile once; raises `GatewayError` for anything but rights."""

    def __init__(self, transport: ODataTransport) -> None:
        self._transport = transport

    def try_sets(self, queries: Iterable[Query], seconds: float) -> Access:
        """Count the rows of each set in the strict mode; where that is refused, see whether only rows are.

        `seconds` for one request.
        """
        refused: list[str] = []
        hidden: list[str] = []
        for query in queries:
            if self._is_refused(query, seconds):
                softer = Query(query.resource, {**query.options, "allowedOnly": "true"})
                (refused if self._is_refused(softer, seconds) else hidden).append(query.resource)
        return Access(tuple(refused), tuple(hidden))

    def try_length(self, profile: Profile, seconds: float) -> Finding:
        """Ask for nobody by the longest address the app makes (1.5: IIS refuses over 2048 bytes)."""
        bare = profile.counterparties()
        parts = [profile.has_inn(f"{number:010}") for number in range(odata.URL_BUDGET // 16)]
        chain, _ = next(odata.or_chains(parts, spent=bare.size + len("&$filter=")))
        options = {**bare.options, "filter": chain, "top": "1"}
        knock = self._transport.knock(bare.resource, options, Deadline(seconds))
        failure = odata.failure(knock.status, knock.body)
        if isinstance(failure, LedgerMisconfigured) and not failure.missing:
            return Finding(Check.LENGTH, Level.WRONG, Fact("long_address"))
        return Finding(Check.LENGTH, Level.OK, Fact("passes", {"number": odata.URL_BUDGET}))

    def _is_refused(self, query: Query, seconds: float) -> bool:
        """Tell whether rights forbid a set; a base that cannot count is asked for one row instead."""
        options = {name: query.options[name] for name in ("filter", "allowedOnly") if query.options.get(name)}
        failure: GatewayError | None = None
        for resource, more in ((f"{query.resource}/$count", {}), (query.resource, {"top": "1"})):
            knock = self._transport.knock(resource, {**options, **more}, Deadline(seconds))
            failure = odata.failure(knock.status, knock.body)
            if failure is None or isinstance(failure, Forbidden):
                return failure is not None
        raise failure or BadAnswer(f"1C: {query.resource} cannot be read")


def try_registers(flow: Flow, reads: Reads, *, new: bool | None) -> Access:
    """Ask each settlement register for nobody's rows, in the strict mode and, where refused, in the softer.

    Where clients are chosen before sums are added up no hidden row is met: those are met by reading whole.
    """
    refused: list[str] = []
    hidden: list[str] = []
    for make in flow.registers(new=new):
        if _is_closed(make, flow.nobody(), reads):
            name = make("", odata.Quoting.SINGLE).resource.partition("/")[0]
            (refused if _is_closed(partial(_softly, make), flow.nobody(), reads) else hidden).append(name)
    return Access(tuple(refused), tuple(hidden))


def _is_closed(make: Callable[[str, odata.Quoting], Query], condition: str, reads: Reads) -> bool:
    """Tell whether rights forbid a register; one that takes no condition is read whole later."""
    try:
        for _ in reads.conditioned(make, [condition]):
            break
    except Forbidden:
        return True
    except ConditionRefusedError:
        return False
    return False


def _softly(make: Callable[[str, odata.Quoting], Query], condition: str, quoting: odata.Quoting) -> Query:
    query = make(condition, quoting)
    return Query(query.resource, {**query.options, "allowedOnly": "true"})
