"""The arithmetic bar: its pieces, the mark of the limit and what stands beyond it."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from b24app.domain.exposure import Candidate
from b24app.domain.exposure import Counting
from b24app.domain.exposure import Exposure
from b24app.domain.exposure import NetScope
from b24app.domain.exposure import measure_exposure
from b24app.domain.limits import Granted
from b24app.domain.money import Money
from b24app.services.bar import draw_bar
from tests.builders import account
from tests.builders import not_due
from tests.builders import position
from tests.builders import reserve
from tests.builders import resolved
from tests.builders import rub

if TYPE_CHECKING:
    from b24app.domain.limits import ResolvedLimit
    from b24app.domain.receivable import Position
    from b24app.services.views import Bar

ORDER = ("receivables", "shipped", "reserved", "candidate")
EMPTY, FULL = Decimal(0), Decimal(100)
EDGE = Decimal("0.01")


def exposed(
    *, debt: int = 0, shipped: int = 0, promised: int = 0, advance: int = 0, wants: int = 0
) -> Exposure:
    """Measure the exposure of a client with one contract."""
    return measure_exposure(
        account(position(not_due(debt), shipped=shipped, credit=advance)).positions,
        [reserve(promised)],
        Candidate("A", rub(wants)),
        Counting("RUB"),
    )


def drawn(exposure: Exposure, granted: ResolvedLimit | None, language: str = "ru") -> Bar:
    bar = draw_bar(exposure, granted, language)
    assert bar is not None
    return bar


def pieces(bar: Bar) -> list[tuple[str, str, str]]:
    return [(piece.kind, str(piece.start), str(piece.width)) for piece in bar.segments]


def test_within_the_limit_the_bar_is_as_long_as_the_limit() -> None:
    bar = drawn(exposed(debt=300, shipped=100, promised=50, wants=200), resolved(1000))
    assert pieces(bar) == [
        ("receivables", "0.00", "30.00"),
        ("shipped", "30.00", "10.00"),
        ("reserved", "40.00", "5.00"),
        ("candidate", "45.00", "20.00"),
    ]
    assert (bar.limit_at, bar.over) == (FULL, None)


def test_exactly_at_the_limit_nothing_is_beyond_it() -> None:
    bar = drawn(exposed(debt=600, wants=400), resolved(1000))
    assert pieces(bar) == [("receivables", "0.00", "60.00"), ("candidate", "60.00", "40.00")]
    assert (bar.limit_at, bar.over) == (FULL, None)


def test_over_the_limit_the_excess_stands_from_the_mark_to_the_end() -> None:
    bar = drawn(exposed(debt=900, wants=700), resolved(1000))
    assert pieces(bar) == [("receivables", "0.00", "56.25"), ("candidate", "56.25", "43.75")]
    assert bar.limit_at == Decimal("62.5")
    assert bar.over == (Decimal("62.5"), Decimal("37.5"))


def test_prepayment_only_puts_the_whole_bar_beyond_the_limit() -> None:
    bar = drawn(exposed(wants=700), resolved(0))
    assert pieces(bar) == [("candidate", "0.00", "100.00")]
    assert (bar.limit_at, bar.over) == (EMPTY, (EMPTY, FULL))


@pytest.mark.parametrize(
    "granted", [pytest.param(resolved(None), id="unlimited"), pytest.param(None, id="no limit known")]
)
def test_without_a_limit_the_debt_fills_the_bar_and_nothing_is_marked(granted: ResolvedLimit | None) -> None:
    bar = drawn(exposed(debt=300, wants=100), granted)
    assert pieces(bar) == [("receivables", "0.00", "75.00"), ("candidate", "75.00", "25.00")]
    assert (bar.limit_at, bar.over) == (None, None)


@pytest.mark.parametrize(
    ("advance", "expected"),
    [
        pytest.param(100, [("receivables", "0.00", "40.00"), ("shipped", "40.00", "20.00")], id="part"),
        pytest.param(500, [("shipped", "0.00", "20.00")], id="the whole debt"),
    ],
)
def test_an_advance_shortens_the_debt(advance: int, expected: list[tuple[str, str, str]]) -> None:
    bar = drawn(exposed(debt=500, shipped=200, advance=advance), resolved(1000))
    assert pieces(bar) == expected


def test_an_advance_leaves_the_deals_own_piece_whole() -> None:
    bar = drawn(exposed(debt=500, advance=300, wants=200), resolved(1000))
    assert pieces(bar) == [("receivables", "0.00", "20.00"), ("candidate", "20.00", "20.00")]


def test_a_return_shortens_the_bar_and_has_no_piece() -> None:
    bar = drawn(exposed(debt=500, wants=-200), resolved(1000))
    assert pieces(bar) == [("receivables", "0.00", "30.00")]


@pytest.mark.parametrize(
    "granted",
    [
        pytest.param(None, id="no limit known"),
        pytest.param(resolved(None), id="unlimited"),
        pytest.param(resolved(0), id="prepayment only"),
    ],
)
@pytest.mark.parametrize("after", [0, -50], ids=["nothing owed", "less than nothing owed"])
def test_of_nothing_no_bar_is_drawn(after: int, granted: ResolvedLimit | None) -> None:
    nothing = rub(0)
    exposure = Exposure(nothing, nothing, nothing, rub(100), nothing, nothing, rub(after))
    assert draw_bar(exposure, granted, "ru") is None


def test_of_nothing_under_a_limit_the_bar_is_empty() -> None:
    bar = drawn(exposed(advance=100), resolved(1000))
    assert (bar.segments, bar.limit_at, bar.over) == ((), FULL, None)


@pytest.mark.parametrize(
    ("language", "said", "labels"),
    [
        ("ru", "Долг с этой сделкой 1 000,00 ₽", ["Долг по документам", "Эта сделка"]),
        ("en", "Debt with this deal 1,000.00 ₽", ["Receivables", "This deal"]),
    ],
)
def test_the_bar_and_its_pieces_are_said_in_words(language: str, said: str, labels: list[str]) -> None:
    bar = drawn(exposed(debt=600, wants=400), resolved(1000), language)
    assert bar.label.replace("\u00a0", " ") == said
    assert [piece.label for piece in bar.segments] == labels


kopecks = st.one_of(st.just(0), st.integers(1, 300), st.integers(0, 10**9))
amounts = kopecks.map(lambda amount: Decimal(amount).scaleb(-2))
contracts = st.sampled_from(["A", "B", None])
limits = st.one_of(st.just(None), st.just(resolved(None)), amounts.map(lambda amount: resolved(str(amount))))


@st.composite
def positions(draw: st.DrawFn) -> Position:
    debt = not_due(str(draw(amounts)))
    return position(debt, contract=draw(contracts), credit=str(draw(amounts)), shipped=str(draw(amounts)))


@st.composite
def exposures(draw: st.DrawFn) -> Exposure:
    wants = draw(amounts) * draw(st.sampled_from([1, 1, 1, -1]))
    return measure_exposure(
        draw(st.lists(positions(), max_size=3)),
        [reserve(str(amount), contract=draw(contracts)) for amount in draw(st.lists(amounts, max_size=2))],
        Candidate(draw(contracts), Money(wants, "RUB")),
        Counting("RUB", draw(st.sampled_from(NetScope))),
    )


@settings(max_examples=200, deadline=None, derandomize=True)
@given(exposures(), limits)
def test_pieces_stand_in_a_row_as_long_as_the_exposure(
    exposure: Exposure, granted: ResolvedLimit | None
) -> None:
    sum_ = granted.limit.amount.amount if granted and isinstance(granted.limit, Granted) else None
    after = exposure.after.amount
    scale = max(after, sum_ or Decimal(0))
    bar = draw_bar(exposure, granted, "ru")
    assert (bar is None) == (scale == 0)
    if bar is None:
        return
    kinds = [piece.kind for piece in bar.segments]
    assert kinds == [kind for kind in ORDER if kind in kinds]
    assert all(piece.width >= 0 for piece in bar.segments)
    assert [piece.start for piece in bar.segments[:1]] == [0] * bool(kinds)
    assert all(left.start + left.width == right.start for left, right in pairwise(bar.segments))
    end = bar.segments[-1].start + bar.segments[-1].width if kinds else Decimal(0)
    assert end <= 100
    assert abs(end - after / scale * 100) <= EDGE


@settings(max_examples=200, deadline=None, derandomize=True)
@given(exposures(), amounts)
def test_the_excess_stands_between_the_mark_and_the_end(exposure: Exposure, granted: Decimal) -> None:
    bar = draw_bar(exposure, resolved(str(granted)), "ru")
    if bar is None:
        return
    assert bar.limit_at is not None
    assert 0 <= bar.limit_at <= 100
    assert (bar.over is not None) == (exposure.after.amount > granted)
    if bar.over is not None:
        assert bar.over[0] == bar.limit_at
        assert sum(bar.over) == 100
