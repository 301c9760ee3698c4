"""Decisions in words: reasons, figures, what to pay, for the deal, its manager and the heads."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.decision import Outcome
from b24app.domain.limits import Granted
from b24app.domain.money import total
from b24app.messages.catalogue import say
from b24app.messages.format import cut
from b24app.messages.format import day
from b24app.messages.format import days
from b24app.messages.format import escape_bb
from b24app.messages.format import moment
from b24app.messages.format import money
from b24app.messages.reason_texts import reason_line
from b24app.messages.reason_texts import skip_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Sequence
    from datetime import datetime

    from b24app.domain.decision import Decision
    from b24app.domain.exposure import Exposure
    from b24app.domain.money import Money
    from b24app.domain.overdue import Overdue
    from b24app.domain.rates import Rate
    from b24app.domain.receivable import AccountFigures
    from b24app.domain.rules import Reason
    from b24app.messages.briefs import DealBrief
    from b24app.messages.briefs import Reader

FIELD_LIMIT: Final = 250
TITLE_LIMIT: Final = 250
_NAME_LIMIT: Final = 80
_ITEMS_SHOWN: Final = 5
_HOLDS_SHOWN: Final = 20
_PAYMENTS_KNOWN: Final = 12
_HISTORY: Final = timedelta(days=90)


def field_reason(decision: Decision, language: str = "ru") -> str:
    """Return the one short text of the deal's field: at most 250 characters, no markup."""
    if decision.reasons:
        return cut(_joined(decision.reasons, language), FIELD_LIMIT)
    if decision.skipped is not None:
        why = skip_line(decision.skipped, language)
        return cut(say("field.allow.skipped", language, why=why), FIELD_LIMIT)
    if decision.warnings:
        warnings = _joined(decision.warnings, language)
        return cut(say("field.allow.warned", language, warnings=warnings), FIELD_LIMIT)
    if decision.exposure is None or decision.limit is None or not isinstance(decision.limit.limit, Granted):
        return say("field.allow", language)
    after, limit = decision.exposure.after, decision.limit.limit.amount
    return say("field.allow.limit", language, after=money(after, language), limit=money(limit, language))


def notification(brief: DealBrief, decision: Decision, figures: AccountFigures | None, reader: Reader) -> str:
    """Tell the sales head and the CFO of a held deal: who, why, every figure, what would release it (F12)."""
    language = reader.language
    lines = [
        f"[b]{say('hold.head', language)}[/b]",
        *_who(brief, language),
        "",
        *reasons_block(decision, reader),
    ]
    return "\n".join(
        [*lines, "", *facts_block(decision, figures, reader), *pay_block(decision, figures, reader)]
    )


def grouped_notification(held: Sequence[tuple[DealBrief, Decision]], reader: Reader) -> str:
    """Tell of several held deals in one message; after twenty only their number is given."""
    language = reader.language
    totals = _by_currency((brief.amount for brief, _ in held), language)
    lines = [f"[b]{say('hold.many', language, number=len(held), total=totals)}[/b]"]
    for brief, decision in held[:_HOLDS_SHOWN]:
        item = say(
            "hold.many.item",
            language,
            deal=brief.link,
            amount=money(brief.amount, language),
            client=escape_bb(brief.client, _NAME_LIMIT),
            manager=escape_bb(brief.manager, _NAME_LIMIT),
            reasons=field_reason(decision, language),
        )
        lines.append(f"• {item}")
    return "\n".join(lines + _and_more(len(held) - _HOLDS_SHOWN, language))


def task_title(mark: str, brief: DealBrief, language: str = "ru") -> str:
    """Name the manager's task; the mark ends it whole, at most 250 characters in all."""
    client = escape_bb(brief.client, _NAME_LIMIT)
    title = say("hold.task.title", language, client=client, deal=brief.name)
    return f"{cut(title, TITLE_LIMIT - len(mark) - 3)} ({mark})"


def task_text(brief: DealBrief, decision: Decision, figures: AccountFigures | None, reader: Reader) -> str:
    """Tell the manager what to settle with the client, with the figures and the overdue documents."""
    lines = [say("hold.task.do", reader.language), "", *_who(brief, reader.language), ""]
    return "\n".join(lines + _full_picture(decision, figures, reader))


def hold_comment(mark: str, decision: Decision, figures: AccountFigures | None, reader: Reader) -> str:
    """Write the timeline comment of a hold: reasons, figures, overdue documents, what to pay."""
    head = f"[b]{say('hold.head', reader.language)}[/b]"
    return "\n".join([head, *_full_picture(decision, figures, reader), mark])


