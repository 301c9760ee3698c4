"""The credit policy: every parameter of a decision, as one frozen value of one version (F7)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING
from typing import Protocol
from typing import TypeVar

from b24app.domain.client import NO_CATEGORY
from b24app.domain.client import NO_ENTRY
from b24app.domain.client import AccountStatus
from b24app.domain.client import Category
from b24app.domain.client import ClientEntry
from b24app.domain.client import CreditGroup
from b24app.domain.client import DealEntry
from b24app.domain.exposure import EVERY_COMPONENT
from b24app.domain.exposure import Component
from b24app.domain.exposure import NetScope
from b24app.domain.limits import Granted
from b24app.domain.money import Money
from b24app.domain.rulebook import RuleBook
from b24app.domain.scoring import RiskGroup
from b24app.domain.scoring import classify

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Iterator


class AccountScope(Enum):
    """Whose debt counts (F25): the client's towards all our companies, or towards the one that sells (N9)."""

    GROUP = "group"
    ORGANISATION = "organisation"


class ReasonKind(Enum):
    """What a person's reason is for (D4)."""

    HOLD = "hold"
    RELEASE = "release"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class ReasonEntry:
    """A reason a person may choose (D4), in both languages."""

    code: str
    kind: ReasonKind
    name: str
    name_en: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class PaymentTerm:
    """A payment term: its deferral in days, and its rank (D2); a rank of None is not ranked.

    A higher rank is the riskier; only the order of ranks matters.
    """

    code: str
    name: str = ""
    days: int | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Discount:
    """A settlement discount with its rank (D3)."""

    code: str
    name: str = ""
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A code with its name in both languages: a credit management group, a type of cover."""

    code: str
    name: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Softness:
    """How much overdue of a strategic partner still ships, the CFO being told (F20): days and sum."""

    days: int
    amount: Money


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


T = TypeVar("T", bound=_Coded)


@dataclass(frozen=True, slots=True)
class Policy:
    """The parameters of a decision.

    `default_limit`: the company level of K4; its currency is the portal's credit currency. `limit_inclusive`:
    block at equality as well (K3). `overdue_grace_days`: days late that are still tolerated, None switches
    our own overdue test off and leaves it to the rules (P3). `overdue_tolerance`: residual of an instalment
    that is forgiven, in the credit currency. `order_tolerance`: percent of the limit an order may exceed it
    by (N12). `horizon_days`: orders to be delivered later than that do not count (A19), None counts all.
    `warn_percent`: use of the limit worth a warning (A8). `stage_grace_days`: days after a release without
    another check (D15). `ignore_blank_expiry`: a limit without a last day never expires (D21).
    `check_limit_used`: whether rules of the use of the limit are tested (D12). `max_rate_age`: days an
    exchange rate stays good. `default_risk`: the risk group of a score that is in no range (D8). `version` is
    recorded with every check.
    """

    default_limit: Money
    net_scope: NetScope = NetScope.CONTRACT
    limit_inclusive: bool = False
    overdue_tolerance: Decimal = Decimal(0)
    overdue_grace_days: int | None = 0
    max_data_age: timedelta = timedelta(minutes=15)
    version: str = "1"
    components: frozenset[Component] = EVERY_COMPONENT
    account_scope: AccountScope = AccountScope.GROUP
    order_tolerance: Decimal = Decimal(0)
    horizon_days: int | None = None
    warn_percent: Decimal | None = Decimal(80)
    stage_grace_days: int = 0
    ignore_blank_expiry: bool = True
    check_limit_used: bool = True
    check_terms_rank: bool = True
    check_discount_rank: bool = True
    max_rate_age: int = 7
    order_limit: Money | None = None
    default_terms: str | None = None
    default_discount: str | None = None
    default_risk: str | None = None
    strategic: Softness | None = None
    payment_terms: tuple[PaymentTerm, ...] = ()
    discounts: tuple[Discount, ...] = ()
    categories: tuple[Category, ...] = ()
    statuses: tuple[AccountStatus, ...] = ()
    groups: tuple[Label, ...] = ()
    risks: tuple[RiskGroup, ...] = ()
    guarantee_types: tuple[Label, ...] = ()
    coverage_types: tuple[Label, ...] = ()
    reasons: tuple[ReasonEntry, ...] = ()
    credit_groups: tuple[CreditGroup, ...] = ()
    clients: tuple[ClientEntry, ...] = ()
    deals: tuple[DealEntry, ...] = ()
    rules: RuleBook = field(default_factory=RuleBook)
    _index: _Index = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index what is looked up by code for every decision."""
        object.__setattr__(self, "_index", _Index.of(self))

    @property
    def currency(self) -> str:
        """The portal's credit currency."""
        return self.default_limit.currency

    @property
    def currencies(self) -> frozenset[str]:
        """Every currency an amount of the policy is in."""
        return self._index.currencies

    def category(self, code: str | None) -> Category:
        """Find a category; the one of nobody sets no defaults."""
        return self._index.categories.get(code or "", NO_CATEGORY)

    def status(self, code: str | None) -> AccountStatus | None:
        """Find an account status."""
        return self._index.statuses.get(code or "")

    def term(self, code: str | None) -> PaymentTerm | None:
        """Find a payment term."""
        return self._index.terms.get(code or "")

    def term_of_days(self, days: int | None) -> PaymentTerm | None:
        """Find the first payment term of so many days: contracts in accounting know days only."""
        return next((each for each in self.payment_terms if days is not None and each.days == days), None)

    def discount(self, code: str | None) -> Discount | None:
        """Find a settlement discount."""
        return self._index.discounts.get(code or "")

    def entry(self, inn: str) -> ClientEntry:
        """Find what the policy says of one client, which may be nothing."""
        return self._index.clients.get(inn, NO_ENTRY)

    def deal(self, deal_id: int) -> DealEntry | None:
        """Find what the policy says of one deal."""
        return self._index.deals.get(deal_id)

    def sharing(self, inns: Iterable[str]) -> list[str]:
        """Return the clients and whoever shares a limit with them (D19), in order."""
        wanted = set(inns)
        for inn in tuple(wanted):
            pool = self.pool_of(inn)
            wanted |= pool.members if pool is not None else frozenset()
        return sorted(wanted)

    def reason(self, code: str, kind: ReasonKind) -> ReasonEntry | None:
        """Find a reason a person may give for this; None where there is none of that kind (D4)."""
        return next((each for each in self.reasons if each.code == code and each.kind is kind), None)

    def risk_of(self, score: Decimal | None) -> str | None:
        """Find the risk group of a score (D8)."""
        return classify(score, self.risks, self.default_risk)

    def pool_of(self, inn: str) -> CreditGroup | None:
        """Find the credit group a client shares his limit with."""
        return self._index.pools.get(inn)


