"""The Permits port over a 1C base that has our extension."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from b24app.ports.errors import BadAnswer
from sync_1c.odata import BadValueError
from sync_1c.profiles import permits as names
from sync_1c.query import Query
from sync_1c.reads import Habits
from sync_1c.reads import Reads
from sync_1c.transport import Deadline

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Sequence
    from datetime import datetime

    from b24app.ports.clock import Clock
    from b24app.ports.permits import Permit
    from sync_1c.transport import ODataTransport

LOOKED_AGAIN = timedelta(minutes=10)


class OneCPermits:
    """Read and write the permission register. `deadline`: seconds one call may take."""

    def __init__(self, transport: ODataTransport, clock: Clock, *, deadline: float) -> None:
        self._transport = transport
        self._clock = clock
        self._deadline = deadline
        self._looked: tuple[datetime, bool] | None = None

    def is_published(self) -> bool:
        """Look for the register in the service document; remember the answer for ten minutes.

        The service document lists exactly the sets of `$metadata`, which is megabytes (onec_odata 1.3).
        """
        now = self._clock.now()
        if self._looked is None or now - self._looked[0] >= LOOKED_AGAIN:
            listed = self._open().collection(Query("", {}))
            self._looked = now, any(row.get("name") == names.PERMITS for row in listed)
        return self._looked[1]

    def read(self, keys: Sequence[str]) -> Mapping[str, Permit]:
        """Read the rows of these keys; see the port."""
        rows = self._open().chained(names.permits, [names.with_key(key) for key in keys])
        try:
            found = [names.parse_permit(row) for row in rows]
        except BadValueError as error:
            raise BadAnswer(f"1C: a permission cannot be read: {error}") from error
        return {permit.key: permit for permit in found}

    def write(self, permit: Permit, *, exists: bool) -> None:
        """Write a row; see the port."""
        row = names.render_permit(permit)
        deadline = Deadline(self._deadline)
        if exists:
            self._transport.write("PATCH", names.one(permit.key), row, deadline)
        else:
            self._transport.write("POST", names.PERMITS, row, deadline)

    def _open(self) -> Reads:
        return Reads(self._transport, Habits(), Deadline(self._deadline))
