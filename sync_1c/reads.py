"""The requests of the ledger as streams of rows: paging, `or` chains, and the quoting of `Condition`."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING
from typing import Any

from b24app.ports.errors import BadAnswer
from b24app.ports.errors import GatewayError
from b24app.ports.errors import Rejected
from sync_1c import odata
from sync_1c.odata import Quoting

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterator
    from collections.abc import Sequence

    from sync_1c.query import Query
    from sync_1c.transport import Deadline
    from sync_1c.transport import ODataTransport

Row = dict[str, Any]
MOST_ADDRESSES = 20
"""So many requests are made for things asked for by reference before their set is read whole."""
_OPTION_SIZE = 16
_DOUBLED_QUOTES = 96
_NO_SUCH_FIELD = "6"


class ConditionRefusedError(GatewayError):
    """This base takes `Condition` in neither form; the register must be read whole."""


class Habits:
    """What this base was seen to do: the form of `Condition` it takes (None until known), fields it lacks."""

    def __init__(self) -> None:
        self.form: Quoting | None = None
        self.absent: set[str] = set()


class Reads:
    """One fetch's reading of one base, under one deadline. `requests` counts what it took."""

    def __init__(self, transport: ODataTransport, habits: Habits, deadline: Deadline) -> None:
        self._transport = transport
        self._habits = habits
        self.deadline = deadline
        self.requests = 0

    def collection(self, query: Query) -> list[Row]:
        """Read a small set in one answer."""
        self.requests += 1
        return odata.values(self._transport.document(query.resource, query.options, self.deadline))

    def whole(self, query: Query) -> Iterator[Row]:
        """Stream a virtual table, which comes in one answer (onec_odata 1.6)."""
        self.requests += 1
        return self._transport.rows(query.resource, query.options, self.deadline)

    def pages(self, query: Query) -> Iterator[Row]:
        """Stream a set page by page; one without an order comes in one answer, since pages could overlap."""
        rows = self._set(query.without(self._habits.absent))
        try:
            first = next(rows, None)
        except Rejected as error:
            lacking = {name for name in query.optional if name in error.text}
            if error.code != _NO_SUCH_FIELD or not lacking - self._habits.absent:
                raise
            self._habits.absent |= lacking
            rows = self._set(query.without(self._habits.absent))
            first = next(rows, None)
        if first is not None:
            yield first
            yield from rows

    def _set(self, query: Query) -> Iterator[Row]:
        self.requests += 1
        if "orderby" in query.options:
            return self._transport.pages(query.resource, query.options, self.deadline)
        return self._transport.rows(query.resource, query.options, self.deadline)

    def chained(self, make: Callable[[str], Query], parts: Sequence[str]) -> Iterator[Row]:
        """Stream the items that fit any of the conditions, in as few addresses as may hold them."""
        for chain, _ in odata.or_chains(parts, spent=make("").size + _OPTION_SIZE):
            yield from self.pages(make(chain))

    def named(self, make: Callable[[str], Query], parts: Sequence[str]) -> Iterator[Row]:
        """Stream the items that fit any of the conditions; may give others too.

        So that the number of requests stays bounded, the set is read whole when the conditions would take
        more than `MOST_ADDRESSES` addresses.
        """
        chains = odata.or_chains(parts, spent=make("").size + _OPTION_SIZE)
        if sum(1 for _ in chains) > MOST_ADDRESSES:
            return self.pages(make(""))
        return self.chained(make, parts)

    def newest(
        self, make: Callable[[str], Query], refs: Sequence[str], part: Callable[[str], str], *, kept: int
    ) -> Iterator[Row]:
        """Stream newest-first documents of these counterparties until each has `kept` or all are read."""
        left = iter(refs)
        parts = [part(ref) for ref in refs]
        for chain, count in odata.or_chains(parts, spent=make("").size + _OPTION_SIZE):
            missing = dict.fromkeys(islice(left, count), kept)
            for row in self.pages(make(chain)):
                yield row
                if _all_served(row, missing):
                    break

    def conditioned(self, make: Callable[[str, Quoting], Query], parts: Sequence[str]) -> Iterator[Row]:
        """Stream the rows of a virtual table under `Condition`, in the form of quoting this base takes.

        Both forms are in use (onec_odata 1.6). The first that returns rows is remembered; one that returns
        none proves nothing unless the other is refused, so both are asked until then. Raises
        `ConditionRefusedError` when the base takes neither.
        """
        spent = make("", Quoting.DOUBLED).size + _OPTION_SIZE + _DOUBLED_QUOTES
        for chain, _ in odata.or_chains(parts, spent=spent):
            if self._habits.form is not None:
                yield from self.whole(make(chain, self._habits.form))
            else:
                yield from self._try_both(make, chain)

    def quoted(self, make: Callable[[Quoting], Query]) -> Iterator[Row]:
        """Stream a virtual table whose arguments hold quotes; see `conditioned`."""
        if make(Quoting.SINGLE) == make(Quoting.DOUBLED):
            yield from self.whole(make(Quoting.SINGLE))
            return
        refusal: GatewayError | None = None
        for form in (self._habits.form,) if self._habits.form is not None else Quoting:
            rows = self.whole(make(form))
            try:
                first = next(rows, None)
            except (Rejected, BadAnswer) as error:
                refusal = error
                continue
            if first is not None:
                self._habits.form = form
                yield first
                yield from rows
                return
        if refusal is not None:
            raise ConditionRefusedError("1C takes this argument in neither form of quoting") from refusal

    def _try_both(self, make: Callable[[str, Quoting], Query], chain: str) -> list[Row]:
        accepted: list[Quoting] = []
        for form in Quoting:
            try:
                rows = list(self.whole(make(chain, form)))
            except (Rejected, BadAnswer) as error:
                refusal = error
                continue
            if rows:
                self._habits.form = form
                return rows
            accepted.append(form)
        if not accepted:
            raise ConditionRefusedError("1C takes Condition in neither form of quoting") from refusal
        if len(accepted) == 1:
            self._habits.form = accepted[0]
        return []


def _all_served(row: Row, missing: dict[str, int]) -> bool:
    """Count a row for whichever of the refs stands in it; tell whether every ref has enough."""
    for ref in missing.keys() & {value.lower() for value in row.values() if isinstance(value, str)}:
        missing[ref] -= 1
        if missing[ref] <= 0:
            del missing[ref]
    return not missing
