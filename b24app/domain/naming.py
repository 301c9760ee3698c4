"""What the policy calls the codes a reason names, kept with the reason so that a record explains itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24app.domain.policy import ReasonKind
from b24app.domain.rules import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping

    from b24app.domain.policy import Policy
    from b24app.domain.rules import Reason


def named(reason: Reason, policy: Policy) -> Reason:
    """Add the names of `detail` and `expected`; a code the policy does not know stays without one."""
    find = _NAMES.get(reason.code)
    if find is None or reason.detail is None:
        return reason
    return replace(reason, name=find(policy, reason.detail), expected_name=find(policy, reason.expected))


def _standing(policy: Policy, code: str | None) -> str | None:
    status = policy.status(code)
    return (status.name if status is not None else policy.category(code).name) or None


def _term(policy: Policy, code: str | None) -> str | None:
    term = policy.term(code)
    return term.name or None if term is not None else None


def _discount(policy: Policy, code: str | None) -> str | None:
    discount = policy.discount(code)
    return discount.name or None if discount is not None else None


def _reason(policy: Policy, code: str | None) -> str | None:
    entry = policy.reason(code or "", ReasonKind.HOLD)
    return entry.name or None if entry is not None else None


_NAMES: Mapping[ReasonCode, Callable[[Policy, str | None], str | None]] = {
    ReasonCode.ACCOUNT_STATUS: _standing,
    ReasonCode.TERMS: _term,
    ReasonCode.TERMS_RANK: _term,
    ReasonCode.TERMS_UNRANKED: _term,
    ReasonCode.DISCOUNT_RANK: _discount,
    ReasonCode.FORCED: _reason,
}
