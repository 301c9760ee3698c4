"""Robots an administrator put on stages, and the workflows they run in (bitrix24 4, bizproc 4)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta

from b24app.sandbox.portal import changes
from b24app.sandbox.portal.app_steps import workflow_id
from b24app.sandbox.portal.core import Core
from b24app.sandbox.portal.core import Hit
from b24app.sandbox.portal.events import finish
from b24app.sandbox.portal.outbox import RobotCall
from b24app.sandbox.portal.store import DEAL
from b24app.sandbox.portal.store import Record


@dataclass(frozen=True, slots=True)
class Placed:
    """The app's robot on a stage. `wait` decides where the robot was registered without USE_SUBSCRIPTION.

    `timeout` in seconds, 0: waits for ever. `auth_user` None: the user the robot was registered with.
    """

    code: str
    properties: Record
    wait: bool
    timeout: int
    auth_user: int | None


@dataclass(frozen=True, slots=True)
class Move:
    """The portal's own robot «change stage». `when`: (robot code, result key, value); None: always."""

    stage_id: str
    when: tuple[str, str, str] | None


@dataclass(slots=True)
class Waiting:
    """A step that waits for the app. `secret` is the random part of its token."""

    code: str
    secret: str = field(repr=False)
    deadline: datetime | None


@dataclass(slots=True)
class Workflow:
    """One run of a stage's robots for a deal. `results`: robot code -> key -> value."""

    id: str
    deal_id: int
    steps: tuple[Placed | Move, ...]
    position: int = 0
    alive: bool = True
    waiting: Waiting | None = None
    results: dict[str, dict[str, str]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)


class Automation:
    """Runs robots of stages; every entry into a stage ends the deal's older workflows (bitrix24 4.6)."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._placed: dict[tuple[int, str], list[Placed | Move]] = defaultdict(list)
        self.workflows: dict[str, Workflow] = {}
        self._by_deal: dict[int, list[Workflow]] = defaultdict(list)

    def place(self, category: int, stage_id: str, step: Placed | Move) -> None:
        """Put a robot last on a stage."""
        self._placed[category, stage_id].append(step)

    def steps(self, category: int, stage_id: str) -> list[Placed | Move]:
        """List the robots placed on a stage, in order."""
        return list(self._placed.get((category, stage_id), ()))

    def clear(self, category: int, stage_id: str) -> None:
        """Take all robots off a stage."""
        self._placed.pop((category, stage_id), None)

    def enter_stage(self, hit: Hit, deal: Record) -> None:
        """Kill what runs for the deal and start the robots of its stage."""
        self.terminate(deal["id"])
        steps = tuple(self._placed.get((deal["categoryId"], deal["stageId"]), ()))
        if not steps:
            return
        workflow = Workflow(workflow_id(), deal["id"], steps)
        self.workflows[workflow.id] = workflow
        self._by_deal[deal["id"]].append(workflow)
        self._run(hit, workflow)

    def terminate(self, deal_id: int) -> None:
        """End all automation of a deal."""
        for workflow in self._by_deal.pop(deal_id, ()):
            workflow.alive = False
            workflow.waiting = None

    def answer(self, token: str, values: Record, message: str) -> None:
        """Let the step of a signed token go on; a dead, timed-out or repeated token does nothing."""
        workflow = self._waiting_for(token)
        if workflow is None or workflow.waiting is None:
            return
        results = self._core.steps.results(workflow.waiting.code, values)
        self.note(token, message)
        self._resume(workflow, results | {"IsTimeout": "0"})

    def note(self, token: str, message: str) -> None:
        """Write into the log of the token's workflow."""
        workflow = self.workflows.get(token.partition("|")[0])
        if workflow is not None and message:
            workflow.log.append(message)

    def expire(self) -> None:
        """Let steps go on whose timeout has come."""
        now = self._core.now()
        for flows in list(self._by_deal.values()):
            for workflow in list(flows):
                waiting = workflow.waiting
                if waiting is not None and waiting.deadline is not None and waiting.deadline <= now:
                    self._resume(workflow, {"IsTimeout": "1"})

    def _waiting_for(self, token: str) -> Workflow | None:
        workflow_id, name, tail = token.split("|")
        workflow = self.workflows.get(workflow_id)
        if workflow is None or not workflow.alive or workflow.waiting is None:
            return None
        same = workflow.waiting.secret == tail.partition(".")[0] and name == f"A{workflow.position}"
        return workflow if same else None

    def _resume(self, workflow: Workflow, results: dict[str, str]) -> None:
        assert workflow.waiting is not None  # noqa: S101 - both callers looked
        workflow.results[workflow.waiting.code] = results
        workflow.waiting = None
        hit = Hit(0, automatic=True)
        self._run(hit, workflow)
        finish(self._core, hit)

    def _run(self, hit: Hit, workflow: Workflow) -> None:
        while workflow.alive and workflow.waiting is None and workflow.position < len(workflow.steps):
            step = workflow.steps[workflow.position]
            workflow.position += 1
            if isinstance(step, Move):
                self._move(hit, workflow, step)
            else:
                self._call(hit, workflow, step)

    def _move(self, hit: Hit, workflow: Workflow, step: Move) -> None:
        if step.when is not None:
            code, key, value = step.when
            if workflow.results.get(code, {}).get(key) != value:
                return
        deal = self._core.store.items[DEAL].get(workflow.deal_id)
        if deal is None:
            return
        own = Hit(0, automatic=True)
        changes.update(self._core, own, DEAL, deal, {"stageId": step.stage_id})
        for key, draft in own.events.items():
            hit.events.setdefault(f"automatic {key}", draft)
        hit.calls.extend(own.calls)

    def _call(self, hit: Hit, workflow: Workflow, step: Placed) -> None:
        robot = self._core.app.robots.get(step.code)
        if robot is None:  # an unregistered step faults and the process goes on (bizproc 3)
            workflow.log.append(f"{step.code} is not registered")
            return
        waits = step.wait if robot.use_subscription is None else robot.use_subscription == "Y"
        secret, token = self._core.steps.begin(workflow.id, f"A{workflow.position}")
        call = RobotCall(
            code=step.code,
            deal_id=workflow.deal_id,
            workflow_id=workflow.id,
            event_token=token,
            properties=dict(step.properties),
            use_subscription="Y" if waits else "N",
            handler=robot.handler,
        )
        if waits:
            now = self._core.now()
            deadline = now + timedelta(seconds=step.timeout) if step.timeout else None
            workflow.waiting = Waiting(step.code, secret, deadline)
        hit.calls.append(lambda: self._core.steps.send(call, robot, step.auth_user, step.timeout))
