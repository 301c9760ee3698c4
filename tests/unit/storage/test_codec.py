"""The codec: whatever goes in comes out, old rows stay readable, wrong ones are refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import date
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
from b24app.domain.hold import HoldState
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import NotSet
from b24app.domain.limits import Unlimited
from b24app.domain.money import Money
from b24app.domain.rates import Rate
from b24app.ports.portal import Action
from b24app.ports.portal import AddTask
from b24app.ports.portal import CompanyFacts
from b24app.ports.portal import WriteCompany
from b24app.ports.records import People
from b24app.ports.records import Stages
from b24app.storage.codec import decode
from b24app.storage.codec import encode
from b24app.storage.errors import BrokenRowError
from b24app.storage.hints import field_hints

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
POSITIVE = st.decimals(min_value=Decimal("0.0001"), max_value=10**6, places=4)
LEAVES[Rate] = st.builds(Rate, st.text(max_size=8), POSITIVE, st.dates())
for leaf, strategy in LEAVES.items():
    st.register_type_strategy(leaf, strategy)


def values(kind: type) -> st.SearchStrategy[Any]:
    """Build a dataclass of values that fit its hints, nested ones too."""
    return st.builds(kind, **{name: fitting(hint) for name, hint in field_hints(kind).items()})


def fitting(hint: Any) -> st.SearchStrategy[Any]:
    if hasattr(hint, "__dataclass_fields__") and hint not in LEAVES:
        return values(hint)
    arguments = getattr(hint, "__args__", ())
    if not arguments:
        return st.from_type(hint)
    if getattr(hint, "__origin__", None) is tuple:
        return st.lists(fitting(arguments[0]), max_size=3).map(tuple)
    return st.one_of(*(fitting(argument) for argument in arguments))


@pytest.mark.parametrize(
    "kind",
    [Action, AssessmentCase, Decision, CardTerms, People, Stages, CreditLimit, CompanyFacts],
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
        (Money, "NaN RUB"),
        (CardTerms, None),
        (CardTerms, []),
        (tuple[str, ...], "text"),
        (dict[str, int], [1]),
    ],
)
def test_a_broken_row_is_refused(kind: Any, stored: object) -> None:
    with pytest.raises(BrokenRowError):
        decode(kind, stored)


@dataclass(frozen=True)
class Odd:
    number: int
    names: dict[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Tree:
    name: str
    children: tuple[Tree, ...] = ()


@dataclass(frozen=True, slots=True)
class Capital:
    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name.upper())


@dataclass(frozen=True)
class Listed:
    items: list[int] = field(default_factory=list)


@pytest.mark.parametrize("value", [Odd(True, {}), Odd(1, {"a": (1, 2)}), "text"])  # type: ignore[dict-item]  # that is the point  # noqa: FBT003 - a wrong value
def test_a_value_that_does_not_fit_its_hint_is_refused(value: object) -> None:
    with pytest.raises(BrokenRowError):
        encode(Odd, value)


def test_collections_of_mixed_hints_come_back() -> None:
    value = Odd(1, {"a": (1, "x")})
    assert decode(Odd, encode(Odd, value)) == value
    assert decode(list[int], encode(list[int], [1, 2])) == [1, 2]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Money, "1.00 RUB"),
        (date, datetime(2026, 1, 1, tzinfo=UTC)),
        (HoldState, "held"),
        (dict[str, int], []),
        (list[int], (1,)),
        (tuple[int, ...], [1]),
        (CardTerms | None, 1),
    ],
)
def test_a_value_of_another_kind_is_not_stored(kind: Any, value: object) -> None:
    with pytest.raises(BrokenRowError):
        encode(kind, value)


def test_a_hint_nobody_knows_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="no way to store"):
        decode(set[int], [1])


def test_a_place_too_many_or_too_few_is_refused() -> None:
    pair = tuple[int, str]
    for wrong in ((1,), (1, "x", "y")):
        with pytest.raises(BrokenRowError):
            encode(pair, wrong)
        with pytest.raises(BrokenRowError):
            decode(pair, list(wrong))


def test_a_class_may_hold_others_of_its_own_kind() -> None:
    value = Tree("root", (Tree("leaf"), Tree("branch", (Tree("twig"),))))
    assert decode(Tree, json.loads(json.dumps(encode(Tree, value)))) == value


def test_what_a_class_does_when_it_is_made_is_done_when_it_is_read() -> None:
    assert decode(Capital, {"name": "moscow"}) == Capital("moscow")
    assert decode(Capital, {"name": "moscow"}).name == "MOSCOW"


def test_every_object_has_a_list_of_its_own() -> None:
    first, second = decode(Listed, {}), decode(Listed, {})
    assert first == second == Listed()
    assert first.items is not second.items


def test_a_union_keeps_apart_what_looks_alike_in_json() -> None:
    kind = int | str | bool | Granted | None
    for value in (1, "1", True, Granted(Money.zero("RUB")), None):
        assert repr(decode(kind, encode(kind, value))) == repr(value)
    for wrong in (1.0, Decimal(1), Unlimited()):
        with pytest.raises(BrokenRowError):
            encode(kind, wrong)
    broken: list[Any] = [1.0, [], {}, {"type": "Unlimited"}]
    for stored in broken:
        with pytest.raises(BrokenRowError):
            decode(kind, stored)


def test_names_imported_for_the_type_checker_only_are_found() -> None:
    assert field_hints(AddTask)["deadline"] is datetime
    assert field_hints(WriteCompany)["terms"] == CardTerms | None
