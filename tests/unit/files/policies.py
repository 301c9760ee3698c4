"""Policies of every shape, for properties: what a valid file may say, in any combination."""

from __future__ import annotations

from datetime import date
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from b24app.domain.client import AccountStatus
from b24app.domain.client import Category
from b24app.domain.client import ClientEntry
from b24app.domain.client import Cover
from b24app.domain.client import CoverKind
from b24app.domain.client import CreditGroup
from b24app.domain.client import DealEntry
from b24app.domain.client import Dispute
from b24app.domain.client import StatusEffect
from b24app.domain.client import TemporaryLimit
from b24app.domain.exposure import Component
from b24app.domain.exposure import NetScope
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.domain.money import Money
from b24app.domain.policy import AccountScope
from b24app.domain.policy import Discount
from b24app.domain.policy import Label
from b24app.domain.policy import PaymentTerm
from b24app.domain.policy import Policy
from b24app.domain.policy import ReasonEntry
from b24app.domain.policy import ReasonKind
from b24app.domain.policy import Softness
from b24app.domain.rulebook import RuleBook
from b24app.domain.rules import Act
from b24app.domain.rules import Level
from b24app.domain.rules import Rule
from b24app.domain.scoring import STEP
from b24app.domain.scoring import RiskGroup

PEOPLE = ("7707083893", "7736050003", "500100732259", "7702070139")
STATUS_CODES = ("none", "ship")
TERM_CODES = ("net14", "net30")
GROUP_CODES = ("dealers", "юг")
RISK_CODES = ("low", "high")
HOLD, RELEASE, STATUS = "court", "paid", "late"

names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=20).filter(
    str.isprintable
)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
sums = st.decimals(0, 10**12, places=2, allow_nan=False)
money = st.builds(Money, sums, st.sampled_from(["RUB", "USD"]))
days = st.integers(0, 400)
dates = st.dates(date(2020, 1, 1), date(2030, 1, 1))
percents = st.decimals(0, 100, places=2, allow_nan=False)
limits = st.one_of(st.just(NOT_SET), st.just(Unlimited()), st.builds(Granted, money))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def periods(draw: st.DrawFn) -> dict[str, date]:
    first = draw(dates)
    return {"starts": first, "ends": first + timedelta(days=draw(days))}


@st.composite
def covers(draw: st.DrawFn) -> Cover:
    kind = draw(st.sampled_from(CoverKind))
    coverage = draw(maybe(st.just("late"))) if kind is CoverKind.INSURANCE else None
    return Cover(
        kind=kind,
        amount=draw(money),
        percent=draw(percents),
        type=draw(maybe(st.just("bank"))),
        coverage=coverage,
        number=draw(maybe(names)),
        in_exposure=draw(st.booleans()),
        **draw(periods()),
    )


temporary = st.builds(lambda amount, period: TemporaryLimit(amount, **period), money, periods())
disputes = st.builds(Dispute, names.filter(bool), money, maybe(dates))


@st.composite
def clients(draw: st.DrawFn, inn: str) -> ClientEntry:
    status = draw(maybe(st.sampled_from(STATUS_CODES)))
    return ClientEntry(
        inn=inn,
        name=draw(names),
        category=draw(maybe(st.just("large"))),
        status=status,
        status_reason=STATUS if status is not None else None,
        group=draw(maybe(st.sampled_from(GROUP_CODES))),
        risk=draw(maybe(st.sampled_from(RISK_CODES))),
        strategic=draw(maybe(st.booleans())),
        terms=draw(maybe(st.sampled_from(TERM_CODES))),
        terms_days=draw(maybe(days)),
        limit_until=draw(maybe(dates)),
        overdue_grace_days=draw(maybe(days)),
        overdue_tolerance=draw(maybe(sums)),
        order_limit=draw(maybe(money)),
        excluded=draw(st.booleans()),
        ignore_until=draw(maybe(dates)),
        forced_hold=draw(maybe(st.just(HOLD))),
        temporary=tuple(draw(st.lists(temporary, max_size=2))),
        covers=tuple(draw(st.lists(covers(), max_size=2))),
        disputes=tuple(draw(st.lists(disputes, max_size=2))),
    )


def threshold(act: Act) -> st.SearchStrategy[dict[str, Any]]:
    """One set of thresholds with the type it goes with."""
    of_days = st.builds(lambda n: {"type": "overdue_days", "days": n}, days)
    expired = st.builds(lambda n: {"type": "limit_expired", "days": n}, days)
    order = st.builds(lambda n: {"type": "order_amount", "amount": n}, money)
    used = st.builds(lambda n: {"type": "limit_used", "percent": n}, percents)
    owing = st.builds(
        lambda n, p: {"type": "overdue_amount", "amount": n, "percent": p}, money, maybe(percents)
    )
    by_sum = st.builds(lambda n: {"type": "overdue_days", "amount": n}, money)
    choices = [of_days, expired, order, used, owing]
    return st.one_of(*choices, *([by_sum] if act is Act.EXCLUDE else []))


