"""How many decisions one core makes a second, twenty instalments each: `python -m benchmarks.decision`."""

from __future__ import annotations

import statistics
import time

from b24app.domain.decision import AssessmentCase
from b24app.domain.decision import assess
from tests.builders import account
from tests.builders import case
from tests.builders import late
from tests.builders import not_due
from tests.builders import policy
from tests.builders import position

INSTALMENTS = 20
ROUNDS = 5
SECONDS = 1.0
BUDGET = 10_000


def rate(subject: AssessmentCase) -> float:
    """Decide for a second; return decisions a second."""
    rules, made, started = policy(), 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        for _ in range(100):
            assess(subject, rules)
        made += 100
    return made / (time.perf_counter() - started)


def main() -> None:
    """Measure an allowed and a held deal, five seconds each; print the medians."""
    calm = account(position(*(not_due(1_000, f"УТ-{n}") for n in range(INSTALMENTS))))
    owing = account(position(*(late(1_000, days=n + 1, document=f"УТ-{n}") for n in range(INSTALMENTS))))
    for name, figures in (("allowed", calm), ("held, with the payment that releases", owing)):
        found = statistics.median(rate(case(figures, wants=1_000)) for _ in range(ROUNDS))
        print(f"{name:40} {found:10,.0f} decisions a second (budget {BUDGET:,} for an allowed one)")


if __name__ == "__main__":
    main()
