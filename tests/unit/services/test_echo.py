"""Echoes of our own writes: put off to be read together, never lost, never anything but a change event."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from b24app.ports.records import Lane
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.ports.records import StoredMessage
from b24app.services import echo
from b24app.services.delivery import Delivery
from b24app.services.desk import CreditDesk
from b24app.services.echo import Echoes
from b24app.services.guard import Watch
from tests.builders import rub
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import START
from tests.unit.services.rig import Rig


def stored(kind: MessageKind = MessageKind.DEAL, deal_id: int = 1) -> StoredMessage:
    return StoredMessage(7, Message(MEMBER, kind, deal_id, START), Lane.AUTO, 0)


@pytest.mark.parametrize(
    ("kind", "deal_id", "member_id", "after", "early"),
    [
        pytest.param(MessageKind.DEAL, 1, MEMBER, 1.0, True, id="our own write comes back"),
        pytest.param(MessageKind.DEAL, 1, MEMBER, 1.5, False, id="too long ago to be ours"),
        pytest.param(MessageKind.DEAL, 2, MEMBER, 1.0, False, id="another deal"),
        pytest.param(MessageKind.DEAL, 1, "m2", 1.0, False, id="another portal"),
        pytest.param(MessageKind.BUTTON, 1, MEMBER, 1.0, False, id="a person never waits"),
        pytest.param(MessageKind.ROBOT, 1, MEMBER, 1.0, False, id="a robot never waits"),
    ],
)
def test_what_is_likely_an_echo(
    kind: MessageKind, deal_id: int, member_id: str, after: float, early: bool
) -> None:
    echoes = Echoes()
    echoes.wrote(MEMBER, [1], START)
    row = stored(kind, deal_id)
    found = echoes.early(member_id, [row], START + timedelta(seconds=after))
    assert found == ([row] if early else [])


def test_old_writes_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(echo, "KEPT", 3)
    echoes = Echoes()
    echoes.wrote(MEMBER, range(10, 20), START)
    later = START + timedelta(seconds=2)
    echoes.wrote(MEMBER, [1], later)
    assert len(echoes._wrote) == 1
    assert echoes.early(MEMBER, [stored()], later) == [stored()]


class Hearing(Rig):
    """A rig that remembers its own writes, as production does."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.office = replace(self.office, echoes=Echoes())
        self.desk, self.watch = CreditDesk(self.office), Watch(self.office)
        self.delivery = Delivery(self.office)


def test_echoes_of_many_deals_are_read_in_one_request() -> None:
    rig = Hearing()
    for number in (1, 2, 3):
        rig.deal(number)
    rig.wake(1, 2, 3)
    rig.run()
    rig.portal.requests.clear()
    for number in (1, 2, 3):
        rig.wake(number)
        rig.run()
    assert rig.portal.requests == []
    rig.clock.advance(seconds=4)
    rig.run()
    assert rig.portal.requests == ["fetch_deals"]
    with rig.book.read() as unit:
        assert unit.inbox.waiting(MEMBER) == 0


def test_an_edit_right_after_our_write_is_seen_a_moment_later() -> None:
    rig = Hearing()
    rig.deal(amount=100_000)
    rig.check()
    rig.edit(amount=rub(5_000_000))
    rig.check()
    assert rig.stage() == ALLOWED
    rig.clock.advance(seconds=4)
    rig.run()
    assert rig.stage() == APPROVAL


def test_postponing_an_echo_is_no_failed_try() -> None:
    rig = Hearing()
    rig.deal()
    rig.check()
    for _ in range(6):
        rig.wake()
        rig.run()
    rig.clock.advance(seconds=4)
    with rig.book.write() as unit:
        assert [row.attempts for row in unit.inbox.take(MEMBER, now=rig.clock.now(), limit=9)] == [0]
