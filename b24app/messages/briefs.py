"""What a text is about and who reads it, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from b24app.domain.money import Money
from b24app.messages.format import escape_bb

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Reader:
    """How a reader is spoken to: the clock on his wall and his language, `ru` or `en`."""

    zone: ZoneInfo
    language: str = "ru"


@dataclass(frozen=True, slots=True)
class DealBrief:
    """A deal as texts name it. Titles and names are raw: the texts make them harmless. `url` is ours."""

    deal_id: int
    title: str
    client: str
    manager: str
    amount: Money
    url: str

    @property
    def name(self) -> str:
        """The title, harmless and short, or the number of a deal without one."""
        return escape_bb(self.title) or f"№{self.deal_id}"

    @property
    def link(self) -> str:
        """The deal as a BB-code link."""
        return f"[url={self.url}]{self.name}[/url]"


@dataclass(frozen=True, slots=True)
class AttemptBrief:
    """An attempt to get past a block: who moved the deal, when, between which stages (names, raw)."""

    who: str
    when: datetime
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class CompanyBrief:
    """A company card as texts name it; `url` is ours."""

    title: str
    url: str
