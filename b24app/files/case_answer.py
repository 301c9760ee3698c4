"""What was decided of a case, for programs: plain JSON, every amount a text. Described in docs/cases.md."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING
from typing import Any
from typing import Final

from b24app.domain.limits import Granted
from b24app.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24app.domain.limits import ResolvedLimit
    from b24app.domain.overdue import Overdue
    from b24app.domain.rules import Reason
    from b24app.domain.series import Answer
    from b24app.files.case_file import CreditCase
    from b24app.files.problems import Problem

FORMAT: Final = 1


def answer_of(
    case: CreditCase, answers: Sequence[Answer], warnings: Sequence[Problem], language: str = "ru"
) -> dict[str, Any]:
    """Return the whole answer, deals in their order; `language` is that of the warnings' texts alone."""
    return {
        "format": FORMAT,
        "title": case.title,
        "today": case.world.on.isoformat(),
        "now": case.world.now.isoformat(),
        "timezone": case.zone.key,
        "policy_version": case.world.policy.version,
        "allowed": not any(answer.decision.holds for answer in answers),
        "warnings": [
            {"line": each.line, "field": each.field, "code": each.key, "text": each.text(language)}
            for each in warnings
        ],
        "deals": [
            {"id": answer.ask.deal_id, "title": title, **_deal(answer)}
            for answer, title in zip(answers, case.deal_titles, strict=True)
        ],
    }


def _deal(answer: Answer) -> dict[str, Any]:
    ask, decision = answer.ask, answer.decision
    exposure, overdue = decision.exposure, decision.overdue
    return {
        "client": ask.inn,
        "contract": answer.contract.ref if answer.contract is not None else None,
        "amount": plain(ask.amount),
        "outcome": decision.outcome.value,
        "reasons": [_reason(each) for each in decision.reasons],
        "warnings": [_reason(each) for each in decision.warnings],
        "skipped": _members(decision.skipped),
        "exposure": _members(exposure),
        "limit": _limit(decision.limit),
        "overdue": None if overdue is None else _overdue(overdue),
        "pool": _members(decision.pool),
        "to_release": [_members(each) for each in decision.to_release],
        "rates": [_members(each) for each in decision.rates],
        "policy_version": decision.policy_version,
        "as_of": None if decision.as_of is None else decision.as_of.isoformat(),
    }


def _limit(limit: ResolvedLimit | None) -> dict[str, Any] | None:
    if limit is None:
        return None
    granted = limit.limit
    amount = plain(granted.amount) if isinstance(granted, Granted) else "unlimited"
    rest = {name: value for name, value in (_members(limit) or {}).items() if name != "limit"}
    return {"amount": amount, **rest}


def _overdue(overdue: Overdue) -> dict[str, Any]:
    return {**(_members(overdue) or {}), "items": [_members(each) for each in overdue.items]}


def _reason(reason: Reason) -> dict[str, Any]:
    """Write what a reason says and leave out what it does not."""
    return {name: value for name, value in (_members(reason) or {}).items() if value is not None}


def _members(value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    return {each.name: plain(getattr(value, each.name)) for each in fields(value)}


def plain(value: Any) -> Any:
    """Write one value: money as `{"amount": "10.00", "currency": "RUB"}`, every exact number as a text."""
    match value:
        case Money():
            return {"amount": f"{value.amount:f}", "currency": value.currency}
        case Decimal():
            return f"{value:f}"
        case Enum():
            return value.value
        case date():
            return value.isoformat()
    return value
