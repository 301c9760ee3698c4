"""Clients and policies drawn at random: every kind of rule, standing, group, currency and typed card."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

from hypothesis import strategies as st

from b24app.domain.case import PoolMember
from b24app.domain.case import Release
from b24app.domain.case import TypedCard
from b24app.domain.client import AccountStatus
from b24app.domain.client import Category
from b24app.domain.client import ClientFacts
from b24app.domain.client import Cover
from b24app.domain.client import CoverKind
from b24app.domain.client import DealEntry
from b24app.domain.client import Dispute
from b24app.domain.client import StatusEffect
from b24app.domain.client import TemporaryLimit
from b24app.domain.exposure import Candidate
from b24app.domain.exposure import Component
from b24app.domain.exposure import NetScope
from b24app.domain.exposure import Reserve
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.domain.money import Money
from b24app.domain.policy import AccountScope
from b24app.domain.policy import Discount
from b24app.domain.policy import PaymentTerm
from b24app.domain.policy import Policy
from b24app.domain.policy import Softness
from b24app.domain.receivable import Contract
from b24app.domain.rulebook import RuleBook
from b24app.domain.rules import Act
from b24app.domain.rules import Level
from b24app.domain.rules import Rule
from b24app.domain.scoring import RiskGroup
from tests.builders import INN
from tests.builders import TODAY
from tests.builders import account
from tests.builders import case
from tests.builders import entry
from tests.builders import late
from tests.builders import pool
from tests.builders import position
from tests.builders import rates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24app.domain.case import AssessmentCase
    from b24app.domain.client import ClientEntry
    from b24app.domain.decision import SettlingPayment
    from b24app.domain.receivable import Instalment
    from b24app.domain.receivable import Position

B, C = "7700000002", "7700000003"
DEAL = 17
amounts = st.integers(0, 60_000).map(lambda kopecks: Decimal(kopecks).scaleb(-2))
contracts = st.sampled_from(["A", "B", "C", None])
documents = st.sampled_from(["УТ-1", "УТ-2", "УТ-3"])
currencies = st.sampled_from(["RUB", "RUB", "USD"])
percents = st.sampled_from([Decimal(0), Decimal("33.33"), Decimal(50), Decimal(90)])
codes = st.sampled_from(["one", "two", None])
seldom_two = st.sampled_from(["one", None, None, None, None, None, "two"])
periods = st.sampled_from([(None, None), (TODAY, TODAY), (TODAY + timedelta(days=1), None)])


@dataclass(frozen=True)
class World:
    """A case and the policy it is decided under; every limit is in `currency`."""

    asked: AssessmentCase
    terms: Policy
    currency: str


@st.composite
def money(draw: st.DrawFn, currency: str | None = None) -> Money:
    return Money(draw(amounts), currency or draw(currencies))


@st.composite
def debts(draw: st.DrawFn, currency: str) -> Instalment:
    found = late(Money(draw(amounts), currency), days=draw(st.integers(-3, 12)), document=draw(documents))
    return found if draw(st.integers(0, 9)) else replace(found, due=None)


@st.composite
def positions(draw: st.DrawFn) -> Position:
    extra, currency = st.one_of(st.just(Decimal(0)), amounts), draw(currencies)
    contract = draw(contracts)
    return position(
        *draw(st.lists(debts(currency), max_size=4)),
        contract=contract,
        credit=str(draw(extra)),
        pending=str(draw(extra)),
        shipped=str(draw(extra)),
        currency=currency,
        organisation=SELLERS[contract],
    )


SELLERS = {"A": "one", "B": "two", "C": None, None: None}
"""The own company each contract is with."""

CONTRACTS = tuple(
    Contract(ref, ref, "RUB", active=True, organisation=seller) for ref, seller in SELLERS.items() if ref
)

PAID_OFF = ("overdue_days", "overdue_amount", "limit_used")

THRESHOLDS: dict[str, tuple[str, ...]] = {
    "overdue_days": ("days",),
    "account_status": ("value",),
    "terms_of_payment": ("value",),
    "limit_expired": ("days",),
    "overdue_amount": ("amount", "percent"),
    "order_amount": ("amount",),
    "limit_used": ("percent",),
}


kinds = st.one_of(st.sampled_from(PAID_OFF), st.sampled_from(PAID_OFF), st.sampled_from(sorted(THRESHOLDS)))


@st.composite
def rules(draw: st.DrawFn, number: int = 0) -> Rule:
    kind, act, level = (
        draw(kinds),
        draw(st.sampled_from(Act)),
        draw(st.sampled_from(Level)),
    )
    keys = {Level.CLIENT: INN, Level.GROUP: draw(st.sampled_from(["one", "two"])), Level.ALL: None}
    values: dict[str, Any] = {
        "days": draw(st.integers(0, 10)),
        "amount": Money(draw(amounts) * (5 if kind == "order_amount" else 1), draw(currencies)),
        "percent": draw(percents),
        "value": draw(st.sampled_from(["one", "two"])),
    }
    wanted = THRESHOLDS[kind]
    if kind == "overdue_days" and act is Act.EXCLUDE and draw(st.booleans()):
        wanted = ("amount",)
    starts, ends = draw(periods)
    return Rule(
        f"r-{number}",
        kind,
        act,
        level,
        keys[level],
        risk=draw(st.sampled_from([None, None, "one"])),
        release=act is Act.EXCLUDE and not draw(st.integers(0, 3)),
        starts=starts,
        ends=ends,
        **{name: values[name] for name in wanted},
    )


@st.composite
def books(draw: st.DrawFn) -> RuleBook:
    return RuleBook(tuple(draw(rules(number)) for number in range(draw(st.integers(0, 6)))))


@st.composite
def facts(draw: st.DrawFn) -> ClientFacts:
    return ClientFacts(
        category=draw(codes),
        status=draw(seldom_two),
        group=draw(codes),
        risk=draw(codes),
        strategic=draw(st.booleans()),
        terms_days=draw(st.sampled_from([None, None, 0, 30])),
        limit_until=draw(st.sampled_from([None, TODAY, TODAY - timedelta(days=4)])),
        score=draw(st.sampled_from([None, Decimal(5), Decimal(500)])),
    )


@st.composite
def covers(draw: st.DrawFn) -> Cover:
    given = draw(money())
    return Cover(CoverKind.INSURANCE, given, draw(percents), TODAY, TODAY, in_exposure=draw(st.booleans()))


@st.composite
def entries(draw: st.DrawFn, currency: str) -> ClientEntry:
    seldom = st.integers(0, 7).map(lambda drawn: not drawn)
    temporary = TemporaryLimit(draw(money(currency)), TODAY, TODAY)
    return entry(
        strategic=draw(st.sampled_from([None, None, True, False])),
        terms=draw(codes),
        order_limit=draw(st.sampled_from([None, None, Money(Decimal(300), "USD")])),
        excluded=draw(seldom) and draw(seldom),
        forced_hold="court" if draw(seldom) else None,
        temporary=(temporary,) if draw(seldom) else (),
        covers=tuple(draw(st.lists(covers(), max_size=2))),
        disputes=tuple(
            Dispute(document, draw(money())) for document in draw(st.lists(documents, max_size=2))
        ),
    )


@st.composite
def policies(draw: st.DrawFn, currency: str) -> Policy:
    pooled = draw(st.booleans())
    blocked = draw(st.integers(0, 4)) == 0
    effect = draw(st.sampled_from([StatusEffect.NONE] * 5 + [StatusEffect.SHIP]))
    without = draw(st.sampled_from([None, None, None, *Component]))
    return Policy(
        default_limit=draw(money(currency)),
        net_scope=draw(st.sampled_from(NetScope)),
        limit_inclusive=draw(st.booleans()),
        overdue_tolerance=draw(st.sampled_from([Decimal(0), Decimal(0), Decimal(50)])),
        overdue_grace_days=draw(st.sampled_from([None, 0, 4])),
        components=frozenset(Component) - {without},
        account_scope=draw(st.sampled_from(AccountScope)),
        order_tolerance=draw(st.sampled_from([Decimal(0), Decimal("3.333")])),
        stage_grace_days=draw(st.sampled_from([0, 0, 2])),
        ignore_blank_expiry=draw(st.booleans()),
        check_terms_rank=draw(st.booleans()),
        default_terms="one",
        default_discount="one",
        strategic=draw(st.sampled_from([None, Softness(5, Money(Decimal(90), "RUB"))])),
        payment_terms=(PaymentTerm("one", days=0, rank=1), PaymentTerm("two", days=30, rank=2)),
        discounts=(Discount("one", rank=1), Discount("two", rank=2)),
        categories=(
            Category("one", limit=Granted(draw(money(currency))), overdue_grace_days=3),
            Category("two", full_block=blocked, terms_days=10),
        ),
        statuses=(AccountStatus("one", StatusEffect.NONE), AccountStatus("two", effect)),
        risks=(RiskGroup("one", start=Decimal(0), end=Decimal(9)),),
        default_risk="two",
        credit_groups=(pool(draw(money()), B, C),) if pooled else (),
        clients=(draw(entries(currency)),),
        deals=(DealEntry(DEAL, forced_hold="fraud" if draw(st.integers(0, 9)) == 0 else None),),
        rules=draw(books()),
    )


@st.composite
def limits(draw: st.DrawFn, currency: str) -> CreditLimit:
    drawn = draw(st.integers(0, 9))
    if drawn > 1:
        return Granted(draw(money(currency)))
    return NOT_SET if drawn else Unlimited()


@st.composite
def worlds(draw: st.DrawFn) -> World:
    currency = draw(currencies)
    own = draw(limits(currency))
    promises = st.builds(Reserve, st.integers(2, 9), contracts, money())
    wants = draw(amounts) + Decimal("0.01")
    contract = draw(contracts)
    asked = case(
        account(*draw(st.lists(positions(), max_size=4)), contracts=CONTRACTS),
        granted=own,
        wants=Money(wants, currency if isinstance(own, Unlimited) else draw(currencies)),
        contract=contract,
        reserves=draw(st.lists(promises, max_size=3)),
        deal_id=DEAL,
        client=draw(facts()),
        typed=TypedCard(draw(limits(currency)), draw(facts())) if draw(st.integers(0, 3)) == 0 else None,
        terms=draw(seldom_two),
        discount=draw(seldom_two),
        organisation=SELLERS[contract],
        pool=tuple(PoolMember(inn, draw(money())) for inn in (B, C)),
        rates=rates(USD=draw(st.sampled_from(["0.5", "1", "73.1567", "100"]))),
        release=draw(st.sampled_from([None, None, None, Release(TODAY, Money(Decimal(100), "RUB"))])),
    )
    return World(asked, draw(policies(currency)), currency)


def pay(asked: AssessmentCase, payments: Iterable[SettlingPayment], currency: str) -> AssessmentCase:
    """Post payments as accounting does: the oldest debt under the contract first, the rest is an advance.

    Everything is brought to the currency of the payments first.
    """
    left: defaultdict[str | None, Decimal] = defaultdict(Decimal)
    for payment in payments:
        left[payment.contract] += payment.amount.amount
    open_debts = [
        [replace(each, open_amount=_in(each.open_amount, asked, currency)) for each in found.instalments]
        for found in asked.figures.positions
    ]
    order = sorted(
        (each.due is None, each.due or TODAY, each.document, each.open_amount.amount, where, place)
        for where, found in enumerate(open_debts)
        for place, each in enumerate(found)
    )
    for _, _, _, amount, where, place in order:
        contract = asked.figures.positions[where].contract
        part = min(amount, left[contract])
        left[contract] -= part
        rest = Money(amount - part, currency)
        open_debts[where][place] = replace(open_debts[where][place], open_amount=rest)
    paid = [
        replace(
            found,
            currency=currency,
            instalments=tuple(rows),
            credit=_in(found.credit, asked, currency),
            pending=_in(found.pending, asked, currency),
            shipped_not_invoiced=_in(found.shipped_not_invoiced, asked, currency),
        )
        for found, rows in zip(asked.figures.positions, open_debts, strict=True)
    ]
    advances = [
        position(contract=contract, credit=str(rest), currency=currency)
        for contract, rest in left.items()
        if rest
    ]
    return replace(asked, figures=replace(asked.figures, positions=(*paid, *advances)))


def _in(amount: Money, asked: AssessmentCase, currency: str) -> Money:
    assert asked.rates is not None
    return asked.rates.convert(amount, currency)


def wanted_by(asked: AssessmentCase, amount: Money) -> AssessmentCase:
    """Ask for another amount under the same contract."""
    return replace(asked, candidate=Candidate(asked.candidate.contract, amount))
