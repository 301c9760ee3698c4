"""What the pages show of business processes: runs of a deal, a person's tasks, the form that starts one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import abort

from b24app.sandbox.pages.shown import money
from b24app.sandbox.pages.typed import chosen
from b24app.sandbox.pages.typed import typed_whole
from b24app.sandbox.portal.store import DEAL
from b24app.sandbox.portal.workflow.tasks import TaskStatus
from b24app.sandbox.portal.workflow.tasks import UserStatus

if TYPE_CHECKING:
    from b24app.sandbox.portal import SandboxPortal
    from b24app.sandbox.portal.store import Record
    from b24app.sandbox.portal.workflow.engine import Processes
    from b24app.sandbox.portal.workflow.process import Process
    from b24app.sandbox.portal.workflow.tasks import Seat
    from b24app.sandbox.portal.workflow.tasks import Task


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody answered; `at` None: nobody did in time."""

    user: int
    yes: bool
    at: datetime | None
    comment: str


@dataclass(frozen=True, slots=True)
class TaskCard:
    """A task as its person sees it. `demand`: when a comment must be written, empty when it never is."""

    id: int
    name: str
    description: str
    deal_id: int
    document: str
    amount: str
    process: str
    started: datetime
    started_by: int
    overdue: datetime | None
    labels: Mapping[str, str]
    demand: str
    waits: bool
    answered: Answered | None
    state: str


@dataclass(frozen=True, slots=True)
class RunCard:
    """A process of a deal. `ended` None: it still runs."""

    name: str
    started: datetime
    started_by: int
    state: str
    ended: datetime | None
    answers: list[Answered]


@dataclass(frozen=True, slots=True)
class Input:
    """A parameter to be filled in at the start of a process."""

    key: str
    label: str
    kind: str
    required: bool
    default: str


@dataclass(frozen=True, slots=True)
class Startable:
    """A template a person can run for a deal."""

    id: int
    name: str
    description: str
    inputs: list[Input]


_DEMANDS = {"Y": "обязателен", "YA": "обязателен при согласии", "YR": "обязателен при отказе"}


class ProcessLook:
    """Reads the processes of one portal for its pages."""

    def __init__(self, portal: SandboxPortal) -> None:
        self._portal = portal

    @property
    def _processes(self) -> Processes:
        return self._portal.core.processes

    def tasks(self, user_id: int) -> list[TaskCard]:
        """Return a person's tasks: those that wait first, then the answered ones while they are kept."""
        now = self._portal.core.now()
        with self._portal.core.store.lock:
            runs = self._processes.runs
            cards = [
                self._card(task, runs[task.process_id], user_id)
                for task in self._processes.tasks.values()
                if user_id in task.seats and runs[task.process_id].shows_tasks(now)
            ]
        return sorted(cards, key=lambda card: (not card.waits, -card.id))

    def waiting(self, user_id: int) -> int:
        """Count the tasks that wait for a person."""
        return sum(card.waits for card in self.tasks(user_id))

    def _card(self, task: Task, run: Process, user_id: int) -> TaskCard:
        waits = task.waits_for(user_id)
        deal = self._portal.core.store.items[DEAL].get(run.deal_id)
        return TaskCard(
            id=task.id,
            name=task.name,
            description=task.description,
            deal_id=run.deal_id,
            document=str(deal["title"]) if deal else task.document_name,
            amount=money(deal["opportunity"], deal["currencyId"]) if deal else "",
            process=run.template.name,
            started=run.started,
            started_by=run.started_by,
            overdue=task.overdue,
            labels=dict(task.parameters),
            demand=_DEMANDS.get(task.parameters["CommentRequired"], ""),
            waits=waits,
            answered=None if waits else _answered(task, user_id, task.seats[user_id]),
            state=run.state,
        )

    def runs(self, deal_id: int) -> list[RunCard]:
        """Return the processes of a deal, newest first."""
        with self._portal.core.store.lock:
            found = [run for run in self._processes.runs.values() if run.deal_id == deal_id][::-1]
            return [self._run(run) for run in found]

    def _run(self, run: Process) -> RunCard:
        answers = [
            _answered(task, user, seat)
            for task in self._processes.tasks.values()
            for user, seat in task.seats.items()
            if task.process_id == run.id and seat.at is not None
        ]
        return RunCard(run.template.name, run.started, run.started_by, run.state, run.ended, answers)

    def startable(self) -> list[Startable]:
        """Return the templates of deals with what their forms ask."""
        return [
            Startable(
                one.id, one.name, one.description, [_input(key, row) for key, row in one.parameters.items()]
            )
            for one in self._processes.templates.values()
        ]

    def typed(self, template_id: int, form: Mapping[str, str]) -> Record:
        """Read the form that starts a process, as strictly as the portal does. What is wrong is a 400."""
        found = next((one for one in self.startable() if one.id == template_id), None)
        if found is None:
            abort(404)
        return {one.key: self._read(one, form.get(one.key, "").strip()) for one in found.inputs}

    def _read(self, asked: Input, text: str) -> str:
        if not text:
            if asked.required:
                abort(400, f"Не заполнено поле: {asked.label}.")
            return ""
        if asked.kind == "int":
            return str(typed_whole(text, asked.label))
        if asked.kind == "user":
            return f"user_{chosen(text, {str(user) for user in self._portal.core.store.users})}"
        return text


def _input(key: str, row: Record) -> Input:
    required = str(row.get("Required", "0")) in {"1", "Y"}
    default = row.get("Default")
    return Input(key, str(row.get("Name") or key), str(row.get("Type")), required, str(default or ""))


def _answered(task: Task, user_id: int, seat: Seat) -> Answered:
    at = None if task.status is TaskStatus.TIMEOUT and seat.at is None else seat.at
    return Answered(user_id, seat.status is UserStatus.YES, at, seat.comment)
