"""The one `assess`: from a case and a policy to a decision with every reason and number (K3, K5, K6, K7)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.domain.decision import Decision
from b24app.domain.decision import Outcome
from b24app.domain.decision import assess_technical
from b24app.domain.errors import CurrencyMismatchError
from b24app.domain.ground import lay_ground
from b24app.domain.judgement import in_order
from b24app.domain.judgement import judge
from b24app.domain.limits import NotSet
from b24app.domain.payment import Held
from b24app.domain.payment import smallest_payments
from b24app.domain.rules import ReasonCode
from b24app.domain.rules import TechnicalCause

if TYPE_CHECKING:
    from b24app.domain.case import AssessmentCase
    from b24app.domain.ground import Ground
    from b24app.domain.policy import Policy


def assess(case: AssessmentCase, policy: Policy) -> Decision:
    """Decide whether the goods may go, with every reason, every number and the smallest payment.

    Fails closed: figures older than `policy.max_data_age`, currencies that meet without a rate, or a member
    of the credit group nobody knows the debt of, give TECHNICAL. Nothing to ship is never held (E45).
    Calling it again with the same case changes nothing.
    """
    return _decide(case, policy, payments=True)


def decide(case: AssessmentCase, policy: Policy) -> Decision:
    """Decide like `assess`, but leave out what would have to be paid: for re-deciding many at once."""
    return _decide(case, policy, payments=False)


def _decide(case: AssessmentCase, policy: Policy, *, payments: bool) -> Decision:
    if case.candidate.amount.is_positive and case.now - case.figures.as_of > policy.max_data_age:
        return assess_technical(TechnicalCause.DATA_STALE, None, policy, as_of=case.figures.as_of)
    decision, ground = _by_facts(case, policy)
    judged = [(decision, ground)]
    if case.typed is not None and decision.outcome is not Outcome.TECHNICAL:
        limit = case.own_limit if isinstance(case.typed.limit, NotSet) else case.typed.limit
        typed, typed_ground = _by_facts(
            replace(case, own_limit=limit, client=case.typed.client, typed=None), policy
        )
        decision = _stricter(decision, typed)
        judged.append((typed, typed_ground))
    if not payments or decision.outcome is not Outcome.HOLD:
        return decision
    held = [Held(on, each) for each, on in judged if on is not None and each.outcome is Outcome.HOLD]
    return replace(decision, to_release=smallest_payments(held))


def _by_facts(case: AssessmentCase, policy: Policy) -> tuple[Decision, Ground | None]:
    """Decide, and return the ground as well where the facts could be brought to one currency."""
    try:
        ground = lay_ground(case, policy)
        return judge(ground), ground
    except CurrencyMismatchError as error:
        if not case.candidate.amount.is_positive:
            return Decision(Outcome.ALLOW, (), policy.version, case.figures.as_of), None
        detail = f"{error.left} ≠ {error.right}"
        cause, as_of = TechnicalCause.OTHER_CURRENCY, case.figures.as_of
        return assess_technical(cause, detail, policy, as_of=as_of), None


def _stricter(accepted: Decision, typed: Decision) -> Decision:
    """Take what typed values make stricter, and nothing they would loosen.

    The figures are those of the stricter decision; of each reason the one with the larger excess is kept, so
    that a typed value hides no reason that stands without it. A typed value that cannot be compared, such as
    a limit in a currency without a rate, does not count.
    """
    if typed.outcome is not Outcome.HOLD:
        return accepted
    if accepted.outcome is not Outcome.HOLD:
        return typed
    by_code: dict[ReasonCode, Decision] = {}
    for decision in (accepted, typed):
        for reason in decision.reasons:
            known = by_code.get(reason.code)
            if known is None or _excess(decision, reason.code) > _excess(known, reason.code):
                by_code[reason.code] = decision
    kept = [each for code, decision in by_code.items() for each in decision.reasons if each.code is code]
    chosen = typed if _severity(typed) > _severity(accepted) else accepted
    return replace(chosen, reasons=in_order(kept))


def _severity(decision: Decision) -> tuple[int, Decimal]:
    excesses = (reason.excess.amount for reason in decision.reasons if reason.excess is not None)
    return len(decision.reasons), sum(excesses, Decimal(0))


def _excess(decision: Decision, code: ReasonCode) -> Decimal:
    """Return the largest excess a decision names for a code."""
    excesses = (
        each.excess.amount for each in decision.reasons if each.code is code and each.excess is not None
    )
    return max(excesses, default=Decimal(0))