def allow_comment(
    mark: str,
    decision: Decision,
    figures: AccountFigures | None,
    reader: Reader,
    *,
    until: datetime | None = None,
    released: bool = False,
) -> str:
    """Write the timeline comment of a permission, `released` when it ends a hold, `until` when it expires."""
    head = say("release.head" if released else "allow.head", reader.language)
    warnings = warnings_block(decision, reader.language)
    lines = [f"[b]{head}[/b]", *warnings, *facts_block(decision, figures, reader)]
    if until is not None:
        lines.append(say("allow.until", reader.language, moment=moment(until, reader.zone)))
    return "\n".join([*lines, mark])


def soft_notification(
    brief: DealBrief, decision: Decision, figures: AccountFigures | None, reader: Reader
) -> str:
    """Tell the CFO that a strategic partner's shipment passed in spite of its overdue (F20 AC2)."""
    head = f"[b]{say('soft.head', reader.language)}[/b]"
    lines = [head, *_who(brief, reader.language), "", *warnings_block(decision, reader.language), ""]
    return "\n".join([*lines, *facts_block(decision, figures, reader)])


def release_notification(brief: DealBrief, decision: Decision, reader: Reader) -> str:
    """Tell that a held deal may go now."""
    head = f"[b]{say('release.head', reader.language)}[/b]"
    return "\n".join([head, *_who(brief, reader.language), field_reason(decision, reader.language)])


def reasons_block(decision: Decision, reader: Reader) -> list[str]:
    """List every reason, one a line, under a heading; nothing when there is none (K6)."""
    if not decision.reasons:
        return []
    lines = [f"• {reason_line(reason, reader.language)}" for reason in decision.reasons]
    return [say("facts.reasons", reader.language), *lines]


def warnings_block(decision: Decision, language: str) -> list[str]:
    """List what does not hold but is worth knowing (A8, F20); nothing when there is nothing."""
    if not decision.warnings:
        return []
    lines = [f"• {reason_line(warning, language)}" for warning in decision.warnings]
    return [say("facts.warnings", language), *lines]


def facts_block(decision: Decision, figures: AccountFigures | None, reader: Reader) -> list[str]:
    """List the figures behind a decision and how old they are; as much of it as is known."""
    lines: list[str] = []
    if decision.skipped is not None:
        lines.append(skip_line(decision.skipped, reader.language))
    if decision.exposure is not None:
        lines += _exposure_lines(decision, decision.exposure, reader.language)
        lines += limit_lines(decision, reader.language)
    if decision.overdue is not None:
        lines += _overdue_lines(decision.overdue, reader.language)
    if figures is not None:
        lines += payment_lines(figures, reader)
    if decision.as_of is not None:
        lines.append(say("facts.as_of", reader.language, moment=moment(decision.as_of, reader.zone)))
    return lines


def limit_lines(decision: Decision, language: str) -> list[str]:
    """Tell what made the limit what it is: a temporary one, cover, its last day, the group's, the rates."""
    lines: list[str] = []
    limit, pool = decision.limit, decision.pool
    if limit is not None and limit.temporary_until is not None:
        lines.append(say("facts.limit.temporary", language, until=day(limit.temporary_until)))
    elif limit is not None and limit.expires is not None:
        lines.append(say("facts.limit.until", language, until=day(limit.expires)))
    if limit is not None and limit.cover is not None:
        lines.append(say("facts.limit.cover", language, cover=money(limit.cover, language)))
    if decision.exposure is not None and decision.exposure.insured is not None:
        insured = money(decision.exposure.insured, language)
        lines.append(say("facts.insured", language, amount=insured))
    if pool is not None:
        line = say(
            "facts.pool",
            language,
            name=escape_bb(pool.name, _NAME_LIMIT),
            limit=money(pool.limit, language),
            others=money(pool.others, language),
            after=money(pool.after, language),
        )
        lines.append(line)
    lines.extend(rate_line(rate, language) for rate in decision.rates)
    return lines


def pay_block(decision: Decision, figures: AccountFigures | None, reader: Reader) -> list[str]:
    """Say what the client has to pay for the goods to go, by contract; for a technical answer nothing."""
    if decision.outcome is not Outcome.HOLD:
        return []
    language = reader.language
    payments = decision.to_release
    if not payments:
        return [say("pay.none", language)]
    parts = [_payment_part(each.contract, each.amount, figures, language) for each in payments]
    if len(parts) == 1:
        return [f"[b]{say('pay.one', language, payments=parts[0])}[/b]"]
    together = _by_currency((each.amount for each in payments), language)
    return [f"[b]{say('pay.many', language, total=together, payments='; '.join(parts))}[/b]"]


def _full_picture(decision: Decision, figures: AccountFigures | None, reader: Reader) -> list[str]:
    lines = [*reasons_block(decision, reader), *facts_block(decision, figures, reader)]
    if decision.overdue is not None:
        lines += _document_lines(decision.overdue, reader.language)
    return lines + pay_block(decision, figures, reader)


