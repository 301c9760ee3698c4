"""A template as the portal keeps it and a run of it for a deal."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from typing import Any

from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.workflow.nodes import Node

SHOWN_AFTER_END = timedelta(days=1)


@dataclass(slots=True)
class Template:
    """A template of deals. `system_code` None: made by people in the designer, no app may touch it."""

    id: int
    name: str
    description: str
    auto_execute: int
    source: list[Any]
    root: Node
    parameters: Record
    variables: Record
    constants: Record
    user_id: int
    system_code: str | None
    modified: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a process waits for: a task (`task_id`), else the app's answer known by `secret`."""

    node: Node
    deadline: datetime | None
    task_id: int = 0
    code: str = ""
    secret: str = field(default="", repr=False)


@dataclass(slots=True)
class Process:
    """A run. The tree is the template's at the start; constants are read from the template (bizproc 1).

    `agenda`: what is still to be done, the next one last. `results` by the name of the activity.
    """

    id: str
    template: Template
    root: Node
    deal_id: int
    started: datetime
    started_by: int
    parameters: Record
    variables: Record
    modified: datetime
    agenda: list[Node] = field(default_factory=list)
    results: dict[str, Record] = field(default_factory=dict)
    state: str = ""
    titled: bool = False
    log: list[str] = field(default_factory=list)
    waiting: Waiting | None = None
    ended: datetime | None = None

    def shows_tasks(self, now: datetime) -> bool:
        """Whether the tasks are still kept: for a day after the end, in the cloud (bizproc 5)."""
        return self.ended is None or now < self.ended + SHOWN_AFTER_END
