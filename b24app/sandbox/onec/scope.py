"""What a name in `$filter`, `$select` or `$orderby` stands for in the rows at hand."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from b24app.sandbox.onec.errors import unknown_segment
from b24app.sandbox.onec.schema import Field
from b24app.sandbox.onec.schema import Kind
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value

Read: TypeAlias = Callable[[Row], Value]
Fetch: TypeAlias = Callable[[str, str], Row | None]
"""Find a row by set and key; None when there is no such row."""
FieldsOf: TypeAlias = Callable[[str], Mapping[str, Field] | None]
"""The fields of a set; None when the set is not in the composition."""


@dataclass(frozen=True, slots=True)
class Column:
    """A value of a row: its type and how to read it; a composite value reads as its guid, see `type_of`."""

    kind: Kind
    read: Read
    type_of: Read | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Resolve paths such as `Контрагент/ИНН` from the fields of one set or of one virtual table."""

    fields: Mapping[str, Field]
    fields_of: FieldsOf
    fetch: Fetch

    def column(self, path: str) -> Column:
        """The column a path leads to.

        Raises:
            ODataError: code 6 when a segment does not exist, or its object is not in the composition.
        """
        head, _, rest = path.partition("/")
        if not rest:
            return self._own(head)
        target, key = self.reference(head)
        fields = self.fields_of(target)
        if fields is None:
            raise unknown_segment(head)
        inner = Scope(fields, self.fields_of, self.fetch).column(rest)
        return Column(inner.kind, _through(inner.read, key, self._follow(target)), None)

    def reference(self, navigation: str) -> tuple[str, str]:
        """The set a navigation property leads to, and the field holding its key.

        Raises:
            ODataError: code 6; composite references cannot be followed either.
        """
        found = self.fields.get(f"{navigation}_Key")
        if found is None or found.target is None or self.fields_of(found.target) is None:
            raise unknown_segment(navigation)
        return found.target, found.name

    def _own(self, name: str) -> Column:
        found = self.fields.get(name)
        if found is None:
            raise unknown_segment(name)
        if found.kind is Kind.COMPOSITE:
            return Column(found.kind, _reader(name), _reader(f"{name}_Type"))
        return Column(found.kind, _reader(name))

    def _follow(self, target: str) -> Callable[[str], Row | None]:
        return lambda key: self.fetch(target, key)


def _reader(name: str) -> Read:
    return lambda row: row[name]


def _through(read: Read, key: str, follow: Callable[[str], Row | None]) -> Read:
    def value(row: Row) -> Value:
        found = follow(str(row[key]))
        return "" if found is None else read(found)

    return value
