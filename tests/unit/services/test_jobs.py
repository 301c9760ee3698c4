"""Runs are written down from start to end, and two of one kind never run together."""

from __future__ import annotations

from pathlib import Path

import pytest

from b24app.ports.jobs import JobUnderWayError
from b24app.ports.records import RunOutcome
from b24app.ports.records import SyncRun
from b24app.services.jobs import ISSUES_KEPT
from b24app.services.jobs import JobRunner
from b24app.storage.book import memory_book
from b24app.storage.turns import FileTurns
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import START
from tests.unit.services.rig import HandClock

JOB = "snapshot"


@pytest.fixture
def jobs() -> JobRunner:
    return JobRunner(memory_book(), HandClock(), FileTurns())


def runs(jobs: JobRunner) -> list[SyncRun]:
    with jobs._book.read() as unit:
        return unit.snapshots.runs(MEMBER, limit=10)


def test_a_run_is_seen_while_it_goes_on_and_afterwards(jobs: JobRunner) -> None:
    with jobs.run(MEMBER, JOB) as tally:
        assert [run.outcome for run in runs(jobs)] == [RunOutcome.RUNNING]
        tally.rows, tally.changed = 40, 2
        tally.issues.append("7701: no name")
        jobs.clock.advance(seconds=7)  # type: ignore[attr-defined]
    [run] = runs(jobs)
    assert tally.record == run
    assert (run.rows, run.changed, run.issues, run.seconds) == (40, 2, ("7701: no name",), 7.0)
    assert run.outcome is RunOutcome.DONE


def test_a_failure_of_the_outside_is_a_failed_run(jobs: JobRunner) -> None:
    with jobs.run(MEMBER, JOB) as tally:
        tally.error = "TransportFailure: silent"
    assert runs(jobs)[0].outcome is RunOutcome.FAILED


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, ValueError])
def test_a_run_that_is_broken_off_says_so_and_lets_the_next_one_in(
    jobs: JobRunner, stop: type[BaseException]
) -> None:
    with pytest.raises(stop), jobs.run(MEMBER, JOB):
        raise stop
    assert runs(jobs)[0].outcome is RunOutcome.INTERRUPTED
    with jobs.run(MEMBER, JOB):
        pass
    assert runs(jobs)[0].outcome is RunOutcome.DONE


def test_what_a_dead_process_left_running_was_interrupted(jobs: JobRunner) -> None:
    left = SyncRun(MEMBER, JOB, START, START, 0, 0, (), None, RunOutcome.RUNNING)
    other = SyncRun(MEMBER, "rates", START, START, 0, 0, (), None, RunOutcome.RUNNING)
    with jobs._book.write() as unit:
        unit.snapshots.add_run(left)
        unit.snapshots.add_run(other)
    with jobs.run(MEMBER, JOB):
        pass
    assert [run.outcome for run in runs(jobs)] == [
        RunOutcome.DONE,
        RunOutcome.RUNNING,
        RunOutcome.INTERRUPTED,
    ]


def test_one_at_a_time_of_a_kind_and_portal(jobs: JobRunner) -> None:
    with jobs.run(MEMBER, JOB):
        with pytest.raises(JobUnderWayError), jobs.run(MEMBER, JOB):
            pass
        with jobs.run(MEMBER, "rates"), jobs.run("another", JOB):
            pass


def test_another_process_on_the_same_file_waits_its_turn_too(tmp_path: Path) -> None:
    here, there = FileTurns(tmp_path / "b.sqlite3"), FileTurns(tmp_path / "b.sqlite3")
    with here.take(MEMBER, JOB):
        with pytest.raises(JobUnderWayError), there.take(MEMBER, JOB):
            pass
        with there.take(MEMBER, "rates"):
            pass
    with there.take(MEMBER, JOB):
        pass


def test_a_rehearsal_takes_the_turn_and_leaves_no_record(jobs: JobRunner) -> None:
    with jobs.rehearse(MEMBER, JOB) as tally:
        tally.rows = 3
        with pytest.raises(JobUnderWayError), jobs.run(MEMBER, JOB):
            pass
    assert tally.record is not None
    assert tally.record.rows == 3
    assert runs(jobs) == []


def test_no_more_issues_are_kept_than_a_person_reads(jobs: JobRunner) -> None:
    with jobs.run(MEMBER, JOB) as tally:
        tally.issues += [f"{number}: bad" for number in range(ISSUES_KEPT + 5)]
    assert runs(jobs)[0].issues[-1] == "and 5 more"
