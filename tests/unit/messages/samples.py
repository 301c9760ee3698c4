"""The deal, the client and the decisions the texts are shown with."""

from __future__ import annotations

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from b24app.domain.assess import assess
from b24app.domain.decision import Decision
from b24app.domain.limits import Granted
from b24app.domain.policy import Policy
from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Contract
from b24app.domain.receivable import Payment
from b24app.messages.briefs import DealBrief
from b24app.messages.briefs import Reader
from tests.builders import account
from tests.builders import case
from tests.builders import late
from tests.builders import not_due
from tests.builders import policy
from tests.builders import position
from tests.builders import rub

MOSCOW: Final = ZoneInfo("Europe/Moscow")
READER: Final = Reader(MOSCOW)
ENGLISH: Final = Reader(MOSCOW, "en")
POLICY: Final[Policy] = policy()

BRIEF: Final = DealBrief(
    deal_id=77,
    title="Поставка крепежа",
    client="ООО «Ромашка»",
    manager="Анна Иванова",
    amount=rub(30_000),
    url="https://portal.example/crm/deal/details/77/",
)
FIGURES: Final[AccountFigures] = account(
    position(not_due(70_000), late(20_000, days=1, document="Реализация УТ-12")),
    contracts=(Contract("A", "Д-17", "RUB", active=True, limit=Granted(rub(100_000))),),
    payments=(
        Payment(date(2026, 11, 12), rub(150_000)),
        Payment(date(2026, 10, 1), rub(200_000)),
        Payment(date(2026, 9, 1), rub(100_000)),
        Payment(date(2026, 5, 1), rub(900_000)),
    ),
)
HELD: Final[Decision] = assess(case(FIGURES, granted=100_000, wants=30_000), POLICY)
ALLOWED: Final[Decision] = assess(
    case(account(position(not_due(60_000))), granted=100_000, wants=30_000), POLICY
)


def spaced(text: str) -> str:
    """Turn the spaces that do not break into ordinary ones, so that expected texts can be read."""
    return text.replace("\u00a0", " ")
