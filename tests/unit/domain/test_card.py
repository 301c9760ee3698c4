"""A card typed over by a person never loosens a decision."""

from __future__ import annotations

from datetime import date

import pytest

from b24app.domain.card import CardTerms
from b24app.domain.card import FieldChange
from b24app.domain.card import review_card
from b24app.domain.limits import Granted
from tests.builders import rub

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
