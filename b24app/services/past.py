"""Shipments posted in accounting past us: found by polling, recorded as attempts, reported once.

F9 AC1 and AC3 (channel 1C). A document is judged when it is first seen posted; every document of the window
is remembered, so that a restart reports nothing twice. The first reading of a portal is the baseline: what
was posted before we watched is nobody's attempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from datetime import time
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.portal import Notify
from b24app.ports.records import Mode
from b24app.ports.records import NewEffect
from b24app.ports.records import ShipmentRecord
from b24app.ports.records import ShipmentState
from b24app.ports.records import SyncRun
from b24app.services.attempts import attempt_key
from b24app.services.attempts import close_attempt
from b24app.services.attempts import report_past
from b24app.services.attempts import settle_new
from b24app.services.attempts import show_papers

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping
    from collections.abc import Sequence
    from datetime import date

    from b24app.ports.book import UnitOfWork
    from b24app.ports.records import PortalRecord
    from b24app.ports.shipments import ShipmentPaper
    from b24app.ports.shipments import Shipments
    from b24app.ports.shipments import ShipmentsAnswer
    from b24app.services.office import Office

log = structlog.get_logger(__name__)

JOB = "shipments"
# The calendar days read: always, and now and then; of held clients always the wider.
NARROW = timedelta(days=1)
WIDE = timedelta(days=14)
KEPT = timedelta(days=60)
_ISSUES_KEPT = 50


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one look at accounting brought: changed documents, those that exist no more, authors' names."""

    changed: tuple[ShipmentPaper, ...]
    gone: frozenset[str]
    names: Mapping[str, str]
    read: int
    issues: tuple[str, ...]


class PastWatch:
    """Looks for shipments nobody permitted. `shipments_of` opens a portal's accounting by its member id."""

    def __init__(self, office: Office, shipments_of: Callable[[str], Shipments]) -> None:
        self._book = office.book
        self._clock = office.clock
        self._settings_of = office.settings_of
        self._wording = office.wording
        self._shipments_of = shipments_of

    def run(self, member_id: str, *, wide: bool = False) -> int:
        """Look once; return how many documents were reported. A silent accounting is looked at next time.

        `wide`: read two weeks back instead of two days, and look for documents deleted since. Accounting is
        asked outside of any transaction.
        """
        started = self._clock.now()
        with self._book.read() as unit:
            portal = unit.portals.get(member_id)
            first = unit.snapshots.last_run(member_id, JOB) is None
        if portal is None or not portal.installed:
            return 0
        since = self._settings_of(member_id).today(started) - (WIDE if wide or first else NARROW)
        try:
            reading = self._look(member_id, since, started, wide=wide, first=first)
        except (LedgerMisconfigured, Forbidden) as error:
            self._tell_hidden(portal, error)
            return 0
        except GatewayError as error:
            log.warning("shipments.failed", portal=member_id, why=type(error).__name__)
            return 0
        if not (first or reading.changed or reading.gone):
            return 0
        return self._write_down(portal.member_id, reading, started, first=first)

    def _look(self, member_id: str, since: date, started: datetime, *, wide: bool, first: bool) -> _Reading:
        door = self._shipments_of(member_id)
        answer = self._read(member_id, door, since)
        papers = {paper.ref: paper for paper in answer.papers}
        unread = {issue.subject for issue in answer.issues}
        oldest = datetime.combine(since, time(), self._settings_of(member_id).zone) + NARROW
        with self._book.read() as unit:
            standing = unit.shipments.standing(member_id, since=started - KEPT if wide else oldest)
            missing = [row.ref for row in standing if row.ref not in papers and row.ref not in unread]
        if missing:
            again = door.of(missing)
            papers |= {paper.ref: paper for paper in again.papers}
            unread |= {issue.subject for issue in again.issues}
        with self._book.read() as unit:
            known = unit.shipments.many(member_id, papers)
        changed = tuple(paper for paper in papers.values() if _is_news(paper, known.get(paper.ref)))
        authors = [paper.author for paper in changed if paper.author and paper.ref not in known]
        names = self._names(door, authors) if authors and not first else {}
        gone = frozenset(missing) - papers.keys() - unread
        issues = tuple(f"{issue.subject}: {issue.why}" for issue in answer.issues)
        return _Reading(changed, gone, names, len(papers), issues[:_ISSUES_KEPT])

    def _read(self, member_id: str, door: Shipments, since: date) -> ShipmentsAnswer:
        """Read the window; of held clients two weeks, since dating back is how one would be slipped past."""
        answer = door.since(since)
        with self._book.read() as unit:
            held = {hold.inn for hold in unit.holds.all_open(member_id) if hold.inn}
        if not held:
            return answer
        back_to = self._settings_of(member_id).today(self._clock.now()) - WIDE
        more = door.of_clients(sorted(held), back_to)
        return replace(answer, papers=(*answer.papers, *more.papers), issues=(*answer.issues, *more.issues))

    @staticmethod
    def _names(door: Shipments, authors: Sequence[str]) -> Mapping[str, str]:
        """Name the authors; a failure costs their names only, the report must not wait for them."""
        try:
            return door.people(authors)
        except GatewayError as error:
            log.warning("shipments.people_failed", why=type(error).__name__)
            return {}

    def _write_down(self, member_id: str, reading: _Reading, started: datetime, *, first: bool) -> int:
        """Write down what was read; a document counts as noticed now, when its reading is over."""
        reported, now = 0, self._clock.now()
        with self._book.write() as unit:
            portal = unit.portals.get(member_id)
            if portal is None:
                return 0
            known = unit.shipments.many(member_id, [paper.ref for paper in reading.changed])
            for paper in sorted(reading.changed, key=lambda paper: (paper.moment, paper.ref)):
                author = reading.names.get(paper.author or "", "")
                fresh = _record(portal.member_id, paper, author, now)
                reported += self._take(
                    unit, portal, fresh, known.get(paper.ref), posted=paper.posted, first=first
                )
            gone = unit.shipments.many(member_id, reading.gone)
            for record in gone.values():
                _taken_back(unit, record, now)
            after = unit.shipments.many(member_id, [paper.ref for paper in reading.changed])
            rows = (*known.values(), *gone.values(), *after.values())
            for deal_id in sorted({row.deal_id for row in rows if row.deal_id is not None}):
                show_papers(unit, portal, deal_id, self._wording)
            run = SyncRun(
                member_id=member_id,
                job=JOB,
                started_at=started,
                finished_at=now,
                rows=reading.read,
                changed=len(reading.changed) + len(reading.gone),
                issues=reading.issues,
                error=None,
            )
            unit.snapshots.add_run(run)
        if reported:
            log.info("shipments.past_us", portal=member_id, documents=reported)
        return reported

    def _take(
        self,
        unit: UnitOfWork,
        portal: PortalRecord,
        fresh: ShipmentRecord,
        known: ShipmentRecord | None,
        *,
        posted: bool,
        first: bool,
    ) -> int:
        """Take one changed document into account; return 1 when it is to be reported."""
        if not posted:
            if known is not None:
                _taken_back(unit, replace(known, version=fresh.version), fresh.noticed_at)
            return 0
        settled = (
            settle_new(unit, portal, fresh, first=first)
            if known is None
            else _again(unit, portal, fresh, known)
        )
        unit.shipments.save(settled)
        was_past = known is not None and known.state in {ShipmentState.PAST, ShipmentState.CLOSED}
        if settled.state is not ShipmentState.PAST or was_past:
            return 0
        report_past(unit, portal, settled, self._wording)
        return 1

    def _tell_hidden(self, portal: PortalRecord, error: GatewayError) -> None:
        """Tell the administrator, once, that shipments cannot be seen; the watch goes on trying.

        Who only observes is not written to, and what is called off would never be said again.
        """
        log.warning("shipments.hidden", portal=portal.member_id, why=type(error).__name__)
        if portal.mode is not Mode.ENFORCE:
            return
        user = portal.people.administrator
        note = Notify(user, f"cc:shipments:hidden:{user}", self._wording.shipments_hidden(error))
        with self._book.write() as unit:
            unit.effects.add([NewEffect(portal.member_id, f"shipments:hidden:{user}", note)])


