"""What must hold for every account, not only for those we thought of."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from b24app.domain.assess import assess
from b24app.domain.decision import Outcome
from b24app.domain.exposure import Candidate
from b24app.domain.exposure import NetScope
from b24app.domain.exposure import Reserve
from b24app.domain.limits import Granted
from b24app.domain.money import ONE_KOPECK
from b24app.domain.money import Money
from b24app.domain.receivable import Instalment
from b24app.domain.rules import ReasonCode
from tests.builders import account
from tests.builders import case
from tests.builders import late
from tests.builders import limit
from tests.builders import not_due
from tests.builders import policy
from tests.builders import position
from tests.builders import reserve
from tests.builders import rub

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24app.domain.case import AssessmentCase
    from b24app.domain.decision import SettlingPayment
    from b24app.domain.policy import Policy
    from b24app.domain.receivable import AccountFigures
    from b24app.domain.receivable import Position

short = settings(max_examples=60, deadline=None, derandomize=True)
longer = settings(max_examples=120, deadline=None, derandomize=True)

amounts = st.integers(0, 60_000).map(lambda kopecks: Decimal(kopecks).scaleb(-2))
contracts = st.sampled_from(["A", "B", "C", None])
names = st.sampled_from(["УТ-1", "УТ-2", "УТ-3"])


@st.composite
def instalments(draw: st.DrawFn) -> Instalment:
    found = late(Money(draw(amounts), "RUB"), days=draw(st.integers(-3, 12)), document=draw(names))
    return found if draw(st.integers(0, 9)) else replace(found, due=None)


@st.composite
def positions(draw: st.DrawFn) -> Position:
    extra = st.one_of(st.just(Decimal(0)), amounts)
    return position(
        *draw(st.lists(instalments(), max_size=4)),
        contract=draw(contracts),
        credit=str(draw(extra)),
        pending=str(draw(extra)),
        shipped=str(draw(extra)),
    )


@st.composite
def cases(draw: st.DrawFn) -> AssessmentCase:
    promises = st.builds(
        Reserve, st.integers(2, 9), contracts, amounts.map(lambda amount: Money(amount, "RUB"))
    )
    made = case(
        account(*draw(st.lists(positions(), max_size=4))),
        granted=str(draw(st.one_of(st.just(Decimal(0)), amounts))),
        wants=str(draw(amounts) + ONE_KOPECK),
        contract=draw(contracts),
        reserves=draw(st.lists(promises, max_size=3)),
    )
    return made if draw(st.integers(0, 9)) else replace(made, own_limit=limit(None))


policies = st.builds(
    policy,
    net_scope=st.sampled_from(NetScope),
    limit_inclusive=st.booleans(),
    overdue_tolerance=st.sampled_from([Decimal(0), Decimal(1), Decimal(50)]),
    overdue_grace_days=st.integers(0, 5),
)


def pay(figures: AccountFigures, payments: Iterable[SettlingPayment]) -> AccountFigures:
    """Post payments as accounting does: the oldest debt under the contract first, the rest is an advance."""
    money: defaultdict[str | None, Decimal] = defaultdict(Decimal)
    for payment in payments:
        money[payment.contract] += payment.amount.amount
    debts = sorted(
        (
            (each.due is None, each.due or case().on, each.document, each.open_amount.amount, where, index)
            for where, found in enumerate(figures.positions)
            for index, each in enumerate(found.instalments)
        ),
    )
    open_amounts = [list(found.instalments) for found in figures.positions]
    for _, _, _, amount, where, index in debts:
        contract = figures.positions[where].contract
        part = min(amount, money[contract])
        money[contract] -= part
        debt = open_amounts[where][index]
        open_amounts[where][index] = replace(debt, open_amount=Money(amount - part, "RUB"))
    paid = [
        replace(found, instalments=tuple(left))
        for found, left in zip(figures.positions, open_amounts, strict=True)
    ]
    advances = [position(contract=contract, credit=str(left)) for contract, left in money.items() if left]
    return replace(figures, positions=(*paid, *advances))


@longer
@given(cases(), policies)
def test_paying_what_was_asked_releases_and_one_kopeck_less_does_not(
    asked: AssessmentCase, rules: Policy
) -> None:
    payments = assess(asked, rules).to_release
    assume(payments)
    paid = replace(asked, figures=pay(asked.figures, payments))
    assert assess(paid, rules).outcome is Outcome.ALLOW
    for index, payment in enumerate(payments):
        assert payment.amount.is_positive
        short_by_one = replace(payment, amount=payment.amount - Money(ONE_KOPECK, "RUB"))
        less = (*payments[:index], short_by_one, *payments[index + 1 :])
        assert assess(replace(asked, figures=pay(asked.figures, less)), rules).holds


@longer
@given(cases(), policies)
def test_where_no_payment_is_named_none_would_help(asked: AssessmentCase, rules: Policy) -> None:
    decision = assess(asked, rules)
    assume(decision.holds and not decision.to_release)
    everything = [
        replace(each, amount=rub(10**9))
        for each in assess(case(_debts_everywhere(), granted=0), policy()).to_release
    ]
    paid = replace(asked, figures=pay(asked.figures, everything))
    assert assess(paid, rules).holds


def _debts_everywhere() -> AccountFigures:
    return account(*(position(late(1, days=1), contract=name) for name in ("A", "B", "C", None)))


@short
@given(cases(), policies, st.integers(1, 50_000), st.integers(-3, 12), contracts)
def test_more_debt_never_releases(
    asked: AssessmentCase, rules: Policy, more: int, days: int, contract: str | None
) -> None:
    assume(assess(asked, rules).holds)
    worse = (*asked.figures.positions, position(late(more, days=days), contract=contract))
    assert assess(replace(asked, figures=replace(asked.figures, positions=worse)), rules).holds


@short
@given(cases(), policies, st.randoms(use_true_random=False))
def test_order_is_irrelevant(asked: AssessmentCase, rules: Policy, random: object) -> None:
    shuffle = random.shuffle  # type: ignore[attr-defined]  # hypothesis gives a Random
    mixed, promises = [], list(asked.reserves)
    for found in asked.figures.positions:
        parts = list(found.instalments)
        shuffle(parts)
        mixed.append(replace(found, instalments=tuple(parts)))
    shuffle(mixed)
    shuffle(promises)
    again = replace(asked, figures=replace(asked.figures, positions=tuple(mixed)), reserves=tuple(promises))
    first, second = assess(asked, rules), assess(again, rules)
    assert set(first.to_release) == set(second.to_release)
    assert replace(first, to_release=()) == replace(second, to_release=())


@short
@given(cases(), policies)
def test_assessing_twice_equals_once(asked: AssessmentCase, rules: Policy) -> None:
    assert assess(asked, rules) == assess(asked, rules)


@short
@given(cases(), policies, st.integers(1, 100_000))
def test_raising_a_limit_never_holds(asked: AssessmentCase, rules: Policy, more: int) -> None:
    own = asked.own_limit
    raised = limit(own.amount + rub(more)) if isinstance(own, Granted) else limit(None)
    if assess(replace(asked, own_limit=raised), rules).holds:
        assert assess(asked, rules).holds


@short
@given(cases(), policies)
def test_every_limit_reason_recomputes_to_exceeded(asked: AssessmentCase, rules: Policy) -> None:
    decision = assess(asked, rules)
    found = [each for each in decision.reasons if each.code is ReasonCode.LIMIT]
    assume(found and decision.exposure)
    assert decision.exposure is not None
    (reason,) = found
    assert isinstance(asked.own_limit, Granted)
    assert reason.threshold == asked.own_limit.amount
    assert reason.value == decision.exposure.after
    assert reason.value is not None
    assert reason.excess == reason.value - reason.threshold
    assert reason.value > reason.threshold or (rules.limit_inclusive and reason.value == reason.threshold)


@pytest.mark.parametrize(
    ("asked", "rules", "expected"),
    [
        pytest.param(
            case(account(position(not_due(90), late(20, days=1))), granted=100, wants=30),
            policy(),
            [("A", "40.00")],
            id="overdue-and-limit-under-one-contract",
        ),
        pytest.param(
            case(
                account(position(late(20, days=1), contract="B"), position(not_due(90))),
                granted=100,
                wants=30,
            ),
            policy(),
            [("B", "20.00"), ("A", "20.00")],
            id="overdue-first-then-the-deals-own-contract",
        ),
        pytest.param(
            case(account(position(not_due(500), contract="B")), granted=100, wants=30),
            policy(),
            [("A", "30.00"), ("B", "400.00")],
            id="an-advance-for-the-deal-then-the-largest-debt",
        ),
        pytest.param(
            case(granted=100, wants=130, contract=None),
            policy(),
            [],
            id="nothing-can-be-paid-for-an-unknown-contract",
        ),
        pytest.param(
            case(account(position(not_due(80), contract="B")), granted=100, wants=60, contract=None),
            policy(),
            [("B", "40.00")],
            id="an-unknown-contract-is-made-room-for",
        ),
        pytest.param(
            case(account(position(not_due(80), contract="B")), granted=100, wants=60, contract=None),
            policy(net_scope=NetScope.CUSTOMER),
            [("B", "40.00")],
            id="customer-scope-pays-the-largest-debt",
        ),
        pytest.param(
            case(account(), granted=100, wants=160, contract=None),
            policy(net_scope=NetScope.CUSTOMER),
            [(None, "60.00")],
            id="customer-scope-takes-an-advance-under-any-contract",
        ),
        pytest.param(
            case(account(position(not_due(80), credit=50)), granted=100, wants=60, reserves=[reserve(1)]),
            policy(net_scope=NetScope.OFF),
            [("A", "41.00")],
            id="without-netting-only-debts-can-be-paid",
        ),
        pytest.param(
            case(account(position(not_due(80))), granted=100, wants=300),
            policy(net_scope=NetScope.OFF),
            [],
            id="without-netting-no-advance-helps",
        ),
        pytest.param(
            case(account(position(late(20, days=3))), granted=None),
            policy(overdue_tolerance=Decimal(5)),
            [("A", "15.00")],
            id="the-tolerated-rest-may-stay",
        ),
        pytest.param(
            case(account(position(late(20, days=5), late("0.40", days=3))), granted=None),
            policy(overdue_tolerance=Decimal(1)),
            [("A", "19.00")],
            id="a-tolerated-instalment-asks-for-nothing",
        ),
        pytest.param(
            case(account(position(late(20, days=5)), position(late(20, days=3), contract="B")), granted=None),
            policy(net_scope=NetScope.CUSTOMER, overdue_tolerance=Decimal(1)),
            [("A", "19.00"), ("B", "19.00")],
            id="a-rest-is-tolerated-under-each-contract",
        ),
        pytest.param(case(granted=0, wants=5), policy(limit_inclusive=True), [], id="nothing-is-below-zero"),
    ],
)
def test_the_smallest_payments_are_named_by_contract(
    asked: AssessmentCase, rules: Policy, expected: list[tuple[str | None, str]]
) -> None:
    decision = assess(asked, rules)
    assert decision.holds
    assert [(each.contract, str(each.amount.amount)) for each in decision.to_release] == expected


def test_nothing_is_to_be_paid_for_an_allowed_deal() -> None:
    assert assess(replace(case(), candidate=Candidate("A", rub(5))), policy()).to_release == ()
