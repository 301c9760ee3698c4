"""One deal on the desk: what woke us, what stands, what accounting said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit
from b24app.domain.rules import TechnicalCause
from b24app.ports.records import MessageKind
from b24app.services.triage import Plan
from b24app.services.triage import Standing
from b24app.services.triage import is_acting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24app.domain.case import AssessmentCase
    from b24app.domain.decision import Decision
    from b24app.domain.receivable import AccountFigures
    from b24app.ports.book import UnitOfWork
    from b24app.ports.portal import DealFacts
    from b24app.ports.records import Message
    from b24app.ports.records import PortalRecord
    from b24app.ports.records import StoredMessage
    from b24app.services.settings import CreditSettings

STRENGTH = (
    MessageKind.BUTTON,
    MessageKind.ROBOT,
    MessageKind.RECHECK,
    MessageKind.DEAL,
    MessageKind.SWEEP,
)


@dataclass(frozen=True, slots=True)
class Matter:
    """A deal to be dealt with: the portal it lives on, its state, the messages that asked for it."""

    portal: PortalRecord
    settings: CreditSettings
    standing: Standing
    messages: tuple[StoredMessage, ...]
    robots: tuple[Message, ...]

    @property
    def deal(self) -> DealFacts:
        """The deal as read from the portal."""
        return self.standing.deal

    @property
    def acting(self) -> bool:
        """Whether this deal may be moved and blocked, or only watched."""
        return is_acting(self.portal, self.deal)

    @property
    def arrival(self) -> int:
        """Order of arrival among matters of one round."""
        return min((stored.id for stored in self.messages), default=0)

    @property
    def message_ids(self) -> list[int]:
        """Ids of the messages this matter works off."""
        return [stored.id for stored in self.messages]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Where a deal's credit account was looked for: the tax number, or why there is none."""

    inn: str | None
    cause: TechnicalCause | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check came to, ready to be written down; `own_limit` is the client's limit in accounting."""

    plan: Plan
    inn: str | None
    decision: Decision
    case: AssessmentCase | None
    figures: AccountFigures | None
    own_limit: CreditLimit = NOT_SET


def strongest(messages: Iterable[StoredMessage]) -> MessageKind:
    """Return the kind that asks for most: a person before a robot before a sweep."""
    kinds = {stored.message.kind for stored in messages}
    return next((kind for kind in STRENGTH if kind in kinds), MessageKind.SWEEP)


def stand(unit: UnitOfWork, member_id: str, deal: DealFacts, messages: Iterable[StoredMessage]) -> Standing:
    """Gather what our database knows of a deal."""
    return Standing(
        deal=deal,
        record=unit.deals.get(member_id, deal.id),
        hold=unit.holds.open_of_deal(member_id, deal.id),
        reserve=unit.reserves.of_deal(member_id, deal.id),
        trigger=strongest(messages),
        waiting_robots=len(unit.inbox.unanswered(member_id, deal.id)),
    )


def bring(
    unit: UnitOfWork,
    portal: PortalRecord,
    settings: CreditSettings,
    deal: DealFacts,
    messages: Iterable[StoredMessage],
) -> Matter:
    """Put a deal on the desk with all our database knows of it."""
    rows = tuple(messages)
    return Matter(
        portal=portal,
        settings=settings,
        standing=stand(unit, portal.member_id, deal, rows),
        messages=rows,
        robots=tuple(unit.inbox.unanswered(portal.member_id, deal.id)),
    )


def account_of(deal: DealFacts) -> Inquiry:
    """Find the tax number behind a deal: its linked requisite, else the company's only one (bitrix24 6.9)."""
    if deal.company_id is None or deal.company is None:
        return Inquiry(None, TechnicalCause.NO_COMPANY)
    requisites = deal.company.requisites
    linked = [row for row in requisites if row.id == deal.requisite_id and row.inn]
    numbers = {row.inn for row in (linked or requisites) if row.inn}
    if not numbers:
        return Inquiry(None, TechnicalCause.NO_TAX_NUMBER, deal.company.title)
    if len(numbers) > 1:
        return Inquiry(None, TechnicalCause.SEVERAL_TAX_NUMBERS, ", ".join(sorted(numbers)))
    return Inquiry(numbers.pop())
