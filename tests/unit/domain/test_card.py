"""A card typed over by a person never loosens a decision."""

from __future__ import annotations

from datetime import date

import pytest

from b24app.domain.card import CardTerms
from b24app.domain.card import FieldChange
from b24app.domain.card import review_card
from b24app.domain.card import stricter_of_card
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import LimitSource
from b24app.domain.limits import ResolvedLimit
from b24app.domain.limits import Unlimited
from tests.builders import rub
from tests.builders import usd

OLD = CardTerms(Granted(rub(100)), terms_days=14)
NEW = CardTerms(Granted(rub(200)), terms_days=14)
TYPED = CardTerms(Granted(rub(900)), limit_until=date(2027, 1, 1), terms_days=14)
EMPTY = CardTerms()


@pytest.mark.parametrize(
    ("found", "accepted", "mirrored"),
    [
        pytest.param(EMPTY, None, None, id="never-written"),
        pytest.param(EMPTY, NEW, None, id="accepted-but-not-yet-written"),
        pytest.param(OLD, NEW, OLD, id="newer-terms-on-their-way"),
        pytest.param(NEW, NEW, OLD, id="written-but-not-yet-noted"),
        pytest.param(NEW, NEW, NEW, id="settled"),
    ],
)
def test_a_card_nobody_typed_over_is_left_alone(
    found: CardTerms, accepted: CardTerms | None, mirrored: CardTerms | None
) -> None:
    review = review_card(found, accepted=accepted, mirrored=mirrored)
    assert (review.tampered, review.put_back) == ((), None)


def test_terms_accepted_before_accounting_moved_the_limit_are_not_an_attempt() -> None:
    assert not review_card(OLD, accepted=NEW, mirrored=None, known=OLD).tampered


def test_typed_fields_are_named_and_the_accepted_terms_put_back() -> None:
    review = review_card(TYPED, accepted=OLD, mirrored=OLD)
    assert review.put_back == OLD
    assert review.tampered == (
        FieldChange("limit", Granted(rub(100)), Granted(rub(900))),
        FieldChange("limit_until", None, date(2027, 1, 1)),
    )


def test_without_accepted_terms_nothing_is_written_over_what_was_typed() -> None:
    review = review_card(TYPED, accepted=None, mirrored=None)
    assert review.put_back is None
    assert [change.field for change in review.tampered] == ["limit", "limit_until", "terms_days"]


@pytest.mark.parametrize(
    ("typed", "own", "counts"),
    [
        pytest.param(Granted(rub(50)), Granted(rub(100)), Granted(rub(50)), id="lower"),
        pytest.param(Granted(rub(900)), Granted(rub(100)), Granted(rub(100)), id="higher"),
        pytest.param(Unlimited(), Granted(rub(100)), Granted(rub(100)), id="unlimited"),
        pytest.param(NOT_SET, Granted(rub(100)), Granted(rub(100)), id="emptied"),
        pytest.param(Granted(usd(1)), Granted(rub(100)), Granted(rub(100)), id="other-currency"),
        pytest.param(
            Granted(rub(900)), Unlimited(), Granted(rub(900)), id="an-amount-for-an-unlimited-client"
        ),
        pytest.param(Granted(usd(1)), Unlimited(), Unlimited(), id="dollars-for-an-unlimited-client"),
        pytest.param(NOT_SET, Unlimited(), Unlimited(), id="unlimited-emptied"),
    ],
)
def test_only_a_stricter_typed_limit_counts(
    typed: CreditLimit, own: Granted | Unlimited, counts: Granted | Unlimited
) -> None:
    assert stricter_of_card(typed, own, currency="RUB") == counts


def test_the_limit_of_an_untouched_card_is_the_authoritative_one() -> None:
    own = ResolvedLimit(Granted(rub(200)), LimitSource.CATEGORY)
    untouched = review_card(OLD, accepted=NEW, mirrored=OLD)
    assert untouched.limit_for_decision(own, currency="RUB") is own


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param(10, ResolvedLimit(Granted(rub(10)), LimitSource.CUSTOMER), id="stricter"),
        pytest.param(900, ResolvedLimit(Granted(rub(200)), LimitSource.CATEGORY), id="looser"),
    ],
)
def test_the_limit_of_a_touched_card_is_the_stricter_one(typed: int, expected: ResolvedLimit) -> None:
    review = review_card(CardTerms(Granted(rub(typed))), accepted=NEW, mirrored=NEW)
    own = ResolvedLimit(Granted(rub(200)), LimitSource.CATEGORY)
    assert review.limit_for_decision(own, currency="RUB") == expected
