"""Looking for what an action with an uncertain outcome has left behind: marked tasks, comments, moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from b24app.bitrix.deals import deals_command
from b24app.bitrix.rest import RestClient
from b24app.bitrix.rows import PAGE
from b24app.bitrix.rows import Row
from b24app.bitrix.rows import by_id
from b24app.bitrix.rows import rows_of
from b24app.bitrix.rows import wanted
from b24app.bitrix.rows import whole
from b24app.ports.portal import Action
from b24app.ports.portal import AddComment
from b24app.ports.portal import AddTask
from b24app.ports.portal import CloseTask
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Outcome
from b24app.ports.portal import Priority
from b24app.ports.portal import Result

_FINISHED = {4, 5}
"""Awaiting control and completed (bitrix24 8.1): nothing is left to do for the person."""

Command = tuple[str, dict[str, Any]]


class Kind(Enum):
    """What is searched: its list method and the name its rows stand under."""

    TASK = "tasks"
    COMMENT = "comments"


@dataclass(slots=True)
class Quest:
    """A search for the marked thing of a deal, newest first. `found` is its row, None when there is none."""

    kind: Kind
    deal_id: int
    mark: str
    below: int | None = None
    over: bool = False
    found: Row | None = None

    def command(self) -> Command:
        """Ask for the next page."""
        return self._tasks() if self.kind is Kind.TASK else self._comments()

    def take(self, result: Any) -> None:
        """Look through a page."""
        rows = rows_of(result, "tasks" if self.kind is Kind.TASK else None)
        text = "title" if self.kind is Kind.TASK else "COMMENT"
        self.found = next((row for row in rows if self.mark in str(row.get(text) or "")), None)
        self.over = self.found is not None or len(rows) < PAGE
        if rows:
            self.below = min(_number(row) for row in rows)

    @property
    def number(self) -> int:
        """Id of what was found."""
        return _number(self.found or {})

    @property
    def finished(self) -> bool:
        """Whether the found task needs nobody any more."""
        row = self.found or {}
        return whole(row.get("realStatus") or row.get("status")) in _FINISHED

    def _tasks(self) -> Command:
        filters: dict[str, Any] = {"UF_CRM_TASK": f"D_{self.deal_id}"}
        if self.below is not None:
            filters["<ID"] = self.below
        select = ["ID", "TITLE", "STATUS", "REAL_STATUS", "UF_CRM_TASK"]
        return "tasks.task.list", {"filter": filters, "select": select, "order": {"ID": "DESC"}}

    def _comments(self) -> Command:
        filters: dict[str, Any] = {"ENTITY_ID": self.deal_id, "ENTITY_TYPE": "deal"}
        if self.below is not None:
            filters["<ID"] = self.below
        select = ["ID", "COMMENT"]
        return "crm.timeline.comment.list", {"filter": filters, "select": select, "order": {"ID": "DESC"}}


class Lookup:
    """Search a portal for the traces of actions."""

    def __init__(self, client: RestClient) -> None:
        self._client = client

    def look(self, actions: Sequence[Action]) -> list[Outcome | None]:
        """Answer for each action: DONE, or None when it was not carried out or may safely be repeated."""
        quests = {index: quest for index, action in enumerate(actions) if (quest := quest_for(action))}
        moves = {index: action for index, action in enumerate(actions) if isinstance(action, MoveDeal)}
        stages = self.search(list(quests.values()), {move.deal_id for move in moves.values()})
        outcomes: list[Outcome | None] = [None] * len(actions)
        for index, quest in quests.items():
            outcomes[index] = _verdict(actions[index], quest)
        for index, move in moves.items():
            if stages.get(move.deal_id) == move.stage_id:
                outcomes[index] = Outcome(Result.DONE, ref=str(move.deal_id))
        return outcomes

    def search(self, quests: Sequence[Quest], deal_ids: set[int] | None = None) -> dict[int, str]:
        """Run quests to their end, one batch a round, and return the stages of these deals."""
        stages: dict[int, str] = {}
        waiting = sorted(deal_ids or ())
        while waiting or any(not quest.over for quest in quests):
            open_quests = [quest for quest in quests if not quest.over][: PAGE - 1]
            now, waiting = waiting[:PAGE], waiting[PAGE:]
            commands = {f"q{index}": quest.command() for index, quest in enumerate(open_quests)}
            if now:
                commands["deals"] = deals_command(now, ["id", "stageId"])
            answer = self._client.batch(commands, priority=Priority.NORMAL)
            for index, quest in enumerate(open_quests):
                quest.take(wanted(answer, f"q{index}"))
            if now:
                rows = by_id(rows_of(wanted(answer, "deals"), "items"), "id")
                stages |= {number: str(row.get("stageId") or "") for number, row in rows.items()}
        return stages


def quest_for(action: Action) -> Quest | None:
    """Say what to search for; None for actions that leave nothing findable."""
    match action:
        case AddTask() | CloseTask():
            return Quest(Kind.TASK, action.deal_id, action.mark)
        case AddComment():
            return Quest(Kind.COMMENT, action.deal_id, action.mark)
        case _:
            return None


def closing(action: CloseTask, quest: Quest) -> Outcome | None:
    """Tell whether a task to be closed needs nothing any more: it is gone or finished."""
    if quest.found is None:
        return Outcome(Result.DONE, note="no such task is left")
    return Outcome(Result.DONE, ref=str(action.task_id or quest.number)) if quest.finished else None


def _verdict(action: Action, quest: Quest) -> Outcome | None:
    if isinstance(action, CloseTask):
        return closing(action, quest)
    return Outcome(Result.DONE, ref=str(quest.number)) if quest.found is not None else None


def _number(row: Row) -> int:
    return whole(row.get("id") or row.get("ID"))
