"""The case file taken apart: what could be read of it, row by row, so that one bad row hides no other."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from difflib import get_close_matches
from typing import Any
from typing import Final
from typing import TypeVar
from typing import get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from b24app.files import case_rows as rows
from b24app.files.case_rows import Form
from b24app.files.locator import Path
from b24app.files.policy_sheet import choices
from b24app.files.policy_sheet import sentence_of
from b24app.files.problems import Report

LISTS: Final[Mapping[str, type[Form]]] = {
    "rates": rows.RateForm,
    "clients": rows.ClientForm,
    "reserves": rows.ReserveForm,
    "deals": rows.DealForm,
}
_OWN: Final = frozenset({"money_places", "moment", "zone", "currency", "exact", "date"})
_SENTENCES: Final = {"too_short": "few"}

F = TypeVar("F", bound=Form)


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """A document as it stands, its good rows by list and place, and the whole once all its form is good."""

    document: Mapping[str, Any]
    whole: rows.CaseForm | None
    lists: Mapping[str, Mapping[int, Form]] = field(default_factory=dict)

    def rows(self, section: str, form: type[F]) -> Iterator[tuple[Path, F]]:
        """Return the good rows of a list with their paths."""
        for number, row in self.lists.get(section, {}).items():
            if isinstance(row, form):
                yield (section, number), row

    def raw(self, section: str) -> list[tuple[int, Mapping[str, Any]]]:
        """Return the objects of a list as they stand, readable or not."""
        found = self.document.get(section)
        items = found if isinstance(found, list) else []
        return [(number, each) for number, each in enumerate(items) if isinstance(each, dict)]

    def says(self, key: str) -> object:
        """Return a value as it stands."""
        return self.document.get(key)


def take_case_apart(document: Mapping[str, Any], report: Report) -> CaseSheet:
    """Read the whole form and note everything that is wrong with it."""
    try:
        whole = rows.CaseForm.model_validate(document)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
    else:
        lists: dict[str, dict[int, Form]] = {name: dict(enumerate(getattr(whole, name))) for name in LISTS}
        return CaseSheet(document, whole, lists)
    for item in problems:
        _note(report, item)
    broken = {item["loc"][:2] for item in problems}
    return CaseSheet(document, None, {name: _good(document, name, broken) for name in LISTS})


def _good(document: Mapping[str, Any], name: str, broken: set[Path]) -> dict[int, Form]:
    items = document.get(name)
    if not isinstance(items, list):
        return {}
    good = [number for number in range(len(items)) if (name, number) not in broken]
    return {number: LISTS[name].model_validate(items[number]) for number in good}


def _note(report: Report, item: Mapping[str, Any]) -> None:
    place, kind, context = item["loc"], item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        near = get_close_matches(str(place[-1]), _keys_at(place), n=1, cutoff=0.4)
        report.error(place, "key_near" if near else "key", near=near[0] if near else "")
        return
    pieces = {name: choices(value) for name, value in context.items()}
    key = kind if kind in _OWN else _SENTENCES.get(kind) or sentence_of(kind)
    report.error(place, key, **pieces)


def _keys_at(place: Path) -> list[str]:
    """Name the keys that are known where an unknown one stands."""
    form: type[Form] = rows.CaseForm
    for part in place[:-1]:
        if isinstance(part, str):
            form = _form_in(form.model_fields[part].annotation) or form
    return [_spelled(name, found) for name, found in form.model_fields.items()]


def _spelled(name: str, found: FieldInfo) -> str:
    return found.alias or name


def _form_in(annotation: Any) -> type[Form] | None:
    """Find the form inside `list[...]` or `... | None`."""
    if isinstance(annotation, type) and issubclass(annotation, Form):
        return annotation
    inside = (_form_in(each) for each in get_args(annotation))
    return next((each for each in inside if each is not None), None)
