"""The rules put to the facts: D13 from exclusions to reasons, with our own tests (K3, K5, K6, D19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_CEILING
from decimal import ROUND_FLOOR
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.client import StatusEffect
from b24app.domain.decision import Decision
from b24app.domain.decision import Outcome
from b24app.domain.decision import PoolUse
from b24app.domain.decision import Skip
from b24app.domain.decision import SkipKind
from b24app.domain.exposure import EVERY_COMPONENT
from b24app.domain.exposure import measure_exposure
from b24app.domain.exposure import sum_settlements
from b24app.domain.limits import Granted
from b24app.domain.limits import LimitSource
from b24app.domain.money import CENT
from b24app.domain.money import Money
from b24app.domain.naming import named
from b24app.domain.overdue import measure_overdue
from b24app.domain.rules import SOFT
from b24app.domain.rules import Measures
from b24app.domain.rules import Reason
from b24app.domain.rules import ReasonCode
from b24app.domain.rules import Rule
from b24app.domain.rules import TechnicalCause
from b24app.domain.rules import tell_used

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Iterator
    from collections.abc import Sequence

    from b24app.domain.exposure import Exposure
    from b24app.domain.ground import Ground
    from b24app.domain.overdue import Overdue
    from b24app.domain.policy import Policy

_WHOLE: Final = Decimal(100)
_ORDER: Final = {code: place for place, code in enumerate(ReasonCode)}


def judge(ground: Ground) -> Decision:
    """Decide by every rule and keep every reason (K6, D13); what to pay is left to `payment`.

    Nothing to ship is never held (E45). A hold a person put (D26) stands whatever else is said.
    """
    exposure, overdue = measure(ground)
    told = _told(ground, exposure, overdue)
    if not ground.candidate.amount.is_positive:
        return told
    forced = _forced(ground)
    if (skipped := _excluded(ground)) is not None:
        return _held(replace(told, skipped=skipped), forced, ground.policy)
    pool = _pool_use(ground, exposure)
    told = replace(told, pool=pool) if pool is not None else told
    found = _measures(ground, exposure, overdue)
    skipped = _grace(ground) or _released(ground, found)
    if skipped is not None:
        return _held(replace(told, skipped=skipped), forced, ground.policy)
    if pool is None and ground.profile.pool is not None and isinstance(ground.limit.limit, Granted):
        cause, detail = TechnicalCause.POOL_UNKNOWN, ground.profile.pool.name
        reason = Reason(ReasonCode.TECHNICAL, cause=cause, detail=detail)
        return replace(told, outcome=Outcome.TECHNICAL, reasons=(reason,))
    reasons = ground.policy.rules.reasons(found, tuple(_own_rules(ground)))
    reasons += _own_tests(ground, exposure, pool)
    hard, soft = _softened(ground, overdue, reasons)
    warnings = soft if hard else [*soft, *_near_the_limit(ground, found)]
    if warnings:
        told = replace(told, outcome=Outcome.ALLOW_NOTIFY if soft else told.outcome, warnings=tuple(warnings))
    return _held(told, [*hard, *forced], ground.policy)


def measure(ground: Ground) -> tuple[Exposure, Overdue]:
    """Measure exposure and overdue of a ground (K1, K2, K5)."""
    exposure = measure_exposure(ground.positions, ground.reserves, ground.candidate, ground.counting)
    return exposure, measure_overdue(ground.positions, ground.lateness)


def debt_of(ground: Ground) -> Money:
    """Return all the client owes, due or not, advances netted; orders not shipped are no debt (F8 AC4)."""
    settlements = sum_settlements(ground.positions, (), replace(ground.counting, components=EVERY_COMPONENT))
    return Money(settlements.exposed(ground.policy.net_scope), ground.currency)


def _told(ground: Ground, exposure: Exposure, overdue: Overdue) -> Decision:
    """Begin with the figures and no reason to hold."""
    return Decision(
        outcome=Outcome.ALLOW,
        reasons=(),
        policy_version=ground.policy.version,
        as_of=ground.case.figures.as_of,
        exposure=exposure,
        overdue=overdue,
        limit=ground.limit,
        rates=ground.rates.used_for(ground.met, ground.currency),
    )


def _held(told: Decision, reasons: Sequence[Reason], policy: Policy) -> Decision:
    """Add the reasons that hold, with the names the policy has for what they speak of."""
    if not reasons:
        return told
    return replace(
        told, outcome=Outcome.HOLD, reasons=tuple(named(each, policy) for each in in_order(reasons))
    )


def in_order(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Put reasons in the order of K11, and those of a code as the levels of D13 gave them."""
    return tuple(sorted(reasons, key=lambda reason: _ORDER[reason.code]))


