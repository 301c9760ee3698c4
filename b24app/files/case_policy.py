"""The policy of a case file: its sections inline, a file of its own, or the packaged one."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any
from typing import Final
from typing import get_args

from b24app.files import policy_rows as rows
from b24app.files.case_rows import as_day
from b24app.files.json_source import BOOK
from b24app.files.json_source import JsonLines
from b24app.files.policy_checks import Ground
from b24app.files.policy_file import PolicyReading
from b24app.files.policy_file import judge_policy
from b24app.files.policy_file import read_policy
from b24app.files.policy_seed import default_text
from b24app.files.policy_sheet import LISTS
from b24app.files.policy_sheet import TABLES
from b24app.files.policy_sheet import take_apart
from b24app.files.problems import Problem
from b24app.files.problems import Report

PACKAGED: Final = "default"
INLINE: Final = "inline"
_KEY: Final = "policy"
_NEEDLESS: Final = frozenset({"no_release_reason"})
"""What nobody has to be warned of who only decides: he releases nothing."""
_STAMP: Final = 8
_NESTED: Final = (rows.TemporaryRow, rows.CoverRow, rows.DisputeRow)

OpenPolicy = Callable[[str], str]
"""Reads the policy file of a name; raises `OSError` or `UnicodeDecodeError`."""


def read_case_policy(
    given: object,
    text: str,
    *,
    open_policy: OpenPolicy,
    currencies: Collection[str],
    on: date | None,
) -> tuple[PolicyReading, str | None]:
    """Read the policy a case names, and tell the file its problems are in; None: the case file itself.

    Its version says where it came from and, by a part of its hash, what it said.
    """
    ground = Ground(currencies, on)
    if given is None:
        return _from_toml(default_text(), PACKAGED, ground), None
    if isinstance(given, str):
        try:
            document = open_policy(given)
        except (OSError, ValueError):
            return _refused(text, "policy_file", file=given), None
        return _from_toml(document, given.replace("\\", "/").rsplit("/", 1)[-1], ground), given
    if not isinstance(given, dict):
        return _refused(text, "policy_kind"), None
    report = _report(text)
    version = _version(INLINE, json.dumps(given, ensure_ascii=True, sort_keys=True, default=str))
    reading = judge_policy(take_apart(_as_toml(given), report), report, version=version, ground=ground)
    told = tuple(problem for problem in reading.problems if problem.key not in _NEEDLESS)
    return PolicyReading(reading.policy, told), None


def _from_toml(document: str, name: str, ground: Ground) -> PolicyReading:
    version = _version(name, document)
    return read_policy(document, version=version, currencies=ground.currencies, on=ground.on)


def _version(name: str, content: str) -> str:
    return f"{name}@{sha256(content.encode()).hexdigest()[:_STAMP]}"


def _report(text: str) -> Report:
    return Report(text, JsonLines, book=BOOK, root=(_KEY,))


def _refused(text: str, key: str, **pieces: str) -> PolicyReading:
    problem = Problem(JsonLines(text).line((_KEY,)), _KEY, key, pieces, book=BOOK)
    return PolicyReading(None, (problem,))


def _as_toml(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give a JSON object the values TOML has: dates for texts in their place, and null for nothing said."""
    return {key: _value(key, value) for key, value in given.items() if value is not None}


def _value(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _as_toml(value)
    if isinstance(value, list):
        return [_as_toml(each) if isinstance(each, dict) else each for each in value]
    return as_day(value) or value if key in _DATES else value


def _dates(forms: Collection[type[rows.Form]]) -> Iterator[str]:
    for form in forms:
        for name, found in form.model_fields.items():
            if date in (found.annotation, *get_args(found.annotation)):
                yield found.alias or name


_DATES: Final = frozenset(_dates((*TABLES.values(), *LISTS.values(), *_NESTED)))
