"""Recorded checks read back for deciding them again: no more of them than that takes.

It stands on the codec alone, so that a process that only decides starts quickly.
"""

from __future__ import annotations

import json
from typing import Final

from b24app.domain.case import AssessmentCase
from b24app.domain.decision import Outcome
from b24app.ports.records import RecordedVerdict
from b24app.storage.codec import decode
from b24app.storage.errors import BrokenRowError

_ALLOWED: Final = RecordedVerdict(Outcome.ALLOW)
_ALLOWED_BEGINS: Final = '{"outcome":"allow","reasons":[],'


def restore(case: str | None, decision: str) -> tuple[AssessmentCase | None, RecordedVerdict] | None:
    """Read the case and the verdict of a packed check; None for a row that cannot be read.

    Payments and counterparties are left out of the case: they are for show, no decision looks at them. The
    arithmetic of the decision is passed over.
    """
    try:
        return (None if case is None else _case(case)), _verdict(decision)
    except (BrokenRowError, json.JSONDecodeError):
        return None


def _case(text: str) -> AssessmentCase:
    stored = json.loads(text)
    figures = stored.get("figures") if type(stored) is dict else None
    if type(figures) is dict:
        figures["payments"] = figures["counterparties"] = []
    known: AssessmentCase = decode(AssessmentCase, stored)
    return known


def _verdict(text: str) -> RecordedVerdict:
    """Read outcome and reasons; they come first, so an allowed one is known by how its text begins."""
    if text.startswith(_ALLOWED_BEGINS):
        return _ALLOWED
    verdict: RecordedVerdict = decode(RecordedVerdict, json.loads(text))
    return verdict