def _is_news(paper: ShipmentPaper, known: ShipmentRecord | None) -> bool:
    return paper.posted if known is None else known.version != paper.version


def _record(member_id: str, paper: ShipmentPaper, author: str, now: datetime) -> ShipmentRecord:
    return ShipmentRecord(
        member_id=member_id,
        ref=paper.ref,
        version=paper.version,
        number=paper.number,
        dated=paper.moment,
        inn=paper.inn,
        contract=paper.contract,
        amount=paper.amount,
        state=ShipmentState.BASELINE,
        noticed_at=now,
        author=author,
    )


def _again(
    unit: UnitOfWork, portal: PortalRecord, fresh: ShipmentRecord, known: ShipmentRecord
) -> ShipmentRecord:
    """Follow a known document that was written again: only a permitted one that grew is judged anew."""
    kept = replace(
        fresh, state=known.state, deal_id=known.deal_id, noticed_at=known.noticed_at, author=known.author
    )
    if known.state is ShipmentState.CLOSED:
        unit.attempts.close(portal.member_id, attempt_key(known.ref), at=None)
        return replace(kept, state=ShipmentState.PAST)
    same = known.inn == fresh.inn and known.amount.currency == fresh.amount.currency
    if known.state is not ShipmentState.PERMITTED or (same and fresh.amount <= known.amount):
        return kept
    return settle_new(unit, portal, fresh, first=False)


def _taken_back(unit: UnitOfWork, known: ShipmentRecord, now: datetime) -> None:
    """Follow a document that was unposted or deleted: a permission is free again, an attempt is closed."""
    if known.state is ShipmentState.PERMITTED:
        unit.shipments.forget(known.member_id, known.ref)
    elif known.state is ShipmentState.PAST:
        close_attempt(unit, known, now)
    else:
        unit.shipments.save(known)
