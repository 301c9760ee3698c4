"""What changes from one policy to another, in words, and in which version each rule last changed (F7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from b24app.files.policy_data import data_of
from b24app.files.policy_sheet import ROW_KEYS
from b24app.files.policy_words import NOTHING
from b24app.files.policy_words import in_words
from b24app.files.policy_words import summary
from b24app.messages.catalogue import say
from b24app.messages.policy_labels import section_name
from b24app.messages.policy_labels import short_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24app.domain.policy import Policy
    from b24app.files.policy_data import Row


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: in which section, of which row (None: a parameter), what it was and what it becomes."""

    section: str
    row: str | None
    what: str
    before: str
    after: str


def compare(before: Policy, after: Policy, language: str = "ru") -> tuple[Change, ...]:
    """List the differences of two policies in the order of the file; versions do not matter."""
    old, new = data_of(before), data_of(after)
    found: list[Change] = []
    for section in dict.fromkeys((*old.tables, *new.tables)):
        was, becomes = old.tables.get(section, {}), new.tables.get(section, {})
        found += _of_table(section, was, becomes, language)
    for section in old.lists:
        found += _of_list(section, old.lists[section], new.lists[section], language)
    return tuple(found)


def unknown_before(language: str = "ru") -> Change:
    """Say that what was in force cannot be read, so that all of the new policy is a change."""
    return Change("", None, say("diff.all", language), say("diff.unreadable", language), NOTHING)


def _of_table(section: str, was: Row, becomes: Row, language: str) -> Iterator[Change]:
    for key in dict.fromkeys((*was, *becomes)):
        if was.get(key) != becomes.get(key):
            what = f"{section_name(section, language)}: {short_label(section, key, language)}"
            yield Change(section, None, what, *_values(section, key, was, becomes, language))


def _of_list(section: str, was: list[Row], becomes: list[Row], language: str) -> Iterator[Change]:
    name = ROW_KEYS[section]
    old = {str(row[name]): row for row in was}
    new = {str(row[name]): row for row in becomes}
    for code in dict.fromkeys((*old, *new)):
        title = say("diff.row", language, section=section_name(section, language), code=code)
        if code not in new:
            gone = summary(section, old[code], language, but=name)
            yield Change(section, code, title, gone, say("diff.removed", language))
        elif code not in old:
            added = summary(section, new[code], language, but=name)
            yield Change(section, code, title, say("diff.absent", language), added)
        else:
            yield from _of_row(section, code, old[code], new[code], language)
    kept = [code for code in old if code in new]
    order = [code for code in new if code in old]
    if kept != order:
        what = say("diff.order", language, section=section_name(section, language))
        yield Change(section, None, what, ", ".join(kept), ", ".join(order))


def _of_row(section: str, code: str, was: Row, becomes: Row, language: str) -> Iterator[Change]:
    title = say("diff.row", language, section=section_name(section, language), code=code)
    for key in dict.fromkeys((*was, *becomes)):
        if was.get(key) != becomes.get(key):
            what = f"{title}: {short_label(section, key, language)}"
            yield Change(section, code, what, *_values(section, key, was, becomes, language))


def _values(section: str, key: str, was: Row, becomes: Row, language: str) -> tuple[str, str]:
    return (
        in_words(section, key, was.get(key), language) or NOTHING,
        in_words(section, key, becomes.get(key), language) or NOTHING,
    )


@dataclass(frozen=True, slots=True)
class Stamp:
    """The version in which a rule last changed, who made it and when."""

    version: int
    author: str
    made_at: datetime


def stamp_rules(history: Iterable[tuple[Stamp, Policy]]) -> dict[str, Stamp]:
    """Find for each rule of the newest policy the version it last changed in; `history` is oldest first."""
    stamps: dict[str, Stamp] = {}
    rules: dict[str, object] = {}
    for stamp, policy in history:
        now = {rule.id: rule for rule in policy.rules.rules}
        stamps = {name: stamps[name] if rules.get(name) == rule else stamp for name, rule in now.items()}
        rules = dict(now)
    return stamps
