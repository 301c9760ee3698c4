"""The whole app in its own process between the offline portal and the offline 1C, over real HTTP."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import requests

from b24app.clock import SystemClock
from b24app.sandbox.seed import build_world
from b24app.sandbox.seed import with_check_digits
from b24app.sandbox.stand import ALLOWED
from b24app.sandbox.stand import APPROVAL
from b24app.sandbox.stand import CHECK
from b24app.sandbox.stand import Pace
from b24app.sandbox.stand import Stand
from b24app.sandbox.story import DECISION_FIELD
from b24app.sandbox.story import STORY
from b24app.sandbox.story import Teller
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedContract
from b24app.sandbox.world import SeedDeal
from tests.story.killing import FAST
from tests.story.killing import EndState
from tests.story.killing import Side
from tests.story.killing import calm_down
from tests.story.killing import owes_nothing
from tests.story.killing import play
from tests.story.killing import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from b24app.sandbox.world import World

CROWD = "crowd"
LIMIT = Decimal(1_000_000)
PARALLEL = 50
MANY = 200
LONG = 180.0
# Counting requests: nothing is given up and asked again because a machine is slow, nothing comes in between.
CARDS_READ = {"crm.item.list", "crm.requisite.list"}
"""What the watch on payments asks of its own: the cards of whoever has something at stake."""

PATIENT = Pace(rate=1000.0, burst=5000, sweep=300, snapshot=600, shipments=600, payments=60)
AT_ONCE = replace(PATIENT, senders=32)


def world_with(client: str, number: int, amount: int) -> World:
    """Add deals of one client to the seed; a client "crowd" without debts is added too."""
    seed = build_world(SystemClock().now().date())
    manager = seed.deals[0].manager
    newcomer = SeedClient(
        key=CROWD,
        name="ООО «Толпа»",
        full_name="Общество с ограниченной ответственностью «Толпа»",
        inn=with_check_digits("770987650"),
        kpp="770901001",
        kind="test",
        manager=manager,
        contracts=(SeedContract("Д-толпа", LIMIT, 30),),
    )
    extra = [
        SeedDeal(f"{client}:{n}", f"Партия {n}", client, Decimal(amount), manager, "NEW")
        for n in range(number)
    ]
    return replace(seed, clients=(*seed.clients, newcomer), deals=(*seed.deals, *extra))


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """One running stand for the tests of this file; each uses deals of its own."""
    seed = world_with(CROWD, PARALLEL, 90_000)
    with Stand(tmp_path_factory.mktemp("stand"), pace=replace(FAST, sweep=300), seed=seed) as running:
        running.start_app()
        running.install()
        running.portal.settle()
        calm_down(running)
        yield running


@pytest.mark.parametrize("key", [chapter.key for chapter in STORY])
def test_every_chapter_of_the_story_ends_right(stand: Stand, key: str) -> None:
    chapter = next(chapter for chapter in STORY if chapter.key == key)
    assert Teller(stand, patience=LONG).play(chapter).wrong == ()


def test_fifty_parallel_deals_of_one_client_never_over_commit(stand: Stand) -> None:
    teller = Teller(stand, patience=LONG)
    ids = [stand.portal.deal_ids[f"{CROWD}:{n}"] for n in range(PARALLEL)]
    for deal_id in ids:
        teller.drag(deal_id, CHECK)
    assert teller.wait(lambda: all(stage_of(stand, d) in {ALLOWED, APPROVAL} for d in ids))
    assert sum(stage_of(stand, d) == ALLOWED for d in ids) == LIMIT // 90_000


def test_a_hung_1c_does_not_delay_a_put_back(tmp_path: Path) -> None:
    with Stand(tmp_path, pace=replace(PATIENT, deadline=60.0)) as running:
        prepare(running)
        teller = Teller(running, patience=LONG)
        held, asked = running.portal.deal_ids["drag"], running.portal.deal_ids["allow"]
        teller.drag(held, CHECK)
        assert teller.wait(lambda: stage_of(running, held) == APPROVAL)
        assert teller.wait(lambda: owes_nothing(running))
        running.onec.switches.hang = 60.0
        running.onec.log.reset()
        teller.drag(asked, CHECK)
        assert teller.wait(lambda: running.onec.log.count() > 0)
        teller.drag(held, ALLOWED)
        assert teller.wait(lambda: stage_of(running, held) == APPROVAL)
        assert not running.portal.deal(asked).get(DECISION_FIELD), "1C must still be hanging"
        running.onec.switches.restore()


def test_the_app_says_that_it_is_ready(stand: Stand) -> None:
    answer = requests.get(f"{stand.app_url}/readyz", timeout=5)
    assert answer.status_code == 200
    assert set(answer.json().values()) == {True}


def test_a_second_installation_writes_nothing(stand: Stand) -> None:
    stand.portal.reset_counts()
    stand.install()
    written = [name for entry in stand.portal.requests for name in entry.commands or (entry.method,)]
    assert not [name for name in written if name.rsplit(".", 1)[-1] in {"add", "update", "bind", "unbind"}]


class TestBudgets:
    """Requests to the portal, counted by the portal."""

    def test_one_check_is_one_read_and_one_write(self, tmp_path: Path) -> None:
        with Stand(tmp_path, pace=PATIENT) as running:
            prepare(running)
            running.portal.core.switches.drop.update({"ONCRMDEALUPDATE", "ONCRMDEALADD"})
            running.portal.place_robot(CHECK, "cc_check")
            running.portal.reset_counts()
            teller = Teller(running, patience=LONG)
            for key, stage in (("allow", ALLOWED), ("both", APPROVAL)):
                deal_id = running.portal.deal_ids[key]
                running.portal.reset_counts()
                teller.drag(deal_id, CHECK)
                assert teller.wait(lambda d=deal_id, s=stage: stage_of(running, d) == s)  # type: ignore[misc]
                assert teller.wait(lambda: owes_nothing(running))
                found = [
                    len(entry.commands)
                    for entry in running.portal.requests
                    if set(entry.commands) != CARDS_READ
                ]
                assert found == [5, 3 if stage == ALLOWED else 6]

    def test_200_deals_at_once_stay_within_20_requests(self, tmp_path: Path) -> None:
        seed = world_with(CROWD, MANY // 2, 1_000)
        late = world_with("overdue", MANY // 2, 1_000)
        seed = replace(seed, deals=(*seed.deals, *late.deals[-MANY // 2 :]))
        with Stand(tmp_path, pace=AT_ONCE, seed=seed) as running:
            prepare(running)
            running.portal.reset_counts()
            ids = [
                running.portal.deal_ids[f"{client}:{n}"]
                for n in range(MANY // 2)
                for client in (CROWD, "overdue")
            ]
            teller = Teller(running, patience=LONG)
            with running.portal.core.outbox.held_back():
                for deal_id in ids:
                    teller.drag(deal_id, CHECK)
            assert teller.wait(lambda: all(stage_of(running, d) in {ALLOWED, APPROVAL} for d in ids))
            assert teller.wait(lambda: owes_nothing(running))
            stages = Counter(stage_of(running, d) for d in ids)
            assert stages == {ALLOWED: MANY // 2, APPROVAL: MANY // 2}
            assert running.portal.count() <= 20


def test_observe_mode_writes_nothing_but_fields(tmp_path: Path) -> None:
    with Stand(tmp_path, pace=replace(FAST, mode="observe")) as running:
        running.start_app()
        running.install()
        running.portal.settle()
        calm_down(running)
        running.portal.reset_counts()
        teller = Teller(running, patience=LONG)
        ids = [running.portal.deal_ids[key] for key in ("allow", "limit", "overdue")]
        for deal_id in ids:
            teller.drag(deal_id, CHECK)
        assert teller.wait(lambda: all(running.portal.deal(d).get(DECISION_FIELD) for d in ids))
        calm_down(running)
        methods = {name for entry in running.portal.requests for name in entry.commands or (entry.method,)}
        assert {name for name in methods if name.endswith((".add", ".update", ".send"))} == {
            "crm.item.update"
        }
        assert {stage_of(running, d) for d in ids} == {CHECK}
        assert not running.portal.tasks()
        assert not running.portal.notifications()


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> EndState:
    """How the story ends when nobody is killed."""
    state, _ = play(tmp_path_factory.mktemp("calm"), seed=build_world(SystemClock().now().date()))
    return state


@pytest.mark.parametrize(
    ("at", "side"),
    [(2, Side.AFTER_PORTAL), (5, Side.BEFORE_PORTAL), (3, Side.ONEC)],
    ids=["after-2", "before-5", "1c-3"],
)
def test_a_kill_changes_nothing_in_the_end(tmp_path: Path, calm: EndState, at: int, side: Side) -> None:
    seed = build_world(SystemClock().now().date())
    state, killer = play(tmp_path, seed=seed, at=at, side=side)
    assert killer.kills == 1
    assert state == calm


def stage_of(stand: Stand, deal_id: int) -> str:
    return str(stand.portal.deal(deal_id)["stageId"])
