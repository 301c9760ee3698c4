"""Robots an administrator put on stages, and the workflows they run in (bitrix24 4, bizproc 4)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from typing import Any

from b24app.sandbox.portal import changes
from b24app.sandbox.portal.core import Core
from b24app.sandbox.portal.core import Hit
from b24app.sandbox.portal.events import finish
from b24app.sandbox.portal.outbox import RobotCall
from b24app.sandbox.portal.store import DEAL
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import Robot

_LETTERS = string.ascii_letters + string.digits


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
        self._key = secrets.token_bytes(32)
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
        workflow = Workflow(_workflow_id(), deal["id"], steps)
        self.workflows[workflow.id] = workflow
        self._by_deal[deal["id"]].append(workflow)
        self._run(hit, workflow)

    def terminate(self, deal_id: int) -> None:
        """End all automation of a deal."""
        for workflow in self._by_deal.pop(deal_id, ()):
            workflow.alive = False
            workflow.waiting = None

    def signed(self, token: str) -> bool:
        """Whether the token's signature is the portal's own."""
        body, dot, signature = token.rpartition(".")
        return bool(dot) and body.count("|") == 2 and hmac.compare_digest(self._sign(body), signature)

    def answer(self, token: str, values: Record, message: str) -> None:
        """Let the step of a signed token go on; a dead, timed-out or repeated token does nothing."""
        workflow = self._waiting_for(token)
        if workflow is None or workflow.waiting is None:
            return
        robot = self._core.app.robots.get(workflow.waiting.code)
        known = {name.lower(): name for name in (robot.return_properties if robot else {})}
        results = {
            known[key.lower()]: _result(value) for key, value in values.items() if key.lower() in known
        }
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
        secret = "".join(secrets.choice(_LETTERS) for _ in range(32))
        body = f"{workflow.id}|A{workflow.position}|{secret}"
        call = RobotCall(
            code=step.code,
            deal_id=workflow.deal_id,
            workflow_id=workflow.id,
            event_token=f"{body}.{self._sign(body)}",
            properties=dict(step.properties),
            use_subscription="Y" if waits else "N",
            handler=robot.handler,
        )
        if waits:
            now = self._core.now()
            deadline = now + timedelta(seconds=step.timeout) if step.timeout else None
            workflow.waiting = Waiting(step.code, secret, deadline)
        hit.calls.append(lambda: self._send(call, robot, step))

    def _send(self, call: RobotCall, robot: Robot, step: Placed) -> None:
        core = self._core
        if not core.app.install_finished:
            return
        core.robot_calls.append(call)
        timestamp = int(core.now().timestamp())

        def body() -> Record:
            with core.store.lock:
                pair = core.tokens.issue(step.auth_user or robot.auth_user, core.now())
                auth = core.auth_block(pair, refresh=True)
            return {
                "workflow_id": call.workflow_id,
                "code": call.code,
                "document_id": ["crm", "CCrmDocumentDeal", f"DEAL_{call.deal_id}"],
                "document_type": ["crm", "CCrmDocumentDeal", "DEAL"],
                "event_token": call.event_token,
                "properties": call.properties,
                "use_subscription": call.use_subscription,
                "timeout_duration": str(step.timeout),
                "ts": str(timestamp),
                "auth": auth,
            }

        core.outbox.put(call, body)

    def _sign(self, body: str) -> str:
        return hmac.new(self._key, body.encode(), hashlib.sha256).hexdigest()


def _workflow_id() -> str:
    return f"{secrets.token_hex(7)}.{secrets.randbelow(10**8):08d}"


def _result(value: Any) -> str:
    if isinstance(value, bool):
        return "Y" if value else "N"
    return str(value)
