"""Several deals decided one after another: each permission takes room from those after it (K8, E7, E15)."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from typing import Final

from b24app.domain.assess import assess
from b24app.domain.case import AssessmentCase
from b24app.domain.case import PoolMember
from b24app.domain.case import Release
from b24app.domain.case import TypedCard
from b24app.domain.client import ClientFacts
from b24app.domain.contracts import choose_contract
from b24app.domain.contracts import contracts_limit
from b24app.domain.contracts import facts_under
from b24app.domain.decision import Decision
from b24app.domain.decision import Outcome
from b24app.domain.decision import assess_technical
from b24app.domain.errors import CurrencyMismatchError
from b24app.domain.exposure import Candidate
from b24app.domain.exposure import Reserve
from b24app.domain.exposure import without_deal
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import NotSet
from b24app.domain.money import Money
from b24app.domain.policy import Policy
from b24app.domain.pool import measure_member
from b24app.domain.rates import Rates
from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Contract
from b24app.domain.rules import TechnicalCause

RESERVING: Final = frozenset({Outcome.ALLOW, Outcome.ALLOW_NOTIFY})


@dataclass(frozen=True, slots=True)
class Account:
    """A client: his figures, and what is accepted of him; a limit not set is that of his contracts."""

    figures: AccountFigures
    limit: CreditLimit
    facts: ClientFacts


@dataclass(frozen=True, slots=True)
class Ask:
    """A deal that wants to ship. `contract`: a ref or a number; None: the only active one in its currency.

    `organisation` None: the one of the contract. `ship_on` is the planned day. The same deal may ask again:
    it is checked anew without its own reserve (K2).
    """

    deal_id: int
    inn: str
    amount: Money
    contract: str | None = None
    terms: str | None = None
    discount: str | None = None
    organisation: str | None = None
    ship_on: date | None = None
    typed: TypedCard | None = None
    release: Release | None = None


@dataclass(frozen=True, slots=True)
class World:
    """All that is known before the first deal asks; `reserves` by ИНН are promised already."""

    policy: Policy
    accounts: Mapping[str, Account]
    on: date
    now: datetime
    rates: Rates | None = None
    reserves: Mapping[str, tuple[Reserve, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a deal was told; `case` is what it was decided by, None where its limit could not be summed."""

    ask: Ask
    contract: Contract | None
    case: AssessmentCase | None
    decision: Decision


def decide_in_order(world: World, asks: Iterable[Ask]) -> tuple[Answer, ...]:
    """Decide deals in their order; an allowed one takes its room, a held one gives back what it had.

    Raises `KeyError` for a deal of a client nobody knows.
    """
    reserves = dict(world.reserves)
    answers = []
    for ask in asks:
        answer = _answer(world, reserves, ask)
        answers.append(answer)
        kept = without_deal(reserves.get(ask.inn, ()), ask.deal_id)
        if answer.decision.outcome in RESERVING and ask.amount.is_positive:
            ref = answer.contract.ref if answer.contract else None
            kept = (*kept, Reserve(ask.deal_id, ref, ask.amount, ask.ship_on))
        reserves[ask.inn] = kept
    return tuple(answers)


def _answer(world: World, reserves: Mapping[str, tuple[Reserve, ...]], ask: Ask) -> Answer:
    account = world.accounts[ask.inn]
    figures = account.figures
    contract = choose_contract(ask.contract, ask.amount.currency, figures.contracts)
    try:
        own = contracts_limit(figures.contracts) if isinstance(account.limit, NotSet) else account.limit
    except CurrencyMismatchError as error:
        cause, detail = TechnicalCause.OTHER_CURRENCY, f"{error.left}, {error.right}"
        refused = assess_technical(cause, detail, world.policy, as_of=figures.as_of)
        return Answer(ask, contract, None, refused)
    case = AssessmentCase(
        figures=figures,
        own_limit=own,
        candidate=Candidate(contract.ref if contract else None, ask.amount),
        reserves=without_deal(reserves.get(ask.inn, ()), ask.deal_id),
        on=world.on,
        now=world.now,
        deal_id=ask.deal_id,
        client=facts_under(account.facts, contract),
        typed=ask.typed,
        terms=ask.terms,
        discount=ask.discount,
        organisation=ask.organisation or (contract.organisation if contract else None),
        pool=_pool(world, reserves, ask),
        rates=world.rates,
        release=ask.release,
    )
    return Answer(ask, contract, case, assess(case, world.policy))


def _pool(
    world: World, reserves: Mapping[str, tuple[Reserve, ...]], ask: Ask
) -> tuple[PoolMember, ...] | None:
    """Measure the other members of the credit group; None when one of them is not known (D19)."""
    group = world.policy.pool_of(ask.inn)
    if group is None:
        return ()
    found = []
    for inn in sorted(group.members - {ask.inn}):
        other = world.accounts.get(inn)
        if other is None:
            return None
        promised = without_deal(reserves.get(inn, ()), ask.deal_id)
        try:
            member = measure_member(
                other.figures, promised, world.policy, on=world.on, now=world.now, rates=world.rates
            )
        except CurrencyMismatchError:
            return None
        found.append(member)
    return tuple(found)
