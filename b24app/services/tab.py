"""What the credit tab of a deal shows, from our own records only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24app.domain.decision import Outcome
from b24app.domain.limits import Granted
from b24app.messages.decision_texts import limit_lines
from b24app.messages.format import ago
from b24app.messages.format import day
from b24app.messages.format import days
from b24app.messages.format import moment
from b24app.messages.format import money
from b24app.messages.pages import page_text
from b24app.messages.reason_texts import reason_line
from b24app.messages.reason_texts import skip_line
from b24app.ports.records import Mode
from b24app.ports.records import ShipmentState
from b24app.ports.records import Weight
from b24app.services.bar import draw_bar
from b24app.services.views import AmountLine
from b24app.services.views import DealTabView
from b24app.services.views import HistoryLine
from b24app.services.views import OverdueLine
from b24app.services.views import ShipmentLine
from b24app.services.views import Tone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24app.domain.decision import Decision
    from b24app.ports.book import Book
    from b24app.ports.clock import Clock
    from b24app.ports.records import CheckRecord
    from b24app.ports.records import HoldRecord
    from b24app.ports.records import ShipmentRecord
    from b24app.services.office import SettingsOf
    from b24app.services.pagetokens import PagePass
    from b24app.services.settings import CreditSettings

SHOWN = 20
TONES = {
    Outcome.ALLOW: Tone.GOOD,
    Outcome.ALLOW_NOTIFY: Tone.WARN,
    Outcome.HOLD: Tone.BAD,
    Outcome.TECHNICAL: Tone.WARN,
}
SHIPMENT_TONES = {
    ShipmentState.PERMITTED: Tone.GOOD,
    ShipmentState.PAST: Tone.BAD,
    ShipmentState.CLOSED: Tone.NEUTRAL,
}


class CreditTab:
    """Reads the newest check of a deal and tells it in the reader's language."""

    def __init__(self, *, book: Book, settings_of: SettingsOf, clock: Clock) -> None:
        self._book = book
        self._settings_of = settings_of
        self._clock = clock

    def wants_check(self, member_id: str, deal_id: int) -> bool:
        """Tell whether opening the tab should start a check: never checked, or held on old figures (F15).

        Nothing is asked twice within the time figures stay fresh, whatever came of it.
        """
        oldest = self._clock.now() - self._settings_of(member_id).policy.max_data_age
        with self._book.read() as unit:
            asked = unit.inbox.last_asked(member_id, deal_id)
            if unit.inbox.is_open(member_id, deal_id) or (asked is not None and asked >= oldest):
                return False
            checks = unit.checks.of_deal(member_id, deal_id, limit=1)
            held = unit.holds.open_of_deal(member_id, deal_id) is not None
        return not checks or (held and checks[0].decided_at < oldest)

    def view(self, member_id: str, deal_id: int, user: PagePass) -> DealTabView:
        """Return the newest decision and the earlier ones; no call to the outside."""
        language = user.language
        with self._book.read() as unit:
            checks = unit.checks.of_deal(member_id, deal_id, limit=SHOWN)
            checking = unit.inbox.is_open(member_id, deal_id)
            hold = unit.holds.open_of_deal(member_id, deal_id)
            papers = unit.shipments.of_deal(member_id, deal_id)
        if not checks:
            text = page_text("tab.none", language)
            return DealTabView(tone=Tone.NEUTRAL, verdict=text, revision="0", checking=checking)
        told = self._told(checks, hold, language=language, checking=checking)
        return replace(told, shipments=tuple(self._shipments(member_id, papers, language)))

    def _shipments(
        self, member_id: str, papers: list[ShipmentRecord], language: str
    ) -> Iterator[ShipmentLine]:
        zone = self._settings_of(member_id).zone
        for paper in papers:
            number, dated = paper.number, moment(paper.dated, zone)
            yield ShipmentLine(
                document=page_text("tab.shipment", language, number=number, moment=dated),
                amount=money(paper.amount, language),
                author=paper.author,
                state=page_text(f"tab.shipment.{paper.state.value}", language),
                tone=SHIPMENT_TONES.get(paper.state, Tone.NEUTRAL),
            )

    def _told(
        self,
        checks: list[CheckRecord],
        hold: HoldRecord | None,
        *,
        language: str,
        checking: bool,
    ) -> DealTabView:
        newest = checks[0]
        settings = self._settings_of(newest.member_id)
        decision = newest.decision
        read = decision.as_of
        return DealTabView(
            tone=TONES[decision.outcome],
            verdict=_verdict(newest, language),
            revision=str(newest.id),
            note=_note(newest, language),
            reasons=tuple(reason_line(reason, language) for reason in decision.reasons),
            warnings=tuple(reason_line(warning, language) for warning in decision.warnings),
            remarks=tuple(_remarks(decision, language)),
            arithmetic=_arithmetic(decision, language),
            to_release=tuple(_payments(newest, language)),
            as_of=moment(read, settings.zone) if read else None,
            age=ago(self._clock.now() - read, language) if read else None,
            held_since=moment(hold.opened_at, settings.zone) if hold else None,
            bar=draw_bar(decision.exposure, decision.limit, language) if decision.exposure else None,
            overdue=tuple(_overdue(decision, language)),
            history=tuple(_line(check, settings, language) for check in checks),
            checking=checking,
        )


