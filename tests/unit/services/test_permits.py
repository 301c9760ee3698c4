"""Permissions carried over to accounting: what stands there follows the decisions, whatever fails."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

import pytest

from b24app.ports.errors import NotReached
from b24app.ports.errors import Rejected
from b24app.ports.errors import TransportFailure
from b24app.ports.permits import Permit
from b24app.ports.permits import PermitKind
from b24app.ports.records import Mode
from b24app.services.permits import PermitKeeper
from tests.builders import INN
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.fakes_permits import FakePermits
from tests.unit.services.rig import EARLY
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client

DEAL = f"deal:1@{MEMBER}"
CLIENT = f"client:{INN}"


@dataclass
class Scene:
    """A portal and the register its permissions go to."""

    rig: Rig = field(default_factory=Rig)
    register: FakePermits = field(default_factory=FakePermits)

    def carry(self) -> int:
        """Carry over with a keeper made anew, as after a restart."""
        return PermitKeeper(self.rig.office, lambda _: self.register).run(MEMBER)

    def allow(self, amount: int = 100_000) -> None:
        self.rig.deal(amount=amount)
        self.rig.check()
        assert self.rig.reserve() is not None

    def hold(self) -> None:
        self.rig.ledger.put(client(position(not_due(950_000))))
        self.rig.deal()
        self.rig.check()
        assert self.rig.hold() is not None

    def active(self) -> set[str]:
        return {key for key, row in self.register.rows.items() if row.active}


def test_an_allowed_deal_is_permitted_there_with_its_sum_and_its_end() -> None:
    scene = Scene()
    scene.allow()
    assert scene.carry() == 3
    reserve = scene.rig.reserve()
    assert reserve is not None
    assert scene.register.rows[DEAL] == Permit(
        DEAL,
        PermitKind.DEAL,
        active=True,
        inn=INN,
        contract=reserve.contract,
        amount=rub(100_000),
        until=reserve.expires_at.replace(microsecond=0),
        note=f"Сделка 1, проверка {reserve.check_id}",
    )
    assert scene.active() == {"mode", CLIENT, DEAL}


def test_a_held_client_is_under_control_and_has_no_permission() -> None:
    scene = Scene()
    scene.hold()
    scene.carry()
    assert scene.active() == {"mode", CLIENT}


def test_what_does_not_change_is_not_written_again() -> None:
    scene = Scene()
    scene.allow()
    scene.carry()
    before = len(scene.register.writes)
    assert scene.carry() == 0
    assert len(scene.register.writes) == before


@pytest.mark.parametrize("how", ["left", "expired"])
def test_a_permission_that_ended_is_taken_back_before_others_are_given(how: str) -> None:
    scene = Scene()
    scene.allow()
    scene.carry()
    scene.register.writes.clear()
    if how == "left":
        scene.rig.drag(1, EARLY)
        scene.rig.check()
    else:
        scene.rig.clock.advance(days=9)
    scene.rig.deal(2, amount=50_000)
    scene.rig.check(2)
    scene.carry()
    assert [(row.key.partition("@")[0], row.active) for row in scene.register.writes] == [
        ("deal:1", False),
        ("deal:2", True),
    ]
    assert CLIENT in scene.active()


def test_while_observing_nothing_is_refused_there() -> None:
    scene = Scene(Rig(mode=Mode.OBSERVE, enforce_since=None))
    scene.allow()
    scene.carry()
    assert not scene.register.rows["mode"].active


def test_without_the_extension_nothing_is_written() -> None:
    scene = Scene()
    scene.register.published = False
    scene.allow()
    assert scene.carry() == 0
    assert not scene.register.rows


def test_a_lost_answer_is_looked_up_and_not_before_the_write_could_have_ended() -> None:
    scene = Scene()
    scene.allow()
    scene.register.losing = [TransportFailure("lost")]
    assert scene.carry() == 0
    written = scene.register.writes[0].key
    scene.rig.clock.advance(minutes=4)
    scene.carry()
    assert [row.key for row in scene.register.writes].count(written) == 1
    assert len(scene.register.writes) == 3
    scene.rig.clock.advance(minutes=2)
    assert scene.carry() == 1
    assert len(scene.register.writes) == 3


def test_a_write_with_an_unknown_fate_is_not_overtaken() -> None:
    scene = Scene()
    scene.allow()
    scene.carry()
    scene.rig.drag(1, EARLY)
    scene.rig.check()
    scene.register.failing = [TransportFailure("unknown")]
    scene.carry()
    scene.carry()
    assert scene.register.rows[DEAL].active
    scene.rig.clock.advance(minutes=6)
    assert scene.carry() == 1
    assert not scene.register.rows[DEAL].active


@pytest.mark.parametrize(
    ("failure", "minutes"), [(NotReached("off"), 1), (Rejected("-1", "refused by 1C"), 6)]
)
def test_what_was_certainly_not_written_is_repeated(failure: NotReached | Rejected, minutes: int) -> None:
    scene = Scene()
    scene.allow()
    scene.register.failing = [failure]
    assert scene.carry() == 0
    scene.rig.clock.advance(minutes=minutes)
    assert scene.carry() == 3
    assert scene.active() == {"mode", CLIENT, DEAL}


def test_a_silent_accounting_and_a_portal_that_is_gone_are_left_alone() -> None:
    scene = Scene()
    assert PermitKeeper(scene.rig.office, lambda _: scene.register).run("nobody") == 0
    scene.register.silent = TransportFailure("1C is silent")
    assert scene.carry() == 0
