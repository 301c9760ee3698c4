"""What makes a base one configuration: its published objects and the engine that posts its documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING
from typing import Protocol

if TYPE_CHECKING:
    from b24app.sandbox.onec.posting import Movement
    from b24app.sandbox.onec.schema import Entity
    from b24app.sandbox.onec.schema import Register
    from b24app.sandbox.onec.schema import Row
    from b24app.sandbox.onec.store import Store


class Engine(Protocol):
    """Register movements of one base, kept in step with its documents."""

    def post(self, kind: str, key: str, row: Row, *, counts: bool) -> None:
        """Replace the movements of a document; none when it does not count."""
        ...

    def movements(self, register: str) -> list[Movement]:
        """All rows of a register, the future ones included."""
        ...

    def rows(self, name: str) -> list[Row] | None:
        """Rows of a set that is computed, None for one that is written."""
        ...

    def holder(self, row: Row) -> str:
        """Whose a row is, for access by rows: the key of a partner or counterparty, empty for nobody's."""
        ...


@dataclass(frozen=True)
class Family:
    """A configuration. `unpublished`: kinds that are written like another and never shown.

    `slices`: information registers that also answer `SliceLast`. `documents`: what can be posted.
    """

    name: str
    entities: tuple[Entity, ...]
    registers: tuple[Register, ...]
    documents: tuple[str, ...]
    engine: Callable[[Store], Engine]
    slices: tuple[str, ...] = ()
    unpublished: dict[str, str] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Entity]:
        """Entity sets by name."""
        return {one.name: one for one in self.entities}

    @cached_property
    def register_by_name(self) -> dict[str, Register]:
        """Registers by name."""
        return {one.name: one for one in self.registers}

    @cached_property
    def sections(self) -> dict[str, tuple[Entity, str]]:
        """The object and the title behind the name of a tabular section."""
        return {rows.name: (one, title) for one in self.entities for title, rows in one.sections.items()}

    def entity(self, kind: str) -> Entity:
        """The fields of a set, a section or an unpublished kind."""
        if kind in self.sections:
            owner, title = self.sections[kind]
            return owner.sections[title]
        return self.by_name[self.unpublished.get(kind, kind)]

    def owner(self, name: str) -> str:
        """The object a section or a set of records belongs to."""
        return self.sections[name][0].name if name in self.sections else name.removesuffix("_RecordType")
