"""From matters and findings to the words of `b24app.messages`: one door for every text a person gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.rules import TechnicalCause
from b24app.messages import alert_texts
from b24app.messages import decision_texts
from b24app.messages import shipment_texts
from b24app.messages.briefs import AttemptBrief
from b24app.messages.briefs import CompanyBrief
from b24app.messages.briefs import DealBrief
from b24app.messages.briefs import Reader
from b24app.messages.catalogue import say
from b24app.messages.format import cut
from b24app.messages.format import escape_bb
from b24app.messages.pages import page_text
from b24app.ports.errors import AuthLost
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import ConfigurationUnknown
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.errors import NotReached
from b24app.ports.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from b24app.domain.card import FieldChange
    from b24app.domain.decision import Decision
    from b24app.ports.portal import CompanyFacts
    from b24app.ports.records import KnownCard
    from b24app.ports.records import PortalRecord
    from b24app.ports.records import ShipmentRecord
    from b24app.ports.records import Stages
    from b24app.services.matter import Finding
    from b24app.services.matter import Matter

FAILURES: Final[tuple[tuple[type[GatewayError], str], ...]] = (
    (LedgerMisconfigured, "misconfigured"),
    (NotReached, "unreachable"),
    (BadAnswer, "garbled"),
    (AuthLost, "login"),
    (Forbidden, "rights"),
    (Rejected, "refused"),
)
PORTAL_FAILURES: Final[tuple[tuple[type[GatewayError], str], ...]] = (
    (AuthLost, "access"),
    (Forbidden, "rights"),
    (NotReached, "unreachable"),
)
LISTED: Final = 1000
FIELD_LIMIT: Final = 250
SEPARATOR = "\n\n———\n\n"


@dataclass(frozen=True, slots=True)
class HeldFor:
    """Whether a client has held deals, and the decision that holds the one in question, if it is known."""

    held: bool
    decision: Decision | None


class Wording:
    """Speaks one language in one time zone. Every title of a person's making is escaped inside `messages`."""

    def __init__(self, *, language: str, zone: ZoneInfo) -> None:
        self._language = language
        self._reader = Reader(zone, language)

    def field_reason(self, decision: Decision) -> str:
        """Return the deal field's short text (at most 250 characters)."""
        return decision_texts.field_reason(decision, self._language)

    def hold_notice(self, matter: Matter, finding: Finding) -> str:
        """Return the notification of a hold for the heads of sales and the CFO."""
        return decision_texts.notification(brief(matter), finding.decision, finding.figures, self._reader)

    def soft_notice(self, matter: Matter, finding: Finding) -> str:
        """Tell the CFO of a strategic partner's shipment that passed in spite of its overdue."""
        return decision_texts.soft_notification(
            brief(matter), finding.decision, finding.figures, self._reader
        )

    def several_notices(self, texts: Sequence[str]) -> str:
        """Join notifications to one person that go out together."""
        return texts[0] if len(texts) == 1 else SEPARATOR.join(texts)

    def hold_task(self, matter: Matter, finding: Finding, mark: str) -> tuple[str, str]:
        """Return title and text of the manager's task."""
        deal = brief(matter)
        title = decision_texts.task_title(mark, deal, self._language)
        return title, decision_texts.task_text(deal, finding.decision, finding.figures, self._reader)

    def hold_comment(self, finding: Finding, mark: str) -> str:
        """Return the timeline comment of a hold."""
        if finding.figures is None:
            return alert_texts.technical_comment(mark, finding.decision, self._reader)
        return decision_texts.hold_comment(mark, finding.decision, finding.figures, self._reader)

    def allow_comment(self, matter: Matter, finding: Finding, mark: str, until: datetime) -> str:
        """Return the timeline comment of a permission, or of a release when the deal was held."""
        return decision_texts.allow_comment(
            mark,
            finding.decision,
            finding.figures,
            self._reader,
            until=until,
            released=matter.standing.hold is not None,
        )

    def technical_for_manager(self, matter: Matter, decision: Decision) -> str:
        """Tell the manager why his deal waits and what he can do."""
        return alert_texts.technical_to_manager(brief(matter), decision, self._reader)

    def outage_notice(self, error: GatewayError, now: datetime) -> str:
        """Tell the administrator that 1C is silent or misconfigured, and how it failed."""
        text = alert_texts.technical_to_administrator(ledger_cause(error), None, self._reader, since=now)
        return f"{text}\n{ledger_failure(error, self._language)}"

    def put_back_comment(self, matter: Matter, mark: str) -> str:
        """Return the timeline comment of a put-back."""
        return alert_texts.put_back_comment(mark, self._attempt(matter), self._reader)

    def first_slip_note(self, matter: Matter, decision: Decision | None) -> str:
        """Return the friendly note to a person whose first slip it is."""
        return alert_texts.attempt_to_manager(brief(matter), decision, self._reader)

    def attempt_notice(self, matter: Matter, decision: Decision | None, repeats: int) -> str:
        """Report a repeated attempt to the heads of sales."""
        attempt = self._attempt(matter)
        return alert_texts.attempt_to_head(brief(matter), attempt, decision, self._reader, repeats=repeats)

    def pushed_notice(self, matter: Matter, put_backs: int) -> str:
        """Tell the administrator that a deal keeps being pushed past the block."""
        return alert_texts.attempt_stuck(brief(matter), put_backs, self._reader)

    def card_attempt(
        self, portal: PortalRecord, company: CompanyFacts, changes: Sequence[FieldChange]
    ) -> str:
        """Report credit terms typed into a card without right."""
        url = card_url(portal, "company", company.id)
        return alert_texts.card_attempt(CompanyBrief(company.title, url), changes, self._reader)

    def past_notice(
        self, portal: PortalRecord, shipment: ShipmentRecord, card: KnownCard | None, hold: HeldFor
    ) -> str:
        """Report a shipment posted in accounting that nobody permitted."""
        url = card_url(portal, "company", card.company_id) if card is not None else ""
        client = CompanyBrief(card.title if card is not None else shipment.inn or "—", url)
        paper = self._shipment(portal, shipment)
        return shipment_texts.past_notice(paper, client, hold.decision, self._reader, held=hold.held)

    def past_comment(self, portal: PortalRecord, shipment: ShipmentRecord, mark: str) -> str:
        """Return the timeline comment of a shipment posted past a held deal."""
        return shipment_texts.past_comment(mark, self._shipment(portal, shipment), self._reader)

    def deal_papers(self, portal: PortalRecord, shipments: Sequence[ShipmentRecord]) -> str:
        """Name the shipment documents of a deal for its field, newest first; nothing is an empty text."""
        newest = reversed(shipments)
        lines = (
            shipment_texts.paper_line(self._shipment(portal, row), row.state.value, self._reader)
            for row in newest
        )
        return cut("; ".join(lines), FIELD_LIMIT)

    def shipments_hidden(self, error: GatewayError) -> str:
        """Tell the administrator that shipments cannot be read, and what to publish."""
        missing = error.missing if isinstance(error, LedgerMisconfigured) else ()
        return shipment_texts.shipments_hidden(", ".join(missing) or "—", self._language)

    def _shipment(self, portal: PortalRecord, shipment: ShipmentRecord) -> shipment_texts.ShipmentBrief:
        number = shipment.deal_id
        deal = f"[url={card_url(portal, 'deal', number)}]№{number}[/url]" if number is not None else ""
        return shipment_texts.ShipmentBrief(
            shipment.number, shipment.dated, shipment.amount, shipment.author, deal
        )

    def move_refused(self, portal: PortalRecord, deal_id: int, why: str) -> str:
        """Tell the administrator that the portal refuses to move a deal."""
        link = f"[url={card_url(portal, 'deal', deal_id)}]№{deal_id}[/url]"
        return say("move.refused", self._language, deal=link, why=escape_bb(why, LISTED))

    def _attempt(self, matter: Matter) -> AttemptBrief:
        deal = matter.deal
        who = deal.manager_name if deal.moved_by == deal.manager_id else ""
        stages = matter.portal.stages
        return AttemptBrief(
            who=who or page_text("person.unnamed", self._language, number=str(deal.moved_by)),
            when=deal.moved_at,
            before=self._stage(stages, stages.approval if stages else ""),
            after=self._stage(stages, deal.stage_id),
        )

    def _stage(self, stages: Stages | None, stage_id: str) -> str:
        known = {} if stages is None else {stages.allowed: "allowed", stages.approval: "approval"}
        role = known.get(stage_id)
        return page_text(f"stage.{role}", self._language) if role else stage_id


