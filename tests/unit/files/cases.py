"""A good case in its plainest form, and how it is spoiled: paths to set, take out, or add to."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from b24app.domain.series import Answer
from b24app.domain.series import decide_in_order
from b24app.files.case_file import CaseReading
from b24app.files.case_file import CreditCase
from b24app.files.case_file import read_case

ROOT = Path(__file__).parents[3]
CASES = ROOT / "docs" / "cases"
INN, OTHER = "7707083893", "7736050003"
GOOD: dict[str, Any] = {
    "as_of": "2026-11-24T10:15:00+03:00",
    "policy": {
        "limits": {"default_limit": "0.00 RUB", "warn_percent": "off"},
        "statuses": [{"code": "ship", "effect": "ship"}],
        "payment_terms": [{"code": "net14", "days": 14, "rank": 10}],
    },
    "clients": [
        {
            "inn": INN,
            "name": "ООО «Ромашка»",
            "limit": "100 000.00 RUB",
            "contracts": [
                {
                    "number": "Д-1",
                    "ref": "k-1",
                    "documents": [{"document": "УТ-1", "due": "2026-12-24", "amount": "40 000.00 RUB"}],
                }
            ],
        }
    ],
    "deals": [{"id": 1, "client": INN, "amount": "60 000.00 RUB"}],
}


def good(**changes: Any) -> dict[str, Any]:
    """Take the good case with other top-level keys."""
    return copy.deepcopy(GOOD | changes)


def put(path: str, value: Any, document: dict[str, Any] | None = None) -> dict[str, Any]:
    """Set a value in the good case: `clients.0.limit`."""
    found = good() if document is None else document
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place: Any = found
    for part in way:
        place = place[part]
    place[last] = value
    return found


def no_policy_file(name: str) -> str:
    raise FileNotFoundError(name)


def read(document: object) -> CaseReading:
    """Read a document written in the usual way."""
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False, indent=1)
    return read_case(text, no_policy_file)


def told(document: object) -> list[tuple[str, str]]:
    """Return field and key of every error."""
    return [(each.field, each.key) for each in read(document).problems if each.is_error]


def accepted(document: object) -> CreditCase:
    reading = read(document)
    assert reading.case is not None, [each.told("case.json") for each in reading.problems]
    return reading.case


def answers(document: object) -> tuple[Answer, ...]:
    case = accepted(document)
    return decide_in_order(case.world, case.asks)


def outcomes(document: object) -> list[tuple[str, list[str]]]:
    """Return outcome and reason codes of every deal."""
    return [
        (each.decision.outcome.value, [reason.code.value for reason in each.decision.reasons])
        for each in answers(document)
    ]
