"""The rows of our own database, as values."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from enum import Enum

from b24app.domain.card import CardTerms
from b24app.domain.case import AssessmentCase
from b24app.domain.decision import Decision
from b24app.domain.decision import Outcome
from b24app.domain.hold import HoldState
from b24app.domain.money import Money
from b24app.domain.rules import Reason
from b24app.domain.rules import ReasonCode
from b24app.ports.permits import Permit
from b24app.ports.portal import Action


class Mode(Enum):
    """What a portal has asked for: watch and record only, or act."""

    OBSERVE = "observe"
    ENFORCE = "enforce"


class Weight(Enum):
    """What a check meant for its deal.

    BINDING: the deal was moved or stopped by it. OBSERVED: it would have been, had the portal acted on this
    deal (observe mode, or the deal entered its stage before the switch). ADVICE: asked for elsewhere.
    """

    BINDING = "binding"
    OBSERVED = "observed"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Stages:
    """The three stages of the pipeline, by STATUS_ID, and the funnel they stand in.

    `beyond`: the stages after «allowed» that mean the goods go (success included, failures not).
    """

    category: int
    check: str
    allowed: str
    approval: str
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    """Who is told: user ids of the portal. `administrator` hears of technical trouble."""

    cfo: int
    substitutes: tuple[int, ...]
    sales_heads: tuple[int, ...]
    administrator: int


@dataclass(frozen=True, slots=True)
class PortalRecord:
    """One installation. Secrets are not here: tokens are reached through `TokenVault`.

    `enforce_since`: deals that entered their stage earlier are never put back. `installed`: the installer
    has finished. `options`: ids of enumeration options, `{"COMPANY.UF_CRM_CC_STATUS": {"active": 41}}`.
    """

    member_id: str
    client_endpoint: str
    server_endpoint: str
    service_user_id: int
    installed: bool
    mode: Mode
    enforce_since: datetime | None
    stages: Stages | None
    people: People
    options: dict[str, dict[str, int]] = field(default_factory=dict)
    last_sweep_at: datetime | None = None

    @property
    def domain(self) -> str:
        """Host of the portal, without scheme and path."""
        return self.client_endpoint.split("//", 1)[-1].split("/", 1)[0]


class MessageKind(Enum):
    """What woke us."""

    ROBOT = "robot"
    DEAL = "deal"
    COMPANY = "company"
    REQUISITE = "requisite"
    SWEEP = "sweep"
    BUTTON = "button"
    RECHECK = "recheck"
    LEDGER = "ledger"


class Lane(Enum):
    """Who works a message off. GUARD rides in the deliver lane and never waits for 1C."""

    AUTO = "auto"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True)
class Message:
    """One wake-up, stored before the caller gets his 200.

    `subject_id`: the deal (ROBOT, DEAL, SWEEP, BUTTON, RECHECK), company or requisite. `event_token` and
    `waiting` belong to robot calls: `waiting` ones must be answered. `user_id`: who pressed the button, or
    who made the change, when that was surely not us. LEDGER: accounting says that something of a client's
    changed; `reference` is his ИНН, or "" when only a document is named, `subject_id` a number made of it.
    """

    member_id: str
    kind: MessageKind
    subject_id: int
    received_at: datetime
    event_token: str | None = None
    robot_code: str | None = None
    waiting: bool = False
    user_id: int | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message taken by a lane."""

    id: int
    message: Message
    lane: Lane
    attempts: int


@dataclass(frozen=True, slots=True)
class DealRecord:
    """What we know and decided about a deal: the newest version we have dealt with.

    `version`: stage-entry moment and fingerprint of the decided deal; one check a version.
    `standing`: the stage our last delivered or pending move leaves it in. `permitted`: up to what amount an
    ALLOW or a move into the allowed stage holds. `technical_since`: start of the current technical wait.
    """

    member_id: str
    deal_id: int
    company_id: int | None
    inn: str | None
    version: str
    fingerprint: str
    standing: str
    outcome: Outcome
    check_id: int
    permitted: Money | None
    technical_since: datetime | None
    manager_id: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """The whole record of one decision: enough to explain it and to decide it again.

    `case` is None when no figures could be read (technical). `id` is 0 until saved.
    """

    member_id: str
    deal_id: int
    company_id: int | None
    company_title: str
    inn: str | None
    trigger: MessageKind
    mode: Mode
    weight: Weight
    version: str
    case: AssessmentCase | None
    decision: Decision
    decided_at: datetime
    id: int = 0


@dataclass(frozen=True, slots=True)
class RecordedCheck:
    """What deciding a recorded check again needs; `case` is None when no figures could be read then."""

    id: int
    deal_id: int
    company_title: str
    decided_at: datetime
    case: AssessmentCase | None
    decision: Decision