@dataclass(frozen=True, slots=True)
class _Index:
    """The tables of a policy by code."""

    categories: dict[str, Category]
    statuses: dict[str, AccountStatus]
    terms: dict[str, PaymentTerm]
    discounts: dict[str, Discount]
    clients: dict[str, ClientEntry]
    deals: dict[int, DealEntry]
    pools: dict[str, CreditGroup]
    currencies: frozenset[str]

    @classmethod
    def of(cls, policy: Policy) -> _Index:
        """Build the tables."""
        return cls(
            categories=_by_code(policy.categories),
            statuses=_by_code(policy.statuses),
            terms=_by_code(policy.payment_terms),
            discounts=_by_code(policy.discounts),
            clients={each.inn: each for each in policy.clients},
            deals={each.deal_id: each for each in policy.deals},
            pools={inn: group for group in policy.credit_groups for inn in group.members},
            currencies=frozenset(each.currency for each in _amounts(policy)),
        )


def _amounts(policy: Policy) -> Iterator[Money]:
    """Find every amount the policy names."""
    found: list[Money | None] = [policy.default_limit, policy.order_limit]
    if policy.strategic is not None:
        found.append(policy.strategic.amount)
    found.extend(group.limit for group in policy.credit_groups)
    for category in policy.categories:
        limit = category.limit.amount if isinstance(category.limit, Granted) else None
        found.extend((limit, category.order_limit))
    for entry in policy.clients:
        found.append(entry.order_limit)
        found.extend(temporary.amount for temporary in entry.temporary)
        found.extend(cover.amount for cover in entry.covers)
        found.extend(dispute.amount for dispute in entry.disputes)
    found.extend(rule.amount for rule in policy.rules.rules)
    return (each for each in found if each is not None)


def _by_code(rows: Iterable[T]) -> dict[str, T]:
    return {row.code: row for row in rows}
