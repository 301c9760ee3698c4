"""Runs processes: starts them, lets people and the app answer, watches timeouts (bizproc 2 - 5).

Unlike robots of a stage a process survives a move of its deal (bitrix24 4.6).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from b24app.sandbox.portal.app_steps import workflow_id
from b24app.sandbox.portal.core import Core
from b24app.sandbox.portal.core import Hit
from b24app.sandbox.portal.events import finish
from b24app.sandbox.portal.store import DEAL
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.workflow import activities
from b24app.sandbox.portal.workflow import bpt
from b24app.sandbox.portal.workflow import nodes
from b24app.sandbox.portal.workflow.activities import Fault
from b24app.sandbox.portal.workflow.expressions import Scope
from b24app.sandbox.portal.workflow.nodes import APPROVE
from b24app.sandbox.portal.workflow.process import Process
from b24app.sandbox.portal.workflow.process import Template
from b24app.sandbox.portal.workflow.process import Waiting
from b24app.sandbox.portal.workflow.tasks import Task
from b24app.sandbox.portal.workflow.tasks import TaskStatus
from b24app.sandbox.portal.workflow.tasks import UserStatus

_CREATED, _EDITED = 1, 2
_ENDED = "Завершено"
_DOCUMENT = {
    "ID": "id",
    "TITLE": "title",
    "STAGE_ID": "stageId",
    "OPPORTUNITY": "opportunity",
    "CURRENCY_ID": "currencyId",
    "COMPANY_ID": "companyId",
    "COMMENTS": "comments",
}


class Processes:
    """All templates, runs and tasks of the portal."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.templates: dict[int, Template] = {}
        self.runs: dict[str, Process] = {}
        self.tasks: dict[int, Task] = {}
        self._works: dict[str, Callable[[Hit, Process, nodes.Node], None]] = {
            "SequentialWorkflowActivity": self._go_in,
            "SequenceActivity": self._go_in,
            "IfElseBranchActivity": self._go_in,
            "IfElseActivity": self._choose,
            APPROVE: self._approve,
            "GetUserActivity": self._pick,
            "SocNetMessageActivity": self._tell,
            "SetStateTitleActivity": self._entitle,
        }

    # -- templates

    def build(self, source: list[Any]) -> nodes.Node:
        """Make the tree of a template, or say why not.

        Raises:
            TemplateError: as the import of a file does.
        """
        demanded: dict[str, tuple[str, ...]] = {}
        for code, robot in self.core.app.robots.items():
            own = robot.properties.items()
            kind = activities.internal_type(self.core.app.client_id, code)
            demanded[kind] = tuple(key for key, row in own if activities.is_required(row))
        return nodes.build(source, demanded)

    def add_template(self, file: bytes, head: Record, user_id: int, system_code: str | None) -> Template:
        """Import a file; `head` has name, description and auto_execute.

        Raises:
            BptError: for bytes that are no template.
            TemplateError: for a template with mistakes.
        """
        opened = bpt.open_template(file)
        template = Template(
            id=self.core.store.number("workflow template"),
            name=head["name"],
            description=head["description"],
            auto_execute=head["auto_execute"],
            source=opened["TEMPLATE"],
            root=self.build(opened["TEMPLATE"]),
            parameters=opened["PARAMETERS"],
            variables=opened["VARIABLES"],
            constants=opened["CONSTANTS"],
            user_id=user_id,
            system_code=system_code,
            modified=self.core.now(),
        )
        self.templates[template.id] = template
        return template

    def runs_of(self, template_id: int) -> list[Process]:
        """List the running processes of a template."""
        return [run for run in self.runs.values() if run.template.id == template_id and run.ended is None]

    # -- life of a process

    def start(self, hit: Hit, template: Template, deal_id: int, parameters: Record) -> Process:
        """Run up to the first wait (bizproc 5). `TargetUser` is the one who started it, whatever was sent."""
        now = self.core.now()
        given = parameters | {"TargetUser": f"user_{hit.user_id}"}
        run = Process(
            id=workflow_id(),
            template=template,
            root=template.root,
            deal_id=deal_id,
            started=now,
            started_by=hit.user_id,
            parameters=given,
            variables={name: row.get("Default") for name, row in template.variables.items()},
            modified=now,
            agenda=[template.root],
        )
        self.runs[run.id] = run
        self._run(hit, run)
        return run

    def auto(self, hit: Hit, deal_id: int, *, created: bool) -> None:
        """Start the templates that run by themselves when a deal is made or edited."""
        wanted = _CREATED if created else _EDITED
        for template in [one for one in self.templates.values() if one.auto_execute & wanted]:
            self.start(hit, template, deal_id, {})

    def terminate(self, run: Process, state: str) -> None:
        """End a process by hand: open tasks are deleted, steps of the app are not called."""
        self._drop_open_task(run)
        run.waiting = None
        run.agenda.clear()
        run.state = state or "Прервано"
        run.ended = run.modified = self.core.now()

    def kill(self, run: Process) -> None:
        """Delete a process with all that is known of it."""
        del self.runs[run.id]
        self.tasks = {number: task for number, task in self.tasks.items() if task.process_id != run.id}

    def forget_deal(self, deal_id: int) -> None:
        """Delete the processes of a deal that is no more."""
        for run in [run for run in self.runs.values() if run.deal_id == deal_id]:
            self.kill(run)

    def expire(self) -> None:
        """Let steps go on whose time has come."""
        now = self.core.now()
        for run in list(self.runs.values()):
            waiting = run.waiting
            if waiting is not None and waiting.deadline is not None and waiting.deadline <= now:
                self._time_out(run, waiting)

    def _time_out(self, run: Process, waiting: Waiting) -> None:
        hit = Hit(0, automatic=True)
        if waiting.task_id:
            task = self.tasks[waiting.task_id]
            task.close(TaskStatus.TIMEOUT, self.core.now())
            results = activities.approval_results(task, self.core.store) | {"IsTimeout": "1"}
            self._resume(hit, run, results, branch=1)
        else:
            self._resume(hit, run, {"IsTimeout": "1"})
        finish(self.core, hit)

    # -- answers

    def complete(self, hit: Hit, task: Task, answer: UserStatus, comment: str) -> None:
        """Take the answer of the hit's user; the caller has checked that the task waits for him.

        Raises:
            AnswerRefusedError: for an answer the task does not take; nothing has happened then.
        """
        user_id, comment = hit.user_id, comment.strip()
        task.check(answer, comment)
        run = self.runs[task.process_id]
        verdict = task.vote(user_id, answer, comment, self.core.now())
        user = self.core.store.users[user_id]
        said = "Утвержден" if answer is UserStatus.YES else "Отклонен"
        task.comments.append(f"{user.name} {user.last_name}: {said}{f'. {comment}' if comment else ''}")
        last = {"LastApprover": f"user_{user_id}", "LastApproverComment": comment}
        activities.announce(run, task, self.core.store)
        if verdict is TaskStatus.RUNNING:
            run.modified = self.core.now()
            return
        results = activities.approval_results(task, self.core.store) | last | {"IsTimeout": "0"}
        task.close(verdict, self.core.now())
        self._resume(hit, run, results, branch=0 if verdict is TaskStatus.YES else 1)

    def answer(self, token: str, values: Record, message: str) -> None:
        """Let the app's step of a signed token go on; a dead, timed-out or repeated token does nothing."""
        number, name, tail = token.split("|")
        run = self.runs.get(number)
        waiting = run.waiting if run is not None else None
        if run is None or waiting is None or not waiting.secret:
            return
        if (waiting.node.name, waiting.secret) != (name, tail.partition(".")[0]):
            return
        self.note(token, message)
        results = self.core.steps.results(waiting.code, values)
        hit = Hit(0, automatic=True)
        self._resume(hit, run, results | {"IsTimeout": "0"})
        finish(self.core, hit)

    def note(self, token: str, message: str) -> None:
        """Write into the log of the token's process."""
        run = self.runs.get(token.partition("|")[0])
        if run is not None and message:
            run.log.append(message)

    # -- running

    def scope(self, run: Process) -> Scope:
        """What expressions of a process can name."""
        deal = self.core.store.items[DEAL].get(run.deal_id, {})

        def find(owner: str, name: str) -> Any:
            sources: dict[str, Record] = {
                "Template": run.parameters,
                "Variable": run.variables,
                "Workflow": {"ID": run.id},
                "System": {"Now": self.core.now().isoformat()},
                "Constant": {key: row.get("Default") for key, row in run.template.constants.items()},
            }
            if owner != "Document":
                return sources.get(owner, run.results.get(owner, {})).get(name)
            if name == "ASSIGNED_BY_ID":
                return f"user_{deal.get('assignedById')}"
            found = deal.get(_DOCUMENT.get(name, name))
            return found if isinstance(found, list) or found is None else str(found)

        return Scope(find, self.core.store)

    def _run(self, hit: Hit, run: Process) -> None:
        """Work the agenda off. A fault is logged and the process goes on (bizproc 2, 3)."""
        while run.agenda and run.waiting is None and run.ended is None:
            node = run.agenda.pop()
            if not node.active:
                continue
            try:
                work = self._works.get(node.type, self._call_app)
                work(hit, run, node)
            except Fault as fault:
                run.log.append(f"{node.name}: {fault}")
        run.modified = self.core.now()
        if run.waiting is None and run.ended is None:
            run.ended = run.modified
            run.state = run.state if run.titled else _ENDED

    def _resume(self, hit: Hit, run: Process, results: Record, branch: int | None = None) -> None:
        assert run.waiting is not None  # noqa: S101 - the callers looked
        node = run.waiting.node
        run.results.setdefault(node.name, {}).update(results)
        run.waiting = None
        if branch is not None and branch < len(node.children):
            run.agenda.append(node.children[branch])
        self._run(hit, run)

    def _drop_open_task(self, run: Process) -> None:
        if run.waiting is not None and run.waiting.task_id:
            self.tasks.pop(run.waiting.task_id)

    # -- activities

    def _go_in(self, _hit: Hit, run: Process, node: nodes.Node) -> None:
        run.agenda.extend(reversed(node.children))

    def _choose(self, _hit: Hit, run: Process, node: nodes.Node) -> None:
        scope = self.scope(run)
        taken = next((one for one in node.children if activities.is_taken(scope, one)), None)
        if taken is not None:
            run.agenda.append(taken)

    def _approve(self, _hit: Hit, run: Process, node: nodes.Node) -> None:
        now = self.core.now()
        scope = self.scope(run)
        name = str(self.core.store.items[DEAL][run.deal_id]["title"])
        task = activities.new_task(run, node, scope, now, name)
        task.id = self.core.store.number("workflow task")
        self.tasks[task.id] = task
        run.results[node.name] = {"TaskId": task.id, "TotalCount": task.expected}
        deadline = activities.deadline(scope, node, now)
        run.waiting = Waiting(node, deadline, task_id=task.id)
        activities.announce(run, task, self.core.store)

    def _pick(self, _hit: Hit, run: Process, node: nodes.Node) -> None:
        absent = self.core.store.absent
        run.results[node.name] = {"GetUser": activities.picked(self.scope(run), node, absent)}

    def _tell(self, _hit: Hit, run: Process, node: nodes.Node) -> None:
        activities.notify(self.core.store, self.scope(run), node, self.core.now())

    def _entitle(self, _hit: Hit, run: Process, node: nodes.Node) -> None:
        run.state = self.scope(run).text(node.properties["TargetStateTitle"])
        run.titled = True

    def _call_app(self, hit: Hit, run: Process, node: nodes.Node) -> None:
        call, step = activities.app_call(self.core, run, node, self.scope(run))
        robot = self.core.app.robots[call.code]
        if step.deadline_wanted:
            now: datetime = self.core.now()
            deadline = activities.deadline(self.scope(run), node, now)
            run.waiting = Waiting(node, deadline, code=call.code, secret=step.secret)
        if node.properties["SetStatusMessage"] == "Y" and node.properties["StatusMessage"]:
            run.state = self.scope(run).text(node.properties["StatusMessage"])
        hit.calls.append(lambda: self.core.steps.send(call, robot, step.auth_user, step.timeout))
