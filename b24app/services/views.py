"""What the pages show, as finished words: made by services and the installer, rendered by the web."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


class Tone(Enum):
    """The colour a sentence is said in; the sentence says the same in words."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class AmountLine:
    """One line of the arithmetic: what it is and how much; `strong` marks a result."""

    label: str
    amount: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the bar: `kind` names its colour, `start` and `width` are percent of the bar, 0..100."""

    kind: str
    label: str
    start: Decimal
    width: Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """The arithmetic as a picture; `limit_at` and `over` (start, width) in percent, None when absent."""

    label: str
    segments: tuple[Segment, ...]
    limit_at: Decimal | None
    over: tuple[Decimal, Decimal] | None


@dataclass(frozen=True, slots=True)
class OverdueLine:
    """One late instalment."""

    document: str
    due: str
    days: str
    amount: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One earlier check of the deal."""

    when: str
    verdict: str
    tone: Tone
    trigger: str


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    """One shipment document of accounting that belongs to the deal: permitted, past us, or taken back."""

    document: str
    amount: str
    author: str
    state: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class DealTabView:
    """The credit tab of one deal in the reader's language.

    `note`: what the mode means for this verdict («would be held»), if anything. `checking`: a check is under
    way, so the page asks again. `can_recheck`: whether the button is offered. `revision` changes with every
    new check; the page compares it to know that its own request was answered.
    """

    tone: Tone
    verdict: str
    revision: str
    note: str | None = None
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    arithmetic: tuple[AmountLine, ...] = ()
    to_release: tuple[str, ...] = ()
    as_of: str | None = None
    age: str | None = None
    held_since: str | None = None
    bar: Bar | None = None
    overdue: tuple[OverdueLine, ...] = ()
    shipments: tuple[ShipmentLine, ...] = ()
    history: tuple[HistoryLine, ...] = ()
    checking: bool = False
    can_recheck: bool = True


class StepState(Enum):
    """What became of one thing the installer makes."""

    PLANNED = "planned"
    MADE = "made"
    KEPT = "kept"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class InstallStep:
    """One thing the installer makes on the portal, named for people; `note` says why it failed."""

    title: str
    state: StepState
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ByHand:
    """Something only a person can do; `picture` names a drawing of where, if there is one."""

    text: str
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class InstallView:
    """The install page: what is to be made or was made, what came of it, what a person must do by hand.

    `complete`: everything is there, so the page may call `BX24.installFinish()` (bitrix24 1.2). `startable`:
    something is left to make and the person may start it. `problem`: the sentence that explains what stands
    in the way.
    """

    steps: tuple[InstallStep, ...]
    by_hand: tuple[ByHand, ...]
    complete: bool
    startable: bool = False
    problem: str | None = None
