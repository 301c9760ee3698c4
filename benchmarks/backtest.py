"""How long recorded checks take to be decided again under another policy: `python -m benchmarks.backtest`.

The checks are those of some five thousand clients with 0 to 20 open instalments, six on the average; a third
is in arrears, a tenth is held. A client's debts come again in his next checks, a part of them paid and others
added. The processor's seconds are those of all processes together. `--checks N` makes another number,
`--file` keeps them for the next time.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.assess import assess
from b24app.domain.client import ClientFacts
from b24app.domain.money import Money
from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Contract
from b24app.domain.receivable import Counterparty
from b24app.domain.receivable import Instalment
from b24app.domain.receivable import Payment
from b24app.files.policy_file import load_policy
from b24app.files.policy_seed import default_text
from b24app.ports.records import CheckRecord
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.ports.records import Weight
from b24app.services.backtest import Backtest
from b24app.services.backtest import Question
from b24app.services.backtest import Tally
from b24app.storage.book import SqlBook
from b24app.storage.engine import migrate
from b24app.storage.engine import open_database
from b24app.storage.recorded import restore
from tests.builders import NOW
from tests.builders import case
from tests.builders import position
from tests.builders import reserve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24app.domain.policy import Policy

CHECKS: Final = 100_000
CLIENTS: Final = 5_000
BUDGET: Final = 15
MOST: Final = 20
COMMIT: Final = 2_000
MINUTES: Final = 4
LATE_DAYS: Final = (1, 2, 3, 5, 8, 9, 11, 13, 20)
PAYING_LATE: Final = 0.45  # of the clients
PART_LATE: Final = 0.4  # of what they owe
PAID: Final = 0.3  # of the debts, from one check to the next
PAID_LATE: Final = 0.85  # of those past due


@dataclass
class Client:
    """A client who buys again and again."""

    number: int
    dice: random.Random
    limit: Money
    owes: int
    is_late: bool
    debts: list[Instalment] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    documents: int = 0

    @property
    def inn(self) -> str:
        """His tax number."""
        return f"77{self.number:08}"

    def sum_of_money(self, least: int, most: int) -> Money:
        """Draw an amount with its kopecks."""
        return Money(Decimal(self.dice.randrange(least * 100, most * 100)) / 100, "RUB")


def client(number: int, dice: random.Random) -> Client:
    """Make a client: many have no debt, few have very many; a third pays late, most of them by days."""
    owes = min(MOST, int(dice.expovariate(1 / 6.8)))
    return Client(
        number,
        dice,
        Money(Decimal(dice.choice([300, 500, 1_000, 2_000, 5_000]) * 1_000), "RUB"),
        owes,
        is_late=dice.random() < PAYING_LATE,
    )


def bought_again(buyer: Client, number: int) -> CheckRecord:
    """Make the next check of a client, a few minutes after the one before it."""
    moment = NOW - timedelta(minutes=MINUTES * (CHECKS - number))
    on = moment.date()
    dice, share = buyer.dice, int(buyer.limit.amount) // max(buyer.owes, 1)
    kept = [
        each for each in buyer.debts if dice.random() > (PAID_LATE if each.due and each.due < on else PAID)
    ]
    while len(kept) < buyer.owes:
        buyer.documents += 1
        late = buyer.is_late and dice.random() < PART_LATE
        due = on - timedelta(days=dice.choice(LATE_DAYS)) if late else on + timedelta(days=45)
        document = f"Реализация товаров и услуг УТ-{buyer.number:06}-{buyer.documents:05}"
        kept.append(Instalment(document, due, buyer.sum_of_money(1 + share // 4, 2 + share)))
        buyer.payments = [Payment(on, buyer.sum_of_money(1_000, 90_000)), *buyer.payments][:12]
    buyer.debts = kept
    title = f"ООО «Торговый дом {buyer.number}»"
    reference = f"5f2c8a1e-0000-11ee-9c3e-{buyer.number:012}"
    figures = AccountFigures(
        inn=buyer.inn,
        counterparties=(Counterparty(reference, title, buyer.inn, "770101001"),),
        positions=(position(*kept, contract=reference),),
        contracts=(Contract(reference, f"Договор поставки {buyer.number}", "RUB", active=True),),
        payments=tuple(buyer.payments),
        as_of=moment - timedelta(seconds=3),
    )
    known = case(
        figures,
        granted=buyer.limit,
        wants=buyer.sum_of_money(1_000, 2_000 + int(buyer.limit.amount) // 8),
        contract=reference,
        reserves=(reserve(buyer.sum_of_money(1_000, 40_000), contract=reference),) if number % 4 == 0 else (),
        on=on,
        now=moment,
        deal_id=number,
        client=ClientFacts(category="standard", status="active", terms_days=14),
        terms="net14",
    )
    return CheckRecord(
        "m",
        number,
        buyer.number,
        title,
        buyer.inn,
        MessageKind.ROBOT,
        Mode.ENFORCE,
        Weight.BINDING,
        "v",
        known,
        assess(known, old_policy()),
        moment,
    )


def policy_with(version: str, *changes: tuple[str, str]) -> Policy:
    """Take the default policy with some lines changed."""
    text = default_text()
    for old, new in changes:
        if old not in text:
            raise AssertionError(old)
        text = text.replace(old, new, 1)
    return load_policy(text, version=version)


@cache
def old_policy() -> Policy:
    """Return what the checks were decided by: two weeks of lateness tolerated."""
    return policy_with("1", ("grace_days = 0", "grace_days = 14"))


@cache
def new_policy() -> Policy:
    """Return what they are decided by again: one week, but five percent over the limit."""
    tolerance = "order_tolerance_percent = "
    return policy_with("2", ("grace_days = 0", "grace_days = 7"), (f"{tolerance}0", f"{tolerance}5"))


def checks(number: int) -> Iterator[CheckRecord]:
    """Make the checks in their order, of clients in turn by chance."""
    dice = random.Random(26)
    known = [client(each, dice) for each in range(CLIENTS)]
    return (bought_again(dice.choice(known), each) for each in range(1, number + 1))


def fill(book: SqlBook, number: int) -> None:
    """Record the checks and say what they are."""
    made = checks(number)
    instalments = late = held = done = 0
    while done < number:
        with book.write() as unit:
            for check in (next(made) for _ in range(min(COMMIT, number - done))):
                unit.checks.add(check)
                done += 1
                figures = check.case.figures if check.case is not None else None
                instalments += sum(len(each.instalments) for each in figures.positions) if figures else 0
                late += bool(check.decision.overdue and check.decision.overdue.items)
                held += check.decision.holds
    print(
        f"{number:,} checks: {instalments / number:.1f} instalments on the average, "
        f"{late / number:.0%} in arrears, {held / number:.0%} held"
    )


def measure(book: SqlBook, number: int, processes: int) -> None:
    """Decide all of them again; print seconds of the clock and of the processor."""
    tally = Tally()
    trial, question = Backtest(book, restore), Question("m", new_policy())
    busy, started = sum(os.times()[:4]), time.perf_counter()
    total = trial.count(question)
    for _ in trial.run(question, tally, processes=processes):
        pass
    elapsed, cost = time.perf_counter() - started, sum(os.times()[:4]) - busy
    if not tally.examined == total == number:
        raise AssertionError((tally.examined, total, number))
    print(
        f"  {processes} at work: {elapsed:5.1f} s by the clock, {cost:5.1f} s of the processor "
        f"({cost / number * 1e6:.0f} µs a check); {tally.every.checks:,} would come out otherwise"
    )


def main() -> None:
    """Make the checks in a SQLite file and decide them again, by one process and by two."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--checks", type=int, default=CHECKS)
    parser.add_argument("--file", type=Path, help="keep the checks in this file, or take those it holds")
    given = parser.parse_args()
    number: int = given.checks
    with tempfile.TemporaryDirectory() as folder:
        file: Path = given.file or Path(folder) / "bench.sqlite3"
        is_new = not file.exists()
        database = open_database(f"sqlite:///{file}")
        migrate(database)
        book = SqlBook(database)
        if is_new:
            fill(book, number)
        print(f"{file.stat().st_size / 1e6:,.0f} MB; budget {BUDGET} s for {CHECKS:,}; ", end="")
        print(f"others at work: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for processes in (1, 2, 1, 2):
            measure(book, number, processes)
        database.close()


if __name__ == "__main__":
    main()
