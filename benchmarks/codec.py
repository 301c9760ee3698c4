"""How fast recorded checks are written to JSON and read back: `python -m benchmarks.codec`.

«First» are values whose sums nobody has read before, «again» the same ones once more: a client's debts stand
in each of his checks. The processor's time, the best of several rounds.
"""

from __future__ import annotations

import json
import random
import time
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING
from typing import Any

from b24app.domain.decision import AssessmentCase
from b24app.domain.decision import Decision
from b24app.domain.decision import assess
from b24app.domain.money import Money
from b24app.storage.codec import decode
from b24app.storage.codec import encode
from tests.builders import NOW
from tests.builders import account
from tests.builders import case
from tests.builders import late
from tests.builders import policy
from tests.builders import position
from tests.builders import reserve

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence

CASES = 300
ROUNDS = 20


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


def main() -> None:
    """Measure the case and the decision of a small and of a large account."""
    for instalments in (5, 20):
        known = cases(instalments, CASES)
        rules = policy()
        print(f"{instalments} instalments, microseconds each")
        measure("case", AssessmentCase, known)
        measure("decision", Decision, [assess(each, rules) for each in known])
        print(f"  {'assess':9} {best(partial(assess, policy=rules), known):13.0f}")


if __name__ == "__main__":
    main()
