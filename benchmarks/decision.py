"""How many decisions one core makes a second, by fifty rules: `python -m benchmarks.decision`."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.domain.assess import assess
from b24app.domain.assess import decide
from b24app.domain.client import ClientFacts
from b24app.domain.rulebook import RuleBook
from b24app.domain.rules import Act
from b24app.domain.rules import Level
from b24app.domain.rules import Rule
from tests.builders import account
from tests.builders import case
from tests.builders import late
from tests.builders import not_due
from tests.builders import policy
from tests.builders import position
from tests.builders import rub

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24app.domain.case import AssessmentCase
    from b24app.domain.decision import Decision
    from b24app.domain.policy import Policy

INSTALMENTS = 20
ROUNDS = 7
SECONDS = 1.0
BUDGET = 10_000


def rules() -> RuleBook:
    """Fifty rules at mixed levels: most for others, some for the client of the benchmark."""
    others = [
        Rule(f"o-{n}", "overdue_days", level=Level.CLIENT, key=f"77{n:08}", days=n) for n in range(20)
    ] + [
        Rule(
            f"g-{n}", "overdue_amount", level=Level.GROUP, key=f"group-{n}", amount=rub(n), percent=Decimal(n)
        )
        for n in range(15)
    ]
    ours = [
        Rule("ours", "overdue_days", Act.EXCLUDE, Level.GROUP, "south", days=40),
        Rule("soft", "overdue_days", Act.EXCLUDE, Level.GROUP, "north", risk="low", days=90),
        *(Rule(f"late-{n}", "overdue_days", days=40 + 10 * n) for n in range(5)),
        *(Rule(f"used-{n}", "limit_used", percent=Decimal(95 + n)) for n in range(3)),
        *(Rule(f"order-{n}", "order_amount", amount=rub(2_000_000 + n)) for n in range(2)),
        Rule("sum", "overdue_amount", amount=rub(100_000), percent=Decimal(50)),
        Rule("gone", "limit_expired", days=30),
        Rule("small", "order_amount", Act.EXCLUDE, amount=rub(100), release=True),
    ]
    return RuleBook((*others, *ours))


def rate(decide_it: Callable[[AssessmentCase, Policy], Decision], subject: AssessmentCase) -> float:
    """Decide for a second; return decisions a second."""
    terms, made, started = policy(rules=rules()), 0, time.process_time()
    while time.process_time() - started < SECONDS:
        for _ in range(100):
            decide_it(subject, terms)
        made += 100
    return made / (time.process_time() - started)


def main() -> None:
    """Measure an allowed and a held deal; print the best of seven rounds."""
    client = ClientFacts(group="south", risk="low")
    calm = account(position(*(not_due(1_000, f"УТ-{n}") for n in range(INSTALMENTS))))
    owing = account(position(*(late(1_000, days=n + 31, document=f"УТ-{n}") for n in range(INSTALMENTS))))
    print(f"{INSTALMENTS} instalments, {len(rules().rules)} rules; budget {BUDGET:,} pure decisions a second")
    for name, decide_it, figures in (
        ("allowed", decide, calm),
        ("held", decide, owing),
        ("held, with the payment that releases", assess, owing),
    ):
        subject = case(figures, wants=1_000, client=client)
        found = max(rate(decide_it, subject) for _ in range(ROUNDS))
        print(f"{name:40} {found:10,.0f} decisions a second")


if __name__ == "__main__":
    main()
