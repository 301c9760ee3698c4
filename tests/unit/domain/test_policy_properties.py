"""What must hold for every client under every policy: rules, standings, groups, currencies, typed cards."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import TypeVar

from hypothesis import HealthCheck
from hypothesis import assume
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from b24app.domain.assess import assess
from b24app.domain.assess import decide
from b24app.domain.decision import Outcome
from b24app.domain.decision import SettlingPayment
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.domain.money import ONE_KOPECK
from b24app.domain.money import Money
from b24app.domain.rulebook import RuleBook
from b24app.domain.rules import Reason
from b24app.domain.rules import ReasonCode
from tests.builders import late
from tests.builders import position
from tests.unit.domain.worlds import World
from tests.unit.domain.worlds import contracts
from tests.unit.domain.worlds import currencies
from tests.unit.domain.worlds import documents
from tests.unit.domain.worlds import pay
from tests.unit.domain.worlds import worlds

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from b24app.domain.decision import Decision

many = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
_WHOLE = Decimal(100)
T = TypeVar("T")


@many
@given(worlds())
def test_paying_what_was_asked_releases_and_one_kopeck_less_does_not(world: World) -> None:
    asked, terms = world.asked, world.terms
    payments = assess(asked, terms).to_release
    assume(payments)
    currency = payments[0].amount.currency
    assert not decide(pay(asked, payments, currency), terms).holds
    for index, payment in enumerate(payments):
        assert payment.amount.is_positive
        short_by_one = replace(payment, amount=payment.amount - Money(ONE_KOPECK, currency))
        less = (*payments[:index], short_by_one, *payments[index + 1 :])
        assert decide(pay(asked, less, currency), terms).holds


@many
@given(worlds())
def test_where_no_payment_is_named_none_would_help(world: World) -> None:
    decision = assess(world.asked, world.terms)
    assume(decision.holds and not decision.to_release)
    huge = Money(Decimal(10**9), world.currency)
    everywhere = [SettlingPayment(contract, huge) for contract in ("A", "B", "C", None)]
    assert decide(pay(world.asked, everywhere, world.currency), world.terms).holds


@many
@given(worlds(), st.integers(1, 50_000), st.integers(-3, 12), contracts, currencies, documents)
def test_more_debt_never_releases(
    world: World, more: int, days: int, contract: str | None, currency: str, document: str
) -> None:
    asked, terms = world.asked, world.terms
    assume(decide(asked, terms).holds)
    debt = late(Money(Decimal(more), currency), days=days, document=document)
    worse = (*asked.figures.positions, position(debt, contract=contract, currency=currency))
    assert decide(replace(asked, figures=replace(asked.figures, positions=worse)), terms).holds


@many
@given(worlds(), st.integers(1, 50_000))
def test_more_use_of_the_pool_never_releases(world: World, more: int) -> None:
    asked, terms = world.asked, world.terms
    assume(terms.credit_groups and decide(asked, terms).holds and asked.pool)
    first, *rest = asked.pool or ()
    worse = replace(first, exposure=first.exposure + Money(Decimal(more), first.exposure.currency))
    assert decide(replace(asked, pool=(worse, *rest)), terms).holds


@many
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_documents_and_rules_is_irrelevant(world: World, random: Random) -> None:
    def mixed(rows: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(random.sample(rows, len(rows)))

    asked, terms = world.asked, world.terms
    turned = tuple(replace(each, instalments=mixed(each.instalments)) for each in asked.figures.positions)
    again = replace(
        asked,
        figures=replace(asked.figures, positions=mixed(turned)),
        reserves=mixed(asked.reserves),
        pool=None if asked.pool is None else mixed(asked.pool),
    )
    (client,) = terms.clients
    shuffled = replace(
        terms,
        rules=RuleBook(mixed(terms.rules.rules)),
        clients=(replace(client, covers=mixed(client.covers), disputes=mixed(client.disputes)),),
    )
    first, second = assess(asked, terms), assess(again, shuffled)
    assert set(first.to_release) == set(second.to_release)
    assert replace(first, to_release=()) == replace(second, to_release=())


@many
@given(worlds(), st.sampled_from([10, 1000]))
def test_only_the_order_of_ranks_matters(world: World, times: int) -> None:
    """D2 AC4: ten times every rank changes no decision, only the ranks it shows."""
    raised = replace(
        world.terms,
        payment_terms=tuple(
            replace(each, rank=(each.rank or 0) * times) for each in world.terms.payment_terms
        ),
        discounts=tuple(replace(each, rank=(each.rank or 0) * times) for each in world.terms.discounts),
    )
    first, second = decide(world.asked, world.terms), decide(world.asked, raised)
    assert _without_ranks(first) == _without_ranks(second)


def _without_ranks(decision: Decision) -> Decision:
    return replace(
        decision, reasons=tuple(replace(each, rank=None, rank_allowed=None) for each in decision.reasons)
    )


@many
@given(worlds())
def test_assessing_twice_equals_once(world: World) -> None:
    first = assess(world.asked, world.terms)
    assert assess(world.asked, world.terms) == first
    assert decide(world.asked, world.terms) == replace(first, to_release=())


@many
@given(worlds(), st.integers(1, 100_000), st.booleans())
def test_raising_a_limit_never_holds(world: World, more: int, to_unlimited: bool) -> None:
    own = world.asked.own_limit
    assume(isinstance(own, Granted))
    assert isinstance(own, Granted)
    # an unlimited client is counted in the currency of his order: keep the two the same
    assume(not to_unlimited or world.asked.candidate.amount.currency == world.currency)
    raised = Unlimited() if to_unlimited else Granted(own.amount + Money(Decimal(more), world.currency))
    if decide(replace(world.asked, own_limit=raised), world.terms).holds:
        assert decide(world.asked, world.terms).holds


@many
@given(worlds(), st.integers(1, 100_000))
def test_raising_a_groups_limit_never_holds(world: World, more: int) -> None:
    assume(world.terms.credit_groups)
    (shared,) = world.terms.credit_groups
    limit = shared.limit + Money(Decimal(more), shared.limit.currency)
    raised = replace(world.terms, credit_groups=(replace(shared, limit=limit),))
    if decide(world.asked, raised).holds:
        assert decide(world.asked, world.terms).holds


@many
@given(worlds())
def test_typing_into_a_card_hides_no_reason(world: World) -> None:
    assume(world.asked.typed is not None)
    accepted = decide(replace(world.asked, typed=None), world.terms)
    decision = decide(world.asked, world.terms)
    assert decision.holds or not accepted.holds
    if accepted.outcome is Outcome.HOLD:
        assert {each.code for each in decision.reasons} >= {each.code for each in accepted.reasons}


@many
@given(worlds())
def test_every_reason_recomputes_to_exceeded(world: World) -> None:
    decision = decide(world.asked, world.terms)
    assert decision.holds == bool(decision.reasons)
    known = {rule.id for rule in world.terms.rules.rules} | {None}
    for reason in (*decision.reasons, *decision.warnings):
        assert reason.rule in known
        assert EXCEEDED[reason.code](reason, world.terms.limit_inclusive), reason


def _over_limit(reason: Reason, inclusive: bool) -> bool:
    assert reason.value is not None
    assert reason.threshold is not None
    assert reason.excess == reason.value - reason.threshold
    return reason.excess.is_positive or (inclusive and not reason.excess)


def _over_use(reason: Reason, _: bool) -> bool:
    assert reason.value is not None
    assert reason.threshold is not None
    assert reason.percent_allowed is not None
    return reason.value.amount * _WHOLE > reason.threshold.amount * reason.percent_allowed


def _too_late(reason: Reason, _: bool) -> bool:
    assert reason.days is not None
    assert reason.days_allowed is not None
    assert reason.excess is not None
    return reason.days > reason.days_allowed and reason.excess.is_positive


def _owes_too_much(reason: Reason, _: bool) -> bool:
    assert reason.value is not None
    assert reason.threshold is not None
    used, allowed = reason.percent, reason.percent_allowed
    return reason.value > reason.threshold and (allowed is None or used is None or used > allowed)


def _order_too_large(reason: Reason, _: bool) -> bool:
    assert reason.value is not None
    assert reason.threshold is not None
    return reason.value > reason.threshold


def _too_long(reason: Reason, _: bool) -> bool:
    """A term itself is forbidden, or its days are more than allowed."""
    days, allowed = reason.days, reason.days_allowed
    return bool(reason.detail) and (days is None or (allowed is not None and days > allowed))


def _expired(reason: Reason, _: bool) -> bool:
    assert reason.days_allowed is not None
    return reason.days is None or reason.days > reason.days_allowed


def _ranked_higher(reason: Reason, _: bool) -> bool:
    assert reason.rank is not None
    assert reason.rank_allowed is not None
    return reason.rank > reason.rank_allowed


def _named(reason: Reason, _: bool) -> bool:
    return bool(reason.detail) and (reason.value is None or reason.value.is_positive)


def _not_ranked(reason: Reason, _: bool) -> bool:
    return bool(reason.detail) and reason.rank is None


EXCEEDED: dict[ReasonCode, Callable[[Reason, bool], bool]] = {
    ReasonCode.LIMIT: _over_limit,
    ReasonCode.GROUP_LIMIT: _over_limit,
    ReasonCode.LIMIT_USED_PCT: _over_use,
    ReasonCode.LIMIT_EXPIRED: _expired,
    ReasonCode.OVERDUE_DAYS: _too_late,
    ReasonCode.OVERDUE_AMOUNT: _owes_too_much,
    ReasonCode.ORDER_AMOUNT: _order_too_large,
    ReasonCode.ACCOUNT_STATUS: _named,
    ReasonCode.TERMS: _too_long,
    ReasonCode.TERMS_RANK: _ranked_higher,
    ReasonCode.TERMS_UNRANKED: _not_ranked,
    ReasonCode.DISCOUNT_RANK: _ranked_higher,
    ReasonCode.FORCED: _named,
    ReasonCode.TECHNICAL: lambda reason, _: reason.cause is not None,
}
"""What "exceeded" means for each reason, from its own numbers alone."""


def test_every_code_has_a_meaning_of_exceeded() -> None:
    assert set(EXCEEDED) == set(ReasonCode)
