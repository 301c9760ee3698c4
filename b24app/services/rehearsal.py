"""A new policy tried on the deals that are open now, over fresh figures; nothing is written (F7 AC2)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.rules import TechnicalCause
from b24app.ports.errors import GatewayError
from b24app.services.assessment import Accounts
from b24app.services.assessment import assess_matter
from b24app.services.assessment import look_around
from b24app.services.assessment import technical
from b24app.services.assessment import with_rates
from b24app.services.matter import Matter
from b24app.services.matter import account_of
from b24app.services.matter import bring
from b24app.services.policies import woken
from b24app.services.redecide import difference
from b24app.services.redecide import other_reasons
from b24app.services.triage import ALLOWS
from b24app.services.triage import Plan
from b24app.services.wording import ledger_cause

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence

    from b24app.domain.decision import Decision
    from b24app.domain.decision import Outcome
    from b24app.domain.policy import Policy
    from b24app.ports.book import UnitOfWork
    from b24app.ports.portal import DealFacts
    from b24app.ports.records import PortalRecord
    from b24app.services.office import Office
    from b24app.services.redecide import Change

BATCH: Final = 200
"""So many deals the portal gives in one request."""


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """A deal decided over the same figures by the policy in force and by the new one.

    `decided`: how it was decided last; None when it never was.
    """

    deal: DealFacts
    now: Decision
    then: Decision
    decided: Outcome | None

    @property
    def client(self) -> str:
        """The company's title, empty without one."""
        return self.deal.company.title if self.deal.company is not None else ""

    @property
    def change(self) -> Change | None:
        """What the new policy changes."""
        return difference(self.now.outcome, self.then.outcome) or other_reasons(self.now, self.then)

    @property
    def is_stale(self) -> bool:
        """Whether the next check decides otherwise already under the policy in force."""
        return self.decided is not None and (self.decided in ALLOWS) != (self.now.outcome in ALLOWS)


class Rehearsal:
    """Decides open deals twice: as things are, and as they would be."""

    def __init__(self, office: Office) -> None:
        self._book = office.book
        self._portals = office.portals
        self._ledgers = office.ledgers
        self._clock = office.clock
        self._settings_of = office.settings_of
        self._rates = office.rates

    def open_deals(self, portal: PortalRecord) -> list[int]:
        """Find what is held, waits, or is allowed and not shipped: by our records and by its stage.

        Raises `GatewayError` of the portal.
        """
        with self._book.read() as unit:
            known = {each.subject_id for each in woken(unit, portal.member_id, self._clock.now())}
        if portal.stages is not None:
            stages = (portal.stages.check, portal.stages.allowed, portal.stages.approval)
            door = self._portals.open(portal.member_id)
            known |= {each.id for each in door.standing_deals(stages, moved_since=None)}
        return sorted(known)

    def run(self, portal: PortalRecord, policy: Policy, deal_ids: Sequence[int]) -> Iterator[list[OpenDeal]]:
        """Decide deals, two hundred at a time: one read of the portal and one of accounting for each lot.

        Deals that are closed or gone are left out. Raises `GatewayError` of the portal.
        """
        for start in range(0, len(deal_ids), BATCH):
            yield self._lot(portal, policy, deal_ids[start : start + BATCH])

    def _lot(self, portal: PortalRecord, policy: Policy, deal_ids: Sequence[int]) -> list[OpenDeal]:
        read = self._portals.open(portal.member_id).fetch_deals(deal_ids)
        facts = [each for each in read if not each.closed]
        settings = self._settings_of(portal.member_id)
        with self._book.read() as unit:
            matters = [bring(unit, portal, settings, deal, ()) for deal in facts]
        accounts = self._accounts(portal, matters, policy)
        pairs = [(matter, replace(matter, settings=replace(settings, policy=policy))) for matter in matters]
        ready = [[(each, with_rates(accounts, each, self._rates)) for each in pair] for pair in pairs]
        with self._book.read() as unit:
            decided = [[self._decide(unit, *each) for each in pair] for pair in ready]
        return [
            OpenDeal(matter.deal, now, then, _decided(matter))
            for matter, (now, then) in zip(matters, decided, strict=True)
        ]

    def _accounts(self, portal: PortalRecord, matters: Sequence[Matter], policy: Policy) -> Accounts:
        """Ask accounting once for all clients and for whoever shares a limit with them, before or after."""
        clients = {inn for inn in (account_of(matter.deal).inn for matter in matters) if inn is not None}
        if not clients:
            return Accounts({})
        inns = {*matters[0].settings.policy.sharing(clients), *policy.sharing(clients)}
        try:
            answer = self._ledgers.open(portal.member_id).fetch(sorted(inns), now=self._clock.now())
        except GatewayError as error:
            return Accounts({}, trouble=ledger_cause(error))
        return Accounts(answer.accounts)

    def _decide(self, unit: UnitOfWork, matter: Matter, accounts: Accounts) -> Decision:
        inquiry = account_of(matter.deal)
        if inquiry.inn is None:
            cause = inquiry.cause or TechnicalCause.NO_TAX_NUMBER
            return technical(matter, Plan.ADVISE, None, cause, inquiry.detail).decision
        if accounts.trouble is not None:
            return technical(matter, Plan.ADVISE, inquiry.inn, accounts.trouble, None).decision
        figures = accounts.figures.get(inquiry.inn)
        if figures is None:
            cause = TechnicalCause.CLIENT_UNKNOWN
            return technical(matter, Plan.ADVISE, inquiry.inn, cause, inquiry.inn).decision
        around = look_around(unit, matter, figures, accounts, now=self._clock.now())
        return assess_matter(matter, Plan.ADVISE, figures, around)[0].decision


def _decided(matter: Matter) -> Outcome | None:
    record = matter.standing.record
    return record.outcome if record is not None else None
