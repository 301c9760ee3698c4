"""Echoes of our own writes: put off to be read together, never lost, never anything but a change event."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from datetime import timedelta

import pytest

from b24app.ports.portal import Notify
from b24app.ports.records import Lane
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.ports.records import NewEffect
from b24app.ports.records import StoredMessage
from b24app.services import echo
from b24app.services.delivery import Delivery
from b24app.services.desk import CreditDesk
from b24app.services.echo import Echoes
from b24app.services.guard import Watch
from tests.builders import position
from tests.builders import rub
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import MANAGER
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import START
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def stored(
    kind: MessageKind = MessageKind.DEAL,
    deal_id: int = 1,
    received_at: datetime = START,
    user_id: int | None = None,
) -> StoredMessage:
    return StoredMessage(7, Message(MEMBER, kind, deal_id, received_at, user_id=user_id), Lane.AUTO, 0)


@pytest.mark.parametrize(
    ("kind", "deal_id", "member_id", "arrived", "likely"),
    [
        pytest.param(MessageKind.DEAL, 1, MEMBER, 0.0, True, id="before our write is answered"),
        pytest.param(MessageKind.DEAL, 1, MEMBER, 5.5, True, id="right after"),
        pytest.param(MessageKind.DEAL, 1, MEMBER, 6.0, False, id="too late to be ours"),
        pytest.param(MessageKind.DEAL, 1, MEMBER, -0.1, False, id="before we wrote"),
        pytest.param(MessageKind.DEAL, 2, MEMBER, 1.0, False, id="another deal"),
        pytest.param(MessageKind.DEAL, 1, "m2", 1.0, False, id="another portal"),
        pytest.param(MessageKind.BUTTON, 1, MEMBER, 1.0, False, id="a person never waits"),
        pytest.param(MessageKind.ROBOT, 1, MEMBER, 1.0, False, id="a robot never waits"),
    ],
)
def test_what_is_likely_an_echo(
    kind: MessageKind, deal_id: int, member_id: str, arrived: float, likely: bool
) -> None:
    echoes = Echoes()
    echoes.wrote(MEMBER, [1], START, after(3))
    row = stored(kind, deal_id, after(arrived))
    assert echoes.likely(member_id, [row]) == ([row] if likely else [])


def test_what_somebody_else_did_is_never_taken_for_an_echo() -> None:
    echoes = Echoes()
    echoes.wrote(MEMBER, [1], START, after(3))
    assert echoes.likely(MEMBER, [stored(user_id=7)]) == []


def test_writing_ends_when_nothing_was_written_for_a_while() -> None:
    echoes = Echoes()
    echoes.wrote(MEMBER, [1], START, after(3))
    assert echoes.end_of_writing(MEMBER) == after(5.5)
    assert echoes.end_of_writing("m2") < START


def test_old_writes_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(echo, "KEPT", 3)
    echoes = Echoes()
    echoes.wrote(MEMBER, range(10, 20), START, START)
    echoes.wrote(MEMBER, [1], after(70), after(70))
    assert len(echoes._wrote) == 1
    row = stored(received_at=after(70))
    assert echoes.likely(MEMBER, [row]) == [row]


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


def still_writing(rig: Hearing) -> None:
    """Owe the portal something that cannot leave for an hour."""
    with rig.book.write() as unit:
        unit.effects.add([NewEffect(MEMBER, "e", Notify(7, "tag", "текст"), not_before=after(3600))])


def test_echoes_wait_while_we_go_on_writing_but_not_for_ever() -> None:
    rig = Hearing()
    still_writing(rig)
    rig.deal(1)
    rig.deal(2)
    rig.check(1)
    rig.wake(1)
    rig.clock.advance(seconds=10)
    rig.check(2)
    rig.wake(2)
    rig.portal.requests.clear()
    for _ in range(12):
        rig.run()
        assert rig.portal.requests == []
        rig.clock.advance(seconds=4)
    rig.clock.advance(seconds=4)
    rig.run()
    assert rig.portal.requests == ["fetch_deals"]
    with rig.book.read() as unit:
        assert unit.inbox.waiting(MEMBER) == 0


def test_a_change_that_merges_with_a_waiting_echo_is_seen_though_we_go_on_writing() -> None:
    rig = Hearing()
    rig.deal(amount=100_000)
    rig.check()
    rig.wake()
    rig.run()
    still_writing(rig)
    rig.clock.advance(seconds=4)
    rig.edit(amount=rub(5_000_000))
    rig.wake()
    rig.run()
    assert rig.stage() == APPROVAL


def test_a_held_deal_dragged_right_after_our_write_is_put_back_though_we_go_on_writing() -> None:
    rig = Hearing()
    rig.ledger.put(client(position(), limit=10))
    rig.deal(amount=100_000)
    rig.check()
    assert rig.stage() == APPROVAL
    rig.wake()
    rig.run()
    still_writing(rig)
    rig.drag(1, ALLOWED)
    with rig.book.write() as unit:
        unit.inbox.add([Message(MEMBER, MessageKind.DEAL, 1, rig.clock.now(), user_id=MANAGER)])
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
