"""The limit of a day: base, temporary, guarantees and insurance (K4, D9, D10, D20, F11)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

import pytest

from b24app.domain.assess import assess
from b24app.domain.client import Category
from b24app.domain.client import ClientFacts
from b24app.domain.client import Cover
from b24app.domain.client import CoverKind
from b24app.domain.client import TemporaryLimit
from b24app.domain.decision import Outcome
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import Granted
from b24app.domain.limits import LimitSource
from b24app.domain.limits import Unlimited
from tests.builders import TODAY
from tests.builders import account
from tests.builders import block
from tests.builders import case
from tests.builders import codes
from tests.builders import entry
from tests.builders import not_due
from tests.builders import policy
from tests.builders import position
from tests.builders import rates
from tests.builders import rub
from tests.builders import ruled
from tests.builders import usd

if TYPE_CHECKING:
    from b24app.domain.client import ClientEntry
    from b24app.domain.limits import CreditLimit
    from b24app.domain.money import Money

DEC_1, DEC_31, JAN_1 = date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1)
LIMIT, NONE = ["LIMIT"], list[str]()


def _cover(amount: int | Money, percent: int, **changes: Any) -> Cover:
    values: dict[str, Any] = {"kind": CoverKind.INSURANCE, "starts": DEC_1, "ends": DEC_31}
    money = rub(amount) if isinstance(amount, int) else amount
    return Cover(**(values | {"amount": money, "percent": Decimal(percent)} | changes))


def _limit(client: ClientEntry, on: date = DEC_31, **words: Any) -> Money:
    decision = assess(case(on=on, **words), policy(clients=(client,)))
    assert decision.limit is not None
    assert isinstance(decision.limit.limit, Granted)
    return decision.limit.limit.amount


DECEMBER = TemporaryLimit(rub(1_500_000), DEC_1, DEC_31)
GUARANTEE = _cover(400_000, 50, kind=CoverKind.GUARANTEE)
TEN_DAYS = TemporaryLimit(rub(0), date(2026, 12, 1), date(2026, 12, 10))


@pytest.mark.parametrize(
    ("base", "client", "on", "expected"),
    [
        pytest.param(100_000, entry(covers=(_cover(50_000, 50),)), DEC_31, 125_000, id="P1-policy-by-half"),
        pytest.param(100, entry(covers=(_cover(50, 100),)), DEC_31, 150, id="P13-insured-part-added"),
        pytest.param(1_000_000, entry(temporary=(DECEMBER,)), DEC_1, 1_500_000, id="E16-first-day"),
        pytest.param(1_000_000, entry(temporary=(DECEMBER,)), DEC_31, 1_500_000, id="E16-last-day"),
        pytest.param(1_000_000, entry(temporary=(DECEMBER,)), JAN_1, 1_000_000, id="E16-the-day-after"),
        pytest.param(1_000_000, entry(temporary=(DECEMBER,)), TODAY, 1_000_000, id="E16-before"),
        pytest.param(
            1_000_000, entry(temporary=(DECEMBER,), covers=(GUARANTEE,)), DEC_31, 1_700_000, id="E17-both"
        ),
        pytest.param(
            1_000_000, entry(temporary=(DECEMBER,), covers=(GUARANTEE,)), JAN_1, 1_000_000, id="E17-neither"
        ),
        pytest.param(500_000, entry(temporary=(TEN_DAYS,)), date(2026, 12, 10), 0, id="E18-tenth-day"),
        pytest.param(500_000, entry(temporary=(TEN_DAYS,)), date(2026, 12, 11), 500_000, id="E18-eleventh"),
        pytest.param(
            None, entry(temporary=(TEN_DAYS,)), date(2026, 12, 10), 0, id="D20-replaces-no-limit-as-well"
        ),
        pytest.param(
            5,
            entry(temporary=(DECEMBER, TemporaryLimit(rub(7), DEC_1, DEC_31))),
            DEC_31,
            7,
            id="D22-of-overlapping-the-last-wins",
        ),
        pytest.param(
            100,
            entry(covers=(_cover(50, 100, starts=TODAY, ends=TODAY),)),
            DEC_31,
            100,
            id="D20-a-cover-ended",
        ),
        pytest.param(
            100, entry(covers=(_cover(50, 0),)), DEC_31, 100, id="D20-of-no-percent-nothing-is-added"
        ),
    ],
)
def test_the_total_limit_of_a_day(base: int | None, client: ClientEntry, on: date, expected: int) -> None:
    assert _limit(client, on, granted=base) == rub(expected)


@pytest.mark.parametrize(
    ("on", "expected"),
    [pytest.param(DEC_31, NONE, id="E16-allowed"), pytest.param(JAN_1, LIMIT, id="E16-held")],
)
def test_a_temporary_limit_replaces_the_base_and_is_not_added(on: date, expected: list[str]) -> None:
    terms = policy(clients=(entry(temporary=(DECEMBER,)),))
    owes = account(position(shipped=1_000_000))
    asked = case(owes, wants=200_000, on=on, granted=1_000_000)
    assert codes(asked, terms) == expected
    over = case(owes, wants="500000.01", on=on, granted=1_000_000)
    assert codes(over, terms) == LIMIT


def test_a_temporary_limit_says_until_when_and_that_it_is_the_clients() -> None:
    decision = assess(case(granted=NOT_SET, on=DEC_31), policy(clients=(entry(temporary=(DECEMBER,)),)))
    assert decision.limit is not None
    assert (decision.limit.temporary_until, decision.limit.source) == (DEC_31, LimitSource.CUSTOMER)


@pytest.mark.parametrize(
    ("wants", "expected"),
    [
        pytest.param(110, NONE, id="D20-in-exposure-by-its-full-value"),
        pytest.param("110.01", LIMIT, id="D20-in-exposure-no-more"),
    ],
)
def test_a_cover_included_in_exposure_lowers_it_and_its_percent_is_not_used(
    wants: str | int, expected: list[str]
) -> None:
    insured = _cover(50, 10, starts=TODAY, in_exposure=True)
    asked = case(account(position(not_due(40))), granted=100, wants=wants)
    terms = policy(clients=(entry(covers=(insured,)),))
    assert codes(asked, terms) == expected
    decision = assess(asked, terms)
    assert decision.limit is not None
    assert decision.exposure is not None
    assert (decision.limit.limit, decision.limit.cover) == (Granted(rub(100)), None)
    assert decision.exposure.insured == rub(50)


def test_two_covers_in_exposure_add_up_and_never_make_it_negative() -> None:
    covers = tuple(_cover(500, 10, starts=TODAY, in_exposure=True) for _ in range(2))
    decision = assess(case(granted=0, wants=1_000), policy(clients=(entry(covers=covers),)))
    assert decision.exposure is not None
    assert (decision.outcome, decision.exposure.after) == (Outcome.ALLOW, rub(0))


def test_no_limit_needs_no_cover() -> None:
    decision = assess(case(granted=None), policy(clients=(entry(covers=(_cover(50, 10, starts=TODAY),)),)))
    assert decision.limit is not None
    assert decision.limit.limit == Unlimited()


@pytest.mark.parametrize(
    ("amount", "known", "expected"),
    [
        pytest.param(usd(1), rates(USD=100), rub(150), id="D20-a-policy-in-dollars"),
        pytest.param(rub(50), None, rub(150), id="D20-in-the-currency-of-the-limit"),
    ],
)
def test_a_cover_comes_to_the_currency_of_the_limit(amount: Money, known: Any, expected: Money) -> None:
    covers = (_cover(amount, 100 if amount.currency == "RUB" else 50, starts=TODAY),)
    assert _limit(entry(covers=covers), TODAY, granted=100, rates=known) == expected


def test_a_temporary_limit_comes_to_the_currency_of_the_base() -> None:
    client = entry(temporary=(TemporaryLimit(usd(7), DEC_1, DEC_31),))
    assert _limit(client, granted=100, rates=rates(USD=100, on=DEC_31)) == rub(700)


def test_a_cover_in_a_currency_without_a_rate_fails_closed() -> None:
    terms = policy(clients=(entry(covers=(_cover(usd(1), 50, starts=TODAY),)),))
    assert assess(case(), terms).outcome is Outcome.TECHNICAL


@pytest.mark.parametrize(
    ("kind", "coverage", "percent"),
    [
        pytest.param(CoverKind.GUARANTEE, "export", 50, id="D10-a-coverage-type-on-a-guarantee"),
        pytest.param(CoverKind.INSURANCE, None, 101, id="D20-more-than-the-whole"),
        pytest.param(CoverKind.INSURANCE, None, -1, id="D20-less-than-nothing"),
    ],
)
def test_a_cover_that_cannot_be_is_refused(kind: CoverKind, coverage: str | None, percent: int) -> None:
    with pytest.raises(ValueError, match="cover"):
        _cover(1, percent, kind=kind, coverage=coverage)


def test_an_insurance_is_classified_and_a_guarantee_names_its_guarantor() -> None:
    """D9, D10."""
    insurance = _cover(1, 50, type="insurer", coverage="export")
    guarantee = _cover(1, 50, kind=CoverKind.GUARANTEE, type="parent")
    assert (insurance.type, insurance.coverage, guarantee.type) == ("insurer", "export", "parent")


NEW = Category("new", limit=Granted(rub(100_000)))
VIP = Category("vip", limit=Unlimited())


@pytest.mark.parametrize(
    ("own", "category", "wants", "expected", "source"),
    [
        pytest.param(NOT_SET, "new", 100_000, NONE, LimitSource.CATEGORY, id="F8-AC1-the-categorys"),
        pytest.param(NOT_SET, "new", 100_001, LIMIT, LimitSource.CATEGORY, id="F8-AC1-and-no-more"),
        pytest.param(Granted(rub(5)), "new", 6, LIMIT, LimitSource.CUSTOMER, id="F8-AC1-his-own-overrides"),
        pytest.param(Granted(rub(0)), "new", 1, LIMIT, LimitSource.CUSTOMER, id="F11-AC3-zero-is-prepayment"),
        pytest.param(Unlimited(), "new", 10**9, NONE, LimitSource.CUSTOMER, id="F11-AC3-unlimited"),
        pytest.param(NOT_SET, "vip", 10**9, NONE, LimitSource.CATEGORY, id="F11-AC3-unlimited-by-category"),
        pytest.param(NOT_SET, None, 1, LIMIT, LimitSource.COMPANY, id="F11-AC3-not-set-anywhere"),
        pytest.param(NOT_SET, "unheard-of", 1, LIMIT, LimitSource.COMPANY, id="F8-a-category-nobody-knows"),
    ],
)
def test_not_set_zero_and_unlimited_are_three_things(
    own: CreditLimit, category: str | None, wants: int, expected: list[str], source: LimitSource
) -> None:
    asked = case(granted=own, wants=wants, client=ClientFacts(category=category))
    terms = policy(categories=(NEW, VIP))
    assert codes(asked, terms) == expected
    decision = assess(asked, terms)
    assert decision.limit is not None
    assert decision.limit.source is source


def test_a_limit_carries_its_last_day() -> None:
    """F11 AC1, the part a decision shows."""
    decision = assess(case(client=ClientFacts(limit_until=DEC_31)), policy())
    assert decision.limit is not None
    assert decision.limit.expires == DEC_31


@pytest.mark.parametrize(
    ("wants", "expected"),
    [
        pytest.param(200, NONE, id="P24-as-much-as-is-available"),
        pytest.param(300, LIMIT, id="P24-purchase-300-of-available-200"),
    ],
)
def test_available_credit_is_what_is_left_of_the_limit(wants: int, expected: list[str]) -> None:
    assert codes(case(account(position(not_due(800))), granted=1_000, wants=wants), policy()) == expected


@pytest.mark.parametrize(
    ("wants", "expected"),
    [pytest.param(350_000, NONE, id="P26-inherited"), pytest.param(350_001, LIMIT, id="P26-and-no-more")],
)
def test_the_limit_of_the_clients_kind_applies_to_who_has_none(wants: int, expected: list[str]) -> None:
    kind = Category("retail", limit=Granted(rub(350_000)))
    asked = case(granted=NOT_SET, wants=wants, client=ClientFacts(category="retail"))
    assert codes(asked, policy(categories=(kind,))) == expected


@pytest.mark.parametrize(
    ("wants", "tolerance", "inclusive", "expected"),
    [
        pytest.param("105.00", 5, False, NONE, id="N12-within-five-percent"),
        pytest.param("105.01", 5, False, LIMIT, id="N12-beyond"),
        pytest.param("105.00", 5, True, LIMIT, id="N12-inclusive-at-it"),
        pytest.param("104.99", 5, True, NONE, id="N12-inclusive-below"),
        pytest.param("100.57", "0.575", False, NONE, id="K9-below-100.575"),
        pytest.param("100.58", "0.575", False, LIMIT, id="K9-above-100.575"),
        pytest.param("100.58", "0.575", True, LIMIT, id="K9-inclusive-above"),
        pytest.param("100.57", "0.575", True, NONE, id="K9-inclusive-below"),
    ],
)
def test_an_order_may_exceed_the_limit_by_some_percent(
    wants: str, tolerance: int | str, expected: list[str], *, inclusive: bool
) -> None:
    terms = policy(order_tolerance=Decimal(tolerance), limit_inclusive=inclusive)
    assert codes(case(granted=100, wants=wants), terms) == expected


@pytest.mark.parametrize(
    ("wants", "warns"),
    [
        pytest.param(80, False, id="A8-at-80-percent"),
        pytest.param("80.01", True, id="A8-above-80-percent"),
        pytest.param(101, False, id="A8-a-hold-says-it-already"),
    ],
)
def test_use_near_the_limit_warns_and_holds_nothing(wants: str | int, *, warns: bool) -> None:
    decision = assess(case(granted=100, wants=wants), policy(warn_percent=Decimal(80)))
    assert [each.code.value for each in decision.warnings] == (["LIMIT_USED_PCT"] if warns else [])
    assert decision.outcome is not Outcome.ALLOW_NOTIFY


@pytest.mark.parametrize(
    ("own", "category", "company", "wants", "expected"),
    [
        pytest.param(5, 7, 9, 6, ["ORDER_AMOUNT"], id="A23-his-own"),
        pytest.param(None, 7, 9, 7, NONE, id="A23-his-categorys-at-it"),
        pytest.param(None, 7, 9, 8, ["ORDER_AMOUNT"], id="A23-his-categorys"),
        pytest.param(None, None, 9, 10, ["ORDER_AMOUNT"], id="A23-the-companys"),
        pytest.param(None, None, None, 10**6, NONE, id="A23-none"),
    ],
)
def test_a_single_order_has_a_limit_of_its_own(
    own: int | None, category: int | None, company: int | None, wants: int, expected: list[str]
) -> None:
    def money(amount: int | None) -> Money | None:
        return None if amount is None else rub(amount)

    terms = policy(
        order_limit=money(company),
        categories=(Category("new", order_limit=money(category)),),
        clients=(entry(order_limit=money(own)),),
    )
    assert codes(case(wants=wants, client=ClientFacts(category="new")), terms) == expected


def test_a_limit_used_by_a_cover_counts_the_whole_limit() -> None:
    """D12, D20: a percentage is of the total limit."""
    terms = ruled(
        block("limit_used", percent=Decimal(50)), clients=(entry(covers=(_cover(100, 100, starts=TODAY),)),)
    )
    assert codes(case(granted=100, wants=100), terms) == NONE
    assert codes(case(granted=100, wants="100.01"), terms) == ["LIMIT_USED_PCT"]
