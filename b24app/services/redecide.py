"""Decide recorded checks again under another policy: pure work on one page, fit for any process."""

from __future__ import annotations

import gc
import signal
from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING
from typing import Final
from typing import Protocol

from b24app.domain.assess import decide
from b24app.domain.case import AssessmentCase
from b24app.domain.decision import Outcome
from b24app.domain.rules import TechnicalCause
from b24app.ports.records import RecordedVerdict
from b24app.services.triage import ALLOWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24app.domain.money import Money
    from b24app.domain.policy import Policy
    from b24app.domain.rules import Reason

Restored = tuple[AssessmentCase | None, RecordedVerdict]
Restore = Callable[[str | None, str], Restored | None]
"""Reads the case and the verdict of a packed check; None for a row that cannot be read."""

Row = tuple[str | None, str]
"""A packed check's case and decision."""


class Change(Enum):
    """How a decision comes out otherwise.

    STOPPED: the goods went and would wait. FREED: they waited and would go. MADE_TECHNICAL: there would be no
    decision. NO_LONGER_TECHNICAL: there was none and would be one. NOTICE: the goods go either way, with a
    warning or without. REASONS: held either way, for other reasons.
    """

    STOPPED = "stopped"
    FREED = "freed"
    MADE_TECHNICAL = "made_technical"
    NO_LONGER_TECHNICAL = "no_longer_technical"
    NOTICE = "notice"
    REASONS = "reasons"


class Gap(Enum):
    """Why a check cannot be decided again.

    NO_FACTS: no figures could be read then. NO_POOL: the new policy asks for members of a credit group whose
    debt was not recorded. NO_RATE: it compares currencies whose rate was not recorded. UNREADABLE: the row.
    """

    NO_FACTS = "no_facts"
    NO_POOL = "no_pool"
    NO_RATE = "no_rate"
    UNREADABLE = "unreadable"


_GAPS: Final[dict[TechnicalCause | None, Gap]] = {
    TechnicalCause.POOL_UNKNOWN: Gap.NO_POOL,
    TechnicalCause.OTHER_CURRENCY: Gap.NO_RATE,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """A check that would come out otherwise; `place` is its place in the page."""

    place: int
    change: Change
    amount: Money
    before: RecordedVerdict
    after: RecordedVerdict


@dataclass(slots=True)
class Outturn:
    """What became of one page."""

    unchanged: int = 0
    gaps: Counter[Gap] = field(default_factory=Counter)
    turns: list[Turn] = field(default_factory=list)


def redecide(rows: Sequence[Row], policy: Policy, restore: Restore) -> Outturn:
    """Decide every check of a page again and keep what differs."""
    found = Outturn()
    with _no_collecting():
        for place, (case, decision) in enumerate(rows):
            restored = restore(case, decision)
            if restored is None:
                found.gaps[Gap.UNREADABLE] += 1
                continue
            facts, before = restored
            if facts is None:
                found.gaps[Gap.NO_FACTS] += 1
                continue
            after = decide(facts, policy)
            if after.outcome is Outcome.TECHNICAL and (gap := _gap(after.reasons)) is not None:
                found.gaps[gap] += 1
                continue
            change = difference(before.outcome, after.outcome) or other_reasons(before, after)
            if change is None:
                found.unchanged += 1
                continue
            verdict = RecordedVerdict(after.outcome, after.reasons)
            found.turns.append(Turn(place, change, facts.candidate.amount, before, verdict))
    return found


def _gap(reasons: Sequence[Reason]) -> Gap | None:
    return next((_GAPS[each.cause] for each in reasons if each.cause in _GAPS), None)


def difference(before: Outcome, after: Outcome) -> Change | None:
    """Name the change of an outcome; None when it is the same."""
    if before is after:
        return None
    if after is Outcome.TECHNICAL:
        return Change.MADE_TECHNICAL
    if before is Outcome.TECHNICAL:
        return Change.NO_LONGER_TECHNICAL
    if before in ALLOWS and after in ALLOWS:
        return Change.NOTICE
    return Change.FREED if before is Outcome.HOLD else Change.STOPPED


class _Verdict(Protocol):
    @property
    def reasons(self) -> tuple[Reason, ...]: ...


def other_reasons(before: _Verdict, after: _Verdict) -> Change | None:
    """Compare the codes of the reasons; their numbers differ whenever a threshold does."""
    if not before.reasons and not after.reasons:
        return None
    was, becomes = ({reason.code for reason in each.reasons} for each in (before, after))
    return Change.REASONS if was != becomes else None


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Spare the cyclic collector: what a page is read into is freed by its counts."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


# -- in a process of its own

_work: list[tuple[Policy, Restore]] = []


def begin(policy: Policy, restore: Restore) -> None:
    """Prepare a worker process; the keyboard is its parent's business wherever it is heard."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _work[:] = [(policy, restore)]
    gc.freeze()
    gc.disable()


def redecide_here(rows: Sequence[Row]) -> Outturn:
    """Decide a page again in a prepared process."""
    policy, restore = _work[0]
    return redecide(rows, policy, restore)
