"""`doctor`: the checks in their order, each told as soon as it ends. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24app.ports.diagnosis import OF_FIGURES
from b24app.ports.diagnosis import SHOWN
from b24app.ports.diagnosis import Check
from b24app.ports.diagnosis import Fact
from b24app.ports.diagnosis import Finding
from b24app.ports.diagnosis import Level
from b24app.ports.diagnosis import Piece
from b24app.ports.diagnosis import broken_off
from b24app.ports.diagnosis import failed
from b24app.ports.diagnosis import skipped
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.ledger import SyncIssue
from b24app.services.survey import Card
from b24app.services.survey import Survey
from b24app.services.survey import same_cards

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterable
    from collections.abc import Iterator
    from collections.abc import Sequence

    from b24app.ports.clock import Clock
    from b24app.ports.diagnosis import Examiner
    from b24app.ports.diagnosis import Progress
    from b24app.ports.ledger import Ledger
    from b24app.ports.portal import CompanyFacts

OF_CARDS = (Check.UNKNOWN_CARDS, Check.DEBTORS)
_EACH = 500


@dataclass(frozen=True, slots=True)
class CardSource:
    """An installed portal and how its company cards are read (raises `GatewayError`)."""

    domain: str
    read: Callable[[], Iterable[CompanyFacts]]


class Checkup:
    """Examine accounting and compare it with the cards of the portals. `progress` hears each step."""

    def __init__(self, examiner: Examiner, ledger: Ledger, clock: Clock, progress: Progress) -> None:
        self._examiner = examiner
        self._ledger = ledger
        self._clock = clock
        self._progress = progress
        self._cards: dict[str, list[Card]] = {}

    def run(self, portals: Sequence[CardSource], *, quick: bool) -> Iterator[Finding]:
        """Make all checks; `quick` leaves out those that read every client."""
        yield from self._examiner.examine()
        if quick:
            yield from (skipped(check, "quick") for check in (Check.PORTAL, *OF_FIGURES))
            return
        complete = True
        for finding in self._read_portals(portals):
            complete = complete and finding.level is Level.OK
            yield finding
        told: set[Check] = set()
        if self._examiner.readable:
            for finding in self._compare(with_cards=complete):
                told.add(finding.check)
                yield finding
        if complete:
            told.add(Check.SAME_CARDS)
            yield same_cards(self._cards)
        for check in OF_FIGURES:
            if check not in told:
                blind = not complete and check in (*OF_CARDS, Check.SAME_CARDS)
                yield skipped(check, "no_cards" if blind else "before")

    def _read_portals(self, portals: Sequence[CardSource]) -> Iterator[Finding]:
        """Read the cards of every portal; a portal that fails leaves the comparison incomplete."""
        if not portals:
            yield skipped(Check.PORTAL, "not_installed")
        for portal in portals:
            self._progress("cards", 0)
            number = bare = mixed = 0
            try:
                for company in portal.read():
                    number += 1
                    inns = {row.inn.strip() for row in company.requisites if row.inn.strip()}
                    bare += not inns
                    mixed += len(inns) > 1
                    for inn in inns:
                        card = Card(portal.domain, company.id, company.title)
                        self._cards.setdefault(inn, []).append(card)
                    if number % _EACH == 0:
                        self._progress("cards", number)
            except GatewayError as error:
                yield failed(Check.PORTAL, error)
                continue
            pieces: dict[str, Piece] = {
                "domain": portal.domain,
                "number": number,
                "bare": bare,
                "mixed": mixed,
            }
            yield Finding(Check.PORTAL, Level.OK, Fact("read", pieces))

    def _compare(self, *, with_cards: bool) -> Iterator[Finding]:
        """Read the register and every client, and tell what they come to."""
        try:
            survey = Survey(dict(self._examiner.raw_balances()), self._cards)
            self._progress("clients", 0)
            for number, read in enumerate(self._ledger.stream(now=self._clock.now())):
                survey.note(read) if isinstance(read, SyncIssue) else survey.take(read)
                if number % _EACH == 0:
                    self._progress("clients", number)
            again = self._examiner.raw_balances() if survey.differing else {}
            refs = [ref for ref, _ in survey.nobodys][: SHOWN * 2]
            named = self._examiner.names_of(refs)
        except Forbidden:
            yield Finding(Check.FIGURES, Level.WRONG, Fact("hidden"))
            return
        except GatewayError as error:
            yield broken_off(Check.FIGURES, error)
            return
        yield survey.figures()
        yield survey.balances(again)
        yield survey.nobody(named)
        if with_cards:
            yield survey.unknown_cards()
            yield survey.cardless_debtors()
        yield survey.same_parties()
        yield survey.limits(kept=self._examiner.keeps_limits)
