"""Payment terms and settlement discounts of an order beside the client's own (D2, D3, F8 AC2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from b24app.domain.assess import assess
from b24app.domain.client import Category
from b24app.domain.client import ClientFacts
from b24app.domain.policy import Discount
from b24app.domain.policy import PaymentTerm
from b24app.domain.policy import Policy
from tests.builders import case
from tests.builders import codes
from tests.builders import entry
from tests.builders import policy

TERMS = (
    PaymentTerm("prepay", days=0, rank=10),
    PaymentTerm("n30", days=30, rank=20),
    PaymentTerm("eom", rank=20),
    PaymentTerm("n45", days=45, rank=30),
    PaymentTerm("barter"),
)
DISCOUNTS = (Discount("none", rank=1), Discount("2pct", rank=2), Discount("also2", rank=2), Discount("odd"))
UNRANKED = PaymentTerm("n30", days=30)
RANK, NOT_RANKED, NONE = ["TERMS_RANK"], ["TERMS_UNRANKED"], list[str]()


def _terms(**changes: Any) -> Policy:
    values = {
        "payment_terms": TERMS,
        "discounts": DISCOUNTS,
        "default_terms": "n30",
        "default_discount": "2pct",
    }
    return policy(**(values | changes))


@pytest.mark.parametrize(
    ("asked", "changes", "expected"),
    [
        pytest.param("n45", {}, RANK, id="E25-D2-AC1-higher-rank"),
        pytest.param("n30", {}, NONE, id="E25-D2-AC2-his-own-term"),
        pytest.param("eom", {}, NONE, id="E25-D2-AC2-another-of-the-same-rank"),
        pytest.param("prepay", {}, NONE, id="E25-D2-AC2-lower-rank"),
        pytest.param("n30", {"payment_terms": (UNRANKED,)}, NOT_RANKED, id="E25-the-same-term-unranked"),
        pytest.param("barter", {}, NOT_RANKED, id="D2-an-unranked-term"),
        pytest.param("unheard-of", {}, NOT_RANKED, id="D2-a-term-the-policy-does-not-know"),
        pytest.param("n45", {"check_terms_rank": False}, NONE, id="D2-AC3-switched-off"),
        pytest.param("barter", {"check_terms_rank": False}, NONE, id="D2-AC3-unranked-switched-off"),
        pytest.param(None, {}, NONE, id="D2-an-order-on-the-contracts-terms"),
        pytest.param("n45", {"default_terms": None}, NONE, id="D2-nothing-to-compare-with"),
        pytest.param("n45", {"default_terms": "barter"}, NONE, id="D2-his-own-is-not-ranked"),
    ],
)
def test_the_rank_of_an_orders_term_is_compared_with_the_clients(
    asked: str | None, changes: dict[str, Any], expected: list[str]
) -> None:
    assert codes(case(terms=asked), _terms(**changes)) == expected


def test_a_reason_of_rank_shows_both_terms_and_ranks() -> None:
    """D2 AC1."""
    (reason,) = assess(case(terms="n45"), _terms()).reasons
    assert (reason.detail, reason.rank, reason.expected, reason.rank_allowed) == ("n45", 30, "n30", 20)


@pytest.mark.parametrize("asked", [term.code for term in TERMS], ids=lambda code: f"D2-AC4-{code}")
@pytest.mark.parametrize("own", [term.code for term in TERMS])
def test_only_the_order_of_ranks_matters(asked: str, own: str) -> None:
    tenfold = tuple(replace(term, rank=term.rank * 10 if term.rank else None) for term in TERMS)
    given = case(terms=asked, client=ClientFacts())
    first = codes(given, _terms(default_terms=own))
    assert codes(given, _terms(default_terms=own, payment_terms=tenfold)) == first


@pytest.mark.parametrize(
    ("asked", "changes", "expected"),
    [
        pytest.param("2pct", {"default_discount": "none"}, ["DISCOUNT_RANK"], id="D3-AC1-higher"),
        pytest.param("2pct", {}, NONE, id="D3-AC2-the-usual"),
        pytest.param("also2", {}, NONE, id="D3-AC2-the-same-rank"),
        pytest.param("none", {}, NONE, id="D3-AC2-lower"),
        pytest.param("odd", {}, ["DISCOUNT_RANK"], id="D3-unranked"),
        pytest.param("unheard-of", {}, ["DISCOUNT_RANK"], id="D3-not-known"),
        pytest.param("odd", {"default_discount": None}, ["DISCOUNT_RANK"], id="D3-unranked-beside-nothing"),
        pytest.param(
            "2pct", {"default_discount": "none", "check_discount_rank": False}, NONE, id="D3-AC3-switched-off"
        ),
        pytest.param("2pct", {"default_discount": None}, NONE, id="D3-nothing-to-compare-with"),
        pytest.param(None, {}, NONE, id="D3-no-discount"),
    ],
)
def test_a_settlement_discount_is_ranked_the_same_way(
    asked: str | None, changes: dict[str, Any], expected: list[str]
) -> None:
    assert codes(case(discount=asked), _terms(**changes)) == expected


LARGE = Category("large", terms_days=30)


@pytest.mark.parametrize(
    ("asked", "facts", "client", "expected"),
    [
        pytest.param(
            "n45", ClientFacts(category="large"), {}, ["TERMS"], id="F8-AC2-longer-than-the-category"
        ),
        pytest.param("n30", ClientFacts(category="large"), {}, NONE, id="F8-AC2-as-long-as-the-category"),
        pytest.param("eom", ClientFacts(category="large"), {}, NONE, id="F8-AC2-of-no-number-of-days"),
        pytest.param(
            "n45", ClientFacts(category="large", terms_days=45), {}, NONE, id="F8-AC1-his-own-days-override"
        ),
        pytest.param(
            "n30", ClientFacts(category="large", terms_days=10), {}, ["TERMS"], id="F8-AC1-fewer-as-well"
        ),
        pytest.param(
            "n45", ClientFacts(category="large"), {"terms_days": 45}, NONE, id="F8-AC1-days-of-the-policy"
        ),
        pytest.param(
            "n45", ClientFacts(category="large"), {"terms": "n45"}, NONE, id="F8-AC1-a-term-of-his-own"
        ),
        pytest.param("n45", ClientFacts(), {}, NONE, id="F8-AC2-nobody-limits-it"),
    ],
)
def test_terms_longer_than_allowed_hold(
    asked: str, facts: ClientFacts, client: dict[str, Any], expected: list[str]
) -> None:
    terms = _terms(categories=(LARGE,), check_terms_rank=False, clients=(entry(**client),))
    assert codes(case(terms=asked, client=facts), terms) == expected


def test_both_ways_of_being_too_long_are_told() -> None:
    """F8 AC2 and D2 are two reasons, each with its numbers."""
    terms = _terms(categories=(LARGE,))
    first, second = assess(case(terms="n45", client=ClientFacts(category="large")), terms).reasons
    assert (first.code.value, first.days, first.days_allowed) == ("TERMS", 45, 30)
    assert (second.code.value, second.rank_allowed) == ("TERMS_RANK", 20)


@pytest.mark.parametrize(
    ("facts", "category", "expected"),
    [
        pytest.param(ClientFacts(terms_days=45), None, NONE, id="D2-of-his-contracts-days"),
        pytest.param(ClientFacts(terms_days=0), None, RANK, id="D2-prepayment-by-contract"),
        pytest.param(ClientFacts(category="c"), Category("c", terms="n45"), NONE, id="D2-of-his-category"),
        pytest.param(ClientFacts(category="c"), Category("c"), RANK, id="D2-of-everybody"),
    ],
)
def test_a_clients_own_term_is_the_most_specific_one_known(
    facts: ClientFacts, category: Category | None, expected: list[str]
) -> None:
    given = case(terms="n45", client=replace(facts))
    terms = _terms(categories=(category,) if category else ())
    assert [code for code in codes(given, terms) if code != "TERMS"] == expected
