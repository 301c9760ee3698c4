"""What every part of the work stands on, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Protocol

from b24app.services.echo import Echoes

if TYPE_CHECKING:
    from b24app.domain.rates import Rates
    from b24app.ports.book import Book
    from b24app.ports.clock import Clock
    from b24app.ports.ledger import Ledger
    from b24app.ports.portal import Portals
    from b24app.services.settings import CreditSettings
    from b24app.services.wording import Wording


class Ledgers(Protocol):
    """Open the accounting base of a portal."""

    def open(self, member_id: str) -> Ledger:
        """Return the ledger."""
        ...


class SettingsOf(Protocol):
    """Look up the credit settings of a portal."""

    def __call__(self, member_id: str) -> CreditSettings:
        """Return the settings in force."""
        ...


class RatesOf(Protocol):
    """Look up the exchange rates of a portal."""

    def of(self, member_id: str) -> Rates:
        """Return the newest rates known; their days tell how old they are."""
        ...


@dataclass(frozen=True, slots=True)
class Office:
    """The database, the portals, accounting, rates, time, the settings, the words, our own recent writes."""

    book: Book
    portals: Portals
    ledgers: Ledgers
    rates: RatesOf
    clock: Clock
    settings_of: SettingsOf
    wording: Wording
    echoes: Echoes = field(default_factory=Echoes)
