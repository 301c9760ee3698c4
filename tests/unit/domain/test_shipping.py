"""Which permission a shipment document stands on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24app.domain.money import Money
from b24app.domain.shipping import Permission
from b24app.domain.shipping import permission_for
from tests.builders import rub
from tests.builders import usd


def permission(left: str | Money, deal_id: int = 1, contract: str | None = "A") -> Permission:
    return Permission(deal_id, deal_id * 10, contract, left if isinstance(left, Money) else rub(left))


@pytest.mark.parametrize(
    ("amount", "contract", "permissions", "expected"),
    [
        pytest.param("100", "A", [permission("100")], 1, id="exactly"),
        pytest.param("101.00", "A", [permission("100")], 1, id="rounding of lines"),
        pytest.param("101.01", "A", [permission("100")], None, id="more than rounding"),
        pytest.param("60", "A", [permission("100")], 1, id="a part of it"),
        pytest.param("60", "A", [], None, id="nothing permitted"),
        pytest.param("60", "B", [permission("100")], None, id="another contract"),
        pytest.param("60", None, [permission("100")], 1, id="a document without a contract"),
        pytest.param("60", "A", [permission("100", contract=None)], 1, id="a permission without a contract"),
        pytest.param("60", "A", [permission(usd(100))], None, id="another currency"),
        pytest.param("60", "A", [permission("100", 1), permission("70", 2)], 2, id="the smallest that fits"),
        pytest.param(
            "60", "A", [permission("70", 1, None), permission("100", 2)], 2, id="its own contract first"
        ),
    ],
)
def test_the_permission_of_a_document(
    amount: str, contract: str | None, permissions: list[Permission], expected: int | None
) -> None:
    found = permission_for(rub(amount), contract, permissions)
    assert (found.deal_id if found is not None else None) == expected


@given(st.integers(1, 10_000), st.lists(st.integers(-100, 10_000), max_size=5))
def test_a_permission_always_covers_what_stands_on_it(amount: int, lefts: list[int]) -> None:
    rows = [permission(rub(left), deal_id) for deal_id, left in enumerate(lefts, start=1)]
    found = permission_for(rub(amount), "A", rows)
    assert (found is None) == all(amount > left + 1 for left in lefts)
