"""The risk group of a score: ranges, their ends, their faults, and whose word wins (D7, D8)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from b24app.domain.client import ClientFacts
from b24app.domain.policy import Policy
from b24app.domain.profile import profile_of
from b24app.domain.scoring import RiskGroup
from b24app.domain.scoring import classify
from b24app.domain.scoring import gaps
from b24app.domain.scoring import overlaps
from b24app.domain.scoring import total_score
from tests.builders import INN
from tests.builders import entry
from tests.builders import policy


def _group(code: str, start: str | None, end: str | None) -> RiskGroup:
    return RiskGroup(
        code,
        start=None if start is None else Decimal(start),
        end=None if end is None else Decimal(end),
    )


LOW, MEDIUM, HIGH = _group("low", "0", "9.99"), _group("medium", "10", "24.99"), _group("high", "25", "99.99")
GROUPS = (LOW, MEDIUM, HIGH)
BY_HAND = RiskGroup("vip")


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        pytest.param(["12", "8", "3"], "medium", id="E27-23-is-medium"),
        pytest.param(["24.995"], "high", id="E27-24.995-rounds-to-25.00"),
        pytest.param(["24.994"], "medium", id="E27-24.994-rounds-to-24.99"),
        pytest.param(["12.4975", "12.4975"], "high", id="D8-the-total-is-rounded-not-its-parts"),
        pytest.param([], "low", id="D8-AC1-a-sum-of-nothing-is-a-score"),
        pytest.param(["0"], "low", id="D7-AC1-from-belongs-to-the-range"),
        pytest.param(["9.99"], "low", id="D7-AC1-and-so-does-to"),
        pytest.param(["10"], "medium", id="D7-AC1-the-next-from"),
        pytest.param(["99.995"], "unclear", id="D8-no-match-the-default-group"),
        pytest.param(["-1"], "unclear", id="D8-below-all-the-default-group"),
    ],
)
def test_a_score_finds_its_group(scores: list[str], expected: str) -> None:
    total = total_score(Decimal(each) for each in scores)
    for groups in (GROUPS, GROUPS[::-1]):
        assert classify(total, groups, "unclear") == expected


def test_until_a_score_is_counted_there_is_no_risk_group() -> None:
    """D8: empty until the periodic task has run, whatever the default."""
    assert classify(None, GROUPS, "unclear") is None
    assert classify(Decimal(1000), GROUPS) is None


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        pytest.param(GROUPS, [], id="D8-side-by-side"),
        pytest.param((LOW, _group("x", "9.99", "12")), [("low", "x")], id="D7-AC2-sharing-an-end"),
        pytest.param(
            (_group("all", "0", "100"), LOW, HIGH),
            [("low", "all"), ("all", "high")],
            id="D7-AC2-inside-another",
        ),
        pytest.param((_group("x", None, "10"), MEDIUM), [("x", "medium")], id="D7-AC2-open-below"),
        pytest.param((MEDIUM, _group("x", "24", None)), [("medium", "x")], id="D7-AC2-open-above"),
        pytest.param((LOW, BY_HAND), [], id="D8-a-group-given-by-hand"),
    ],
)
def test_overlapping_ranges_are_found(groups: tuple[RiskGroup, ...], expected: list[tuple[str, str]]) -> None:
    for given in (groups, groups[::-1]):
        assert [(lower.code, upper.code) for lower, upper in overlaps(given)] == expected


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        pytest.param(GROUPS, [], id="D8-none"),
        pytest.param((LOW, HIGH), [("low", "high")], id="D8-a-group-missing"),
        pytest.param((LOW, _group("x", "10.01", "20")), [("low", "x")], id="D8-a-hundredth-missing"),
        pytest.param((_group("all", "0", "100"), LOW, HIGH), [], id="D8-a-wide-one-covers-it"),
        pytest.param((LOW, BY_HAND, MEDIUM), [], id="D8-a-group-given-by-hand"),
    ],
)
def test_gaps_between_ranges_are_found(
    groups: tuple[RiskGroup, ...], expected: list[tuple[str, str]]
) -> None:
    for given in (groups, groups[::-1]):
        assert [(below.code, above.code) for below, above in gaps(given)] == expected


def test_where_ranges_overlap_the_riskier_group_counts() -> None:
    assert classify(Decimal("9.99"), (_group("x", "9.99", "12"), LOW)) == "x"


def test_a_range_may_be_written_backwards_and_is_told() -> None:
    assert [each.is_backwards for each in (LOW, _group("x", "2", "1"), BY_HAND)] == [False, True, False]
    assert [each.is_scored for each in (LOW, BY_HAND)] == [True, False]


def _policy(risk: str | None) -> Policy:
    return policy(risks=GROUPS, default_risk="unclear", clients=(entry(risk=risk),))


@pytest.mark.parametrize(
    ("said", "facts", "expected"),
    [
        pytest.param("high", ClientFacts(risk="low", score=Decimal(15)), "high", id="D8-AC3-by-the-policy"),
        pytest.param(None, ClientFacts(risk="low", score=Decimal(15)), "low", id="D8-AC3-by-the-card"),
        pytest.param(None, ClientFacts(score=Decimal(15)), "medium", id="D8-by-the-score"),
        pytest.param(None, ClientFacts(score=Decimal(500)), "unclear", id="D8-by-a-score-in-no-range"),
        pytest.param(None, ClientFacts(), None, id="D8-by-nothing"),
    ],
)
def test_a_risk_given_by_a_person_wins_over_the_score(
    said: str | None, facts: ClientFacts, expected: str | None
) -> None:
    assert profile_of(INN, facts, _policy(said)).risk == expected
