"""What the credit tab of a deal shows, from our own records only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24app.domain.decision import Outcome
from b24app.domain.limits import Granted
from b24app.messages.decision_texts import reason_line
from b24app.messages.format import moment
from b24app.messages.format import money
from b24app.messages.pages import page_text
from b24app.ports.records import Mode
from b24app.services.views import AmountLine
from b24app.services.views import DealTabView
from b24app.services.views import HistoryLine
from b24app.services.views import Tone

if TYPE_CHECKING:
    from b24app.domain.decision import Decision
    from b24app.ports.book import Book
    from b24app.ports.records import CheckRecord
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


class CreditTab:
    """Reads the newest check of a deal and tells it in the reader's language."""

    def __init__(self, *, book: Book, settings_of: SettingsOf) -> None:
        self._book = book
        self._settings_of = settings_of

    def view(self, member_id: str, deal_id: int, user: PagePass) -> DealTabView:
        """Return the newest decision and the earlier ones; no call to the outside."""
        language = user.language
        settings = self._settings_of(member_id)
        with self._book.read() as unit:
            checks = unit.checks.of_deal(member_id, deal_id, limit=SHOWN)
            checking = unit.inbox.is_open(member_id, deal_id)
        if not checks:
            text = page_text("tab.none", language)
            return DealTabView(tone=Tone.NEUTRAL, verdict=text, revision="0", checking=checking)
        newest = checks[0]
        decision = newest.decision
        as_of = moment(decision.as_of, settings.zone) if decision.as_of else None
        return DealTabView(
            tone=TONES[decision.outcome],
            verdict=_verdict(newest, language),
            revision=str(newest.id),
            note=page_text("tab.observed", language) if newest.mode is Mode.OBSERVE else None,
            reasons=tuple(reason_line(reason, language) for reason in decision.reasons),
            arithmetic=_arithmetic(decision, language),
            to_release=tuple(_payments(newest, language)),
            as_of=as_of,
            history=tuple(_line(check, settings, language) for check in checks),
            checking=checking,
        )


def _verdict(check: CheckRecord, language: str) -> str:
    mode = "observed" if check.mode is Mode.OBSERVE and check.decision.holds else "verdict"
    return page_text(f"tab.{mode}.{check.decision.outcome.value}", language)


def _arithmetic(decision: Decision, language: str) -> tuple[AmountLine, ...]:
    exposure, limit = decision.exposure, decision.limit
    if exposure is None:
        return ()
    parts = [
        ("tab.sum.receivables", exposure.receivables),
        ("tab.sum.shipped", exposure.shipped_not_invoiced),
        ("tab.sum.reserved", exposure.reserved),
        ("tab.sum.credit", exposure.credit),
        ("tab.sum.candidate", exposure.candidate),
    ]
    lines = [AmountLine(page_text(key, language), money(sum_, language)) for key, sum_ in parts if sum_]
    lines.append(
        AmountLine(page_text("tab.sum.after", language), money(exposure.after, language), strong=True)
    )
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
