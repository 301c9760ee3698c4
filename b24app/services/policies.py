"""The credit policy of each portal: the version in force, and how a new one takes its place (F7, F26)."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.errors import CreditControlError
from b24app.domain.policy import Policy
from b24app.files.policy_diff import Change
from b24app.files.policy_diff import Stamp
from b24app.files.policy_diff import compare
from b24app.files.policy_diff import stamp_rules
from b24app.files.policy_diff import unknown_before
from b24app.files.policy_file import PolicyReading
from b24app.files.policy_file import UnreadablePolicyError
from b24app.files.policy_file import load_policy
from b24app.files.policy_file import read_policy
from b24app.files.policy_file import write_policy
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.ports.records import PolicyRecord

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from b24app.ports.book import Book
    from b24app.ports.book import UnitOfWork
    from b24app.ports.clock import Clock

FIRST: Final = 1
OUR_NAME: Final = "b24app"

CurrenciesOf = Callable[[str], Collection[str] | None]
"""The currencies a portal knows exchange rates for; None: nobody can tell now."""


class PolicyMovedError(CreditControlError):
    """Another version was stored after the file had been compared with the one in force."""


class RefusedPolicyError(CreditControlError):
    """A file with errors was offered as a new version."""


@dataclass(frozen=True, slots=True)
class Examination:
    """A file held against the version in force: what is wrong in it, and what would change.

    `base` is the number of the version compared with, 0 when none is stored yet.
    """

    document: str
    base: int
    reading: PolicyReading
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The version in force after an import, and how many deals will be decided anew because of it."""

    version: int
    rechecked: int


class PolicyBook:
    """Policies by portal. Each version is parsed once; which one is the newest is asked every time.

    `seed` is what a portal starts with; `zone` the credit time zone, `language` that of the differences.
    `currencies_of` is asked only about a file with money of other currencies, and in no transaction.
    """

    def __init__(
        self,
        *,
        book: Book,
        clock: Clock,
        seed: Policy,
        zone: ZoneInfo,
        language: str = "ru",
        currencies_of: CurrenciesOf | None = None,
    ) -> None:
        self._book = book
        self._clock = clock
        self.seed = seed
        self._zone = zone
        self._language = language
        self._currencies_of = currencies_of or _nobody_knows
        self._parsed: dict[tuple[str, int], Policy] = {}

    def current(self, member_id: str) -> Policy:
        """Return the policy in force; the seed, as version 0, while none is stored.

        Raises `UnreadablePolicyError` when the stored one has a form this program does not know.
        """
        with self._book.read() as unit:
            return self.current_in(unit, member_id)

    def current_in(self, unit: UnitOfWork, member_id: str) -> Policy:
        """Return the policy in force as an open transaction sees it."""
        version = unit.policies.newest_version(member_id)
        return self._at(unit, member_id, version) if version else self.seed

    def at(self, member_id: str, version: int) -> Policy | None:
        """Return a version by its number, None when there is no such."""
        with self._book.read() as unit:
            if unit.policies.get(member_id, version) is None:
                return None
            return self._at(unit, member_id, version)

    def record(self, member_id: str) -> PolicyRecord | None:
        """Return the version in force as it was given."""
        with self._book.read() as unit:
            return unit.policies.newest(member_id)

    def ensure(self, member_id: str) -> int:
        """Store the seed as version 1 where there is none; return the number of the version in force."""
        with self._book.write() as unit:
            return self._ensure(unit, member_id)

    def examine(self, member_id: str | None, document: str) -> Examination:
        """Check a file and say what it would change; None: no portal, compared with the seed."""
        now = self._clock.now()
        base, current = self._compared_with(member_id)
        version, on = str(max(base, FIRST) + 1), now.astimezone(self._zone).date()
        reading = read_policy(document, version=version, on=on)
        if reading.wants_rates and member_id is not None:
            currencies = self._currencies_of(member_id)
            reading = read_policy(document, version=version, on=on, currencies=currencies)
        return Examination(document, base, reading, self._changes(current, reading.policy))

    def accept(self, member_id: str, found: Examination, *, author: str, note: str = "") -> Accepted:
        """Put an examined file into force as the next version and wake the deals it may decide otherwise.

        All in one transaction; a file that changes nothing makes no version. Raises `RefusedPolicyError` for
        a file with errors, `PolicyMovedError` when it was compared with what is not in force any more.
        """
        if found.reading.policy is None:
            raise RefusedPolicyError(f"policy of {member_id}: {len(found.reading.errors)} errors")
        now = self._clock.now()
        with self._book.write() as unit:
            newest = self._ensure(unit, member_id)
            if not found.changes:
                return Accepted(newest, 0)
            following = max(found.base, FIRST) + 1
            record = PolicyRecord(member_id, following, found.document, author, now, note)
            if not unit.policies.add(record):
                raise PolicyMovedError(f"policy of {member_id}: there is a version {following} already")
            messages = woken(unit, member_id, now)
            unit.inbox.add(messages)
        return Accepted(record.version, len(messages))

    def stamps(self, member_id: str) -> dict[str, Stamp]:
        """Tell for each rule in force in which version it last changed, whose and of when."""
        with self._book.read() as unit:
            records = unit.policies.all(member_id)
        history: list[tuple[Stamp, Policy]] = []
        for record in records:
            stamp = Stamp(record.version, record.author, record.made_at)
            try:
                history.append((stamp, self._parse(record)))
            except UnreadablePolicyError:
                continue
        return stamp_rules(history)

    def _changes(self, current: Policy | None, wanted: Policy | None) -> tuple[Change, ...]:
        if wanted is None:
            return ()
        if current is None:
            return (unknown_before(self._language),)
        return compare(current, wanted, self._language)

    def _compared_with(self, member_id: str | None) -> tuple[int, Policy | None]:
        """Return the version in force with its number; None for one this program cannot read."""
        if member_id is None:
            return 0, self.seed
        with self._book.read() as unit:
            version = unit.policies.newest_version(member_id)
            try:
                return version, self.current_in(unit, member_id)
            except UnreadablePolicyError:
                return version, None

    def _ensure(self, unit: UnitOfWork, member_id: str) -> int:
        newest = unit.policies.newest_version(member_id)
        if newest:
            return newest
        document = write_policy(self.seed, self._language)
        unit.policies.add(PolicyRecord(member_id, FIRST, document, OUR_NAME, self._clock.now()))
        return FIRST

    def _at(self, unit: UnitOfWork, member_id: str, version: int) -> Policy:
        known = self._parsed.get((member_id, version))
        if known is not None:
            return known
        record = unit.policies.get(member_id, version)
        if record is None:
            raise AssertionError((member_id, version))
        return self._parse(record)

    def _parse(self, record: PolicyRecord) -> Policy:
        key = (record.member_id, record.version)
        policy = self._parsed.get(key)
        if policy is None:
            policy = self._parsed[key] = load_policy(record.document, version=str(record.version))
        return policy


def woken(unit: UnitOfWork, member_id: str, now: datetime) -> list[Message]:
    """Return messages for what may be decided otherwise: held, waiting, allowed and not shipped (F26)."""
    deals = {hold.deal_id for hold in unit.holds.all_open(member_id)}
    deals |= {deal.deal_id for deal in unit.deals.technical(member_id)}
    deals |= {reserve.deal_id for reserve in unit.reserves.live(member_id, now=now)}
    return [Message(member_id, MessageKind.RECHECK, deal_id, now) for deal_id in sorted(deals)]


def _nobody_knows(member_id: str) -> Collection[str] | None:
    del member_id
    return None
