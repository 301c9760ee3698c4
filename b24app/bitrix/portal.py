"""The real `ports.portal.Portal`: one Bitrix24 portal through its REST client."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from b24app.bitrix.actions import commands_of
from b24app.bitrix.actions import outcome_in
from b24app.bitrix.companies import CompanyReader
from b24app.bitrix.deals import DealReader
from b24app.bitrix.fields import Options
from b24app.bitrix.lookup import Lookup
from b24app.bitrix.lookup import Quest
from b24app.bitrix.lookup import closing
from b24app.bitrix.lookup import quest_for
from b24app.bitrix.outcomes import outcome_of_request
from b24app.bitrix.rates import fetch_rates
from b24app.bitrix.rest import RestClient
from b24app.domain.rates import Rates
from b24app.ports.clock import Clock
from b24app.ports.errors import GatewayError
from b24app.ports.portal import Action
from b24app.ports.portal import AddComment
from b24app.ports.portal import AddTask
from b24app.ports.portal import AnswerRobot
from b24app.ports.portal import CloseTask
from b24app.ports.portal import CompanyFacts
from b24app.ports.portal import Cost
from b24app.ports.portal import DealFacts
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Notify
from b24app.ports.portal import Outcome
from b24app.ports.portal import Priority
from b24app.ports.portal import Result
from b24app.ports.portal import StandingDeal
from b24app.ports.portal import WriteCompany
from b24app.ports.portal import WriteDealFields
from b24app.ports.portal import WriteDealPaper

_METHODS: dict[type, tuple[str, ...]] = {
    MoveDeal: ("crm.item.list", "crm.item.update"),
    WriteDealFields: ("crm.item.update",),
    WriteDealPaper: ("crm.item.update",),
    WriteCompany: ("crm.item.update",),
    AddTask: ("tasks.task.add",),
    CloseTask: ("tasks.task.complete",),
    Notify: ("im.notify.system.add",),
    AddComment: ("crm.timeline.comment.add",),
    AnswerRobot: ("bizproc.event.send",),
}


class BitrixPortal:
    """A portal, called as its service user; `options` gives the enumeration option ids of its fields."""

    def __init__(self, client: RestClient, *, options: Callable[[], Options], clock: Clock) -> None:
        self._client = client
        self._options = options
        self._clock = clock
        self._companies = CompanyReader(client, options)
        self._deals = DealReader(client, self._companies, options)
        self._lookup = Lookup(client)

    def fetch_deals(
        self, deal_ids: Sequence[int], *, priority: Priority = Priority.NORMAL
    ) -> list[DealFacts]:
        """Read up to 200 deals in one request; another only where references did not resolve."""
        return self._deals.fetch(deal_ids, priority)

    def fetch_companies(self, company_ids: Sequence[int]) -> list[CompanyFacts]:
        """Read up to 50 company cards with their requisites in one request."""
        return self._companies.fetch(company_ids)

    def companies_of_requisites(self, requisite_ids: Sequence[int]) -> list[int]:
        """Return the ids of the companies these requisites belong to."""
        return self._companies.of_requisites(requisite_ids)

    def stream_companies(self) -> Iterator[CompanyFacts]:
        """Read every company with its requisites by growing id, at bulk priority."""
        return self._companies.stream()

    def standing_deals(
        self, stage_ids: Sequence[str], *, moved_since: datetime | None
    ) -> Iterator[StandingDeal]:
        """List the deals on these stages by growing id."""
        return self._deals.standing(stage_ids, moved_since)

    def fetch_rates(self) -> Rates:
        """Read the portal's exchange rates in one request."""
        return fetch_rates(self._client)

    def cost(self, action: Action) -> Cost:
        """Tell what an action takes of a batch, by the mean times of its methods so far."""
        methods = _METHODS[type(action)]
        return Cost(len(methods), sum(self._client.meter.expected(method) for method in methods))

    def perform(self, actions: Sequence[Action], *, priority: Priority = Priority.NORMAL) -> list[Outcome]:
        """Carry actions out in one batch.

        Tasks to be closed whose id is not known are searched for first, and those whose closing was refused
        are looked at afterwards: each of the two may cost one more request.
        """
        known, ended = self._find_tasks(actions)
        going = {index: known[index] for index in range(len(actions)) if index not in ended}
        if going:
            ended |= self._send(going, priority)
        return [ended[index] for index in range(len(actions))]

    def look(self, actions: Iterable[Action]) -> list[Outcome | None]:
        """Find out what became of actions with an uncertain outcome."""
        return self._lookup.look(list(actions))

    def _send(self, going: dict[int, Action], priority: Priority) -> dict[int, Outcome]:
        options = self._options()
        commands = {
            key: command
            for index, action in going.items()
            for key, command in commands_of(action, _tag(index), options).items()
        }
        try:
            answer = self._client.batch(commands, priority=priority)
        except GatewayError as error:
            return dict.fromkeys(going, outcome_of_request(error, self._clock.now()))
        now = self._clock.now()
        ended = {index: outcome_in(answer, action, _tag(index), now) for index, action in going.items()}
        return ended | self._second_look(going, ended)

    def _find_tasks(self, actions: Sequence[Action]) -> tuple[list[Action], dict[int, Outcome]]:
        """Give every `CloseTask` the id of its task, or its outcome when there is nothing to close."""
        unknown = {
            index: action
            for index, action in enumerate(actions)
            if isinstance(action, CloseTask) and action.task_id is None
        }
        known, ended = list(actions), dict[int, Outcome]()
        if not unknown:
            return known, ended
        quests = self._quests(unknown)
        try:
            self._lookup.search(list(quests.values()))
        except GatewayError as error:
            failed = Outcome(Result.RETRY, note=str(error))
            return known, dict.fromkeys(unknown, failed)
        for index, action in unknown.items():
            nothing_left = closing(action, quests[index])
            if nothing_left is None:
                known[index] = replace(action, task_id=quests[index].number)
            else:
                ended[index] = nothing_left
        return known, ended

    def _second_look(self, going: dict[int, Action], ended: dict[int, Outcome]) -> dict[int, Outcome]:
        """Turn refused closings of finished or deleted tasks into DONE: the vendor has no code for them."""
        refused = {
            index: action
            for index, action in going.items()
            if isinstance(action, CloseTask) and ended[index].result in {Result.REFUSED, Result.GONE}
        }
        if not refused:
            return {}
        quests = self._quests(refused)
        try:
            self._lookup.search(list(quests.values()))
        except GatewayError as error:
            return dict.fromkeys(refused, Outcome(Result.RETRY, note=str(error)))
        found = {index: closing(action, quests[index]) for index, action in refused.items()}
        return {index: outcome for index, outcome in found.items() if outcome is not None}

    @staticmethod
    def _quests(actions: dict[int, CloseTask]) -> dict[int, Quest]:
        return {index: quest for index, action in actions.items() if (quest := quest_for(action))}


def _tag(index: int) -> str:
    return f"a{index}"
