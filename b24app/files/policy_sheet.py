"""The policy file taken apart: each table and each row by itself, so that one bad row hides no other."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING
from typing import Any
from typing import Final
from typing import TypeVar

from pydantic import ValidationError

from b24app.domain.limits import Granted
from b24app.domain.money import Money
from b24app.files import policy_rows as rows
from b24app.files.locator import Path
from b24app.files.problems import Problem
from b24app.files.problems import Report
from b24app.files.toml_trouble import trouble

if TYPE_CHECKING:
    from b24app.files.policy_rows import Form

TABLES: Final[Mapping[str, type[Form]]] = {
    "limits": rows.Limits,
    "overdue": rows.Overdue,
    "checks": rows.Checks,
    "terms": rows.Terms,
    "strategic": rows.Strategic,
}
LISTS: Final[Mapping[str, type[Form]]] = {
    "payment_terms": rows.TermRow,
    "discounts": rows.DiscountRow,
    "categories": rows.CategoryRow,
    "statuses": rows.StatusRow,
    "reasons": rows.ReasonRow,
    "groups": rows.GroupRow,
    "risks": rows.RiskRow,
    "guarantee_types": rows.LabelRow,
    "coverage_types": rows.LabelRow,
    "credit_groups": rows.CreditGroupRow,
    "clients": rows.ClientRow,
    "deals": rows.DealRow,
    "rules": rows.RuleRow,
}
ROW_KEYS: Final[Mapping[str, str]] = {
    name: {"clients": "inn", "deals": "deal_id", "rules": "id"}.get(name, "code") for name in LISTS
}
"""What a row of a section is called by."""
SECTIONS: Final = (*TABLES, *LISTS)

F = TypeVar("F", bound="Form")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What could be read: tables by section, rows by section and place.

    A row with a bad value is kept without it, for the other checks; `broken` are the paths of such values.
    `named`: every code that stands in the file, of bad rows as well, so that a reference to one is no second
    problem.
    """

    tables: dict[str, Form] = field(default_factory=dict)
    lists: dict[str, dict[int, Form]] = field(default_factory=dict)
    named: dict[str, frozenset[object]] = field(default_factory=dict)
    broken: set[Path] = field(default_factory=set)

    def says(self, path: Path, form: Form, key: str) -> bool:
        """Tell whether a row says something under a key, readable or not."""
        return getattr(form, key) is not None or self.is_broken((*path, key))

    def is_broken(self, path: Path) -> bool:
        """Tell whether something is said that could not be read."""
        return path in self.broken

    def table(self, section: str, form: type[F]) -> F | None:
        """Return a table, None when it could not be read."""
        found = self.tables.get(section)
        return found if isinstance(found, form) else None

    def rows(self, section: str, form: type[F]) -> Iterator[tuple[Path, F]]:
        """Return the good rows of a section with their paths."""
        for number, row in self.lists.get(section, {}).items():
            if isinstance(row, form):
                yield (section, number), row

    def amounts(self) -> Iterator[tuple[Path, Money]]:
        """Return all the money of the file with its path."""
        for section, table in self.tables.items():
            yield from _amounts((section,), table)
        for section, found in self.lists.items():
            for number, row in found.items():
                yield from _amounts((section, number), row)


def _amounts(path: Path, form: Form) -> Iterator[tuple[Path, Money]]:
    fields = type(form).model_fields
    for name, value in form:
        where = (*path, fields[name].alias or name)
        if isinstance(value, Money):
            yield where, value
        elif isinstance(value, Granted):
            yield where, value.amount
        elif isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, rows.Form):
                    yield from _amounts((*where, number), item)


def read_sheet(text: str) -> tuple[Sheet, Report] | Problem:
    """Take a file apart; a text that is no TOML is one problem."""
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        return trouble(error, text)
    report = Report(text)
    return take_apart(document, report), report


