"""Carrying out a plan: all of it, past failures, and nothing the second time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from b24app.messages.install import describe_problem
from b24app.messages.install import describe_step
from b24app.ports.admin import AddRobot
from b24app.ports.admin import AddStage
from b24app.ports.admin import AddUserField
from b24app.ports.admin import Area
from b24app.ports.admin import BindEvent
from b24app.ports.admin import BindPlacement
from b24app.ports.admin import Problem
from b24app.ports.admin import ProblemCode
from b24app.ports.admin import StageRole
from b24app.ports.admin import UnbindEvent
from b24app.ports.admin import UpdateRobot
from b24app.ports.errors import AuthLost
from b24app.ports.fields import CompanyField
from b24app.ports.records import Stages
from install.apply import Ending
from install.apply import carry_out
from install.apply import install
from install.apply import look
from install.plan import plan
from tests.unit.install.portal import EMPTY
from tests.unit.install.portal import MemoryPortal
from tests.unit.install.portal import wanted


def test_a_first_run_makes_everything_and_remembers_it() -> None:
    portal = MemoryPortal()
    done = install(portal, wanted())
    assert done.complete
    assert done.problems == ()
    assert done.stages == Stages(0, "CC_PREPARE", "CC_ALLOWED", "CC_APPROVAL", beyond=("WON",))
    assert set(done.options["COMPANY.LIMIT_MODE"]) == {"not_set", "granted", "unlimited"}
    assert set(done.options["DEAL.DECISION"]) == {"allow", "allow_notify", "hold", "technical"}
    assert {outcome.ending for outcome in done.outcomes} == {Ending.DONE}


def test_a_second_run_carries_out_nothing() -> None:
    portal = MemoryPortal()
    first = install(portal, wanted())
    portal.carried_out.clear()
    second = install(portal, wanted(registered=dict(first.registered), remembered=first.stages))
    assert portal.carried_out == []
    assert second.unchanged
    assert (second.stages, second.options, second.registered) == (
        first.stages,
        first.options,
        first.registered,
    )


@pytest.mark.parametrize("broken", [AddStage, AddUserField, AddRobot, BindEvent, BindPlacement])
def test_a_failing_step_does_not_stop_the_others(broken: type) -> None:
    portal = MemoryPortal(broken=[broken])
    done = install(portal, wanted())
    failed = {type(outcome.step) for outcome in done.outcomes if outcome.ending is Ending.FAILED}
    assert failed == {broken}
    assert {type(step) for step in portal.carried_out} == {
        AddStage,
        AddUserField,
        AddRobot,
        BindEvent,
        BindPlacement,
    } - failed
    assert not done.complete
    assert all("not today" in outcome.note for outcome in done.outcomes if outcome.ending is Ending.FAILED)


def test_a_failed_run_is_finished_by_the_next_one() -> None:
    portal = MemoryPortal(broken=[AddRobot])
    first = install(portal, wanted())
    portal.broken.clear()
    second = install(portal, wanted(registered=dict(first.registered)))
    assert {type(outcome.step) for outcome in second.outcomes} == {AddRobot}
    assert second.complete


def test_a_robot_that_could_not_be_updated_is_tried_again() -> None:
    portal = MemoryPortal()
    first = install(portal, wanted())
    portal.broken.add(UpdateRobot)
    moved = "https://new.example.com"
    failed = install(portal, wanted(base_url=moved, registered=dict(first.registered)))
    assert not failed.complete
    portal.broken.clear()
    again = install(portal, wanted(base_url=moved, registered=dict(failed.registered)))
    assert {type(outcome.step) for outcome in again.outcomes} == {UpdateRobot}
    assert again.complete


def test_an_old_address_stays_while_the_new_one_cannot_be_bound() -> None:
    portal = MemoryPortal()
    first = install(portal, wanted())
    before = portal.state.events
    portal.broken.add(BindEvent)
    done = install(portal, wanted(base_url="https://new.example.com", registered=dict(first.registered)))
    endings = {outcome.ending for outcome in done.outcomes if isinstance(outcome.step, UnbindEvent)}
    assert endings == {Ending.SKIPPED}
    assert portal.state.events == before


def test_a_lost_authorization_ends_the_run() -> None:
    portal = MemoryPortal()
    portal.silent = AuthLost("no tokens")
    with pytest.raises(AuthLost):
        install(portal, wanted())


def test_a_run_given_up_half_way_is_finished_by_the_next() -> None:
    portal = MemoryPortal()
    found = look(portal, wanted())
    assert portal.carried_out == []
    run = carry_out(portal, found.left)
    first = [next(run) for _ in range(5)]
    assert [outcome.step for outcome in first] == list(found.left[:5]) == portal.carried_out
    done = install(portal, wanted())
    assert done.complete
    assert len(done.outcomes) == len(found.left) - 5


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_step_and_problem_has_words(language: str) -> None:
    sentences = [describe_step(step, language) for step in plan(wanted(), EMPTY).steps]
    subjects: dict[ProblemCode, Area | StageRole | CompanyField] = {
        ProblemCode.AREA_UNREADABLE: Area.ROBOTS,
        ProblemCode.STAGE_MISSING: StageRole.CHECK,
        ProblemCode.STAGE_NOT_PROCESS: StageRole.CHECK,
        ProblemCode.FIELD_OTHER_TYPE: CompanyField.LIMIT,
        ProblemCode.FIELD_MULTIPLE: CompanyField.LIMIT,
    }
    sentences += [describe_problem(Problem(code, subjects.get(code), "X"), language) for code in ProblemCode]
    assert all(sentence and "{" not in sentence for sentence in sentences)
    assert len(set(sentences)) == len(sentences)


def test_an_incomplete_look_afterwards_is_not_a_success() -> None:
    class Forgetful(MemoryPortal):
        def carry_out(self, step):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - one-off fake
            before = self.state
            result = super().carry_out(step)
            if isinstance(step, BindPlacement):
                self.state = replace(before)
            return result

    assert not install(Forgetful(), wanted()).complete
