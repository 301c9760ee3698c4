"""A portal as the installer sees it: what stands there of ours, and the single steps that change it.

No vendor name of a field passes this border; robot, event and placement codes do, because the portal calls
us by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import Enum
from typing import Protocol

from b24app.ports.fields import CompanyField
from b24app.ports.fields import DealField
from b24app.ports.fields import FieldKind

Subject = CompanyField | DealField
Words = Mapping[str, str]
"""A text by language code; `ru` is always there."""


class Area(Enum):
    """A part of the portal that is read, and changed, on its own."""

    STAGES = "stages"
    COMPANY_FIELDS = "company_fields"
    DEAL_FIELDS = "deal_fields"
    ROBOTS = "robots"
    EVENTS = "events"
    PLACEMENTS = "placements"


class StageRole(Enum):
    """What a stage is for, in the order the three stand in the funnel."""

    CHECK = "check"
    ALLOWED = "allowed"
    APPROVAL = "approval"


class StageKind(Enum):
    """Where a stage stands in the life of a deal."""

    PROCESS = "process"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class PortalStage:
    """A stage of the funnel; `status_id` carries the portal's prefix (`C5:CC_PREPARE`)."""

    status_id: str
    name: str
    sort: int
    kind: StageKind


@dataclass(frozen=True, slots=True)
class PresentField:
    """A user field found on the portal.

    `kind` is the portal's type name, which may be none of ours; `options` maps XML_ID to option id.
    """

    kind: str
    multiple: bool
    options: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class EventBinding:
    """An address of ours that the portal calls when something happens."""

    event: str
    handler: str


@dataclass(frozen=True, slots=True)
class PlacementBinding:
    """A page of ours that the portal shows in one of its places."""

    placement: str
    handler: str


@dataclass(frozen=True, slots=True)
class PortalState:
    """What stands on the portal now.

    `unreadable`: areas the portal refused to show, with its words; their other members are then empty.
    `finished`: the portal regards the application as installed (bitrix24 1.2).
    """

    administrator: bool
    finished: bool
    stages: tuple[PortalStage, ...] = ()
    fields: Mapping[Subject, PresentField] = field(default_factory=dict)
    robots: frozenset[str] = frozenset()
    events: tuple[EventBinding, ...] = ()
    placements: tuple[PlacementBinding, ...] = ()
    unreadable: Mapping[Area, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OptionText:
    """An option of an enumeration: its XML_ID, by which it is found again, and what people read."""

    xml_id: str
    text: str


@dataclass(frozen=True, slots=True)
class RobotProperty:
    """An input or output of a robot, in the portal's types (bitrix24 4.1)."""

    key: str
    kind: str
    names: Words
    required: bool = False
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RobotRegistration:
    """A robot as it is registered; `waits` is the explicit USE_SUBSCRIPTION (bitrix24 4.4)."""

    code: str
    handler: str
    waits: bool
    names: Words
    descriptions: Words
    properties: tuple[RobotProperty, ...] = ()
    results: tuple[RobotProperty, ...] = ()


@dataclass(frozen=True, slots=True)
class AddStage:
    """Make a process stage; `code` is without the funnel's prefix, which the portal adds (bitrix24 6.6)."""

    role: StageRole
    category: int
    code: str
    name: str
    sort: int


@dataclass(frozen=True, slots=True)
class AddUserField:
    """Make a user field; `options` belong to enumerations, `sort` is the place in the card."""

    subject: Subject
    kind: FieldKind
    labels: Words
    options: tuple[OptionText, ...]
    sort: int


@dataclass(frozen=True, slots=True)
class AddOptions:
    """Add missing options to an enumeration of ours; those present keep their ids."""

    subject: Subject
    options: tuple[OptionText, ...]


@dataclass(frozen=True, slots=True)
class AddRobot:
    """Register a robot."""

    robot: RobotRegistration


@dataclass(frozen=True, slots=True)
class UpdateRobot:
    """Bring a registered robot to its present form."""

    robot: RobotRegistration


@dataclass(frozen=True, slots=True)
class BindEvent:
    """Have an event sent to us."""

    binding: EventBinding


@dataclass(frozen=True, slots=True)
class UnbindEvent:
    """Stop an event being sent to an address that was ours."""

    binding: EventBinding


@dataclass(frozen=True, slots=True)
class BindPlacement:
    """Show a page of ours in a place of the portal."""

    binding: PlacementBinding
    titles: Words


@dataclass(frozen=True, slots=True)
class UnbindPlacement:
    """Stop showing a page at an address that was ours."""

    binding: PlacementBinding


Step = (
    AddStage
    | AddUserField
    | AddOptions
    | AddRobot
    | UpdateRobot
    | BindEvent
    | UnbindEvent
    | BindPlacement
    | UnbindPlacement
)


class StepResult(Enum):
    """How a step ended that did not fail. ALREADY: refused as done before, and a look agreed."""

    DONE = "done"
    ALREADY = "already"


class ProblemCode(Enum):
    """What a person has to put right before the installation can be complete."""

    NOT_ADMINISTRATOR = "not_administrator"
    AREA_UNREADABLE = "area_unreadable"
    FUNNEL_MISSING = "funnel_missing"
    STAGE_MISSING = "stage_missing"
    STAGE_NOT_PROCESS = "stage_not_process"
    STAGES_NOT_DISTINCT = "stages_not_distinct"
    FIELD_OTHER_TYPE = "field_other_type"
    FIELD_MULTIPLE = "field_multiple"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the installer will not change by itself.

    `subject`: the area, stage or field; `detail`: what was found there (a type, the portal's own words).
    """

    code: ProblemCode
    subject: Area | StageRole | Subject | None = None
    detail: str = ""


class PortalAdmin(Protocol):
    """Read and change one portal as its administrator; raises `GatewayError` subclasses only."""

    def read_state(self, category: int) -> PortalState:
        """Read all that the plan compares with, for one funnel: one batch, and more only for long lists."""
        ...

    def carry_out(self, step: Step) -> StepResult:
        """Carry out one step; a step found done already is a success."""
        ...


class PortalAdmins(Protocol):
    """Open a portal for administration by its member id."""

    def open(self, member_id: str) -> PortalAdmin:
        """Return the portal; raises `AuthLost` when it is not known."""
        ...
