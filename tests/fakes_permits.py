"""A register of permissions held in memory, for tests of whatever stands on the Permits port."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Sequence

    from b24app.ports.errors import GatewayError
    from b24app.ports.permits import Permit


class FakePermits:
    """Keep the rows written; fail when told to.

    `failing`: errors the next writes meet, one each, before anything is done. `lost`: so many next writes are
    carried out although their answers are lost (by the error `losing`).
    """

    def __init__(self) -> None:
        self.rows: dict[str, Permit] = {}
        self.writes: list[Permit] = []
        self.failing: list[GatewayError] = []
        self.losing: list[GatewayError] = []
        self.published = True
        self.silent: GatewayError | None = None

    def is_published(self) -> bool:
        """Tell whether the register is there."""
        if self.silent is not None:
            raise self.silent
        return self.published

    def read(self, keys: Sequence[str]) -> Mapping[str, Permit]:
        """Return the rows of these keys."""
        return {key: self.rows[key] for key in keys if key in self.rows}

    def write(self, permit: Permit, *, exists: bool) -> None:
        """Keep a row."""
        if self.failing:
            raise self.failing.pop(0)
        assert exists == (permit.key in self.rows)
        self.rows[permit.key] = permit
        self.writes.append(permit)
        if self.losing:
            raise self.losing.pop(0)
