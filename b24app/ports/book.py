"""Our own database as the services see it: a unit of work with one shelf per subject.

`with book.write() as unit:` is one short transaction that holds the write lock from its first line (SQLite:
BEGIN IMMEDIATE); it commits on a clean exit and rolls back on an exception. `with book.read() as unit:` only
looks. No method does network I/O, and no transaction is open while the portal or 1C is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Protocol

from b24app.ports.records import Weight

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from b24app.ports.portal import Outcome as ActionOutcome
    from b24app.ports.records import AttemptRecord
    from b24app.ports.records import CheckRecord
    from b24app.ports.records import DealRecord
    from b24app.ports.records import EffectRecord
    from b24app.ports.records import HoldRecord
    from b24app.ports.records import KnownCard
    from b24app.ports.records import Lane
    from b24app.ports.records import Message
    from b24app.ports.records import NewEffect
    from b24app.ports.records import PackedCheck
    from b24app.ports.records import PolicyRecord
    from b24app.ports.records import PortalRecord
    from b24app.ports.records import RecordedCheck
    from b24app.ports.records import ReserveRecord
    from b24app.ports.records import SnapshotRow
    from b24app.ports.records import StoredMessage
    from b24app.ports.records import SyncRun
    from b24app.ports.shipment_shelves import PermitShelf
    from b24app.ports.shipment_shelves import ShipmentShelf


class PortalShelf(Protocol):
    """Installations."""

    def get(self, member_id: str) -> PortalRecord | None: ...
    def all(self) -> list[PortalRecord]: ...
    def save(self, portal: PortalRecord) -> None:
        """Insert or replace the installation's record."""
        ...


class InboxShelf(Protocol):
    """Wake-ups, first in first out."""

    def add(self, messages: Iterable[Message]) -> int:
        """Store messages; return how many were new.

        A robot call with a known `event_token` adds nothing, ever. Any other message adds nothing while one
        of the same portal, kind and subject still waits to be taken in lane AUTO; that one then counts as
        received when the newest of them was.
        """
        ...

    def take(self, member_id: str, *, now: datetime, limit: int) -> list[StoredMessage]:
        """Take the oldest waiting messages for the decide lane: all but those of held deals in lane AUTO."""
        ...

    def take_guarded(self, member_id: str, *, now: datetime, limit: int) -> list[StoredMessage]:
        """Take the oldest waiting deal messages (lane AUTO) whose deal is held at present."""
        ...

    def take_pushes(self, member_id: str, *, now: datetime, limit: int) -> list[StoredMessage]:
        """Take the oldest waiting messages of accounting; neither lane sees them."""
        ...

    def finish(self, ids: Iterable[int]) -> None: ...

    def hand_over(self, ids: Iterable[int], lane: Lane) -> None:
        """Put taken messages back for the lane named."""
        ...

    def postpone(self, ids: Iterable[int], *, until: datetime, error: str, failed: bool) -> None:
        """Put taken messages back until a moment; `failed` counts as one of a message's tries."""
        ...

    def reclaim(self, member_id: str) -> int:
        """Put back what a dead process had taken; called once when a portal's lanes start."""
        ...

    def unanswered(self, member_id: str, deal_id: int) -> list[Message]:
        """Return the deal's waiting robot calls that have not been answered yet."""
        ...

    def unanswered_deals(self, member_id: str) -> list[int]:
        """Return the ids of all deals with a waiting robot call not answered yet."""
        ...

    def answered(self, event_tokens: Iterable[str]) -> None:
        """Note that these robot calls are answered, or that nobody waits for an answer any more."""
        ...

    def ready(self, member_id: str, *, now: datetime) -> int:
        """Count the messages `take` would find."""
        ...

    def waiting(self, member_id: str) -> int:
        """Count messages not yet taken."""
        ...

    def is_open(self, member_id: str, deal_id: int) -> bool:
        """Tell whether a message about a deal waits or is being worked on."""
        ...

    def last_asked(self, member_id: str, deal_id: int) -> datetime | None:
        """Return when the newest message about a deal arrived, as far as they are kept; None for never."""
        ...

    def prune(self, before: datetime) -> int:
        """Delete finished messages received before a moment (robot calls stay); return how many."""
        ...


class DealShelf(Protocol):
    """The newest decided version of each deal."""

    def get(self, member_id: str, deal_id: int) -> DealRecord | None: ...
    def many(self, member_id: str, deal_ids: Iterable[int]) -> dict[int, DealRecord]: ...
    def save(self, deal: DealRecord) -> None: ...
    def forget(self, member_id: str, deal_id: int) -> None: ...
    def technical(self, member_id: str) -> list[DealRecord]:
        """Return the deals whose last outcome is technical."""
        ...


