"""What was recorded before a change of the schema is read after it."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from b24app.domain.assess import assess
from b24app.domain.hold import HoldState
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.rules import ReasonCode
from b24app.ports.records import CheckRecord
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.ports.records import RunOutcome
from b24app.ports.records import SyncRun
from b24app.ports.records import Weight
from b24app.storage.book import SqlBook
from b24app.storage.engine import alembic_config
from b24app.storage.engine import migrate
from b24app.storage.engine import open_database
from tests.builders import case
from tests.builders import policy
from tests.builders import rub
from tests.contract.rows import NOW
from tests.contract.rows import A
from tests.contract.rows import hold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from b24app.storage.engine import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{(tmp_path / 'b24app.sqlite3').as_posix()}")
    migrate(opened)
    yield opened
    opened.close()


def back_to(database: Database, revision: str) -> None:
    """Take the schema back to a revision."""
    with database.write() as connection:
        command.downgrade(alembic_config(connection), revision)


def facts(database: Database) -> dict[str, Any]:
    """Return what the only check recorded, as it lies in the database."""
    with database.read() as connection:
        found: dict[str, Any] = json.loads(connection.execute(text("SELECT facts FROM checks")).scalar_one())
    return found


@pytest.mark.parametrize(
    ("own", "resolved"),
    [
        (
            Granted(rub(500)),
            {"limit": {"type": "Granted", "amount": "500.00 RUB"}, "source": "customer"},
        ),
        (NOT_SET, {"limit": {"type": "Granted", "amount": "0.00 RUB"}, "source": "company"}),
    ],
    ids=["the client's own", "inherited"],
)
def test_the_own_limit_of_an_old_check_is_found_again(
    database: Database, own: CreditLimit, resolved: dict[str, Any]
) -> None:
    book, known = SqlBook(database), case(granted=own, wants="1500.55")
    decision, trigger, weight = assess(known, policy()), MessageKind.ROBOT, Weight.BINDING
    with book.write() as unit:
        number = unit.checks.add(
            CheckRecord(A, 1, 3, "ООО", "7701", trigger, Mode.ENFORCE, weight, "v", known, decision, NOW)
        )
    back_to(database, "0003")
    old = facts(database)
    assert ("own_limit" in old, old["limit"]) == (False, resolved)
    migrate(database)
    with book.read() as unit:
        found = unit.checks.get(number)
    assert found is not None
    assert found.case == known


def test_a_hold_that_waited_for_a_person_is_still_the_only_one(database: Database) -> None:
    book = SqlBook(database)
    waiting = dataclasses.replace(hold(), state=HoldState.READY, reasons=(ReasonCode.FORCED,))
    with book.write() as unit:
        unit.holds.add(waiting)
    back_to(database, "0004")
    migrate(database)
    with book.read() as unit:
        found = unit.holds.open_of_deal(A, 1)
    assert found is not None
    assert (found.state, found.reasons) == (HoldState.HELD, (ReasonCode.FORCED,))


def test_an_old_run_that_left_an_error_had_failed(database: Database) -> None:
    book = SqlBook(database)
    good = SyncRun(A, "snapshot", NOW, NOW, 1, 0, (), None)
    with book.write() as unit:
        unit.snapshots.add_run(good)
        unit.snapshots.add_run(dataclasses.replace(good, error="TransportFailure: silent"))
        unit.inbox.add([Message(A, MessageKind.LEDGER, 1, NOW, reference="7701")])
    back_to(database, "0005")
    migrate(database)
    with book.read() as unit:
        found = [run.outcome for run in unit.snapshots.runs(A, limit=5)]
        assert unit.inbox.waiting(A) == 0
    assert found == [RunOutcome.FAILED, RunOutcome.DONE]
