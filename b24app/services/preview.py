"""Decide a deal as the desk would, show the arithmetic, write nothing: for the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24app.domain.rules import TechnicalCause
from b24app.ports.errors import GatewayError
from b24app.ports.errors import NotFound
from b24app.ports.records import Lane
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.ports.records import StoredMessage
from b24app.services.assessment import Accounts
from b24app.services.assessment import assess_matter
from b24app.services.assessment import look_around
from b24app.services.assessment import technical
from b24app.services.assessment import with_rates
from b24app.services.matter import account_of
from b24app.services.matter import bring
from b24app.services.triage import Plan
from b24app.services.wording import ledger_cause

if TYPE_CHECKING:
    from b24app.ports.records import PortalRecord
    from b24app.services.matter import Finding
    from b24app.services.matter import Matter
    from b24app.services.office import Office


@dataclass(frozen=True, slots=True)
class Preview:
    """What a check would say of a deal now; `failure` is how accounting failed, if it did."""

    matter: Matter
    finding: Finding
    failure: GatewayError | None = None


class Previewer:
    """Runs a check that leaves no trace."""

    def __init__(self, office: Office) -> None:
        self._book = office.book
        self._portals = office.portals
        self._ledgers = office.ledgers
        self._clock = office.clock
        self._settings_of = office.settings_of
        self._rates = office.rates

    def look(self, portal: PortalRecord, deal_id: int) -> Preview:
        """Decide a deal for show; raises `NotFound` for an unknown deal, `GatewayError` of the portal."""
        deals = self._portals.open(portal.member_id).fetch_deals([deal_id])
        if not deals:
            raise NotFound(f"deal {deal_id} is not on the portal")
        now = self._clock.now()
        asked = Message(portal.member_id, MessageKind.BUTTON, deal_id, now)
        row = StoredMessage(0, asked, Lane.AUTO, 0)
        with self._book.read() as unit:
            matter = bring(unit, portal, self._settings_of(portal.member_id), deals[0], [row])
        return self._find(matter)

    def _find(self, matter: Matter) -> Preview:
        inquiry = account_of(matter.deal)
        if inquiry.inn is None:
            cause = inquiry.cause or TechnicalCause.NO_TAX_NUMBER
            return Preview(matter, technical(matter, Plan.ADVISE, None, cause, inquiry.detail))
        member_id = matter.portal.member_id
        try:
            inns = matter.settings.policy.sharing([inquiry.inn])
            answer = self._ledgers.open(member_id).fetch(inns, now=self._clock.now())
        except GatewayError as error:
            silent = technical(matter, Plan.ADVISE, inquiry.inn, ledger_cause(error), None)
            return Preview(matter, silent, error)
        figures = answer.accounts.get(inquiry.inn)
        if figures is None:
            cause = TechnicalCause.CLIENT_UNKNOWN
            return Preview(matter, technical(matter, Plan.ADVISE, inquiry.inn, cause, inquiry.inn))
        accounts = with_rates(Accounts(answer.accounts), matter, self._rates)
        with self._book.read() as unit:
            around = look_around(unit, matter, figures, accounts, now=self._clock.now())
        return Preview(matter, assess_matter(matter, Plan.ADVISE, figures, around)[0])
