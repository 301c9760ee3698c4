"""The plan: what is missing, what is left alone, what only a person can put right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

import handlers
import robots
from b24app.ports.admin import AddOptions
from b24app.ports.admin import AddRobot
from b24app.ports.admin import AddStage
from b24app.ports.admin import AddUserField
from b24app.ports.admin import Area
from b24app.ports.admin import BindEvent
from b24app.ports.admin import BindPlacement
from b24app.ports.admin import EventBinding
from b24app.ports.admin import PlacementBinding
from b24app.ports.admin import PortalStage
from b24app.ports.admin import PortalState
from b24app.ports.admin import PresentField
from b24app.ports.admin import ProblemCode
from b24app.ports.admin import StageKind
from b24app.ports.admin import StageRole
from b24app.ports.admin import UnbindEvent
from b24app.ports.admin import UnbindPlacement
from b24app.ports.admin import UpdateRobot
from b24app.ports.fields import FIELD_KINDS
from b24app.ports.fields import CompanyField
from b24app.ports.fields import DealField
from b24app.ports.records import Stages
from install.apply import install
from install.manifest import fingerprint
from install.plan import plan
from tests.unit.install.portal import EMPTY
from tests.unit.install.portal import FUNNEL
from tests.unit.install.portal import MemoryPortal
from tests.unit.install.portal import wanted

CHECK, ALLOWED, APPROVAL = StageRole


def stages(*rows: tuple[str, int, str]) -> PortalState:
    kinds = {"P": StageKind.PROCESS, "S": StageKind.SUCCESS, "F": StageKind.FAILURE}
    return replace(
        EMPTY, stages=tuple(PortalStage(code, code, sort, kinds[kind]) for code, sort, kind in rows)
    )


def installed(**changes: object) -> tuple[PortalState, dict[str, int]]:
    portal = MemoryPortal()
    done = install(portal, wanted())
    return replace(portal.state, **changes), dict(done.registered)  # type: ignore[arg-type]  # table-driven


def test_an_empty_portal_gets_everything_once() -> None:
    steps = plan(wanted(), EMPTY).steps
    kinds = {kind: sum(isinstance(step, kind) for step in steps) for kind in {type(step) for step in steps}}
    assert kinds == {
        AddStage: 3,
        AddUserField: len(FIELD_KINDS),
        AddRobot: len(robots.ALL),
        BindEvent: len(handlers.EVENTS),
        BindPlacement: 1,
    }


def test_a_second_plan_is_empty() -> None:
    state, registered = installed()
    again = plan(wanted(registered=registered), state)
    assert (again.steps, again.problems) == ((), ())


@pytest.mark.parametrize(
    ("state", "sorts"),
    [
        pytest.param(EMPTY, [47, 54, 61], id="between the last process stage and success"),
        pytest.param(
            stages(("NEW", 10, "P"), ("WON", 500, "S")), [20, 30, 40], id="ten apart where there is room"
        ),
        pytest.param(
            stages(("NEW", 10, "P"), ("WON", 12, "S")), [9, 10, 11], id="no room: still below success"
        ),
        pytest.param(stages(("NEW", 10, "P")), [20, 30, 40], id="a funnel without success"),
    ],
)
def test_stages_stand_in_order_before_success(state: PortalState, sorts: list[int]) -> None:
    made = [step for step in plan(wanted(), state).steps if isinstance(step, AddStage)]
    assert [step.role for step in made] == [CHECK, ALLOWED, APPROVAL]
    assert [step.sort for step in made] == sorts


def test_stage_codes_fit_the_portal_with_the_longest_prefix() -> None:
    made = [step for step in plan(wanted(category=123456), EMPTY).steps if isinstance(step, AddStage)]
    assert all(len(f"C123456:{step.code}") <= 22 for step in made)


def test_a_stage_of_the_right_name_is_not_taken_for_ours() -> None:
    named = replace(
        EMPTY, stages=(*FUNNEL, PortalStage("UC_1", "Подготовка к отгрузке", 50, StageKind.PROCESS))
    )
    assert CHECK in {step.role for step in plan(wanted(), named).steps if isinstance(step, AddStage)}


def test_a_renamed_stage_of_ours_is_found_by_its_code() -> None:
    renamed = replace(EMPTY, stages=(*FUNNEL, PortalStage("CC_PREPARE", "Склад", 50, StageKind.PROCESS)))
    result = plan(wanted(), renamed)
    assert result.stages == {CHECK: "CC_PREPARE"}
    assert [step.role for step in result.steps if isinstance(step, AddStage)] == [ALLOWED, APPROVAL]


def test_stages_of_another_funnel_carry_its_prefix() -> None:
    funnel = stages(("C5:NEW", 10, "P"), ("C5:CC_PREPARE", 20, "P"), ("C5:WON", 90, "S"))
    assert plan(wanted(category=5), funnel).stages == {CHECK: "C5:CC_PREPARE"}


def test_remembered_stages_win_over_our_codes_and_are_made_anew_when_gone() -> None:
    remembered = Stages(category=0, check="NEW", allowed="GONE", approval="EXECUTING")
    result = plan(wanted(remembered=remembered), EMPTY)
    assert result.stages == {CHECK: "NEW", APPROVAL: "EXECUTING"}
    assert [step.role for step in result.steps if isinstance(step, AddStage)] == [ALLOWED]


@pytest.mark.parametrize(
    ("chosen", "problem"),
    [
        pytest.param({CHECK: "NOPE"}, ProblemCode.STAGE_MISSING, id="chosen and not there"),
        pytest.param({CHECK: "WON"}, ProblemCode.STAGE_NOT_PROCESS, id="closes the deal"),
        pytest.param({CHECK: "NEW", APPROVAL: "NEW"}, ProblemCode.STAGES_NOT_DISTINCT, id="twice the same"),
    ],
)
def test_a_wrong_choice_of_stages_is_told_and_nothing_made(
    chosen: Mapping[StageRole, str], problem: ProblemCode
) -> None:
    result = plan(wanted(chosen=dict(chosen)), EMPTY)
    assert [found.code for found in result.problems] == [problem]
    assert not [step for step in result.steps if isinstance(step, AddStage)]


def test_a_funnel_that_does_not_exist_is_told() -> None:
    result = plan(wanted(category=9), replace(EMPTY, stages=()))
    assert [(found.code, found.detail) for found in result.problems] == [(ProblemCode.FUNNEL_MISSING, "9")]


@pytest.mark.parametrize(
    ("present", "code", "detail"),
    [
        pytest.param(
            PresentField("string", multiple=False, options={}),
            ProblemCode.FIELD_OTHER_TYPE,
            "string",
            id="other type",
        ),
        pytest.param(
            PresentField("money", multiple=True, options={}), ProblemCode.FIELD_MULTIPLE, "", id="multiple"
        ),
    ],
)
def test_a_field_that_is_not_what_we_need_is_a_problem(
    present: PresentField, code: ProblemCode, detail: str
) -> None:
    result = plan(wanted(), replace(EMPTY, fields={CompanyField.LIMIT: present}))
    (problem,) = result.problems
    assert (problem.code, problem.subject, problem.detail) == (code, CompanyField.LIMIT, detail)
    assert CompanyField.LIMIT not in {step.subject for step in result.steps if isinstance(step, AddUserField)}


def test_only_missing_options_are_added() -> None:
    half = PresentField("enumeration", multiple=False, options={"allow": 7, "hold": 9, "mine": 11})
    steps = plan(wanted(), replace(EMPTY, fields={DealField.DECISION: half})).steps
    (added,) = (step for step in steps if isinstance(step, AddOptions))
    assert [option.xml_id for option in added.options] == ["allow_notify", "technical"]


@pytest.mark.parametrize(
    ("area", "kinds"),
    [
        pytest.param(Area.STAGES, (AddStage,), id="stages"),
        pytest.param(Area.ROBOTS, (AddRobot, UpdateRobot), id="robots"),
        pytest.param(Area.EVENTS, (BindEvent, UnbindEvent), id="events"),
        pytest.param(Area.PLACEMENTS, (BindPlacement, UnbindPlacement), id="placements"),
    ],
)
def test_what_was_not_shown_is_left_alone_and_told(area: Area, kinds: tuple[type, ...]) -> None:
    result = plan(wanted(), replace(EMPTY, unreadable={area: "insufficient_scope"}))
    assert not [step for step in result.steps if isinstance(step, kinds)]
    assert [(found.code, found.subject) for found in result.problems] == [(ProblemCode.AREA_UNREADABLE, area)]
    assert result.steps


def test_nothing_is_planned_for_somebody_who_is_no_administrator() -> None:
    result = plan(wanted(), replace(EMPTY, administrator=False))
    assert result.steps == ()
    assert [found.code for found in result.problems] == [ProblemCode.NOT_ADMINISTRATOR]


def test_a_moved_program_takes_its_bindings_along() -> None:
    state, registered = installed()
    steps = plan(wanted(base_url="https://new.example.com/", registered=registered), state).steps
    bound = [step.binding for step in steps if isinstance(step, BindEvent)]
    gone = [step.binding for step in steps if isinstance(step, UnbindEvent)]
    assert {binding.handler for binding in bound} == {"https://new.example.com/events"}
    assert [binding.event for binding in bound] == [binding.event for binding in gone]
    assert len([step for step in steps if isinstance(step, UpdateRobot)]) == len(robots.ALL)
    kinds = [type(step) for step in steps]
    assert kinds.index(UnbindPlacement) < kinds.index(BindPlacement)
    assert kinds.index(BindEvent) < kinds.index(UnbindEvent)


def test_bindings_that_are_not_ours_stay() -> None:
    state, registered = installed()
    foreign = replace(
        state,
        events=(*state.events, EventBinding("ONTASKADD", "https://credit.example.com/other")),
        placements=(*state.placements, PlacementBinding("LEFT_MENU", "https://credit.example.com/menu")),
    )
    assert plan(wanted(registered=registered), foreign).steps == ()


def test_an_event_we_no_longer_want_is_unbound() -> None:
    state, registered = installed()
    old = EventBinding("ONCRMLEADADD", "https://credit.example.com/events")
    assert plan(wanted(registered=registered), replace(state, events=(*state.events, old))).steps == (
        UnbindEvent(old),
    )


def test_a_changed_robot_is_updated_and_a_lost_one_added() -> None:
    state, registered = installed()
    first, second = wanted().robots[:2]
    changed = {**registered, first.code: fingerprint(replace(first, waits=not first.waits))}
    steps = plan(wanted(registered=changed), replace(state, robots=state.robots - {second.code})).steps
    assert steps == (UpdateRobot(first), AddRobot(second))