def _verdict(check: CheckRecord, language: str) -> str:
    told = check.weight is Weight.BINDING or not check.decision.holds
    return page_text(f"tab.{'verdict' if told else 'observed'}.{check.decision.outcome.value}", language)


def _note(check: CheckRecord, language: str) -> str | None:
    if check.weight is Weight.BINDING:
        return None
    if check.mode is Mode.OBSERVE:
        return page_text("tab.observed", language)
    return page_text("tab.advice" if check.weight is Weight.ADVICE else "tab.earlier", language)


def _arithmetic(decision: Decision, language: str) -> tuple[AmountLine, ...]:
    exposure, limit = decision.exposure, decision.limit
    if exposure is None:
        return ()
    parts = [
        ("tab.sum.receivables", exposure.receivables),
        ("tab.sum.shipped", exposure.shipped_not_invoiced),
        ("tab.sum.reserved", exposure.reserved),
        ("tab.sum.credit", exposure.credit),
        ("tab.sum.insured", exposure.insured),
        ("tab.sum.candidate", exposure.candidate),
    ]
    lines = [AmountLine(page_text(key, language), money(sum_, language)) for key, sum_ in parts if sum_]
    after = page_text("tab.sum.after", language)
    lines.append(AmountLine(after, money(exposure.after, language), strong=True))
    if limit is None:
        return tuple(lines)
    if not isinstance(limit.limit, Granted):
        lines.append(AmountLine(page_text("tab.sum.limit", language), page_text("tab.unlimited", language)))
        return tuple(lines)
    amount = limit.limit.amount
    lines.append(AmountLine(page_text("tab.sum.limit", language), money(amount, language)))
    over = exposure.after - amount
    key = "tab.sum.excess" if over.is_positive else "tab.sum.left"
    shown = over if over.is_positive else -over
    lines.append(AmountLine(page_text(key, language), money(shown, language), strong=True))
    return tuple(lines)


def _remarks(decision: Decision, language: str) -> list[str]:
    """Say why the rules were not asked and what made the limit what it is."""
    skipped = [skip_line(decision.skipped, language)] if decision.skipped is not None else []
    return skipped + limit_lines(decision, language)


def _overdue(decision: Decision, language: str) -> list[OverdueLine]:
    items = decision.overdue.items if decision.overdue else ()
    return [
        OverdueLine(item.document, day(item.due), days(item.days, language), money(item.amount, language))
        for item in items
    ]


def _payments(check: CheckRecord, language: str) -> list[str]:
    contracts = check.case.figures.contracts if check.case else ()
    numbers = {row.ref: row.number for row in contracts}
    found = []
    for part in check.decision.to_release:
        text = money(part.amount, language)
        if part.contract is not None:
            number = numbers.get(part.contract, part.contract)
            text = page_text("tab.payment", language, amount=text, contract=number)
        found.append(text)
    return found


def _line(check: CheckRecord, settings: CreditSettings, language: str) -> HistoryLine:
    return HistoryLine(
        when=moment(check.decided_at, settings.zone),
        verdict=_verdict(check, language),
        tone=TONES[check.decision.outcome],
        trigger=page_text(f"tab.trigger.{check.trigger.value}", language),
    )
