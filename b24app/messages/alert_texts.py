"""Attempts to get round a block and technical trouble, in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.domain.rules import TechnicalCause
from b24app.messages.catalogue import say
from b24app.messages.format import day
from b24app.messages.format import days
from b24app.messages.format import escape_bb
from b24app.messages.format import moment
from b24app.messages.format import money
from b24app.messages.format import plural
from b24app.messages.reason_texts import reason_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping
    from datetime import datetime

    from b24app.domain.card import CardValue
    from b24app.domain.card import FieldChange
    from b24app.domain.decision import Decision
    from b24app.domain.rules import Reason
    from b24app.messages.briefs import AttemptBrief
    from b24app.messages.briefs import CompanyBrief
    from b24app.messages.briefs import DealBrief
    from b24app.messages.briefs import Reader

_VALUE_KEYS: Final[Mapping[object, str]] = {
    Unlimited(): "value.unlimited",
    True: "value.yes",
    False: "value.no",
}


def attempt_to_manager(brief: DealBrief, decision: Decision | None, reader: Reader) -> str:
    """Write the friendly first note to a manager who dragged a held deal on, with the reasons if known."""
    lines = [brief.link, say("attempt.manager", reader.language)]
    return "\n".join(lines + _reasons(decision, reader))


def attempt_to_head(
    brief: DealBrief, attempt: AttemptBrief, decision: Decision | None, reader: Reader, *, repeats: int = 1
) -> str:
    """Report a repeated attempt to the sales head: who, when, from where to where, how often so far."""
    language = reader.language
    lines = [
        f"[b]{say('attempt.head', language)}[/b]",
        say("facts.deal", language, deal=brief.link, amount=money(brief.amount, language)),
        say("facts.client", language, client=escape_bb(brief.client)),
        _move(attempt, reader),
    ]
    if repeats > 1:
        lines.append(say("attempt.repeats", language, number=repeats))
    return "\n".join(lines + _reasons(decision, reader))


def attempt_stuck(brief: DealBrief, put_backs: int, reader: Reader) -> str:
    """Ask a person for help: the deal was put back `put_backs` times and keeps being pushed on."""
    times = "times" if put_backs != 1 else "time"
    if reader.language != "en":
        times = plural(put_backs, "раз", "раза", "раз")
    return f"{brief.link}\n{say('attempt.stuck', reader.language, number=put_backs, times=times)}"


def put_back_comment(mark: str, attempt: AttemptBrief | None, reader: Reader) -> str:
    """Write the timeline comment of a put-back; without `attempt` nobody knows who moved the deal."""
    moved = [_move(attempt, reader)] if attempt is not None else []
    return "\n".join([say("put_back.comment", reader.language), *moved, mark])


def card_attempt(
    company: CompanyBrief, changes: Iterable[FieldChange], reader: Reader, *, put_back: bool = True
) -> str:
    """Report credit terms typed into a company card to the CFO and the sales head."""
    language = reader.language
    name = f"[url={company.url}]{escape_bb(company.title)}[/url]"
    lines = [say("card.head", language, company=name)]
    for change in changes:
        text = say(
            "card.change",
            language,
            field=say(f"card.field.{change.field}", language),
            accepted=_value(change.accepted, language),
            found=_value(change.found, language),
        )
        lines.append(f"• {text}")
    return "\n".join([*lines, say("card.put_back" if put_back else "card.not_put_back", language)])


def technical_to_manager(brief: DealBrief, decision: Decision, reader: Reader) -> str:
    """Tell a manager why his deal could not be checked and what he can do about it."""
    return f"{brief.link}\n{_technical(decision, reader)}"


def technical_comment(mark: str, decision: Decision, reader: Reader) -> str:
    """Write the timeline comment of a check that could not be made."""
    return f"{_technical(decision, reader)}\n{mark}"


def technical_to_administrator(
    cause: TechnicalCause, detail: str | None, reader: Reader, *, since: datetime, waiting: int = 0
) -> str:
    """Tell the administrator what is broken, since when, how many deals wait, and what to do.

    `detail` is the failure's own text; the caller makes sure that it holds no secret.
    """
    language = reader.language
    line = say(f"technical.line.{cause.value}", language)
    if detail:
        line = f"{line} ({escape_bb(detail, 300)})"
    lines = [
        f"[b]{say('technical.administrator.head', language, line=line)}[/b]",
        say("technical.since", language, moment=moment(since, reader.zone)),
    ]
    if waiting:
        lines.append(say("technical.waiting", language, number=waiting))
    return "\n".join([*lines, say(f"technical.administrator.{cause.value}", language)])


def outage_over(when: datetime, reader: Reader) -> str:
    """Tell the administrator that 1C answers again."""
    return say("technical.over", reader.language, moment=moment(when, reader.zone))


def _technical(decision: Decision, reader: Reader) -> str:
    lines = [f"[b]{say('technical.head', reader.language)}[/b]"]
    for reason in decision.reasons:
        lines += [reason_line(reason, reader.language), _advice(reason, reader.language)]
    return "\n".join(lines)


def _advice(reason: Reason, language: str) -> str:
    cause = reason.cause if reason.cause is not None else TechnicalCause.FAILED
    return say(f"technical.manager.{cause.value}", language)


def _reasons(decision: Decision | None, reader: Reader) -> list[str]:
    reasons = decision.reasons if decision is not None else ()
    return [f"• {reason_line(reason, reader.language)}" for reason in reasons]


def _move(attempt: AttemptBrief, reader: Reader) -> str:
    return say(
        "attempt.move",
        reader.language,
        who=escape_bb(attempt.who),
        moment=moment(attempt.when, reader.zone),
        before=escape_bb(attempt.before),
        after=escape_bb(attempt.after),
    )


def _value(value: CardValue, language: str) -> str:
    """Write a card's value as its field is meant."""
    if isinstance(value, Granted):
        return money(value.amount, language)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, str) and value:
        return escape_bb(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return days(value, language)
    return say(_VALUE_KEYS.get(value, "value.none"), language)
