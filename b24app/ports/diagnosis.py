"""What `doctor` finds, as values: facts with their pieces, put into words by `b24app.messages`."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING
from typing import Protocol

from b24app.domain.money import Money
from b24app.ports.errors import LedgerMisconfigured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping

    from b24app.ports.errors import GatewayError

SHOWN = 10
"""So many items of a list are named, the rest is counted."""

Piece = str | int | Decimal | Money | datetime | timedelta
"""What a sentence is filled with; rendered in the reader's language. A `timedelta` is a duration."""


class Level(Enum):
    """How a check ended. `SKIPPED`: it was not made, and the fact says why."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    SKIPPED = "skipped"


class Check(Enum):
    """The checks in the order they are made and told."""

    DATABASE = "database"
    ADDRESS = "address"
    PUBLISHED = "published"
    LOGIN = "login"
    SPEED = "speed"
    CLOCK = "clock"
    CONFIGURATION = "configuration"
    COMPOSITION = "composition"
    LENGTH = "length"
    RIGHTS = "rights"
    HIDDEN = "hidden"
    ARCHITECTURE = "architecture"
    ZONE = "zone"
    PORTAL = "portal"
    FIGURES = "figures"
    BALANCES = "balances"
    NOBODY = "nobody"
    UNKNOWN_CARDS = "unknown_cards"
    DEBTORS = "debtors"
    SAME_CARDS = "same_cards"
    SAME_PARTIES = "same_parties"
    LIMITS = "limits"


OF_LEDGER = (
    Check.SPEED,
    Check.CLOCK,
    Check.CONFIGURATION,
    Check.COMPOSITION,
    Check.LENGTH,
    Check.RIGHTS,
    Check.HIDDEN,
    Check.ARCHITECTURE,
    Check.ZONE,
)
"""What can only be asked of a base that lets us in."""
OF_FIGURES = (
    Check.FIGURES,
    Check.BALANCES,
    Check.NOBODY,
    Check.UNKNOWN_CARDS,
    Check.DEBTORS,
    Check.SAME_CARDS,
    Check.SAME_PARTIES,
    Check.LIMITS,
)
"""What is told by the figures of all clients."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A named fact and the pieces its sentence is filled with."""

    name: str
    pieces: Mapping[str, Piece] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """How one check ended: the fact, the things it is about (at most `SHOWN`, and `more` besides).

    `failure`: the check itself broke off, and by what.
    """

    check: Check
    level: Level
    fact: Fact
    items: tuple[Fact, ...] = ()
    more: int = 0
    failure: GatewayError | None = None


@dataclass(slots=True)
class RawBalance:
    """What the settlement register alone says a counterparty owes (negative: we owe), in the base currency.

    `foreign`: part of it stands in another currency and is not in `amount`.
    """

    amount: Decimal = Decimal(0)
    foreign: bool = False


class Examiner(Protocol):
    """Examine one accounting base; nothing here writes."""

    @property
    def readable(self) -> bool:
        """Tell whether `examine` found nothing that stops the figures of clients from being read."""
        ...

    @property
    def keeps_limits(self) -> bool:
        """Tell whether the base, once recognised, keeps credit limits in contracts."""
        ...

    def examine(self) -> Iterator[Finding]:
        """Make the checks from `ADDRESS` to `ZONE`; what cannot be made any more is told as skipped."""
        ...

    def raw_balances(self) -> Mapping[str, RawBalance]:
        """Add up the settlement register by counterparty (its reference), and nothing else.

        Raises `GatewayError` subclasses.
        """
        ...

    def names_of(self, refs: list[str]) -> Mapping[str, tuple[str, str]]:
        """Return name and ИНН of these counterparties, deleted ones too; one nobody may see is absent.

        Raises `GatewayError` subclasses.
        """
        ...


class Progress(Protocol):
    """Hears what is being done."""

    def __call__(self, what: str, done: int = 0) -> None:
        """Take the name of the step and, where something is counted, how much of it is done."""
        ...


def failed(check: Check, error: GatewayError) -> Finding:
    """Tell that a check broke off because the other side failed."""
    return Finding(check, Level.WRONG, Fact("failed"), failure=error)


def broken_off(check: Check, error: GatewayError) -> Finding:
    """Tell that a check of a base that let us in broke off.

    Nothing published at an address that was published a moment ago is a web server that refuses long ones
    (IIS 404.15, Apache 414; onec_odata 1.5).
    """
    if isinstance(error, LedgerMisconfigured) and not error.missing:
        return Finding(check, Level.WRONG, Fact("long_address"))
    return failed(check, error)


def skipped(check: Check, why: str) -> Finding:
    """Tell that a check was not made; `why` is the name of the fact."""
    return Finding(check, Level.SKIPPED, Fact(why))


def cut(check: Check, level: Level, fact: Fact, items: list[Fact]) -> Finding:
    """Make a finding about many things: the first ten are named."""
    return Finding(check, level, fact, tuple(items[:SHOWN]), max(0, len(items) - SHOWN))
