"""A policy as lists for a reader at a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Final

from b24app.files.policy_data import data_of
from b24app.files.policy_rows import keys_of
from b24app.files.policy_sheet import LISTS
from b24app.files.policy_sheet import TABLES
from b24app.files.policy_words import in_words
from b24app.messages.catalogue import say
from b24app.messages.format import cut
from b24app.messages.format import day
from b24app.messages.policy_labels import heading
from b24app.messages.policy_labels import short_label

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from b24app.domain.policy import Policy
    from b24app.files.policy_data import Row
    from b24app.files.policy_diff import Stamp

_WIDEST: Final = 60
_GAP: Final = "  "


def listing(
    policy: Policy,
    section: str | None,
    *,
    stamps: Mapping[str, Stamp],
    zone: ZoneInfo,
    language: str = "ru",
) -> Iterator[str]:
    """Write one section of a policy, or all, line by line; rules with the version they last changed in."""
    data = data_of(policy)
    for name in TABLES:
        if section in {None, name}:
            yield from _headed(name, _parameters(name, data.tables.get(name, {}), language), language)
    for name, found in data.lists.items():
        if section in {None, name}:
            told = {key: _stamp(stamp, zone, language) for key, stamp in stamps.items()}
            extra = told if name == "rules" else {}
            yield from _headed(name, _table(name, found, extra, language), language)


def _headed(section: str, lines: Iterator[str], language: str) -> Iterator[str]:
    yield heading(section, language)
    yield from lines
    yield ""


def _parameters(section: str, table: Row, language: str) -> Iterator[str]:
    if not table:
        yield f"{_GAP}{say('policy.empty', language)}"
    for key, value in table.items():
        yield f"{_GAP}{short_label(section, key, language)}: {in_words(section, key, value, language)}"


def _table(section: str, rows: list[Row], extra: Mapping[str, str], language: str) -> Iterator[str]:
    """Line up the columns that any row has something in."""
    if not rows:
        yield f"{_GAP}{say('policy.empty', language)}"
        return
    keys = [key for key in keys_of(LISTS[section]) if any(key in row for row in rows)]
    lines = [[short_label(section, key, language) for key in keys]]
    lines += [[_cell(section, key, row, language) for key in keys] for row in rows]
    if extra:
        lines[0].append(say("policy.changed", language))
        for line, row in zip(lines[1:], rows, strict=True):
            line.append(extra.get(str(row["id"]), ""))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield f"{_GAP}{_GAP.join(padded)}".rstrip()


def _cell(section: str, key: str, row: Row, language: str) -> str:
    return cut(in_words(section, key, row[key], language), _WIDEST) if key in row else ""


def _stamp(stamp: Stamp, zone: ZoneInfo, language: str) -> str:
    made = day(stamp.made_at.astimezone(zone).date())
    return say("policy.stamp", language, version=stamp.version, day=made, author=stamp.author)
