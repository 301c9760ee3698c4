"""What the install page shows of a run."""

from __future__ import annotations

from b24app.domain.errors import CreditControlError
from b24app.messages import install as words
from b24app.ports.admin import StageRole
from b24app.services.views import ByHand
from b24app.services.views import InstallStep
from b24app.services.views import InstallView
from b24app.services.views import StepState
from install.apply import Ending
from install.apply import Installation
from install.apply import StepOutcome
from install.contact import NotAdministratorError
from robots import cc_check

_STATES = {
    Ending.DONE: StepState.MADE,
    Ending.ALREADY: StepState.KEPT,
    Ending.SKIPPED: StepState.PLANNED,
    Ending.FAILED: StepState.FAILED,
}


def planned_view(found: Installation, language: str) -> InstallView:
    """Show what will be made, and what a person has to put right first."""
    return InstallView(
        steps=tuple(
            InstallStep(words.describe_step(step, language), StepState.PLANNED) for step in found.left
        ),
        by_hand=_problems(found, language),
        complete=False,
        startable=bool(found.left),
    )


def step_view(outcome: StepOutcome, language: str) -> InstallStep:
    """Show what became of one step."""
    note = words.pick(words.PUT_OFF, language) if outcome.ending is Ending.SKIPPED else outcome.note
    return InstallStep(words.describe_step(outcome.step, language), _STATES[outcome.ending], note or None)


def installation_view(done: Installation, language: str, *, observing: bool, unsigned: bool) -> InstallView:
    """Show each step, what a person must put right, and, once all stands, what he has to do by hand."""
    steps = tuple(step_view(outcome, language) for outcome in done.outcomes)
    if not done.complete:
        problem = words.pick(words.INCOMPLETE, language)
        by_hand = _problems(done, language)
        return InstallView(steps, by_hand, complete=False, startable=bool(done.left), problem=problem)
    kept = (InstallStep(words.pick(words.NOTHING_TO_DO, language), StepState.KEPT),)
    further = [words.ENFORCE] if observing else []
    if unsigned:
        further.append(words.NO_SIGNATURE)
    by_hand = (_place_robot(language), *(ByHand(words.pick(each, language)) for each in further))
    return InstallView(steps or kept, by_hand, complete=True)


def refusal_view(refusal: CreditControlError, language: str) -> InstallView:
    """Tell a proved person why nothing was done for him."""
    sentence = words.NOT_ADMINISTRATOR if isinstance(refusal, NotAdministratorError) else words.FOREIGN_PORTAL
    return InstallView((), (), complete=False, problem=words.pick(sentence, language))


def broken_off_view(language: str) -> InstallView:
    """Ask for another try after the portal fell silent."""
    return InstallView((), (), complete=False, problem=words.pick(words.BROKEN_OFF, language))


def _problems(found: Installation, language: str) -> tuple[ByHand, ...]:
    return tuple(ByHand(words.describe_problem(problem, language)) for problem in found.problems)


def _place_robot(language: str) -> ByHand:
    text = words.pick(words.PLACE_ROBOT, language).format(
        robot=words.pick(cc_check.SPEC.names, language),
        stage=words.pick(words.STAGE_NAMES[StageRole.CHECK], language),
    )
    return ByHand(text, picture="robots")
