"""Carry out a plan step by step, go on past what fails, and look afterwards whether all of it stands."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from enum import Enum

from b24app.ports.admin import AddRobot
from b24app.ports.admin import BindEvent
from b24app.ports.admin import PortalAdmin
from b24app.ports.admin import PortalStage
from b24app.ports.admin import PortalState
from b24app.ports.admin import Problem
from b24app.ports.admin import StageKind
from b24app.ports.admin import StageRole
from b24app.ports.admin import Step
from b24app.ports.admin import StepResult
from b24app.ports.admin import UnbindEvent
from b24app.ports.admin import UpdateRobot
from b24app.ports.errors import AuthLost
from b24app.ports.errors import GatewayError
from b24app.ports.fields import options_key
from b24app.ports.records import Stages
from install.manifest import Wanted
from install.manifest import fingerprint
from install.plan import plan

_LOG = logging.getLogger(__name__)


class Ending(Enum):
    """How one step ended. SKIPPED: a step it needs has failed."""

    DONE = "done"
    ALREADY = "already"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """One step and how it ended; `note` is the reason of a failure, in the portal's words."""

    step: Step
    ending: Ending
    note: str = ""


@dataclass(frozen=True, slots=True)
class Installation:
    """How a portal stands, what was done to bring it there, and what to remember of it.

    `left`: the steps still to be carried out, in order. `stages` is None until all three stand. `options`:
    option ids by XML_ID, by `options_key`. `registered`: fingerprints of robots, as told.
    """

    outcomes: tuple[StepOutcome, ...]
    left: tuple[Step, ...]
    problems: tuple[Problem, ...]
    stages: Stages | None
    options: Mapping[str, Mapping[str, int]]
    registered: Mapping[str, int]

    @property
    def complete(self) -> bool:
        """Whether a look found nothing left to do and nothing for a person to put right."""
        return not self.left and not self.problems

    @property
    def unchanged(self) -> bool:
        """Whether everything stood there before."""
        return self.complete and not self.outcomes


def install(admin: PortalAdmin, wanted: Wanted) -> Installation:
    """Bring the portal to the wanted state; run twice, the second run only reads (one request).

    Raises `GatewayError` when the portal cannot be read, and `AuthLost` when it is lost on the way.
    """
    found = look(admin, wanted)
    return settle(admin, wanted, tuple(carry_out(admin, found.left))) if found.left else found


def look(admin: PortalAdmin, wanted: Wanted) -> Installation:
    """Compare the portal with the wanted state; one request, nothing is changed. Raises `GatewayError`."""
    return _compare(wanted, admin.read_state(wanted.category), ())


def carry_out(admin: PortalAdmin, steps: tuple[Step, ...]) -> Iterator[StepOutcome]:
    """Carry out steps one after another; a failure stops only the steps that need the failed one.

    Nothing happens before the next outcome is asked for. Raises `AuthLost`.
    """
    before: list[StepOutcome] = []
    for number, step in enumerate(steps, start=1):
        outcome = StepOutcome(step, Ending.SKIPPED) if _is_blocked(step, before) else _carry_out(admin, step)
        before.append(outcome)
        what, ending = type(step).__name__, outcome.ending.value
        _LOG.info("install step %d of %d, %s: %s %s", number, len(steps), what, ending, outcome.note)
        yield outcome


def settle(admin: PortalAdmin, wanted: Wanted, outcomes: tuple[StepOutcome, ...]) -> Installation:
    """Look at the portal after the steps. Raises `GatewayError` when it cannot be read."""
    known = replace(wanted, registered={**wanted.registered, **_registered(outcomes)})
    return _compare(known, admin.read_state(wanted.category), outcomes)


def _carry_out(admin: PortalAdmin, step: Step) -> StepOutcome:
    try:
        result = admin.carry_out(step)
    except AuthLost:
        raise
    except GatewayError as error:
        return StepOutcome(step, Ending.FAILED, str(error))
    return StepOutcome(step, Ending.ALREADY if result is StepResult.ALREADY else Ending.DONE)


def _is_blocked(step: Step, before: list[StepOutcome]) -> bool:
    """Tell whether an old event address must stay because the new one could not be bound."""
    return isinstance(step, UnbindEvent) and any(
        outcome.ending is Ending.FAILED
        and isinstance(outcome.step, BindEvent)
        and outcome.step.binding.event == step.binding.event
        for outcome in before
    )


def _registered(outcomes: tuple[StepOutcome, ...]) -> dict[str, int]:
    return {
        outcome.step.robot.code: fingerprint(outcome.step.robot)
        for outcome in outcomes
        if isinstance(outcome.step, AddRobot | UpdateRobot) and outcome.ending is Ending.DONE
    }


def _compare(wanted: Wanted, state: PortalState, outcomes: tuple[StepOutcome, ...]) -> Installation:
    found = plan(wanted, state)
    return Installation(
        outcomes=outcomes,
        left=found.steps,
        problems=found.problems,
        stages=_pipeline(wanted.category, found.stages, state.stages),
        options={
            options_key(subject): dict(present.options)
            for subject, present in state.fields.items()
            if present.options
        },
        registered=wanted.registered,
    )


def _pipeline(category: int, found: Mapping[StageRole, str], present: Iterable[PortalStage]) -> Stages | None:
    """Return the three stages, once all stand, and those behind «allowed» where the goods would be gone."""
    if len(found) < len(StageRole):
        return None
    line = sorted(present, key=lambda stage: stage.sort)
    allowed_at = next((stage.sort for stage in line if stage.status_id == found[StageRole.ALLOWED]), None)
    beyond = (
        stage.status_id
        for stage in line
        if allowed_at is not None and stage.sort > allowed_at and stage.kind is not StageKind.FAILURE
    )
    ours = set(found.values())
    return Stages(
        category=category,
        check=found[StageRole.CHECK],
        allowed=found[StageRole.ALLOWED],
        approval=found[StageRole.APPROVAL],
        beyond=tuple(status_id for status_id in beyond if status_id not in ours),
    )
