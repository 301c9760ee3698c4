"""The credit desk: one round of the decide lane, from waiting messages to committed decisions."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import structlog

from b24app.domain.rules import TechnicalCause
from b24app.ports.errors import GatewayError
from b24app.ports.portal import Notify
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.ports.records import NewEffect
from b24app.services.assessment import Accounts
from b24app.services.assessment import assess_matter
from b24app.services.assessment import look_around
from b24app.services.assessment import technical
from b24app.services.assessment import with_rates
from b24app.services.cards import accepted_terms
from b24app.services.cards import known_card
from b24app.services.cards import put_card_back
from b24app.services.cards import remember_card
from b24app.services.cards import review_known
from b24app.services.echo import without_echoes
from b24app.services.guard import forget_deal
from b24app.services.guard import settle_without_ledger
from b24app.services.matter import Finding
from b24app.services.matter import Matter
from b24app.services.matter import account_of
from b24app.services.matter import bring
from b24app.services.patience import Patience
from b24app.services.triage import Plan
from b24app.services.triage import triage
from b24app.services.unfinished import TRIES
from b24app.services.unfinished import Unfinished
from b24app.services.unfinished import pause_after
from b24app.services.verdict import Verdict
from b24app.services.wording import ledger_cause

if TYPE_CHECKING:
    from datetime import datetime
    from datetime import timedelta

    from b24app.ports.book import UnitOfWork
    from b24app.ports.records import PortalRecord
    from b24app.ports.records import StoredMessage
    from b24app.services.matter import Inquiry
    from b24app.services.office import Office

log = structlog.get_logger(__name__)

ROUND = 200
DEAL_KINDS = frozenset(
    {MessageKind.ROBOT, MessageKind.DEAL, MessageKind.SWEEP, MessageKind.BUTTON, MessageKind.RECHECK}
)


class CreditDesk:
    """Decides deals. One instance serves all portals; the decide lane of a portal calls `work`."""

    def __init__(self, office: Office) -> None:
        self._book = office.book
        self._portals = office.portals
        self._ledgers = office.ledgers
        self._clock = office.clock
        self._settings_of = office.settings_of
        self._wording = office.wording
        self._echoes = office.echoes
        self._rates = office.rates
        self._patience = Patience()
        self._unfinished = Unfinished()

    def work(self, member_id: str) -> int:
        """Work off up to 200 waiting messages of a portal; return how many were taken.

        1. take messages; 2. read the deals in one request; 3. settle what needs no figures; 4. read the
        figures in bulk; 5. decide each deal in a transaction of its own, older holds first, then by arrival.
        """
        now = self._clock.now()
        with self._book.write() as unit:
            portal = unit.portals.get(member_id)
            self._unfinished.put_back(unit, member_id, now=now)
            taken = unit.inbox.take(member_id, now=now, limit=ROUND)
            messages = without_echoes(unit, self._echoes, member_id, taken, now)
        self._unfinished.begin(member_id, messages)
        self._work_off(portal, messages)
        self._unfinished.end(member_id)
        return len(taken)

    def _work_off(self, portal: PortalRecord | None, messages: list[StoredMessage]) -> None:
        if portal is None or not portal.installed or not messages:
            self._finish(messages)
            return
        try:
            self._review_cards(portal, [row for row in messages if row.message.kind not in DEAL_KINDS])
            matters = self._read(portal, [row for row in messages if row.message.kind in DEAL_KINDS])
        except GatewayError as error:
            self._postpone(messages, error, self._patience.after_failure(portal.member_id))
            return
        self._patience.after_success(portal.member_id)
        self._decide_all(portal, matters)

    def ready(self, member_id: str) -> int:
        """Count the messages a round would take now."""
        with self._book.read() as unit:
            return unit.inbox.ready(member_id, now=self._clock.now())

    # -- reading

    def _read(self, portal: PortalRecord, messages: list[StoredMessage]) -> list[tuple[Matter, Plan]]:
        by_deal: dict[int, list[StoredMessage]] = defaultdict(list)
        for row in messages:
            by_deal[row.message.subject_id].append(row)
        if not by_deal:
            return []
        facts = self._portals.open(portal.member_id).fetch_deals(list(by_deal))
        found = {deal.id for deal in facts}
        now = self._clock.now()
        settings = self._settings_of(portal.member_id)
        matters: list[tuple[Matter, Plan]] = []
        with self._book.write() as unit:
            for deal_id, rows in by_deal.items():
                if deal_id not in found:
                    forget_deal(unit, portal.member_id, deal_id, rows, now=now)
            for deal in facts:
                matter = bring(unit, portal, settings, deal, by_deal[deal.id])
                plan = triage(portal, matter.standing, now=now)
                if not settle_without_ledger(unit, matter, plan, wording=self._wording, now=now):
                    matters.append((matter, plan))
        return matters

    # -- deciding

    def _decide_all(self, portal: PortalRecord, matters: list[tuple[Matter, Plan]]) -> None:
        if not matters:
            return
        inquiries = {matter.deal.id: account_of(matter.deal) for matter, _ in matters}
        accounts = self._figures(portal, {row.inn for row in inquiries.values() if row.inn}, matters)
        for matter, plan in sorted(matters, key=_turn):
            finding = _without_figures(matter, plan, inquiries[matter.deal.id], accounts)
            self._safely(matter, plan, accounts if finding is None else finding)

    def _figures(
        self, portal: PortalRecord, clients: set[str], matters: list[tuple[Matter, Plan]]
    ) -> Accounts:
        """Ask accounting once for all clients of the round; a failure is a cause, not an exception."""
        if not clients:
            return Accounts({})
        inns = matters[0][0].settings.policy.sharing(clients)
        try:
            answer = self._ledgers.open(portal.member_id).fetch(inns, now=self._clock.now())
        except GatewayError as error:
            log.warning("ledger.silent", portal=portal.member_id, why=type(error).__name__, detail=str(error))
            self._note_outage(portal, error)
            return Accounts({}, trouble=ledger_cause(error))
        self._end_outage(portal)
        for issue in answer.issues:
            log.info("ledger.issue", portal=portal.member_id, subject=issue.subject, why=issue.why)
        return Accounts(answer.accounts)

    def _decide(self, matter: Matter, plan: Plan, accounts: Accounts) -> None:
        """Guard the money once more in the database: lock, re-read reserves, decide, write (K8).

        Whoever shares a limit with the client is locked with him, always in the same order.
        """
        now = self._clock.now()
        member_id = matter.portal.member_id
        figures = accounts.figures[account_of(matter.deal).inn or ""]
        accounts = with_rates(accounts, matter, self._rates)
        with self._book.write() as unit:
            for inn in matter.settings.policy.sharing([figures.inn]):
                unit.reserves.lock(member_id, inn)
            matter = bring(unit, matter.portal, matter.settings, matter.deal, matter.messages)
            company = matter.deal.company
            around = look_around(unit, matter, figures, accounts, now=now)
            finding, review = assess_matter(matter, plan, figures, around)
            if company is not None and finding.case is not None:
                if review is not None:
                    put_card_back(unit, matter.portal, company, review, wording=self._wording, now=now)
                terms = accepted_terms(company, around.known, finding.own_limit)
                remember_card(unit, member_id, company, around.known, inn=figures.inn, terms=terms)
            Verdict(unit, matter, finding, wording=self._wording, now=now).write()

    def _write(self, matter: Matter, finding: Finding) -> None:
        now = self._clock.now()
        with self._book.write() as unit:
            matter = bring(unit, matter.portal, matter.settings, matter.deal, matter.messages)
            Verdict(unit, matter, finding, wording=self._wording, now=now).write()

    # -- failures

    def _safely(self, matter: Matter, plan: Plan, ground: Accounts | Finding) -> None:
        """Decide over figures or write a ready finding; a bad deal fails alone (5 tries, then technical)."""
        try:
            if isinstance(ground, Finding):
                self._write(matter, ground)
            else:
                self._decide(matter, plan, ground)
        except Exception as error:
            log.exception("desk.deal_failed", portal=matter.portal.member_id, deal=matter.deal.id)
            tries = max((row.attempts for row in matter.messages), default=0) + 1
            if tries < TRIES:
                self._postpone(list(matter.messages), error, pause_after(tries), failed=True)
                return
            self._write(matter, technical(matter, plan, None, TechnicalCause.FAILED, type(error).__name__))

    def _postpone(
        self, messages: list[StoredMessage], error: Exception, pause: timedelta, *, failed: bool = False
    ) -> None:
        log.warning("desk.postponed", messages=len(messages), why=type(error).__name__, pause=str(pause))
        until = self._clock.now() + pause
        with self._book.write() as unit:
            unit.inbox.postpone([row.id for row in messages], until=until, error=str(error), failed=failed)

    def _finish(self, messages: list[StoredMessage]) -> None:
        if messages:
            with self._book.write() as unit:
                unit.inbox.finish([row.id for row in messages])

    def _note_outage(self, portal: PortalRecord, error: GatewayError) -> None:
        """Tell the administrator once per silence of 1C (enforce mode only)."""
        now = self._clock.now()
        with self._book.write() as unit:
            outage, opened = unit.outages.open(portal.member_id, now=now, why=type(error).__name__)
            if opened and portal.mode.value == "enforce":
                user = portal.people.administrator
                text = self._wording.outage_notice(error, now)
                action = Notify(user, f"cc:outage:{outage}:{user}", text)
                unit.effects.add([NewEffect(portal.member_id, f"outage:{outage}", action)])

    def _end_outage(self, portal: PortalRecord) -> None:
        with self._book.read() as unit:
            running = unit.outages.running(portal.member_id)
        if running is not None:
            with self._book.write() as unit:
                unit.outages.close(portal.member_id, now=self._clock.now())

    # -- cards

    def _review_cards(self, portal: PortalRecord, messages: list[StoredMessage]) -> None:
        """Look at changed company cards: put back what was typed without right, wake the deals concerned."""
        if not messages:
            return
        door = self._portals.open(portal.member_id)
        companies = {row.message.subject_id for row in messages if row.message.kind is MessageKind.COMPANY}
        requisites = [row.message.subject_id for row in messages if row.message.kind is MessageKind.REQUISITE]
        moved = set(door.companies_of_requisites(requisites)) if requisites else set()
        facts = door.fetch_companies(sorted(companies | moved)) if companies | moved else []
        now = self._clock.now()
        with self._book.write() as unit:
            for company in facts:
                stored = unit.cards.get(portal.member_id, company.id)
                known = known_card(portal.member_id, portal.mode, company, stored)
                if stored is not None and known is not None:
                    review = review_known(company, known)
                    put_card_back(unit, portal, company, review, wording=self._wording, now=now)
                    remember_card(unit, portal.member_id, company, known, inn=known.inn, terms=known.accepted)
            unit.inbox.add(self._woken(unit, portal, {company.id for company in facts}, now))
            unit.inbox.finish([row.id for row in messages])

    @staticmethod
    def _woken(unit: UnitOfWork, portal: PortalRecord, companies: set[int], now: datetime) -> list[Message]:
        """Return messages for the waiting and held deals of these companies."""
        cards = [unit.cards.get(portal.member_id, company) for company in companies]
        inns = {card.inn for card in cards if card is not None and card.inn}
        deals = {row.deal_id for row in unit.holds.open_of_accounts(portal.member_id, inns)}
        waiting = unit.deals.technical(portal.member_id)
        deals |= {row.deal_id for row in waiting if row.company_id in companies}
        return [Message(portal.member_id, MessageKind.RECHECK, deal_id, now) for deal_id in sorted(deals)]


def _turn(pair: tuple[Matter, Plan]) -> tuple[int, float, int]:
    """Order of deciding: older holds first, then by arrival."""
    hold = pair[0].standing.hold
    return (0, hold.opened_at.timestamp(), hold.id) if hold else (1, 0.0, pair[0].arrival)


def _without_figures(matter: Matter, plan: Plan, inquiry: Inquiry, accounts: Accounts) -> Finding | None:
    """Return the technical finding of a deal whose account has no figures; None when it has."""
    if inquiry.inn is None:
        cause = inquiry.cause or TechnicalCause.NO_TAX_NUMBER
        return technical(matter, plan, None, cause, inquiry.detail)
    if accounts.trouble is not None:
        return technical(matter, plan, inquiry.inn, accounts.trouble, None)
    if inquiry.inn not in accounts.figures:
        return technical(matter, plan, inquiry.inn, TechnicalCause.CLIENT_UNKNOWN, inquiry.inn)
    return None