def _who(brief: DealBrief, language: str) -> list[str]:
    return [
        say("facts.deal", language, deal=brief.link, amount=money(brief.amount, language)),
        say("facts.client", language, client=escape_bb(brief.client)),
        say("facts.manager", language, manager=escape_bb(brief.manager)),
    ]


def _exposure_lines(decision: Decision, exposure: Exposure, language: str) -> list[str]:
    debt = money(exposure.receivables, language)
    lines = [say("facts.debt", language, debt=debt)]
    if exposure.credit:
        balance = money(exposure.receivables - exposure.credit, language)
        credit = money(exposure.credit, language)
        lines = [say("facts.debt.credit", language, debt=debt, credit=credit, balance=balance)]
    if exposure.shipped_not_invoiced:
        lines.append(say("facts.shipped", language, amount=money(exposure.shipped_not_invoiced, language)))
    if exposure.reserved:
        lines.append(say("facts.reserved", language, amount=money(exposure.reserved, language)))
    return [*lines, _against_limit(decision, exposure, language)]


def _against_limit(decision: Decision, exposure: Exposure, language: str) -> str:
    after = money(exposure.after, language)
    if decision.limit is None or not isinstance(decision.limit.limit, Granted):
        return say("facts.unlimited", language, after=after)
    amount = decision.limit.limit.amount
    if exposure.after > amount:
        over = money(exposure.after - amount, language)
        return say("facts.limit.over", language, limit=money(amount, language), after=after, excess=over)
    return say("facts.limit", language, limit=money(amount, language), after=after)


def rate_line(rate: Rate, language: str) -> str:
    """Tell an exchange rate and the day it was set for."""
    value = f"{rate.value.normalize():f}"
    shown = value if language == "en" else value.replace(".", ",")
    return say("facts.rate", language, currency=rate.currency, value=shown, on=day(rate.on))


def _joined(reasons: Iterable[Reason], language: str) -> str:
    return "; ".join(reason_line(reason, language) for reason in reasons)


def _overdue_lines(overdue: Overdue, language: str) -> list[str]:
    lines = [say("facts.overdue.none", language)]
    if overdue.amount:
        late = days(overdue.max_days, language)
        lines = [say("facts.overdue", language, amount=money(overdue.amount, language), days=late)]
    if overdue.advice_allocate:
        lines.append(say("facts.advice", language))
    return lines


def _document_lines(overdue: Overdue, language: str) -> list[str]:
    lines = []
    for item in overdue.items[:_ITEMS_SHOWN]:
        text = say(
            "facts.overdue.item",
            language,
            document=escape_bb(item.document, _NAME_LIMIT),
            amount=money(item.amount, language),
            due=day(item.due),
            days=days(item.days, language),
        )
        lines.append(f"• {text}")
    return lines + _and_more(len(overdue.items) - _ITEMS_SHOWN, language)


def payment_lines(figures: AccountFigures, reader: Reader) -> list[str]:
    """Tell the last payment and one line of history: payments of the 90 days before the figures."""
    language = reader.language
    last = figures.last_payment
    if last is None:
        return [say("facts.payment.none", language)]
    lines = [say("facts.payment.last", language, on=day(last.paid_on), amount=money(last.amount, language))]
    since = figures.as_of.astimezone(reader.zone).date() - _HISTORY
    recent = [payment for payment in figures.payments if payment.paid_on > since]
    if not recent:
        return [*lines, say("facts.payment.history.none", language)]
    key = "facts.payment.history.least" if len(recent) >= _PAYMENTS_KNOWN else "facts.payment.history"
    together = _by_currency((payment.amount for payment in recent), language)
    return [*lines, say(key, language, number=len(recent), amount=together, on=day(last.paid_on))]


def _payment_part(contract: str | None, amount: Money, figures: AccountFigures | None, language: str) -> str:
    if contract is None:
        return money(amount, language)
    known = figures.contracts if figures is not None else ()
    number = next((each.number for each in known if each.ref == contract), contract)
    name = escape_bb(number, _NAME_LIMIT)
    return say("pay.part", language, amount=money(amount, language), contract=name)


def _by_currency(amounts: Iterable[Money], language: str) -> str:
    """Add up by currency and join the sums."""
    found = list(amounts)
    sums = [
        total((each for each in found if each.currency == currency), currency)
        for currency in dict.fromkeys(each.currency for each in found)
    ]
    return " + ".join(money(each, language) for each in sums)


def _and_more(number: int, language: str) -> list[str]:
    return [say("facts.more", language, number=number)] if number > 0 else []
