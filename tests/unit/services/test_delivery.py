"""Delivery: how owed writes are packed, sent, settled, and looked for before they are repeated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from b24app.domain.card import CardTerms
from b24app.domain.limits import Granted
from b24app.ports.errors import RateLimited
from b24app.ports.errors import TransportFailure
from b24app.ports.portal import Action
from b24app.ports.portal import AddComment
from b24app.ports.portal import AddTask
from b24app.ports.portal import AnswerRobot
from b24app.ports.portal import CloseTask
from b24app.ports.portal import Cost
from b24app.ports.portal import DealFields
from b24app.ports.portal import Guard
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Notify
from b24app.ports.portal import Outcome
from b24app.ports.portal import Priority
from b24app.ports.portal import Result
from b24app.ports.portal import WriteCompany
from b24app.ports.portal import WriteDealFields
from b24app.ports.records import EffectRecord
from b24app.ports.records import EffectState
from b24app.ports.records import KnownCard
from b24app.ports.records import NewEffect
from b24app.services.delivery import LOOKED_AT_ONCE
from b24app.services.delivery import Delivery
from b24app.services.echo import Echoes
from tests.builders import rub
from tests.fakes import FakePortal
from tests.unit.services.rig import ADMIN
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import COMPANY
from tests.unit.services.rig import MANAGER
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import START
from tests.unit.services.rig import Rig

FIELDS = DealFields("hold", "долг", None, None, None)
TERMS = CardTerms(limit=Granted(rub(5)))
DONE, PENDING = EffectState.DONE, EffectState.PENDING
SENDING, FAILED = EffectState.SENDING, EffectState.FAILED


@dataclass
class Post(FakePortal):
    """A portal that notes each request, may charge more time, and may answer as told."""

    batches: list[list[Action]] = field(default_factory=list)
    priorities: list[Priority] = field(default_factory=list)
    seconds: float = 0.1
    says: dict[type, Outcome] = field(default_factory=dict)

    def cost(self, action: Action) -> Cost:
        return replace(super().cost(action), seconds=self.seconds)

    def perform(self, actions: Sequence[Action], *, priority: Priority = Priority.NORMAL) -> list[Outcome]:
        self.batches.append(list(actions))
        self.priorities.append(priority)
        found = super().perform(actions, priority=priority)
        return [self.says.get(type(action), end) for action, end in zip(actions, found, strict=True)]


class Office(Rig):
    """A rig whose portal notes its requests."""

    def __init__(self) -> None:
        self.post = Post()
        super().__init__(portal=self.post)

    def owe(self, *actions: Action, urgent: bool = False, after: str | None = None) -> list[str]:
        """Owe actions; their keys are returned."""
        with self.book.write() as unit:
            start = unit.effects.open_count(MEMBER)
            keys = [f"e{start + n}:{type(action).__name__}" for n, action in enumerate(actions)]
            unit.effects.add(
                NewEffect(
                    MEMBER,
                    key,
                    action,
                    deal_id=getattr(action, "deal_id", None),
                    urgent=urgent,
                    after=after,
                )
                for key, action in zip(keys, actions, strict=True)
            )
        return keys

    def owe_answer(self, deal_id: int, *, after: str | None = None) -> str:
        key = f"answer:{deal_id}"
        with self.book.write() as unit:
            unit.effects.add(
                [NewEffect(MEMBER, key, answer(deal_id), deal_id=deal_id, after=after, urgent=True)]
            )
        return key

    def send(self) -> int:
        return self.delivery.work(MEMBER)

    def row(self, key: str) -> EffectRecord:
        with self.book.read() as unit:
            found = unit.effects.by_key(MEMBER, key)
        assert found is not None
        return found


def move(deal_id: int = 1, source: str = CHECK, target: str = ALLOWED) -> MoveDeal:
    return MoveDeal(deal_id, Guard(source), target, FIELDS)


def fields(deal_id: int = 1) -> WriteDealFields:
    return WriteDealFields(deal_id, FIELDS)


def note(number: int = 1, user: int = 7) -> Notify:
    return Notify(user, f"tag-{number}", f"text-{number}")


def answer(deal_id: int = 1) -> AnswerRobot:
    return AnswerRobot(f"token-{deal_id}", "allow", proceed=True, reason="", excess=None, to_pay=None)


def task(deal_id: int = 1) -> AddTask:
    return AddTask(deal_id, "СО-000001", "Долг СО-000001", "…", MANAGER, START)


def comment(deal_id: int = 1) -> AddComment:
    return AddComment(deal_id, "КК-0000001", "Долг КК-0000001")


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
        assert office.delivery.has_full_batch(MEMBER) is full


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


class TestUncertain:
    """Look before repeating, and not before the first could have ended."""

    @pytest.mark.parametrize("action", [move(1), task(1), comment(1)], ids=["move", "task", "comment"])
    def test_what_was_carried_out_is_found_and_not_repeated(self, action: Action) -> None:
        office = Office()
        office.deal(1)
        [key] = office.owe(action)
        office.post.lost = 1
        office.send()
        assert office.row(key).state is SENDING
        office.clock.advance(seconds=69)
        assert office.send() == 0
        office.clock.advance(seconds=2)
        assert office.send() == 1
        assert office.row(key).state is DONE
        assert office.row(key).ref == "1"
        assert len(office.post.batches) == 1

    @pytest.mark.parametrize(
        "action",
        [move(1), task(1), comment(1), fields(1), note(1), answer(1), WriteCompany(COMPANY, TERMS, None)],
        ids=["move", "task", "comment", "fields", "note", "answer", "company"],
    )
    def test_what_was_not_carried_out_is_repeated_once(self, action: Action) -> None:
        office = Office()
        office.deal(1)
        [key] = office.owe(action)
        office.post.failing.append(TransportFailure("cut"))
        office.send()
        assert office.row(key).state is SENDING
        office.clock.advance(seconds=71)
        while office.send():
            pass
        assert office.row(key).state is DONE
        assert len(office.post.batches) == 2
        assert office.send() == 0

    def test_a_closed_task_is_not_closed_again(self) -> None:
        office = Office()
        office.deal(1)
        office.owe(task(1))
        office.send()
        [key] = office.owe(CloseTask(1, "СО-000001", None))
        office.post.lost = 1
        office.send()
        office.clock.advance(seconds=71)
        while office.send():
            pass
        assert office.row(key).state is DONE
        assert len(office.post.batches) == 2

    def test_a_crash_between_marking_and_sending_loses_nothing(self) -> None:
        office = Office()
        office.deal(1)
        [key] = office.owe(task(1))
        effect = office.row(key)
        with office.book.write() as unit:
            unit.effects.sending([effect.id], now=START)
        again = Delivery(replace(office.office, echoes=Echoes()))
        assert again.work(MEMBER) == 0
        office.clock.advance(seconds=71)
        while again.work(MEMBER):
            pass
        assert len(office.post.tasks) == 1

    def test_a_portal_that_cannot_be_looked_at_is_looked_at_later(self) -> None:
        office = Office()
        office.deal(1)
        office.owe(task(1))
        office.post.lost = 1
        office.send()
        office.clock.advance(seconds=71)
        office.post.failing.append(TransportFailure("down"))
        with capture_logs() as logs:
            assert office.send() == 0
        assert [row["event"] for row in logs] == ["delivery.look_failed"]
        assert office.send() == 1
        assert len(office.post.tasks) == 1

    def test_many_adrift_are_looked_for_in_portions(self) -> None:
        office = Office()
        for deal_id in range(1, 41):
            office.deal(deal_id)
        office.owe(*[comment(deal_id) for deal_id in range(1, 41)])
        office.post.lost = 1
        office.send()
        office.clock.advance(seconds=71)
        assert office.send() == LOOKED_AT_ONCE
        assert office.send() == 40 - LOOKED_AT_ONCE
        assert len(office.post.comments) == 40


class TestOutcomes:
    """What follows from an answer in our own rows."""

    @pytest.mark.parametrize("result", [Result.REFUSED, Result.GONE])
    def test_what_is_refused_for_good_is_logged_and_not_repeated(self, result: Result) -> None:
        office = Office()
        office.post.says[WriteDealFields] = Outcome(result, note="no such field")
        [key] = office.owe(fields(1))
        with capture_logs() as logs:
            office.send()
        told = [(row["event"], row["deal"], row["action"], row["why"]) for row in logs]
        assert told == [("delivery.refused", 1, "WriteDealFields", "no such field")]
        assert office.row(key).state is FAILED
        office.clock.advance(days=1)
        assert office.send() == 0

    def test_one_refused_command_does_not_spoil_its_neighbours(self) -> None:
        office = Office()
        office.deal(2)
        first, second = office.owe(fields(1), fields(2))
        office.send()
        assert (office.row(first).state, office.row(second).state) == (FAILED, DONE)

    def test_a_move_whose_guard_failed_wakes_the_deal(self) -> None:
        office = Office()
        office.deal(1, stage=APPROVAL)
        [key] = office.owe(move(1))
        office.send()
        assert office.row(key).state is FAILED
        assert office.stage() == APPROVAL
        with office.book.write() as unit:
            rows = unit.inbox.take(MEMBER, now=office.clock.now(), limit=9)
        assert [(row.message.kind.value, row.message.subject_id) for row in rows] == [("recheck", 1)]

    def test_a_refused_move_is_told_to_the_administrator_once(self) -> None:
        office = Office()
        office.deal(1)
        office.post.says[MoveDeal] = Outcome(Result.REFUSED)
        office.owe(move(1))
        while office.send():
            pass
        assert [message.user_id for message in office.post.notified] == [ADMIN]

    def test_a_refused_move_of_an_unknown_deal_tells_nobody(self) -> None:
        office = Office()
        office.post.says[MoveDeal] = Outcome(Result.REFUSED, note="no")
        with office.book.write() as unit:
            unit.effects.add([NewEffect(MEMBER, "odd", move(1))])
        while office.send():
            pass
        assert office.post.notified == []

    def test_a_pause_the_portal_asks_for_is_kept(self) -> None:
        office = Office()
        office.deal(1)
        until = START + timedelta(minutes=10)
        office.post.says[WriteDealFields] = Outcome(Result.RETRY, after=until)
        office.owe(fields(1))
        office.send()
        office.clock.advance(minutes=9)
        assert office.send() == 0
        office.clock.advance(minutes=1)
        assert office.send() == 1

    def test_pauses_grow_while_the_portal_goes_on_refusing(self) -> None:
        office = Office()
        office.deal(1)
        [key] = office.owe(fields(1))
        office.post.failing += [RateLimited("batch")] * 4
        sent = []
        for second in range(20):
            if office.send():
                sent.append(second)
            office.clock.advance(seconds=1)
        gaps = [after - before for before, after in pairwise(sent)]
        assert gaps == sorted(gaps)
        assert len(sent) == 5
        assert office.row(key).state is DONE

    def test_a_written_card_is_remembered_as_mirrored(self) -> None:
        office = Office()
        card = KnownCard(MEMBER, COMPANY, "7701", "ООО", TERMS, None)
        with office.book.write() as unit:
            unit.cards.save(card)
        office.owe(WriteCompany(COMPANY, TERMS, None), WriteCompany(COMPANY, None, None))
        office.send()
        with office.book.read() as unit:
            known = unit.cards.get(MEMBER, COMPANY)
        assert known is not None
        assert known.mirrored == TERMS

    def test_a_written_card_nobody_knows_stays_unknown(self) -> None:
        office = Office()
        office.owe(WriteCompany(COMPANY, TERMS, None))
        office.send()
        with office.book.read() as unit:
            assert unit.cards.get(MEMBER, COMPANY) is None


@pytest.mark.parametrize("member_id", [MEMBER, "m9"], ids=["uninstalled", "unknown"])
def test_a_portal_that_is_not_installed_gets_nothing(member_id: str) -> None:
    office = Office()
    office.owe(fields(1))
    with office.book.write() as unit:
        unit.portals.save(replace(office.record(), installed=False))
    assert office.delivery.work(member_id) == 0
    assert office.post.requests == []