# -- who is not asked at all


def _excluded(ground: Ground) -> Skip | None:
    """Tell why client or deal is outside credit control (D13 step 1, D17, A35)."""
    case, entry = ground.case, ground.profile.entry
    deal = ground.policy.deal(case.deal_id)
    if deal is not None and deal.excluded and (deal.until is None or case.on <= deal.until):
        return Skip(SkipKind.DEAL_EXCLUDED, deal.until)
    if entry.excluded:
        return Skip(SkipKind.CLIENT_EXCLUDED)
    if entry.ignore_until is not None and case.on <= entry.ignore_until:
        return Skip(SkipKind.IGNORED_UNTIL, entry.ignore_until)
    return None


def _grace(ground: Ground) -> Skip | None:
    """After a release on day d with g grace days there is no check before day d + g + 1 (D15, P2)."""
    release, days = ground.case.release, ground.policy.stage_grace_days
    if release is None or not days:
        return None
    until = release.on + timedelta(days=days)
    asked = ground.case.candidate.amount
    same = asked.currency == release.amount.currency and asked <= release.amount
    return Skip(SkipKind.GRACE_UNTIL, until) if same and release.on <= ground.case.on <= until else None


def _released(ground: Ground, found: Measures) -> Skip | None:
    """Find the exclusion with the release tick that lets the order pass (D13 step 2)."""
    rule = ground.policy.rules.released_by(found)
    return Skip(SkipKind.RELEASED_BY_RULE, rule=rule.id) if rule is not None else None


def _forced(ground: Ground) -> tuple[Reason, ...]:
    """Name the hold a person put on the deal or the client (D26); only a person lifts it (E37)."""
    deal, entry = ground.policy.deal(ground.case.deal_id), ground.profile.entry
    codes = [deal.forced_hold if deal else None, entry.forced_hold]
    return tuple(Reason(ReasonCode.FORCED, detail=code) for code in dict.fromkeys(codes) if code is not None)


# -- our own tests


def _measures(ground: Ground, exposure: Exposure, overdue: Overdue) -> Measures:
    profile, limit = ground.profile, ground.limit
    expires = limit.expires
    return Measures(
        on=ground.case.on,
        inn=profile.inn,
        group=profile.group,
        risk=profile.risk,
        status=profile.status.code if profile.status is not None else None,
        order=ground.candidate.amount,
        terms=ground.case.terms,
        overdue=overdue,
        limit=limit.limit.amount if isinstance(limit.limit, Granted) else None,
        after=exposure.after,
        expired_days=None if expires is None else (ground.case.on - expires).days,
        blank_expires=not ground.policy.ignore_blank_expiry,
        used_counts=ground.policy.check_limit_used,
        rates=ground.rates,
    )


def _own_rules(ground: Ground) -> Iterator[Rule]:
    """Put our own overdue, status and order tests as rules for all, so that an exclusion stops them (P3)."""
    profile = ground.profile
    if profile.grace_days is not None:
        yield Rule("", "overdue_days", days=profile.grace_days)
    if profile.status is not None and profile.status.effect is not StatusEffect.NONE:
        yield Rule("", "account_status", value=profile.status.code)
    if profile.order_limit is not None:
        yield Rule("", "order_amount", amount=profile.order_limit)


def _own_tests(ground: Ground, exposure: Exposure, pool: PoolUse | None) -> Iterator[Reason]:
    """Test what no rule type covers: the limits, the full block, the order's terms (K3, D2, D3, D19, F8)."""
    yield from _limit_test(ground, exposure)
    if pool is not None:
        yield from _group_test(ground, pool)
    category = ground.profile.category
    if category.full_block and (debt := debt_of(ground)):
        yield Reason(ReasonCode.ACCOUNT_STATUS, value=debt, detail=category.code)
    yield from _terms_tests(ground)
    yield from _discount_test(ground)


def _limit_test(ground: Ground, exposure: Exposure) -> Iterator[Reason]:
    """Test exposure against the client's limit; a limit shared with a group is the group's test (K3)."""
    limit = ground.limit
    if not isinstance(limit.limit, Granted) or limit.source is LimitSource.GROUP:
        return
    tolerance = ground.policy.order_tolerance
    threshold = _threshold(limit.limit.amount, ground)
    if _exceeds(exposure.after, threshold, inclusive=ground.policy.limit_inclusive):
        yield Reason(
            ReasonCode.LIMIT,
            value=exposure.after,
            threshold=threshold,
            excess=exposure.after - threshold,
            percent_allowed=tolerance or None,
        )


