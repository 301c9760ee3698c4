"""The codec: whatever goes in comes out, old rows stay readable, wrong ones are refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from b24app.domain.card import CardTerms
from b24app.domain.case import AssessmentCase
from b24app.domain.decision import Decision
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import NotSet
from b24app.domain.limits import Unlimited
from b24app.domain.money import Money
from b24app.domain.policy import Policy
from b24app.ports.portal import Action
from b24app.ports.portal import CompanyFacts
from b24app.ports.records import People
from b24app.ports.records import Stages
from b24app.storage.codec import _NAMES
from b24app.storage.codec import _hints
from b24app.storage.codec import decode
from b24app.storage.codec import encode
from b24app.storage.errors import BrokenRowError

MONEY = st.builds(
    Money,
    st.decimals(min_value=-(10**15), max_value=10**15, places=2),
    st.sampled_from(["RUB", "USD", "KZT"]),
)
LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    Money: MONEY,
    Decimal: st.decimals(allow_nan=False, allow_infinity=False, places=4),
    datetime: st.datetimes(timezones=st.just(UTC)),
    timedelta: st.timedeltas(),
    str: st.text(max_size=8),
}
for leaf, strategy in LEAVES.items():
    st.register_type_strategy(leaf, strategy)


def values(kind: type) -> st.SearchStrategy[Any]:
    """Build a dataclass of values that fit its hints, nested ones too."""
    return st.builds(kind, **{name: fitting(hint) for name, hint in _hints(kind).items()})


def fitting(hint: Any) -> st.SearchStrategy[Any]:
    if hasattr(hint, "__dataclass_fields__") and hint is not Money:
        return values(hint)
    arguments = getattr(hint, "__args__", ())
    if not arguments:
        return st.from_type(hint)
    if getattr(hint, "__origin__", None) is tuple:
        return st.lists(fitting(arguments[0]), max_size=3).map(tuple)
    return st.one_of(*(fitting(argument) for argument in arguments))


@pytest.mark.parametrize(
    "kind",
    [Action, AssessmentCase, Decision, CardTerms, Policy, People, Stages, CreditLimit, CompanyFacts],
    ids=lambda kind: getattr(kind, "__name__", "union"),
)
def test_what_goes_in_comes_out(kind: Any) -> None:
    @settings(max_examples=25, deadline=None, database=None)
    @given(fitting(kind))
    def holds(value: object) -> None:
        text = json.dumps(encode(kind, value))
        assert decode(kind, json.loads(text)) == value

    holds()


def test_amounts_are_kept_to_the_kopeck() -> None:
    money = Money(Decimal("90071992547409.93"), "RUB")
    assert encode(Money, money) == "90071992547409.93 RUB"
    assert decode(Money, "90071992547409.93 RUB") == money


def test_the_three_kinds_of_limit_stay_apart() -> None:
    kinds = [Granted(Money.zero("RUB")), Unlimited(), NotSet()]
    assert [decode(CreditLimit, encode(CreditLimit, limit)) for limit in kinds] == kinds


def test_a_field_an_old_row_lacks_takes_its_default() -> None:
    assert decode(CardTerms, {"terms_days": 14}) == CardTerms(terms_days=14)


def test_a_field_nobody_knows_any_more_is_passed_over() -> None:
    assert decode(CardTerms, {"terms_days": 14, "colour": "red"}) == CardTerms(terms_days=14)


def test_a_field_without_a_default_must_be_there() -> None:
    with pytest.raises(BrokenRowError):
        decode(Stages, {"category": 0})


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        (Money, "ten roubles"),
        (Money, 10),
        (int, "1"),
        (int, True),
        (datetime, "yesterday"),
        (CreditLimit, {"type": "Generous"}),
        (CreditLimit, {}),
        (tuple[int, ...], ["1"]),
        (CardTerms, None),
    ],
)
def test_a_broken_row_is_refused(kind: Any, stored: object) -> None:
    with pytest.raises(BrokenRowError):
        decode(kind, stored)


@dataclass(frozen=True)
class Odd:
    number: int
    names: dict[str, tuple[int, str]]


@pytest.mark.parametrize("value", [Odd(True, {}), Odd(1, {"a": (1, 2)}), "text"])  # type: ignore[dict-item]  # that is the point  # noqa: FBT003 - a wrong value
def test_a_value_that_does_not_fit_its_hint_is_refused(value: object) -> None:
    with pytest.raises(BrokenRowError):
        encode(Odd, value)


def test_collections_of_mixed_hints_come_back() -> None:
    value = Odd(1, {"a": (1, "x")})
    assert decode(Odd, encode(Odd, value)) == value
    assert decode(list[int], encode(list[int], [1, 2])) == [1, 2]


def test_the_names_added_for_the_type_checker_are_the_real_ones() -> None:
    assert all(getattr(known, "__name__", None) == name for name, known in _NAMES.items())
