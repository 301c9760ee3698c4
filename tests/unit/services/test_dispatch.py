"""The lanes of all portals: who gets them, who wakes them, how they end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from b24app.services.dispatch import Dispatch
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import Rig
from tests.unit.services.waiting import eventually


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.portal.now = made.clock.now()
    return made


@pytest.fixture
def dispatch(rig: Rig) -> Iterator[Dispatch]:
    made = Dispatch(book=rig.book, desk=rig.desk, watch=rig.watch, delivery=rig.delivery)
    yield made
    made.stop()


def alive() -> set[str]:
    """Names of the lanes that run."""
    return {each.name for each in threading.enumerate() if each.name.endswith((":m1", ":m2"))}


def install(rig: Rig, member_id: str = MEMBER, *, installed: bool = True) -> None:
    with rig.book.write() as unit:
        unit.portals.save(replace(rig.record(), member_id=member_id, installed=installed))


def test_installed_portals_get_two_lanes_and_work_off_what_waits(rig: Rig, dispatch: Dispatch) -> None:
    install(rig, "m2", installed=False)
    rig.deal()
    rig.wake()
    dispatch.start()
    assert alive() == {"decide:m1", "deliver:m1"}
    assert eventually(lambda: rig.stage() == ALLOWED)


def test_a_portal_installed_later_starts_when_it_is_woken(rig: Rig, dispatch: Dispatch) -> None:
    install(rig, installed=False)
    dispatch.start()
    assert alive() == set()
    install(rig)
    rig.deal()
    rig.wake()
    dispatch.wake([MEMBER])
    assert eventually(lambda: rig.stage() == ALLOWED)


def test_a_portal_never_has_two_pairs_of_lanes(rig: Rig, dispatch: Dispatch) -> None:
    dispatch.start()
    wakers = [threading.Thread(target=dispatch.wake, args=[[MEMBER, MEMBER]]) for _ in range(8)]
    for waker in wakers:
        waker.start()
    for waker in wakers:
        waker.join()
    names = [each.name for each in threading.enumerate() if each.name.endswith(":m1")]
    assert sorted(names) == ["decide:m1", "deliver:m1"]
    assert rig.portal.requests == []


def test_before_the_start_and_after_the_end_nobody_is_woken(rig: Rig, dispatch: Dispatch) -> None:
    rig.deal()
    rig.wake()
    dispatch.wake([MEMBER])
    assert alive() == set()
    dispatch.start()
    assert eventually(lambda: rig.stage() == ALLOWED)
    dispatch.stop()
    assert alive() == set()
    dispatch.wake([MEMBER])
    assert alive() == set()
