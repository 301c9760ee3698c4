"""Types of the published objects: fields, sections, registers (onec_odata 1.3, 1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

EMPTY_GUID = "00000000-0000-0000-0000-000000000000"
EMPTY_DATE = datetime(1, 1, 1)  # noqa: DTZ001 - 1C dates carry no zone
ACCOUNT = "Account_Key"
ACCOUNT_DIMENSION = "Account"
NAMESPACE = "StandardODATA."
UNDEFINED = NAMESPACE + "Undefined"

Row: TypeAlias = Mapping[str, "Value"]
Value: TypeAlias = str | int | bool | Decimal | datetime | Row | tuple[Row, ...]


class Kind(Enum):
    """The type of a property; the value is its EDM name."""

    TEXT = "Edm.String"
    GUID = "Edm.Guid"
    DATE = "Edm.DateTime"
    NUMBER = "Edm.Double"
    WHOLE = "Edm.Int64"
    FLAG = "Edm.Boolean"
    COMPOSITE = "composite"
    SECTION = "Collection"


_EMPTY: dict[Kind, Value] = {
    Kind.TEXT: "",
    Kind.GUID: EMPTY_GUID,
    Kind.DATE: EMPTY_DATE,
    Kind.NUMBER: Decimal(0),
    Kind.WHOLE: 0,
    Kind.FLAG: False,
    Kind.COMPOSITE: "",
    Kind.SECTION: (),
}
_SUFFIXES = {"g": Kind.GUID, "d": Kind.DATE, "n": Kind.NUMBER, "i": Kind.WHOLE, "b": Kind.FLAG}


@dataclass(frozen=True, slots=True)
class Field:
    """A property; `target` is the set its navigation property leads to, None when it has none."""

    name: str
    kind: Kind
    target: str | None = None

    @property
    def navigation(self) -> str:
        """The name of the navigation property of a `…_Key` field."""
        return self.name.removesuffix("_Key")


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity set: its properties in order, its key, its tabular sections."""

    name: str
    key: tuple[str, ...]
    fields: Mapping[str, Field]
    sections: Mapping[str, Entity] = field(default_factory=dict)

    def complete(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """A whole row: the given values, and 1C's empty ones for the rest.

        Raises:
            KeyError: a value is given for a property the object does not have.
        """
        stray = set(values) - set(self.fields)
        if stray:
            raise KeyError(f"{self.name} has no {sorted(stray)}")
        return {name: self._value(name, values) for name in self.fields}

    def numbered(self, key: str, lines: tuple[Row, ...]) -> tuple[Row, ...]:
        """Whole rows of this section of the object `key`, numbered from 1."""
        own = enumerate(lines, start=1)
        return tuple(self.complete({**line, "Ref_Key": key, "LineNumber": number}) for number, line in own)

    def _value(self, name: str, values: Mapping[str, Value]) -> Value:
        if name in values:
            return values[name]
        if name.endswith("_Type"):
            return UNDEFINED
        return _EMPTY[self.fields[name].kind]


@dataclass(frozen=True, slots=True)
class Register:
    """A balance register: dimensions by their name without `_Key`, and resources.

    `accounting`: its first dimension is the account, its answers show debit and credit, its tables are named
    by `AccountCondition` besides. `kinds`: by account key, `active`, `passive` or `both`.
    """

    name: str
    dimensions: Mapping[str, tuple[Field, ...]]
    resources: tuple[str, ...]
    accounting: bool = False
    kinds: Mapping[str, str] = field(default_factory=dict)

    def columns(self, names: tuple[str, ...]) -> dict[str, Field]:
        """The fields these dimensions show in an answer."""
        return {column.name: column for name in names for column in self.dimensions[name]}


def parse_fields(text: str) -> dict[str, Field]:
    """Read a field list: `Имя` text, `Имя:d|n|i|b|g` typed, `Имя>Catalog_X` reference, `Имя*` composite."""
    fields: dict[str, Field] = {}
    for word in text.split():
        for made in _fields_of(word):
            fields[made.name] = made
    return fields


def entity(
    name: str, text: str, *, key: str = "Ref_Key", sections: Mapping[str, str] | None = None
) -> Entity:
    """Describe an object with its tabular sections."""
    made = {title: _section(f"{name}_{title}", rows) for title, rows in (sections or {}).items()}
    fields = parse_fields(text) | {title: Field(title, Kind.SECTION) for title in made}
    return Entity(name, tuple(key.split()), fields, made)


def register(
    name: str, dimensions: str, resources: str, *, kinds: Mapping[str, str] | None = None
) -> Register:
    """Describe a balance register; `kinds` of accounts make it an accounting register."""
    made = {word.split(">")[0].split(":")[0].rstrip("*"): _fields_of(word) for word in dimensions.split()}
    return Register(name, made, tuple(resources.split()), accounting=kinds is not None, kinds=kinds or {})


def _section(name: str, text: str) -> Entity:
    return Entity(name, ("Ref_Key", "LineNumber"), parse_fields("Ref_Key:g LineNumber:i " + text))


def _fields_of(word: str) -> tuple[Field, ...]:
    if word.endswith("*"):
        name = word[:-1]
        return (Field(name, Kind.COMPOSITE), Field(name + "_Type", Kind.TEXT))
    if ">" in word:
        name, target = word.split(">")
        return (Field(name + "_Key", Kind.GUID, target),)
    name, _, suffix = word.partition(":")
    return (Field(name, _SUFFIXES[suffix] if suffix else Kind.TEXT),)