@dataclass(frozen=True, slots=True)
class PackedCheck:
    """A `RecordedCheck` as it lies in the database: `case` and `decision` are JSON still.

    Cheap to fetch and to hand to another process, which unpacks it.
    """

    id: int
    deal_id: int
    company_title: str
    decided_at: datetime
    case: str | None
    decision: str


@dataclass(frozen=True, slots=True)
class RecordedVerdict:
    """What a decision came to, without its arithmetic."""

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class ReserveRecord:
    """Room taken in a credit account by a deal that was allowed (K1 RES); one live row per deal."""

    member_id: str
    inn: str
    deal_id: int
    contract: str | None
    amount: Money
    check_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """An episode of being held. `version` counts changes for compare-and-swap; `id` is 0 until saved."""

    member_id: str
    deal_id: int
    inn: str | None
    check_id: int
    reasons: tuple[ReasonCode, ...]
    value: Money
    manager_id: int
    opened_at: datetime
    state: HoldState
    closed_at: datetime | None = None
    version: int = 1
    id: int = 0


class EffectState(Enum):
    """Life of an effect row."""

    PENDING = "pending"
    SENDING = "sending"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class NewEffect:
    """A write to the portal that a decision caused. `key` is unique: the same key is never stored twice.

    `after`: key of an effect that must have ended (done, cancelled or failed) in an earlier request.
    `urgent`: put-backs and robot answers.
    """

    member_id: str
    key: str
    action: Action
    deal_id: int | None = None
    check_id: int | None = None
    after: str | None = None
    urgent: bool = False
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class EffectRecord:
    """A stored effect. `sent_at` is set while SENDING and tells when an uncertain one may be looked for.

    `group`: notifications merged into one message share it, so that a repeat replaces the same message.
    """

    id: int
    effect: NewEffect
    state: EffectState
    attempts: int
    sent_at: datetime | None
    ref: str | None
    note: str | None
    group: str | None = None


class AttemptKind(Enum):
    """How somebody tried to get round a block."""

    DRAG = "drag"
    CARD = "card"
    ONEC = "onec"


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt to get round a block: who, when, from where to where. `key` makes it one.

    `kind` ONEC: a shipment posted in accounting past us; its document is the `ShipmentRecord` of the same
    key. `closed_at`: when it was taken back there, None while it stands.
    """

    member_id: str
    key: str
    kind: AttemptKind
    deal_id: int | None
    company_id: int | None
    user_id: int | None
    before: str
    after: str
    noticed_at: datetime
    closed_at: datetime | None = None


class ShipmentState(Enum):
    """What a posted shipment document of accounting is to us.

    BASELINE: it was posted before we enforced, or is no affair of ours. PERMITTED: it stands on a permission.
    PAST: nobody permitted it; reported. CLOSED: that, and taken back since.
    """

    BASELINE = "baseline"
    PERMITTED = "permitted"
    PAST = "past"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ShipmentRecord:
    """A shipment document seen posted in accounting, and what we made of it.

    `version`: the accounting's own, as last seen. `deal_id`: whose permission it stands on, or whose hold it
    went past. `author`: who made it, by name, as far as accounting tells.
    """

    member_id: str
    ref: str
    version: str
    number: str
    dated: datetime
    inn: str | None
    contract: str | None
    amount: Money
    state: ShipmentState
    noticed_at: datetime
    deal_id: int | None = None
    author: str = ""
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PermitRecord:
    """A permission row as we last sent it to accounting, and what became of that.

    `state`: SENDING until its fate is known (`sent_at`), PENDING when it is to be repeated (`not_before`).
    """

    member_id: str
    permit: Permit
    state: EffectState
    sent_at: datetime
    attempts: int = 0
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class KnownCard:
    """What our database holds of a company card: the accepted terms and what we last wrote into it."""

    member_id: str
    company_id: int
    inn: str | None
    title: str
    accepted: CardTerms
    mirrored: CardTerms | None
    version: int = 0


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """Figures of one credit account as last mirrored to the portal."""

    member_id: str
    inn: str
    balance: Money
    overdue: Money
    overdue_days: int
    available: Money | None
    last_payment: str | None
    onec_ref: str
    terms: CardTerms
    as_of: datetime


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """One version of a portal's credit policy, as it was given; versions count from 1 and never change."""

    member_id: str
    version: int
    document: str
    author: str
    made_at: datetime
    note: str = ""


class RunOutcome(Enum):
    """How a run of a job ended. INTERRUPTED: its process was stopped or died; the next run goes on."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class SyncRun:
    """One run of a job, for the record: stored when it starts, completed when it ends.

    `rows`: clients read; `changed`: those whose figures moved; `finished_at` of a running one is its start.
    """

    member_id: str
    job: str
    started_at: datetime
    finished_at: datetime
    rows: int
    changed: int
    issues: tuple[str, ...]
    error: str | None
    outcome: RunOutcome = RunOutcome.DONE

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.finished_at - self.started_at).total_seconds()
