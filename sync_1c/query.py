"""One GET of the adapter as a value."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING

from sync_1c import odata

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Query:
    """A resource and its options, named without the dollar sign.

    `optional`: selected fields that not every release of the configuration has; a base that refuses one is
    asked again without it, and its rows lack it.
    """

    resource: str
    options: Mapping[str, str]
    optional: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes an `or` chain shares the budget with: virtual-table arguments and the query part."""
        arguments = self.resource.partition("(")[2]
        return odata.encoded_size(arguments) + len(odata.query_string(self.options).encode())

    def without(self, absent: Collection[str]) -> Query:
        """Leave out the optional fields that this base was seen not to have."""
        dropped = [name for name in self.optional if name in absent]
        if not dropped:
            return self
        select = ",".join(name for name in self.options["select"].split(",") if name not in dropped)
        return replace(self, options={**self.options, "select": select})
