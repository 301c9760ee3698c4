"""How fast recorded checks are written to JSON, read back and streamed: `python -m benchmarks.codec`.

«First» are values whose sums nobody has read before, «again» the same ones once more: a client's debts stand
in each of his checks. The processor's time, the best of several rounds. The stream is measured by the clock;
its database lies in the folder for temporary files.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from decimal import Decimal
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from b24app.domain.assess import assess
from b24app.domain.case import AssessmentCase
from b24app.domain.decision import Decision
from b24app.domain.money import Money
from b24app.ports.records import CheckRecord
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.ports.records import Weight
from b24app.storage.book import SqlBook
from b24app.storage.codec import decode
from b24app.storage.codec import encode
from b24app.storage.engine import migrate
from b24app.storage.engine import open_database
from b24app.storage.verdicts import unpack
from tests.builders import NOW
from tests.builders import account
from tests.builders import case
from tests.builders import late
from tests.builders import policy
from tests.builders import position
from tests.builders import reserve

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterator
    from collections.abc import Sequence

    from b24app.ports.records import PackedCheck

CASES = 300
ROUNDS = 20
CHECKS = 20_000
CLIENTS = 1_000
INSTALMENTS = 20
PAGE = 1_000


def cases(instalments: int, count: int) -> list[AssessmentCase]:
    """Make deals of as many clients, all in arrears, no two sums alike."""
    dice = random.Random(instalments)

    def sum_of_money() -> Money:
        return Money(Decimal(dice.randrange(100, 10**9)) / 100, "RUB")

    def made(number: int) -> AssessmentCase:
        moment = NOW + timedelta(seconds=number)
        owed = [
            late(sum_of_money(), days=1 + dice.randrange(90), document=f"УТ-{number}-{line}")
            for line in range(instalments)
        ]
        return case(
            account(position(*owed), as_of=moment),
            granted=sum_of_money(),
            wants=sum_of_money(),
            reserves=(reserve(sum_of_money()),),
            now=moment,
        )

    return [made(number) for number in range(count)]


def micros(act: Callable[[Any], object], values: Sequence[object]) -> float:
    """Do it to every value; return microseconds each."""
    started = time.process_time()
    for value in values:
        act(value)
    return (time.process_time() - started) / len(values) * 1e6


def best(act: Callable[[Any], object], values: Sequence[object]) -> float:
    """Return microseconds each, in the best round."""
    return min(micros(act, values) for _ in range(ROUNDS))


def measure(name: str, kind: type, values: Sequence[object]) -> None:
    """Print what one kind of value costs."""
    texts = [json.dumps(encode(kind, value), ensure_ascii=False) for value in values]
    stored = [json.loads(text) for text in texts]
    part = len(stored) // ROUNDS
    first = min(
        micros(partial(decode, kind), stored[part * turn : part * (turn + 1)]) for turn in range(ROUNDS)
    )
    print(
        f"  {name:9} encode {best(partial(encode, kind), values):6.0f}"
        f"   decode first {first:6.0f}, again {best(partial(decode, kind), stored):6.0f}"
        f"   json.loads {best(json.loads, texts):6.0f}"
    )


def check_of(number: int, known: AssessmentCase) -> CheckRecord:
    """Make the record of a binding check."""
    decision = assess(known, policy())
    trigger, mode, weight = MessageKind.ROBOT, Mode.ENFORCE, Weight.BINDING
    return CheckRecord(
        "m", number, 1, "ООО «Ромашка»", "7701", trigger, mode, weight, "v", known, decision, NOW
    )


def fill(book: SqlBook) -> None:
    """Record checks: every client's figures come again from time to time, as they do."""
    known = [check_of(number, each) for number, each in enumerate(cases(INSTALMENTS, CLIENTS))]
    with book.write() as unit:
        for number in range(CHECKS):
            unit.checks.add(known[number % CLIENTS])


def pages(book: SqlBook) -> Iterator[list[PackedCheck]]:
    """Page through all checks, as they lie there."""
    last = 0
    while True:
        with book.read() as unit:
            page = unit.checks.packed("m", after=last, limit=PAGE)
        if not page:
            return
        yield page
        last = page[-1].id


def unpacked(page: list[PackedCheck]) -> int:
    """Unpack a page, keeping nothing; return how many it held."""
    return sum(1 for _ in map(unpack, page))


def decided_again(page: list[PackedCheck]) -> int:
    """Unpack a page and decide each check anew; return how many."""
    rules = policy()
    return sum(1 for each in map(unpack, page) if each.case is not None and assess(each.case, rules))


def stream(book: SqlBook) -> None:
    """Print rows a second, by one process and by two."""
    print(f"{CHECKS:,} checks of {INSTALMENTS} instalments in arrears, pages of {PAGE}")
    for title, act, processes in (
        ("packed", len, 0),
        ("unpacked", unpacked, 0),
        ("unpacked by two processes", unpacked, 2),
        ("unpacked and decided again", decided_again, 0),
        ("the same by two processes", decided_again, 2),
    ):
        busy = sum(os.times()[:4])
        with ProcessPoolExecutor(processes or 1, mp_context=get_context("spawn")) as pool:
            started = time.perf_counter()
            done = sum((pool.map if processes else map)(act, pages(book)))
            elapsed = time.perf_counter() - started
        cost = (sum(os.times()[:4]) - busy) / done * 1e6
        print(
            f"  {title:28} {done / elapsed:7,.0f} rows a second, {cost:5.0f} microseconds of processor a row"
        )


def main() -> None:
    """Measure the case and the decision of a small and of a large account, then the stream of many."""
    for instalments in (5, 20):
        known = cases(instalments, CASES)
        rules = policy()
        print(f"{instalments} instalments, microseconds each")
        measure("case", AssessmentCase, known)
        measure("decision", Decision, [assess(each, rules) for each in known])
        print(f"  {'assess':9} {best(partial(assess, policy=rules), known):13.0f}")
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        migrate(database)
        book = SqlBook(database)
        fill(book)
        stream(book)
        database.close()


if __name__ == "__main__":
    main()