@st.composite
def rules(draw: st.DrawFn, name: str) -> Rule:
    act, level = draw(st.sampled_from(Act)), draw(st.sampled_from(Level))
    keys = {Level.CLIENT: PEOPLE, Level.GROUP: GROUP_CODES, Level.ALL: (None,)}
    release = act is Act.EXCLUDE and (level is Level.ALL or draw(st.booleans()))
    limited = draw(maybe(periods())) or {}
    rest = {"value": draw(st.sampled_from(STATUS_CODES)), "type": "account_status"}
    plain = level is Level.ALL and draw(st.booleans())
    return Rule(
        id=name,
        act=act,
        level=level,
        key=draw(st.sampled_from(keys[level])),
        risk=draw(maybe(st.sampled_from(RISK_CODES))) if level is Level.GROUP else None,
        release=release,
        note=draw(texts),
        **limited,
        **(rest if plain else draw(threshold(act))),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any policy a file without errors may give."""
    currency = draw(st.sampled_from(["RUB", "USD"]))
    return Policy(
        default_limit=Money(draw(sums), currency),
        net_scope=draw(st.sampled_from(NetScope)),
        limit_inclusive=draw(st.booleans()),
        overdue_tolerance=draw(sums),
        overdue_grace_days=draw(maybe(days)),
        max_data_age=timedelta(minutes=draw(st.integers(1, 2000))),
        version=str(draw(st.integers(1, 9))),
        components=frozenset(draw(st.sets(st.sampled_from(Component)))),
        account_scope=draw(st.sampled_from(AccountScope)),
        order_tolerance=draw(percents),
        horizon_days=draw(maybe(days)),
        warn_percent=draw(maybe(percents)),
        stage_grace_days=draw(days),
        ignore_blank_expiry=draw(st.booleans()),
        check_limit_used=draw(st.booleans()),
        check_terms_rank=draw(st.booleans()),
        check_discount_rank=draw(st.booleans()),
        max_rate_age=draw(days),
        order_limit=draw(maybe(money)),
        default_terms=draw(maybe(st.sampled_from(TERM_CODES))),
        default_discount=draw(maybe(st.just("fast"))),
        strategic=draw(maybe(st.builds(Softness, days, money))),
        payment_terms=tuple(
            draw(st.builds(PaymentTerm, st.just(c), names, maybe(days), maybe(days))) for c in TERM_CODES
        ),
        discounts=(draw(st.builds(Discount, st.just("fast"), names, maybe(days))),),
        categories=(
            draw(
                st.builds(
                    Category,
                    st.just("large"),
                    names,
                    names,
                    limits,
                    maybe(st.sampled_from(TERM_CODES)),
                    maybe(days),
                    maybe(days),
                    maybe(sums),
                    maybe(money),
                    st.booleans(),
                )
            ),
        ),
        statuses=tuple(
            draw(st.builds(AccountStatus, st.just(c), st.sampled_from(StatusEffect), names, names))
            for c in STATUS_CODES
        ),
        groups=tuple(draw(labels(c)) for c in GROUP_CODES),
        risks=draw(risks()),
        default_risk=draw(maybe(st.sampled_from(RISK_CODES))),
        guarantee_types=(draw(labels("bank")),),
        coverage_types=(draw(labels("late")),),
        reasons=tuple(
            draw(st.builds(ReasonEntry, st.just(code), st.just(kind), names.filter(bool), names, texts))
            for code, kind in (
                (HOLD, ReasonKind.HOLD),
                (RELEASE, ReasonKind.RELEASE),
                (STATUS, ReasonKind.STATUS),
            )
        ),
        credit_groups=tuple(draw(pools())),
        clients=tuple([draw(clients(inn)) for inn in PEOPLE[: draw(st.integers(0, 3))]]),
        deals=tuple(
            draw(st.builds(DealEntry, st.just(n), st.booleans(), maybe(st.just(HOLD)), maybe(dates)))
            for n in range(1, draw(st.integers(1, 3)))
        ),
        rules=RuleBook(tuple([draw(rules(f"r{n}")) for n in range(draw(st.integers(0, 4)))])),
    )


@st.composite
def risks(draw: st.DrawFn) -> tuple[RiskGroup, ...]:
    """Two groups that meet at a score, open at their outer ends, or without any."""
    if not draw(st.booleans()):
        return tuple([RiskGroup(code, draw(names), draw(names)) for code in RISK_CODES])
    border = draw(st.decimals(-100, 100, places=2, allow_nan=False))
    low, high = RISK_CODES
    ends = [draw(maybe(st.just(border + side))) for side in (-50, 50)]
    return (
        RiskGroup(low, draw(names), draw(names), start=ends[0], end=border),
        RiskGroup(high, draw(names), draw(names), start=border + STEP, end=ends[1]),
    )


def labels(code: str) -> st.SearchStrategy[Label]:
    return st.builds(Label, st.just(code), names, names)


@st.composite
def pools(draw: st.DrawFn) -> list[CreditGroup]:
    """No client in two of them."""
    cut = draw(st.integers(0, len(PEOPLE)))
    parts = [part for part in (PEOPLE[:cut], PEOPLE[cut:]) if part]
    return [
        CreditGroup(f"pool{n}", draw(names), draw(money), draw(dates), frozenset(part))
        for n, part in enumerate(parts[: draw(st.integers(0, 2))])
    ]
