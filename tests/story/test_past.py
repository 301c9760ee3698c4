"""A shipment posted in 1C past the block: the whole app in its own process, over real HTTP."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from b24app.sandbox.onec.extension import PostingRefusedError
from b24app.sandbox.onec.objects import PERMITS
from b24app.sandbox.stand import ALLOWED
from b24app.sandbox.stand import APPROVAL
from b24app.sandbox.stand import CHECK
from b24app.sandbox.stand import Stand
from b24app.sandbox.story import Teller
from sync_1c.profiles.shipments import SHIPMENTS
from tests.story.killing import FAST
from tests.story.killing import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONG = 60.0
HEADING = "без разрешения кредитного контроля"


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """One running stand for the tests of this file; each uses deals of its own."""
    with Stand(tmp_path_factory.mktemp("stand"), pace=replace(FAST, shipments=1)) as running:
        prepare(running)
        _looked(running)
        yield running


def _looked(stand: Stand) -> None:
    """Wait until the shipments have been read once more from beginning to end."""
    before = stand.onec.log.count(SHIPMENTS)
    assert Teller(stand, patience=LONG).wait(lambda: stand.onec.log.count(SHIPMENTS) > before + 1)


def _reported(stand: Stand, number: str) -> list[int]:
    """Return who was told of a document."""
    return [
        int(note["user_id"])
        for note in stand.portal.notifications()
        if HEADING in note["message"] and number in note["message"]
    ]


def test_it_is_told_once_to_the_head_of_sales_and_the_cfo_also_after_a_kill(stand: Stand) -> None:
    teller, world = Teller(stand, patience=LONG), stand.world
    deal_id = stand.portal.deal_ids["overdue"]
    teller.drag(deal_id, CHECK)
    assert teller.wait(lambda: teller.stands(deal_id, APPROVAL))
    started = time.monotonic()
    made = stand.onec.post_sale("overdue", Decimal(50_000), 14)
    assert teller.wait(lambda: len(_reported(stand, made.number)) == 2)
    assert time.monotonic() - started < LONG
    assert set(_reported(stand, made.number)) == {world.cfo, world.sales_head}
    comments = [str(comment["COMMENT"]) for comment in stand.portal.comments(deal_id)]
    assert sum(made.number in text for text in comments) == 1
    stand.kill_app()
    stand.start_app()
    _looked(stand)
    assert len(_reported(stand, made.number)) == 2


def test_a_permitted_shipment_is_not_told(stand: Stand) -> None:
    teller = Teller(stand, patience=LONG)
    deal_id = stand.portal.deal_ids["allow"]
    teller.drag(deal_id, CHECK)
    assert teller.wait(lambda: teller.stands(deal_id, ALLOWED))
    made = stand.onec.post_sale("allow", Decimal(str(stand.portal.deal(deal_id)["opportunity"])), 14)
    _looked(stand)
    _looked(stand)
    assert _reported(stand, made.number) == []


def test_with_the_extension_1c_refuses_what_is_held_and_posts_what_is_allowed(tmp_path: Path) -> None:
    with Stand(tmp_path, pace=replace(FAST, shipments=1)) as stand:
        stand.onec.switches.extension = True
        prepare(stand)
        _looked(stand)
        teller = Teller(stand, patience=LONG)
        held, allowed = stand.portal.deal_ids["overdue"], stand.portal.deal_ids["allow"]
        teller.drag(held, CHECK)
        assert teller.wait(lambda: teller.stands(held, APPROVAL))
        assert teller.wait(lambda: _refuses(stand, "overdue"))
        teller.drag(allowed, CHECK)
        assert teller.wait(lambda: teller.stands(allowed, ALLOWED))
        amount = Decimal(str(stand.portal.deal(allowed)["opportunity"]))
        assert teller.wait(lambda: _permits(stand, str(allowed)))
        stand.onec.post_sale("allow", amount, 14)
        with pytest.raises(PostingRefusedError):
            stand.onec.post_sale("allow", amount, 14)


def _refuses(stand: Stand, key: str) -> bool:
    try:
        made = stand.onec.post_sale(key, Decimal(10), 14)
    except PostingRefusedError:
        return True
    stand.onec.unpost(made)
    return False


def _permits(stand: Stand, deal_id: str) -> bool:
    rows = stand.onec.documents(PERMITS)
    return any(str(row["Ключ"]).startswith(f"deal:{deal_id}@") and row["Включено"] for row in rows)