class CheckShelf(Protocol):
    """Decisions, for ever."""

    def add(self, check: CheckRecord) -> int:
        """Store a check; return its id."""
        ...

    def get(self, check_id: int) -> CheckRecord | None: ...
    def of_deal(self, member_id: str, deal_id: int, *, limit: int) -> list[CheckRecord]:
        """Return a deal's checks, newest first."""
        ...

    def recorded(
        self, member_id: str, *, after: int = 0, limit: int, weights: Iterable[Weight] = (Weight.BINDING,)
    ) -> list[RecordedCheck]:
        """Return a page of checks of these weights, oldest first; `after`: the last id of the page before."""
        ...

    def packed(
        self,
        member_id: str,
        *,
        after: int = 0,
        limit: int,
        weights: Iterable[Weight] = (Weight.BINDING,),
        since: datetime | None = None,
    ) -> list[PackedCheck]:
        """Return the same page, not unpacked; `since`: only checks decided then or later."""
        ...

    def count(
        self, member_id: str, *, weights: Iterable[Weight] = (Weight.BINDING,), since: datetime | None = None
    ) -> int:
        """Count the checks all pages hold together."""
        ...


class ReserveShelf(Protocol):
    """Room taken in credit accounts."""

    def lock(self, member_id: str, inn: str) -> None:
        """Lock the credit account's row (made when missing) until the transaction ends (K8)."""
        ...

    def of_account(self, member_id: str, inn: str, *, now: datetime) -> list[ReserveRecord]:
        """Return the live, unexpired reserves of an account."""
        ...

    def live(self, member_id: str, *, now: datetime) -> list[ReserveRecord]:
        """Return a portal's live, unexpired reserves, by deal: what is allowed and not seen shipped."""
        ...

    def of_deal(self, member_id: str, deal_id: int) -> ReserveRecord | None: ...
    def put(self, reserve: ReserveRecord) -> None:
        """Make or replace the deal's reserve."""
        ...

    def drop(self, member_id: str, deal_id: int) -> bool:
        """Release the deal's reserve; tell whether there was one."""
        ...

    def expired(self, member_id: str, *, now: datetime) -> list[ReserveRecord]: ...


class HoldShelf(Protocol):
    """Hold episodes."""

    def open_of_deal(self, member_id: str, deal_id: int) -> HoldRecord | None: ...
    def open_of_accounts(self, member_id: str, inns: Iterable[str]) -> list[HoldRecord]:
        """Return the open holds of these accounts, oldest first."""
        ...

    def all_open(self, member_id: str) -> list[HoldRecord]: ...
    def add(self, hold: HoldRecord) -> HoldRecord:
        """Store a new episode and return it with its id."""
        ...

    def change(self, hold: HoldRecord) -> bool:
        """Save by compare-and-swap on `version`, which becomes one more; False: somebody was first."""
        ...

    def episodes(self, member_id: str, deal_id: int) -> list[HoldRecord]: ...


class EffectShelf(Protocol):
    """Writes owed to the portal."""

    def add(self, effects: Iterable[NewEffect]) -> int:
        """Store effects whose key is new; return how many."""
        ...

    def due(self, member_id: str, *, now: datetime, limit: int) -> list[EffectRecord]:
        """Return pending effects that may go now (`after` ended, `not_before` past): urgent first."""
        ...

    def adrift(self, member_id: str, *, sent_before: datetime) -> list[EffectRecord]:
        """Return effects left SENDING (crash, timeout) whose request was sent before the moment given."""
        ...

    def sending(self, ids: Iterable[int], *, now: datetime, group: str | None = None) -> None:
        """Mark effects as being sent; committed before the request leaves."""
        ...

    def settle(self, effect_id: int, outcome: ActionOutcome, *, now: datetime) -> None:
        """Write down an outcome.

        DONE → DONE; REFUSED, GONE, GUARD_FAILED → FAILED; RETRY → PENDING; UNCERTAIN stays SENDING.
        """
        ...

    def cancel_pending(self, member_id: str, deal_id: int, *, keep: Iterable[str] = ()) -> list[EffectRecord]:
        """Cancel a deal's pending (not yet sending) effects but those with these keys; return them."""
        ...

    def by_key(self, member_id: str, key: str) -> EffectRecord | None: ...
    def open_count(self, member_id: str) -> int:
        """Count effects pending or sending."""
        ...