def take_apart(document: Mapping[str, Any], report: Report) -> Sheet:
    """Take a parsed document apart and note what its form lacks."""
    sheet = Sheet()
    for name in document.keys() - SECTIONS:
        near = get_close_matches(name, SECTIONS, n=1, cutoff=0.5)
        report.error((name,), "section_near" if near else "section", near=near[0] if near else "")
    for name, form in TABLES.items():
        optional = name == "strategic" and name not in document
        if (
            not optional
            and (found := _checked(sheet, report, (name,), form, document.get(name, {}))) is not None
        ):
            sheet.tables[name] = found
    for name, form in LISTS.items():
        _read_rows(sheet, report, name, form, document.get(name, []))
    return sheet


def _read_rows(sheet: Sheet, report: Report, section: str, form: type[Form], found: object) -> None:
    if not isinstance(found, list):
        report.error((section,), "rows", section=section)
        return
    read = {number: _checked(sheet, report, (section, number), form, row) for number, row in enumerate(found)}
    sheet.lists[section] = {number: row for number, row in read.items() if row is not None}
    names = (row.get(ROW_KEYS[section]) for row in found if isinstance(row, dict))
    sheet.named[section] = frozenset(name for name in names if isinstance(name, str | int))


def _checked(sheet: Sheet, report: Report, path: Path, form: type[F], values: object) -> F | None:
    """Validate a table or a row; one with bad values is noted and returned without them, if it can do so."""
    try:
        return form.model_validate(values)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
    for item in problems:
        _note(report, path, form, item)
    places = [item["loc"] for item in problems if item["loc"]]
    sheet.broken.update((*path, *place[:1]) for place in places)
    try:
        return form.model_validate(_without(values, places))
    except ValidationError:
        return None


def _without(values: object, places: list[Path]) -> object:
    """Leave out whole keys of a row; what cannot be left out makes it fail again."""
    bad = {place[0] for place in places}
    return {key: value for key, value in values.items() if key not in bad} if isinstance(values, dict) else {}


def _note(report: Report, path: Path, form: type[Form], item: Mapping[str, Any]) -> None:
    place, kind, context = (*path, *item["loc"]), item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        near = get_close_matches(str(place[-1]), _keys_at(form, item["loc"]), n=1, cutoff=0.4)
        report.error(place, "key_near" if near else "key", near=near[0] if near else "")
    else:
        pieces = {name: choices(value) for name, value in context.items()}
        report.error(place, sentence_of(kind), **pieces)


def sentence_of(kind: str) -> str:
    """Name the sentence for a kind of error pydantic tells of, or we raised ourselves."""
    return _SENTENCES.get(kind, kind if kind in _OWN else "value")


def _keys_at(form: type[Form], place: Path) -> list[str]:
    """Name the keys that are known where an unknown one stands."""
    nested: Mapping[str, type[Form]] = {
        "temporary_limits": rows.TemporaryRow,
        "covers": rows.CoverRow,
        "disputes": rows.DisputeRow,
    }
    return rows.keys_of(nested.get(str(place[0]), form) if len(place) > 1 else form)


def choices(value: object) -> str:
    """Write what pydantic says of a limit or a choice without its grammar."""
    return str(value).replace("'", "").replace(" or ", ", ")


_OWN: Final = frozenset({"money", "money_comma", "money_negative", "money_large", "code", "one_line", "inn"})
_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "missing",
    "enum": "choice",
    "literal_error": "choice",
    "greater_than": "above",
    "greater_than_equal": "least",
    "less_than_equal": "most",
    "int_type": "integer",
    "int_from_float": "integer",
    "bool_type": "boolean",
    "string_type": "string",
    "string_too_short": "empty",
    "string_too_long": "too_long",
    "date_type": "date",
    "list_type": "list",
    "is_instance_of": "number",
    "finite_number": "number",
    "decimal_max_places": "places",
    "model_type": "table",
    "dict_type": "table",
}
