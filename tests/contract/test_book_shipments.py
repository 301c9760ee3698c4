"""Shipment documents of accounting and the attempts they are, in the book."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING
from typing import Any

from b24app.ports.records import AttemptKind
from b24app.ports.records import AttemptRecord
from b24app.ports.records import ShipmentRecord
from b24app.ports.records import ShipmentState
from tests.contract.rows import HOUR
from tests.contract.rows import NOW
from tests.contract.rows import SECOND
from tests.contract.rows import A
from tests.contract.rows import B
from tests.contract.rows import rub

if TYPE_CHECKING:
    from b24app.ports.book import Book


def _shipment(ref: str, member: str = A, **changes: Any) -> ShipmentRecord:
    values: dict[str, Any] = {
        "member_id": member,
        "ref": ref,
        "version": "AAAB",
        "number": "ТД00-1",
        "dated": NOW,
        "inn": "7701",
        "contract": None,
        "amount": rub("1500.55"),
        "state": ShipmentState.PERMITTED,
        "noticed_at": NOW,
        "deal_id": 1,
        "author": "Кузнецова",
    }
    return ShipmentRecord(**(values | changes))


def test_a_shipment_is_kept_whole_and_replaced_by_its_reference(book: Book) -> None:
    first, other = _shipment("r1"), _shipment("r1", B, amount=rub("7"))
    changed = dataclasses.replace(first, state=ShipmentState.CLOSED, closed_at=NOW + SECOND, deal_id=None)
    with book.write() as unit:
        unit.shipments.save(first)
        unit.shipments.save(other)
        assert unit.shipments.many(A, ["r1", "r2"]) == {"r1": first}
        unit.shipments.save(changed)
        assert unit.shipments.many(A, ["r1"]) == {"r1": changed}
        assert unit.shipments.many(B, ["r1"]) == {"r1": other}
        unit.shipments.forget(A, "r1")
        assert unit.shipments.many(A, ["r1"]) == {}
        assert unit.shipments.many(B, ["r1"]) == {"r1": other}


def test_shipments_are_found_by_what_they_are_and_by_their_deal(book: Book) -> None:
    permitted, past = _shipment("r1"), _shipment("r2", state=ShipmentState.PAST, dated=NOW + SECOND)
    baseline = _shipment("r3", state=ShipmentState.BASELINE, deal_id=None)
    with book.write() as unit:
        for row in (past, permitted, baseline, _shipment("r4", B)):
            unit.shipments.save(row)
        assert unit.shipments.standing(A, since=NOW) == [permitted, past]
        assert unit.shipments.standing(A, since=NOW + SECOND) == [past]
        assert unit.shipments.of_deal(A, 1) == [permitted, past]
        assert unit.shipments.prune(A, NOW) == 0
        assert unit.shipments.prune(A, NOW + HOUR) == 1
        assert set(unit.shipments.many(A, ["r1", "r2", "r3"])) == {"r1", "r2"}


def test_an_attempt_is_closed_and_opened_again(book: Book) -> None:
    attempt = AttemptRecord(A, "onec:r1", AttemptKind.ONEC, 1, 4, None, "", "r1", NOW)
    with book.write() as unit:
        unit.attempts.add(attempt)
        unit.attempts.add(dataclasses.replace(attempt, member_id=B))
        unit.attempts.close(A, "onec:r1", at=NOW + SECOND)
        closed = dataclasses.replace(attempt, closed_at=NOW + SECOND)
        assert unit.attempts.recent(A, 1, since=NOW) == [closed]
        assert [row.closed_at for row in unit.attempts.recent(B, 1, since=NOW)] == [None]
        unit.attempts.close(A, "onec:r1", at=None)
        assert unit.attempts.recent(A, 1, since=NOW) == [attempt]
