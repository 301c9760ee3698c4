"""A post office for tests of the delivery: a portal that answers as told, and the rig around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from b24app.domain.card import CardTerms
from b24app.domain.limits import Granted
from b24app.ports.portal import Action
from b24app.ports.portal import AddComment
from b24app.ports.portal import AddTask
from b24app.ports.portal import AnswerRobot
from b24app.ports.portal import Cost
from b24app.ports.portal import DealFields
from b24app.ports.portal import Guard
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Notify
from b24app.ports.portal import Outcome
from b24app.ports.portal import Priority
from b24app.ports.portal import WriteDealFields
from b24app.ports.records import EffectRecord
from b24app.ports.records import EffectState
from b24app.ports.records import NewEffect
from tests.builders import rub
from tests.fakes import FakePortal
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import CHECK
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
