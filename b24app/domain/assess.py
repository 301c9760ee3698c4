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
from b24app.domain.judgement import judge
from b24app.domain.limits import NotSet
from b24app.domain.payment import smallest_payments
from b24app.domain.rules import TechnicalCause

if TYPE_CHECKING:
    from b24app.domain.case import AssessmentCase
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
    decision = _by_facts(case, policy, payments=payments)
    if case.typed is None:
        return decision
    limit = case.own_limit if isinstance(case.typed.limit, NotSet) else case.typed.limit
    typed = replace(case, own_limit=limit, client=case.typed.client, typed=None)
    return _stricter(decision, _by_facts(typed, policy, payments=payments))


def _by_facts(case: AssessmentCase, policy: Policy, *, payments: bool) -> Decision:
    try:
        ground = lay_ground(case, policy)
        decision = judge(ground)
    except CurrencyMismatchError as error:
        if not case.candidate.amount.is_positive:
            return Decision(Outcome.ALLOW, (), policy.version, case.figures.as_of)
        detail = f"{error.left} ≠ {error.right}"
        return assess_technical(TechnicalCause.OTHER_CURRENCY, detail, policy, as_of=case.figures.as_of)
    if not payments or decision.outcome is not Outcome.HOLD:
        return decision
    return replace(decision, to_release=smallest_payments(ground, decision))


def _stricter(accepted: Decision, typed: Decision) -> Decision:
    """Take the decision by typed values only where it is the stricter one: typing never loosens.

    A typed value that cannot be compared, such as a limit in a currency without a rate, does not count.
    """
    if typed.outcome is not Outcome.HOLD or accepted.outcome is Outcome.TECHNICAL:
        return accepted
    return typed if _severity(typed) > _severity(accepted) else accepted


def _severity(decision: Decision) -> tuple[bool, int, Decimal]:
    excesses = (reason.excess.amount for reason in decision.reasons if reason.excess is not None)
    return decision.holds, len(decision.reasons), sum(excesses, Decimal(0))