class AttemptShelf(Protocol):
    """Attempts to get round a block."""

    def add(self, attempt: AttemptRecord) -> bool:
        """Store an attempt unless its key is known; tell whether it was new."""
        ...

    def close(self, member_id: str, key: str, *, at: datetime | None) -> None:
        """Note that what was attempted was taken back; None: it stands again."""
        ...

    def recent(self, member_id: str, deal_id: int, *, since: datetime) -> list[AttemptRecord]: ...
    def by_user(self, member_id: str, user_id: int, *, since: datetime) -> int: ...


class CardShelf(Protocol):
    """Accepted card versions and the company directory."""

    def get(self, member_id: str, company_id: int) -> KnownCard | None: ...
    def many(self, member_id: str, company_ids: Iterable[int]) -> dict[int, KnownCard]: ...
    def of_account(self, member_id: str, inn: str) -> list[KnownCard]: ...
    def all(self, member_id: str) -> list[KnownCard]: ...
    def save(self, card: KnownCard) -> None:
        """Insert or replace; a change of `accepted` raises `version` and keeps the old one as history."""
        ...


class SnapshotShelf(Protocol):
    """Figures last read and mirrored, and the runs that did it."""

    def all(self, member_id: str) -> dict[str, SnapshotRow]: ...
    def many(self, member_id: str, inns: Iterable[str]) -> dict[str, SnapshotRow]: ...
    def save(self, rows: Iterable[SnapshotRow]) -> None: ...
    def add_run(self, run: SyncRun) -> int:
        """Note a run; return its id."""
        ...

    def end_run(self, run_id: int, run: SyncRun) -> None:
        """Complete a noted run."""
        ...

    def interrupt_runs(self, member_id: str, job: str) -> int:
        """Call the runs of a job that still stand as running interrupted; return how many."""
        ...

    def last_run(self, member_id: str, job: str) -> SyncRun | None: ...
    def runs(self, member_id: str, *, limit: int) -> list[SyncRun]:
        """Return the newest runs of all jobs, newest first."""
        ...

    def prune_runs(self, before: datetime) -> int:
        """Delete the runs of every portal that ended before a moment, but the newest of each job."""
        ...


class OutageShelf(Protocol):
    """Silences of 1C."""

    def open(self, member_id: str, *, now: datetime, why: str) -> tuple[int, bool]:
        """Return the id of the running outage, opening one if needed, and whether it was opened now."""
        ...

    def close(self, member_id: str, *, now: datetime) -> int | None:
        """End the running outage; return its id, or None when there was none."""
        ...

    def running(self, member_id: str) -> int | None: ...


class PolicyShelf(Protocol):
    """The versions of each portal's credit policy; none is ever changed or removed."""

    def newest_version(self, member_id: str) -> int:
        """Return the number of the version in force, 0 when there is none."""
        ...

    def newest(self, member_id: str) -> PolicyRecord | None: ...
    def get(self, member_id: str, version: int) -> PolicyRecord | None: ...
    def all(self, member_id: str) -> list[PolicyRecord]:
        """Return every version, oldest first."""
        ...

    def add(self, policy: PolicyRecord) -> bool:
        """Store a version; False: its number is taken, somebody was first."""
        ...


class UnitOfWork(Protocol):
    """One transaction over all shelves."""

    @property
    def portals(self) -> PortalShelf: ...
    @property
    def inbox(self) -> InboxShelf: ...
    @property
    def deals(self) -> DealShelf: ...
    @property
    def checks(self) -> CheckShelf: ...
    @property
    def reserves(self) -> ReserveShelf: ...
    @property
    def holds(self) -> HoldShelf: ...
    @property
    def effects(self) -> EffectShelf: ...
    @property
    def attempts(self) -> AttemptShelf: ...
    @property
    def shipments(self) -> ShipmentShelf: ...
    @property
    def permits(self) -> PermitShelf: ...
    @property
    def cards(self) -> CardShelf: ...
    @property
    def snapshots(self) -> SnapshotShelf: ...
    @property
    def outages(self) -> OutageShelf: ...
    @property
    def policies(self) -> PolicyShelf: ...


class Book(Protocol):
    """Our database."""

    def write(self) -> AbstractContextManager[UnitOfWork]:
        """Open a transaction that may write."""
        ...

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """Open a consistent view."""
        ...


class Intake(Protocol):
    """The group-committing writer in front of the inbox."""

    def put(self, messages: Sequence[Message]) -> None:
        """Return when the messages are committed; many callers share one commit. Raises if they are not."""
        ...
