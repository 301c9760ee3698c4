"""Delivery: how owed writes are packed, sent, settled, and looked for before they are repeated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from b24app.ports.errors import RateLimited
from b24app.ports.errors import TransportFailure
from b24app.ports.portal import Action
from b24app.ports.portal import Outcome
from b24app.ports.portal import Priority
from b24app.ports.portal import Result
from b24app.ports.portal import WriteCompany
from b24app.ports.portal import WriteDealFields
from b24app.ports.records import NewEffect
from b24app.services.delivery import BATCH_COMMANDS
from tests.unit.services.post import TERMS
from tests.unit.services.post import Office
from tests.unit.services.post import answer
from tests.unit.services.post import comment
from tests.unit.services.post import fields
from tests.unit.services.post import move
from tests.unit.services.post import note
from tests.unit.services.rig import COMPANY
from tests.unit.services.rig import MEMBER


class TestPacking:
    """What goes into one request."""

    @pytest.mark.parametrize(
        ("make", "number", "sizes"),
        [
            pytest.param(fields, 60, [50, 10], id="one command each"),
            pytest.param(move, 30, [25, 5], id="a move is two commands"),
        ],
    )
    def test_at_most_fifty_commands(
        self, make: Callable[[int], Action], number: int, sizes: list[int]
    ) -> None:
        office = Office()
        for deal_id in range(1, number + 1):
            office.deal(deal_id)
        office.owe(*[make(deal_id) for deal_id in range(1, number + 1)])
        assert [office.send() for _ in sizes] == sizes
        assert [len(batch) for batch in office.post.batches] == sizes

    def test_at_most_25_seconds_of_expected_time(self) -> None:
        office = Office()
        office.post.seconds = 10.0
        office.owe(*[fields(deal_id) for deal_id in range(1, 6)])
        while office.send():
            pass
        assert [len(batch) for batch in office.post.batches] == [2, 2, 1]

    def test_what_alone_takes_longer_goes_alone(self) -> None:
        office = Office()
        office.post.seconds = 40.0
        office.owe(fields(1), fields(2))
        office.send()
        assert [len(batch) for batch in office.post.batches] == [1]

    def test_what_is_urgent_goes_first(self) -> None:
        office = Office()
        office.owe(*[fields(deal_id) for deal_id in range(1, 61)])
        office.owe(move(99), urgent=True)
        office.send()
        assert office.post.batches[0][0] == move(99)
        assert len(office.post.batches[0]) == 49

    def test_nothing_owed_is_no_request(self) -> None:
        office = Office()
        assert office.send() == 0
        assert office.post.batches == []

    @pytest.mark.parametrize("write", [move(1), fields(1)], ids=["move", "fields"])
    def test_a_robot_is_never_answered_beside_a_write_of_its_deal(self, write: Action) -> None:
        office = Office()
        office.deal(1)
        office.owe(write)
        office.owe_answer(1)
        office.owe(fields(2))
        office.send()
        office.send()
        assert office.post.batches == [[answer(1), fields(2)], [write]]

    def test_an_answer_waits_for_an_urgent_move_of_its_deal_only(self) -> None:
        office = Office()
        office.deal(1)
        office.owe(move(1), urgent=True)
        office.owe_answer(1)
        office.owe_answer(2)
        office.send()
        office.send()
        assert office.post.batches == [[move(1), answer(2)], [answer(1)]]

    def test_what_follows_another_effect_goes_in_a_later_request(self) -> None:
        office = Office()
        office.deal(1)
        [first] = office.owe(fields(1))
        office.owe(comment(1), after=first)
        office.send()
        office.send()
        assert office.post.batches == [[fields(1)], [comment(1)]]

    def test_a_refused_effect_does_not_hold_up_what_follows(self) -> None:
        office = Office()
        office.deal(1)
        office.post.says[WriteDealFields] = Outcome(Result.REFUSED, note="no right")
        [first] = office.owe(fields(1))
        office.owe_answer(1, after=first)
        office.send()
        office.send()
        assert office.post.answers == [answer(1)]

    def test_an_uncertain_effect_holds_up_what_follows(self) -> None:
        office = Office()
        office.deal(1)
        office.post.lost = 1
        [first] = office.owe(fields(1))
        office.owe_answer(1, after=first)
        office.send()
        assert office.send() == 0

    @pytest.mark.parametrize(
        ("owed", "urgent", "full"),
        [
            pytest.param([fields(n) for n in range(49)], False, False, id="49 commands"),
            pytest.param([fields(n) for n in range(50)], False, True, id="50 commands"),
            pytest.param([move(n) for n in range(25)], False, True, id="25 moves"),
            pytest.param([fields(1)], True, True, id="something urgent"),
            pytest.param([], False, False, id="nothing"),
        ],
    )
    def test_when_waiting_for_more_gains_nothing(self, owed: list[Action], urgent: bool, full: bool) -> None:
        office = Office()
        office.owe(*owed, urgent=urgent)
        assert (office.delivery.load(MEMBER) == BATCH_COMMANDS) is full

    def test_messages_that_will_be_merged_do_not_fill_a_batch(self) -> None:
        office = Office()
        office.owe(*(fields(n) for n in range(30)), *(note(n) for n in range(20)))
        assert office.delivery.load(MEMBER) == 30 + 2


class TestPriority:
    """Who waits at the bucket."""

    @pytest.mark.parametrize(
        ("owed", "urgent", "priority"),
        [
            pytest.param([WriteCompany(COMPANY, TERMS, None)], False, Priority.BULK, id="company cards"),
            pytest.param([WriteCompany(COMPANY, TERMS, None), fields(1)], False, Priority.NORMAL, id="mixed"),
            pytest.param([fields(1)], False, Priority.NORMAL, id="a deal"),
            pytest.param([WriteCompany(COMPANY, TERMS, None)], True, Priority.URGENT, id="urgent card"),
            pytest.param([move(1)], True, Priority.URGENT, id="a put-back"),
        ],
    )
    def test_the_request_asks_for(self, owed: list[Action], urgent: bool, priority: Priority) -> None:
        office = Office()
        office.owe(*owed, urgent=urgent)
        office.send()
        assert office.post.priorities == [priority]


class TestNotifications:
    """At most one visible message for one event, and few messages for many."""

    def test_up_to_ten_to_one_person_are_one_message(self) -> None:
        office = Office()
        office.owe(*[note(number) for number in range(1, 24)], note(50, user=5))
        office.send()
        sizes = Counter((message.user_id, message.text.count("text-")) for message in office.post.notified)
        assert sizes == {(7, 10): 2, (7, 3): 1, (5, 1): 1}
        assert "text-1\n\n———\n\ntext-2" in office.post.notified[0].text

    def test_a_single_one_keeps_its_own_tag(self) -> None:
        office = Office()
        office.owe(note(1))
        office.send()
        assert office.post.notified == [note(1)]

    def test_a_repeat_replaces_the_same_message_whoever_joined_since(self) -> None:
        office = Office()
        office.owe(note(1), note(2))
        office.post.lost = 1
        office.send()
        office.owe(note(3))
        office.send()
        office.clock.advance(seconds=71)
        while office.send():
            pass
        tags = [message.tag for message in office.post.notified]
        assert tags == ["cc:group:1", "tag-3", "cc:group:1"]
        assert office.post.notified[0] == office.post.notified[2]
        assert set(office.post.notifications) == {"cc:group:1", "tag-3"}

    def test_a_group_refused_for_speed_leaves_together_again(self) -> None:
        office = Office()
        office.owe(*[note(number) for number in range(1, 13)])
        office.post.failing.append(RateLimited("batch"))
        office.send()
        office.clock.advance(seconds=2)
        office.send()
        assert office.post.batches[0] == office.post.batches[1]
        assert [message.text.count("text-") for message in office.post.notified] == [10, 2]

    def test_what_is_left_of_a_group_keeps_the_groups_tag(self) -> None:
        office = Office()
        with office.book.write() as unit:
            unit.effects.add(NewEffect(MEMBER, f"n{n}", note(n), deal_id=n) for n in (1, 2))
        office.post.failing.append(TransportFailure("cut"))
        office.send()
        first = office.row("n1")
        with office.book.write() as unit:
            unit.effects.settle(first.id, Outcome(Result.REFUSED), now=office.clock.now())
        office.clock.advance(seconds=71)
        office.send()
        assert [message.tag for message in office.post.notified] == ["cc:group:1"]


@pytest.mark.parametrize("member_id", [MEMBER, "m9"], ids=["uninstalled", "unknown"])
def test_a_portal_that_is_not_installed_gets_nothing(member_id: str) -> None:
    office = Office()
    office.owe(fields(1))
    with office.book.write() as unit:
        unit.portals.save(replace(office.record(), installed=False))
    assert office.delivery.work(member_id) == 0
    assert office.post.requests == []
