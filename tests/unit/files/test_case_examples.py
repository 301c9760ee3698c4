"""The published examples decide as the worked examples of their names, and the schema is the code's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from b24app.domain.decision import SkipKind
from b24app.domain.limits import Granted
from b24app.domain.series import Answer
from b24app.domain.series import decide_in_order
from b24app.files.case_file import CreditCase
from b24app.files.case_file import read_case
from b24app.files.case_schema import case_schema
from b24app.files.case_schema import schema_text
from tests.unit.files.cases import CASES
from tests.unit.files.cases import ROOT
from tests.unit.files.cases import no_policy_file

EXPECTED = {
    "e01-at-the-limit": [("allow", []), ("hold", [("LIMIT", "0.01")])],
    "e03-limit-and-overdue": [("hold", [("LIMIT", "20000.00"), ("OVERDUE_DAYS", "20000.00")])],
    "e07-race": [("allow", []), ("hold", [("LIMIT", "200000.00")])],
    "e14-currency": [("allow", []), ("hold", [("LIMIT", "0.01")])],
    "e15-group-limit": [("allow", []), ("hold", [("GROUP_LIMIT", "50000.00")])],
    "e17-temporary-limit": [("allow", [])],
    "e17-next-day": [("hold", [("LIMIT", "200000.00")])],
    "e23-exclusion": [("allow", []), ("hold", [("OVERDUE_DAYS", "120000.00")])],
    "e34-strategic": [("allow_notify", []), ("hold", [("OVERDUE_DAYS", "40000.00")])],
}


def example(name: str) -> CreditCase:
    text = (CASES / f"{name}.json").read_text("utf-8")
    reading = read_case(text, lambda file: (CASES / file).read_text("utf-8"))
    assert reading.problems == reading.policy_problems == ()
    assert reading.case is not None
    return reading.case


def decided(name: str) -> tuple[Answer, ...]:
    case = example(name)
    return decide_in_order(case.world, case.asks)


def test_every_example_is_expected_here() -> None:
    assert {file.stem for file in CASES.glob("*.json")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_an_example_decides_as_its_name_says(name: str) -> None:
    found = [
        (
            answer.decision.outcome.value,
            [(each.code.value, str(each.excess and each.excess.amount)) for each in answer.decision.reasons],
        )
        for answer in decided(name)
    ]
    assert found == EXPECTED[name]


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        pytest.param("e17-temporary-limit", "1700000.00", id="E17-last-day"),
        pytest.param("e17-next-day", "1000000.00", id="E17-next-day"),
    ],
)
def test_a_temporary_limit_and_a_guarantee_end_together(name: str, limit: str) -> None:
    [answer] = decided(name)
    assert answer.decision.limit is not None
    assert isinstance(answer.decision.limit.limit, Granted)
    assert answer.decision.limit.limit.amount.amount == Decimal(limit)


def test_an_exclusion_with_the_tick_lets_pass_with_nothing_else_asked() -> None:
    first, second = decided("e23-exclusion")
    assert first.decision.skipped is not None
    assert (first.decision.skipped.kind, first.decision.skipped.rule) == (SkipKind.RELEASED_BY_RULE, "small")
    assert second.decision.skipped is None


def test_a_strategic_partner_passes_with_a_warning() -> None:
    first, _ = decided("e34-strategic")
    assert [each.code.value for each in first.decision.warnings] == ["OVERDUE_DAYS"]


def test_the_published_schema_is_the_one_of_the_code() -> None:
    published = (ROOT / "docs" / "case.schema.json").read_text("utf-8")
    assert published == schema_text(), "run `make schema`"


def test_the_example_of_the_description_is_a_good_case() -> None:
    text = (ROOT / "docs" / "cases.md").read_text("utf-8")
    [block] = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    reading = read_case(block, no_policy_file)
    assert reading.problems == ()
    assert reading.case is not None
    said = [
        answer.decision.outcome.value for answer in decide_in_order(reading.case.world, reading.case.asks)
    ]
    assert said == ["allow", "hold"]


@pytest.mark.parametrize("file", sorted(CASES.glob("*.json")), ids=lambda file: file.stem)
def test_an_example_fits_the_schema(file: Path) -> None:
    schema = case_schema()
    document = json.loads(file.read_text("utf-8"))
    assert list(_misfits(document, schema, schema["$defs"])) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("deals", []),
        ("clients", None),
        ("as_of", "24.11.2026"),
        ("tody", "2026-11-24"),
        ("policy", {"limits": {}}),
    ],
    ids=["no deals", "null", "a wrong moment", "an unknown key", "no default limit"],
)
def test_the_schema_refuses_what_the_models_refuse(key: str, value: Any) -> None:
    schema = case_schema()
    document = json.loads((CASES / "e03-limit-and-overdue.json").read_text("utf-8")) | {key: value}
    assert list(_misfits(document, schema, schema["$defs"]))


KINDS: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def _misfits(value: Any, schema: dict[str, Any], known: dict[str, Any], path: str = "$") -> Iterator[str]:
    """Hold a value against the few words of JSON Schema that ours is written in."""
    if "$ref" in schema:
        yield from _misfits(value, known[schema["$ref"].rsplit("/", 1)[1]], known, path)
    if "anyOf" in schema and all(list(_misfits(value, each, known, path)) for each in schema["anyOf"]):
        yield f"{path}: fits nothing"
    if "const" in schema and value != schema["const"]:
        yield f"{path}: another value"
    if value not in schema.get("enum", [value]):
        yield f"{path}: none of the choices"
    kind = schema.get("type")
    if kind is not None and not isinstance(value, KINDS[kind]):
        yield f"{path}: not {kind}"
    elif kind == "string" and not re.search(schema.get("pattern", ""), value):
        yield f"{path}: {schema['pattern']}"
    elif kind == "object":
        yield from _misfits_of_object(value, schema, known, path)
    elif kind == "array":
        yield from [f"{path}: too few"] if len(value) < schema.get("minItems", 0) else []
        yield from (each for inner in value for each in _misfits(inner, schema["items"], known, f"{path}[]"))


def _misfits_of_object(
    value: dict[str, Any], schema: dict[str, Any], known: dict[str, Any], path: str
) -> Iterator[str]:
    assert schema["additionalProperties"] is False
    yield from (f"{path}.{key}: missing" for key in set(schema.get("required", ())) - value.keys())
    for key, inner in value.items():
        if key in schema["properties"]:
            yield from _misfits(inner, schema["properties"][key], known, f"{path}.{key}")
        else:
            yield f"{path}.{key}: unknown"
