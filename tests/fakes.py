"""An in-memory portal behind the `Portal` port; the contract suite runs over it and over the real gateway."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import datetime

from b24app.domain.card import CardTerms
from b24app.domain.rates import Rates
from b24app.ports.errors import AuthLost
from b24app.ports.errors import GatewayError
from b24app.ports.portal import Action
from b24app.ports.portal import AddComment
from b24app.ports.portal import AddTask
from b24app.ports.portal import AnswerRobot
from b24app.ports.portal import CloseTask
from b24app.ports.portal import CompanyFacts
from b24app.ports.portal import Cost
from b24app.ports.portal import DealFacts
from b24app.ports.portal import DealFields
from b24app.ports.portal import MirrorFields
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Notify
from b24app.ports.portal import Outcome
from b24app.ports.portal import Priority
from b24app.ports.portal import Result
from b24app.ports.portal import StandingDeal
from b24app.ports.portal import WriteCompany
from b24app.ports.portal import WriteDealFields
from b24app.ports.portal import WriteDealPaper


@dataclass(frozen=True, slots=True)
class FakeTask:
    """A task as the fake keeps it."""

    id: int
    deal_id: int
    title: str
    text: str
    responsible_id: int
    deadline: datetime
    closed: bool = False


def _nothing() -> None:
    pass


@dataclass
class FakePortal:
    """A portal in memory: guarded moves, marked tasks and comments, every call recorded.

    `failing`: errors that the next requests meet, one each, before anything is done. `lost`: how many next
    `perform` requests are carried out although their answers are lost. `refused`: actions always refused.
    `rates`: what it knows of currencies; nothing but the rouble at first. `on_request` is called by every
    request.
    """

    deals: dict[int, DealFacts] = field(default_factory=dict)
    companies: dict[int, CompanyFacts] = field(default_factory=dict)
    deal_fields: dict[int, DealFields] = field(default_factory=dict)
    papers: dict[int, str] = field(default_factory=dict)
    mirrors: dict[int, MirrorFields] = field(default_factory=dict)
    tasks: dict[int, FakeTask] = field(default_factory=dict)
    comments: list[AddComment] = field(default_factory=list)
    notifications: dict[str, Notify] = field(default_factory=dict)
    notified: list[Notify] = field(default_factory=list)
    answers: list[AnswerRobot] = field(default_factory=list)
    performed: list[tuple[Action, Outcome]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    failing: list[GatewayError] = field(default_factory=list)
    rates: Rates = field(default_factory=lambda: Rates("RUB"))
    lost: int = 0
    refused: set[type] = field(default_factory=set)
    now: datetime = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    service_user_id: int = 1
    on_request: Callable[[], None] = _nothing

    def fetch_deals(
        self, deal_ids: Sequence[int], *, priority: Priority = Priority.NORMAL
    ) -> list[DealFacts]:
        del priority
        self._request("fetch_deals")
        found = [self.deals[number] for number in dict.fromkeys(deal_ids) if number in self.deals]
        return [replace(deal, company=self.companies.get(deal.company_id or 0)) for deal in found]

    def fetch_companies(self, company_ids: Sequence[int]) -> list[CompanyFacts]:
        self._request("fetch_companies")
        return [self.companies[number] for number in sorted(set(company_ids)) if number in self.companies]

    def companies_of_requisites(self, requisite_ids: Sequence[int]) -> list[int]:
        self._request("companies_of_requisites")
        wanted = set(requisite_ids)
        return sorted(
            card.id for card in self.companies.values() if wanted & {row.id for row in card.requisites}
        )

    def stream_companies(self) -> Iterator[CompanyFacts]:
        self._request("stream_companies")
        yield from (self.companies[number] for number in sorted(self.companies))

    def standing_deals(
        self, stage_ids: Sequence[str], *, moved_since: datetime | None
    ) -> Iterator[StandingDeal]:
        self._request("standing_deals")
        for number in sorted(self.deals):
            deal = self.deals[number]
            recent = moved_since is None or deal.moved_at >= moved_since
            if deal.stage_id in stage_ids and recent:
                yield StandingDeal(deal.id, deal.stage_id, deal.moved_at)

    def fetch_rates(self) -> Rates:
        self._request("fetch_rates")
        return self.rates

    def cost(self, action: Action) -> Cost:
        return Cost(2, 1.0) if isinstance(action, MoveDeal) else Cost(1, 0.5)

    def perform(self, actions: Sequence[Action], *, priority: Priority = Priority.NORMAL) -> list[Outcome]:
        del priority
        try:
            self._request("perform")
        except GatewayError as error:
            kind = Result.UNCERTAIN if error.uncertain else Result.RETRY
            return [Outcome(kind, note=str(error)) for _ in actions]
        outcomes = [self._do(action) for action in actions]
        self.performed += zip(actions, outcomes, strict=True)
        if self.lost:
            self.lost -= 1
            return [Outcome(Result.UNCERTAIN, note="the answer was lost")] * len(actions)
        return outcomes

    def look(self, actions: Iterable[Action]) -> list[Outcome | None]:
        self._request("look")
        return [self._trace(action) for action in actions]

    def move_by_hand(self, deal_id: int, stage_id: str, *, user_id: int, at: datetime) -> None:
        """Drag a deal to a stage as a person would."""
        deal = self.deals[deal_id]
        self.deals[deal_id] = replace(deal, stage_id=stage_id, moved_at=at, moved_by=user_id)

    def _request(self, name: str) -> None:
        self.on_request()
        self.requests.append(name)
        if self.failing:
            raise self.failing.pop(0)

    def _do(self, action: Action) -> Outcome:  # noqa: C901, PLR0911 - one case a kind of action
        if type(action) in self.refused:
            return Outcome(Result.REFUSED, note="refused by the test")
        match action:
            case MoveDeal():
                return self._move(action)
            case WriteDealFields():
                return self._write_deal(action)
            case WriteDealPaper():
                if action.deal_id not in self.deals:
                    return Outcome(Result.GONE)
                self.papers[action.deal_id] = action.text
                return Outcome(Result.DONE, ref=str(action.deal_id))
            case WriteCompany():
                return self._write_company(action)
            case AddTask():
                number = len(self.tasks) + 1
                title = action.title if action.mark in action.title else f"{action.title} {action.mark}"
                self.tasks[number] = FakeTask(
                    number, action.deal_id, title, action.text, action.responsible_id, action.deadline
                )
                return Outcome(Result.DONE, ref=str(number))
            case CloseTask():
                return self._close(action)
            case Notify():
                self.notifications[action.tag] = action
                self.notified.append(action)
                return Outcome(Result.DONE, ref=str(len(self.notified)))
            case AddComment():
                if action.deal_id not in self.deals:
                    return Outcome(Result.GONE)
                self.comments.append(action)
                return Outcome(Result.DONE, ref=str(len(self.comments)))
            case AnswerRobot():
                self.answers.append(action)
                return Outcome(Result.DONE)

    def _move(self, action: MoveDeal) -> Outcome:
        deal, guard = self.deals.get(action.deal_id), action.guard
        met = (
            deal is not None
            and deal.stage_id == guard.stage_id
            and guard.company_id in {None, deal.company_id}
            and guard.amount in {None, deal.amount}
        )
        if deal is None or not met:
            return Outcome(Result.GUARD_FAILED)
        if deal.stage_id != action.stage_id:
            self.move_by_hand(deal.id, action.stage_id, user_id=self.service_user_id, at=self.now)
        if action.fields is not None:
            self.deal_fields[deal.id] = action.fields
        return Outcome(Result.DONE, ref=str(deal.id))

    def _write_deal(self, action: WriteDealFields) -> Outcome:
        if action.deal_id not in self.deals:
            return Outcome(Result.GONE)
        self.deal_fields[action.deal_id] = action.fields
        return Outcome(Result.DONE, ref=str(action.deal_id))

    def _write_company(self, action: WriteCompany) -> Outcome:
        card = self.companies.get(action.company_id)
        if card is None:
            return Outcome(Result.GONE)
        terms: CardTerms = card.terms if action.terms is None else action.terms
        self.companies[card.id] = replace(card, terms=terms)
        if action.figures is not None:
            self.mirrors[card.id] = action.figures
        return Outcome(Result.DONE, ref=str(card.id))

    def _close(self, action: CloseTask) -> Outcome:
        task = self._task(action)
        if task is None:
            return Outcome(Result.DONE)
        self.tasks[task.id] = replace(task, closed=True)
        return Outcome(Result.DONE, ref=str(task.id))

    def _task(self, action: AddTask | CloseTask) -> FakeTask | None:
        if isinstance(action, CloseTask) and action.task_id is not None:
            return self.tasks.get(action.task_id)
        found = (task for task in self.tasks.values() if task.deal_id == action.deal_id)
        return next((task for task in found if action.mark in task.title), None)

    def _trace(self, action: Action) -> Outcome | None:
        match action:
            case AddTask():
                task = self._task(action)
                return None if task is None else Outcome(Result.DONE, ref=str(task.id))
            case CloseTask():
                task = self._task(action)
                return Outcome(Result.DONE) if task is None or task.closed else None
            case AddComment():
                places = [n for n, one in enumerate(self.comments, 1) if self._same(one, action)]
                return Outcome(Result.DONE, ref=str(places[0])) if places else None
            case MoveDeal():
                deal = self.deals.get(action.deal_id)
                there = deal is not None and deal.stage_id == action.stage_id
                return Outcome(Result.DONE, ref=str(action.deal_id)) if there else None
            case _:
                return None

    @staticmethod
    def _same(one: AddComment, other: AddComment) -> bool:
        return one.deal_id == other.deal_id and one.mark == other.mark


@dataclass
class FakePortals:
    """The `Portals` port over fakes by member id."""

    known: dict[str, FakePortal] = field(default_factory=dict)

    def open(self, member_id: str) -> FakePortal:
        if member_id not in self.known:
            raise AuthLost(f"{member_id}: not installed")
        return self.known[member_id]