def ledger_failure(error: GatewayError, language: str) -> str:
    """Say in one sentence how accounting failed, for who can repair it."""
    if isinstance(error, ConfigurationUnknown):
        objects = escape_bb(", ".join(error.looked_for), LISTED)
        kind = "unrecognised" if error.published else "empty"
        return say(f"technical.failure.{kind}", language, objects=objects)
    if isinstance(error, LedgerMisconfigured) and error.missing:
        objects = escape_bb(", ".join(error.missing), LISTED)
        return say("technical.failure.missing", language, objects=objects)
    kind = next((kind for known, kind in FAILURES if isinstance(error, known)), "silent")
    return say(f"technical.failure.{kind}", language)


def portal_failure(error: GatewayError, language: str) -> str:
    """Say in one sentence how a portal failed, for who can repair it."""
    kind = next((kind for known, kind in PORTAL_FAILURES if isinstance(error, known)), "silent")
    return say(f"doctor.portal_failure.{kind}", language)


def ledger_cause(error: GatewayError) -> TechnicalCause:
    """Tell a silence of accounting, which passes, from a failure a person has to repair."""
    return TechnicalCause.LEDGER_SILENT if error.retryable else TechnicalCause.LEDGER_MISCONFIGURED


def card_url(portal: PortalRecord, kind: str, number: int) -> str:
    """Return the address of a card (`deal` or `company`) on its portal."""
    scheme = portal.client_endpoint.split("://", 1)[0]
    return f"{scheme}://{portal.domain}/crm/{kind}/details/{number}/"


def brief(matter: Matter) -> DealBrief:
    """Name a deal for texts."""
    deal = matter.deal
    return DealBrief(
        deal_id=deal.id,
        title=deal.title,
        client=deal.company.title if deal.company else "—",
        manager=deal.manager_name,
        amount=deal.amount,
        url=card_url(matter.portal, "deal", deal.id),
    )