def _group_test(ground: Ground, pool: PoolUse) -> Iterator[Reason]:
    """Test all members together against the one pool (D19)."""
    tolerance = ground.policy.order_tolerance
    threshold = _threshold(pool.limit, ground)
    if _exceeds(pool.after, threshold, inclusive=ground.policy.limit_inclusive):
        yield Reason(
            ReasonCode.GROUP_LIMIT,
            value=pool.after,
            threshold=threshold,
            excess=pool.after - threshold,
            percent_allowed=tolerance or None,
            detail=pool.name,
        )


def _pool_use(ground: Ground, exposure: Exposure) -> PoolUse | None:
    """Add this client's exposure to his group's; an unlimited member is not tested at all (D18)."""
    pool, others = ground.profile.pool, ground.pool_others
    if pool is None or others is None or not isinstance(ground.limit.limit, Granted):
        return None
    own = ground.convert(exposure.after, pool.limit.currency)
    return PoolUse(pool.code, pool.name, pool.limit, others, others + own)


def _threshold(limit: Money, ground: Ground) -> Money:
    """Let an order exceed the limit by so many percent of it (N12), as if compared unrounded (K9)."""
    percent = ground.policy.order_tolerance
    if not percent:
        return limit
    rounding = ROUND_CEILING if ground.policy.limit_inclusive else ROUND_FLOOR
    raised = limit.amount * (_WHOLE + percent) / _WHOLE
    return Money(raised.quantize(CENT, rounding=rounding), limit.currency)


def _exceeds(value: Money, threshold: Money, *, inclusive: bool) -> bool:
    return value >= threshold if inclusive else value > threshold


def _terms_tests(ground: Ground) -> Iterator[Reason]:
    """Compare the order's payment term with the client's longest deferral and his own term (F8 AC2, D2)."""
    policy, profile, asked = ground.policy, ground.profile, ground.case.terms
    if asked is None:
        return
    term = policy.term(asked)
    allowed = profile.terms_days
    if term is not None and term.days is not None and allowed is not None and term.days > allowed:
        yield Reason(ReasonCode.TERMS, detail=asked, days=term.days, days_allowed=allowed)
    if not policy.check_terms_rank:
        return
    if term is None or term.rank is None:
        yield Reason(ReasonCode.TERMS_UNRANKED, detail=asked, expected=profile.terms)
        return
    own = policy.term(profile.terms)
    if own is not None and own.rank is not None and term.rank > own.rank:
        yield Reason(
            ReasonCode.TERMS_RANK, detail=asked, expected=own.code, rank=term.rank, rank_allowed=own.rank
        )


def _discount_test(ground: Ground) -> Iterator[Reason]:
    """Compare the order's settlement discount with the usual one by rank (D3)."""
    policy, asked = ground.policy, ground.case.discount
    if asked is None or not policy.check_discount_rank:
        return
    given, own = policy.discount(asked), policy.discount(policy.default_discount)
    rank = given.rank if given is not None else None
    allowed = own.rank if own is not None else None
    if rank is None or (allowed is not None and rank > allowed):
        expected = own.code if own is not None else None
        yield Reason(
            ReasonCode.DISCOUNT_RANK, detail=asked, expected=expected, rank=rank, rank_allowed=allowed
        )


# -- what does not hold


def _softened(ground: Ground, overdue: Overdue, reasons: list[Reason]) -> tuple[list[Reason], list[Reason]]:
    """Part the reasons that hold from a strategic partner's small overdue, which only warns (F20)."""
    soft = ground.policy.strategic
    if not ground.profile.strategic or soft is None or not overdue.items:
        return reasons, []
    if overdue.max_days > soft.days or overdue.amount > ground.convert(soft.amount, ground.currency):
        return reasons, []
    hard = [reason for reason in reasons if reason.code not in SOFT]
    return hard, [reason for reason in reasons if reason.code in SOFT]


def _near_the_limit(ground: Ground, found: Measures) -> Iterator[Reason]:
    """Warn when most of the limit is used (A8)."""
    percent, limit = ground.policy.warn_percent, found.limit
    if percent is not None and limit is not None and limit.is_positive and found.uses_more_than(percent):
        yield tell_used(percent, found)
