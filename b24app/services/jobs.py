"""Jobs: each run is written down when it starts and when it ends, and two of one kind never run together."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import TYPE_CHECKING

from b24app.ports.records import RunOutcome
from b24app.ports.records import SyncRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24app.ports.book import Book
    from b24app.ports.clock import Clock
    from b24app.ports.jobs import Turns

ISSUES_KEPT = 200


@dataclass(slots=True)
class Tally:
    """What a run has counted so far; `error` is set when the outside failed and the run ended by it."""

    rows: int = 0
    changed: int = 0
    issues: list[str] = field(default_factory=list)
    error: str | None = None
    record: SyncRun | None = None

    @property
    def ended(self) -> SyncRun:
        """The record of a run that has ended."""
        if self.record is None:
            raise AssertionError("a run ends with its record")
        return self.record


class JobRunner:
    """Gives jobs their turn and writes down what came of them."""

    def __init__(self, book: Book, clock: Clock, turns: Turns) -> None:
        self._book = book
        self._turns = turns
        self.clock = clock

    @contextmanager
    def run(self, member_id: str, job: str) -> Iterator[Tally]:
        """Run a job: what the body counts in the tally is the record, which `tally.record` holds afterwards.

        A body that raises leaves an interrupted run and its exception goes on. Raises `JobUnderWayError`.
        """
        with self._turns.take(member_id, job):
            started = self.clock.now()
            run = SyncRun(member_id, job, started, started, 0, 0, (), None, RunOutcome.RUNNING)
            with self._book.write() as unit:
                # The turn is ours, so whoever had it has died.
                unit.snapshots.interrupt_runs(member_id, job)
                run_id = unit.snapshots.add_run(run)
            tally = Tally()
            outcome = RunOutcome.INTERRUPTED
            try:
                yield tally
                outcome = RunOutcome.DONE if tally.error is None else RunOutcome.FAILED
            finally:
                tally.record = self._ended(run, tally, outcome)
                with self._book.write() as unit:
                    unit.snapshots.end_run(run_id, tally.record)

    @contextmanager
    def rehearse(self, member_id: str, job: str) -> Iterator[Tally]:
        """Run a job that writes nothing: it takes the turn and leaves no record in the database."""
        with self._turns.take(member_id, job):
            started = self.clock.now()
            run = SyncRun(member_id, job, started, started, 0, 0, (), None, RunOutcome.RUNNING)
            tally = Tally()
            yield tally
            outcome = RunOutcome.DONE if tally.error is None else RunOutcome.FAILED
            tally.record = self._ended(run, tally, outcome)

    def _ended(self, run: SyncRun, tally: Tally, outcome: RunOutcome) -> SyncRun:
        kept = tally.issues[:ISSUES_KEPT]
        if len(tally.issues) > len(kept):
            kept.append(f"and {len(tally.issues) - len(kept)} more")
        return replace(
            run,
            finished_at=self.clock.now(),
            rows=tally.rows,
            changed=tally.changed,
            issues=tuple(kept),
            error=tally.error,
            outcome=outcome,
        )
