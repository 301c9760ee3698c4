"""A Bitrix24 portal as the services see it: facts read, actions carried out.

No vendor name passes this border: user-field codes and method names live in `b24app.bitrix`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from typing import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Iterator
    from collections.abc import Sequence
    from datetime import date
    from datetime import datetime

    from b24app.domain.card import CardTerms
    from b24app.domain.money import Money
    from b24app.domain.rates import Rates

# --------------------------------------------------------------------------- facts


@dataclass(frozen=True, slots=True)
class Requisite:
    """One requisite row of a company: the tax number that leads to accounting."""

    id: int
    inn: str
    kpp: str


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """A company card: its title, its requisites and the credit terms typed into it."""

    id: int
    title: str
    requisites: tuple[Requisite, ...]
    terms: CardTerms


@dataclass(frozen=True, slots=True)
class DealFacts:
    """A deal as it stands now.

    `moved_at` is the moment it entered its stage (the stage-entry id of a version); `moved_by` who moved it.
    `company` is None when the deal has none or the card cannot be read. `requisite` is the one linked to the
    deal, if any. `amount` carries the deal's currency.
    """

    id: int
    title: str
    stage_id: str
    category_id: int
    amount: Money
    company_id: int | None
    company: CompanyFacts | None
    requisite_id: int | None
    contract: str | None
    terms: str | None
    discount: str | None
    manager_id: int
    manager_name: str
    moved_at: datetime
    moved_by: int
    closed: bool


@dataclass(frozen=True, slots=True)
class StandingDeal:
    """A row of the sweep: a deal found on one of our stages."""

    id: int
    stage_id: str
    moved_at: datetime


# --------------------------------------------------------------------------- actions


@dataclass(frozen=True, slots=True)
class Guard:
    """What must still be true of a deal for a move to happen; `None` members are not compared."""

    stage_id: str
    company_id: int | None = None
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class DealFields:
    """The app's own fields of a deal; a member that is None is emptied on the portal.

    `decision` is one of `allow`, `allow_notify`, `hold`, `technical` (the enumeration's XML_ID).
    """

    decision: str | None
    reason: str | None
    excess: Money | None
    to_pay: Money | None
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class MoveDeal:
    """Write fields and move the deal in one conditional update."""

    deal_id: int
    guard: Guard
    stage_id: str
    fields: DealFields | None


@dataclass(frozen=True, slots=True)
class WriteDealFields:
    """Write the app's fields of a deal without moving it."""

    deal_id: int
    fields: DealFields


@dataclass(frozen=True, slots=True)
class WriteDealPaper:
    """Write into a deal which shipment document of accounting belongs to it, and how that stands."""

    deal_id: int
    text: str


@dataclass(frozen=True, slots=True)
class MirrorFields:
    """Figures shown on the company card; None empties."""

    balance: Money | None
    overdue: Money | None
    available: Money | None
    overdue_days: int | None
    last_payment: date | None
    onec_id: str | None
    as_of: datetime


@dataclass(frozen=True, slots=True)
class WriteCompany:
    """Write a company's credit terms (mirror or put-back) and, when given, its figures from accounting."""

    company_id: int
    terms: CardTerms | None
    figures: MirrorFields | None


@dataclass(frozen=True, slots=True)
class AddTask:
    """Make a task about a deal; `mark` stands in the title and finds the task again."""

    deal_id: int
    mark: str
    title: str
    text: str
    responsible_id: int
    deadline: datetime


@dataclass(frozen=True, slots=True)
class CloseTask:
    """Complete the task that carries the mark on this deal; nothing to do when it is gone or done."""

    deal_id: int
    mark: str
    task_id: int | None


@dataclass(frozen=True, slots=True)
class Notify:
    """Send a system notification; `tag` makes a repeat replace the first one."""

    user_id: int
    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class AddComment:
    """Add a timeline comment to a deal; `mark` stands in the text and finds it again."""

    deal_id: int
    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class AnswerRobot:
    """Answer a waiting robot; `proceed` is what the administrator's next robots branch on."""

    event_token: str
    decision: str
    proceed: bool
    reason: str
    excess: Money | None
    to_pay: Money | None


Action = (
    MoveDeal
    | WriteDealFields
    | WriteDealPaper
    | WriteCompany
    | AddTask
    | CloseTask
    | Notify
    | AddComment
    | AnswerRobot
)


class Result(Enum):
    """How one action ended."""

    DONE = "done"
    GUARD_FAILED = "guard_failed"
    GONE = "gone"
    REFUSED = "refused"
    RETRY = "retry"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one action: `ref` is the id of what was made, `note` the reason of a refusal.

    GONE: the object does not exist any more. REFUSED: permanent. RETRY: was certainly not carried out, may be
    repeated (`after` tells when, if the portal said). UNCERTAIN: look first (`Portal.look`).
    """

    result: Result
    ref: str | None = None
    note: str | None = None
    after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What an action takes of a batch: commands, and seconds expected on the portal."""

    commands: int
    seconds: float


class Priority(Enum):
    """Who waits: a person or an enforcement act, ordinary work, or bulk (at most 60 % of the bucket)."""

    URGENT = 0
    NORMAL = 1
    BULK = 2


class Portal(Protocol):
    """One portal, called as its service user. Every method raises `GatewayError` subclasses only."""

    def fetch_deals(
        self, deal_ids: Sequence[int], *, priority: Priority = Priority.NORMAL
    ) -> list[DealFacts]:
        """Read up to 200 deals with companies, requisites and managers; missing deals are absent."""
        ...

    def fetch_companies(self, company_ids: Sequence[int]) -> list[CompanyFacts]:
        """Read up to 50 company cards with their requisites in one request."""
        ...

    def companies_of_requisites(self, requisite_ids: Sequence[int]) -> list[int]:
        """Return the ids of the companies these requisites belong to."""
        ...

    def stream_companies(self) -> Iterator[CompanyFacts]:
        """Read every company with its requisites, page by page by growing id (bulk priority)."""
        ...

    def standing_deals(
        self, stage_ids: Sequence[str], *, moved_since: datetime | None
    ) -> Iterator[StandingDeal]:
        """List the deals that stand on these stages, by growing id; optionally only those moved since."""
        ...

    def fetch_rates(self) -> Rates:
        """Read the exchange rates the portal keeps, each with its day in the portal's zone, in one request.

        A rate that cannot be read, is not positive or has no day is left out.
        """
        ...

    def cost(self, action: Action) -> Cost:
        """Tell what an action takes of a batch."""
        ...

    def perform(self, actions: Sequence[Action], *, priority: Priority = Priority.NORMAL) -> list[Outcome]:
        """Carry out actions (together at most 50 commands) in one request; one outcome each, in order.

        Does not raise `GatewayError` for a failed request: the outcomes say RETRY, UNCERTAIN or REFUSED.
        """
        ...

    def look(self, actions: Iterable[Action]) -> list[Outcome | None]:
        """Find out what became of uncertain actions: DONE (with `ref`), or None: not carried out.

        Actions that are harmless to repeat (fields, notifications with a tag, robot answers) are None.
        """
        ...


class Portals(Protocol):
    """Open a portal by its member id."""

    def open(self, member_id: str) -> Portal:
        """Return the portal; raises `AuthLost` when it is not installed."""
        ...
