"""What a check answers: the outcome, all its reasons and the arithmetic behind it (K6, K7, K11)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from enum import Enum

from b24app.domain.exposure import Exposure
from b24app.domain.limits import ResolvedLimit
from b24app.domain.money import Money
from b24app.domain.overdue import Overdue
from b24app.domain.policy import Policy
from b24app.domain.rates import Rate
from b24app.domain.rules import Reason
from b24app.domain.rules import ReasonCode
from b24app.domain.rules import TechnicalCause


class Outcome(Enum):
    """What a check answers (K7). TECHNICAL: data missing or too old; fails closed."""

    ALLOW = "allow"
    ALLOW_NOTIFY = "allow_notify"
    HOLD = "hold"
    TECHNICAL = "technical"


class SkipKind(Enum):
    """Why the rules were not asked (D13 steps 1 and 2, D15, D17, A35)."""

    CLIENT_EXCLUDED = "client_excluded"
    DEAL_EXCLUDED = "deal_excluded"
    IGNORED_UNTIL = "ignored_until"
    GRACE_UNTIL = "grace_until"
    RELEASED_BY_RULE = "released_by_rule"


@dataclass(frozen=True, slots=True)
class Skip:
    """The rules were not asked: why, to what day (included), by which rule (N24)."""

    kind: SkipKind
    until: date | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class PoolUse:
    """The credit group's one pool: what its other members use, and all of them with this deal (D19)."""

    code: str
    name: str
    limit: Money
    others: Money
    after: Money


@dataclass(frozen=True, slots=True)
class SettlingPayment:
    """Part of the smallest payment that would release: so much, under this contract."""

    contract: str | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with all its reasons and the arithmetic behind it.

    `warnings` hold nothing: a use of the limit near its end (A8), overdue a strategic partner may pass with
    (F20). `to_release`: the smallest payments, by contract, after which nothing holds any more; empty when
    nothing is held or no payment helps. `rates`: the exchange rates used, with their days (N8).
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    policy_version: str
    as_of: datetime | None
    exposure: Exposure | None = None
    overdue: Overdue | None = None
    limit: ResolvedLimit | None = None
    to_release: tuple[SettlingPayment, ...] = field(default=())
    warnings: tuple[Reason, ...] = ()
    skipped: Skip | None = None
    pool: PoolUse | None = None
    rates: tuple[Rate, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the goods must wait."""
        return self.outcome in {Outcome.HOLD, Outcome.TECHNICAL}


def assess_technical(
    cause: TechnicalCause, detail: str | None, policy: Policy, as_of: datetime | None = None
) -> Decision:
    """Answer TECHNICAL: no decision could be made, so the goods wait (K7).

    `detail` is a subject such as a currency or a tax number, never a secret; `as_of` tells how old the
    figures were, if there were any.
    """
    reason = Reason(ReasonCode.TECHNICAL, cause=cause, detail=detail)
    return Decision(Outcome.TECHNICAL, (reason,), policy.version, as_of)
