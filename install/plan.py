"""The difference between what is wanted and what stands there, as steps; pure, and empty the second time."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from b24app.messages import install as words
from b24app.ports.admin import AddOptions
from b24app.ports.admin import AddRobot
from b24app.ports.admin import AddStage
from b24app.ports.admin import AddUserField
from b24app.ports.admin import Area
from b24app.ports.admin import BindEvent
from b24app.ports.admin import BindPlacement
from b24app.ports.admin import PlacementBinding
from b24app.ports.admin import PortalState
from b24app.ports.admin import PresentField
from b24app.ports.admin import Problem
from b24app.ports.admin import ProblemCode
from b24app.ports.admin import StageKind
from b24app.ports.admin import StageRole
from b24app.ports.admin import Step
from b24app.ports.admin import UnbindEvent
from b24app.ports.admin import UnbindPlacement
from b24app.ports.admin import UpdateRobot
from b24app.ports.fields import CompanyField
from install.manifest import STAGE_CODES
from install.manifest import Wanted
from install.manifest import WantedField
from install.manifest import fingerprint

_EVENTS_PATH = "/events"
_PLACEMENTS_PATH = "/placements/"
_STAGE_STEP = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, in order, and what only a person can put right.

    `stages`: STATUS_ID by role of the stages that stand there already.
    """

    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]
    stages: Mapping[StageRole, str]


def plan(wanted: Wanted, state: PortalState) -> Plan:
    """Compare by ids and codes, never by names (bitrix24 6.6); areas that were not shown are left alone."""
    if not state.administrator:
        return Plan((), (Problem(ProblemCode.NOT_ADMINISTRATOR),), {})
    found, stage_problems = _stages(wanted, state)
    changes = (
        *_missing_stages(wanted, state, found, stage_problems),
        *_fields(wanted, state),
        *_robots(wanted, state),
        *_events(wanted, state),
        *_placements(wanted, state),
    )
    return Plan(
        steps=tuple(change for change in changes if not isinstance(change, Problem)),
        problems=(
            *(Problem(ProblemCode.AREA_UNREADABLE, area, why) for area, why in state.unreadable.items()),
            *stage_problems,
            *(change for change in changes if isinstance(change, Problem)),
        ),
        stages=found,
    )


def full_code(category: int, code: str) -> str:
    """Put the funnel's prefix before a code of ours (bitrix24 6.6)."""
    return code if category == 0 else f"C{category}:{code}"


def _stages(wanted: Wanted, state: PortalState) -> tuple[dict[StageRole, str], list[Problem]]:
    if Area.STAGES in state.unreadable:
        return {}, []
    if not state.stages:
        return {}, [Problem(ProblemCode.FUNNEL_MISSING, detail=str(wanted.category))]
    present = {stage.status_id: stage.kind for stage in state.stages}
    found: dict[StageRole, str] = {}
    problems: list[Problem] = []
    for role in StageRole:
        chosen = wanted.chosen.get(role)
        own = full_code(wanted.category, STAGE_CODES[role])
        candidates = (chosen,) if chosen else (wanted.remembered.get(role), own)
        status_id = next((code for code in candidates if code in present), None)
        if status_id is None:
            problems += [Problem(ProblemCode.STAGE_MISSING, role, chosen)] if chosen else []
        elif present[status_id] is not StageKind.PROCESS:
            problems.append(Problem(ProblemCode.STAGE_NOT_PROCESS, role, status_id))
        elif status_id in found.values():
            problems.append(Problem(ProblemCode.STAGES_NOT_DISTINCT, role, status_id))
        else:
            found[role] = status_id
    return found, problems


def _missing_stages(
    wanted: Wanted, state: PortalState, found: Mapping[StageRole, str], problems: list[Problem]
) -> Iterator[Step]:
    if Area.STAGES in state.unreadable or problems:
        return
    missing = [role for role in StageRole if role not in found]
    for role, sort in zip(missing, _places(state, len(missing)), strict=True):
        name = words.pick(words.STAGE_NAMES[role], wanted.language)
        yield AddStage(role, wanted.category, STAGE_CODES[role], name, sort)


def _places(state: PortalState, count: int) -> list[int]:
    """Give `count` growing places after the last process stage and below the success stage (bitrix24 6.6)."""
    end = min((stage.sort for stage in state.stages if stage.kind is StageKind.SUCCESS), default=None)
    below = [
        stage.sort
        for stage in state.stages
        if stage.kind is StageKind.PROCESS and (end is None or stage.sort < end)
    ]
    start = max(below, default=0)
    if end is None:
        return [start + _STAGE_STEP * place for place in range(1, count + 1)]
    step = min(_STAGE_STEP, (end - start) // (count + 1))
    if step >= 1:
        return [start + step * place for place in range(1, count + 1)]
    return [max(end - count + place, 1) for place in range(count)]


def _fields(wanted: Wanted, state: PortalState) -> Iterator[Step | Problem]:
    for field in wanted.fields:
        area = Area.COMPANY_FIELDS if isinstance(field.subject, CompanyField) else Area.DEAL_FIELDS
        if area in state.unreadable:
            continue
        present = state.fields.get(field.subject)
        if present is None:
            yield AddUserField(field.subject, field.kind, field.labels, field.options, field.sort)
        else:
            yield from _field(field, present)


def _field(field: WantedField, present: PresentField) -> Iterator[Step | Problem]:
    if present.kind != field.kind.value:
        yield Problem(ProblemCode.FIELD_OTHER_TYPE, field.subject, present.kind)
        return
    if present.multiple:
        yield Problem(ProblemCode.FIELD_MULTIPLE, field.subject)
        return
    missing = tuple(option for option in field.options if option.xml_id not in present.options)
    if missing:
        yield AddOptions(field.subject, missing)


def _robots(wanted: Wanted, state: PortalState) -> Iterator[Step]:
    if Area.ROBOTS in state.unreadable:
        return
    for robot in wanted.robots:
        if robot.code not in state.robots:
            yield AddRobot(robot)
        elif wanted.registered.get(robot.code) != fingerprint(robot):
            yield UpdateRobot(robot)


def _events(wanted: Wanted, state: PortalState) -> Iterator[Step]:
    """Bind first and unbind after, so that no event falls between two addresses."""
    if Area.EVENTS in state.unreadable:
        return
    yield from (BindEvent(binding) for binding in wanted.events if binding not in state.events)
    for binding in state.events:
        if binding not in wanted.events and urlsplit(binding.handler).path.endswith(_EVENTS_PATH):
            yield UnbindEvent(binding)


def _placements(wanted: Wanted, state: PortalState) -> Iterator[Step]:
    """Take the old address away first: a placement of one application has room for few handlers."""
    if Area.PLACEMENTS in state.unreadable:
        return
    own = {placement.binding for placement in wanted.placements}
    yield from (UnbindPlacement(old) for old in state.placements if old not in own and _is_ours(old))
    for placement in wanted.placements:
        if placement.binding not in state.placements:
            yield BindPlacement(placement.binding, placement.titles)


def _is_ours(binding: PlacementBinding) -> bool:
    return _PLACEMENTS_PATH in urlsplit(binding.handler).path
