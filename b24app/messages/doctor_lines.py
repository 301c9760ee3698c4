"""A finding of `doctor` as the lines a person reads and as the object a program reads."""

from __future__ import annotations

from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

from b24app.domain.money import Money
from b24app.messages.catalogue import say
from b24app.messages.format import escape_bb
from b24app.messages.format import moment
from b24app.messages.format import money
from b24app.ports.diagnosis import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24app.messages.briefs import Reader
    from b24app.ports.diagnosis import Fact
    from b24app.ports.diagnosis import Finding
    from b24app.ports.diagnosis import Piece

_LONGEST = 400
_MINUTE, _HOUR = 60, 3600


def lines(finding: Finding, reader: Reader, *, why: str = "") -> list[str]:
    """Write a finding: one line, then a line for each thing it is about. `why`: what broke the check off."""
    level = say(f"doctor.level.{finding.level.value}", reader.language)
    title = say(f"doctor.title.{finding.check.value}", reader.language)
    told = [f"{level:<9} {title}: {sentence(finding, reader, why=why)}"]
    told += [f"          • {_told(f'doctor.item.{item.name}', item, reader)}" for item in finding.items]
    if finding.more:
        told.append(f"          {say('doctor.more', reader.language, number=finding.more)}")
    return told


def as_object(finding: Finding, reader: Reader, *, why: str = "") -> dict[str, Any]:
    """Tell a finding to a program: names that stay, plain values, and the sentence."""
    return {
        "check": finding.check.value,
        "level": finding.level.value,
        "fact": finding.fact.name,
        "values": _plain(finding.fact),
        "text": sentence(finding, reader, why=why),
        "items": [
            {
                "fact": item.name,
                "values": _plain(item),
                "text": _told(f"doctor.item.{item.name}", item, reader),
            }
            for item in finding.items
        ],
        "more": finding.more,
    }


def sentence(finding: Finding, reader: Reader, *, why: str = "") -> str:
    """Say what a check found."""
    if finding.failure is not None:
        return say("doctor.failed", reader.language, why=why)
    if finding.level is Level.SKIPPED:
        return say(f"doctor.{finding.fact.name}", reader.language)
    return _told(f"doctor.{finding.check.value}.{finding.fact.name}", finding.fact, reader)


def _told(key: str, fact: Fact, reader: Reader) -> str:
    return say(key, reader.language, **{name: _shown(piece, reader) for name, piece in fact.pieces.items()})


def _shown(piece: Piece, reader: Reader) -> str:
    match piece:
        case Money():
            return money(piece, reader.language)
        case timedelta():
            return _duration(piece, reader.language)
        case datetime() if piece.tzinfo is None:
            return piece.strftime("%d.%m.%Y %H:%M")
        case datetime():
            return moment(piece, reader.zone)
        case _:
            return escape_bb(str(piece), _LONGEST)


def _duration(length: timedelta, language: str) -> str:
    seconds = length.total_seconds()
    if seconds >= _HOUR:
        return say("doctor.hours", language, number=round(seconds / _HOUR))
    if seconds >= _MINUTE:
        return say("doctor.minutes", language, number=round(seconds / _MINUTE))
    digits = f"{seconds:.1f}"
    return say("doctor.seconds", language, number=digits if language == "en" else digits.replace(".", ","))


def _plain(fact: Fact) -> Mapping[str, str | int | float]:
    return {name: _value(piece) for name, piece in fact.pieces.items()}


def _value(piece: Piece) -> str | int | float:
    match piece:
        case Money():
            return f"{piece.amount} {piece.currency}"
        case timedelta():
            return round(piece.total_seconds(), 3)
        case datetime():
            return piece.isoformat()
        case Decimal():
            return str(piece)
        case _:
            return piece
