"""The order in which rules are evaluated (D13): releases, then level by level blocks before exclusions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import TYPE_CHECKING

from b24app.domain.rules import RULE_TYPES
from b24app.domain.rules import Act
from b24app.domain.rules import Level
from b24app.domain.rules import Measures
from b24app.domain.rules import Reason
from b24app.domain.rules import Rule
from b24app.domain.rules import RuleType
from b24app.domain.rules import ValueType

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping

_LEVELS = tuple(Level)


@dataclass(slots=True)
class _Shelf:
    """The rules of one type at one level for one key, blocks and exclusions apart."""

    blocks: list[Rule] = field(default_factory=list)
    exclusions: list[Rule] = field(default_factory=list)


_Key = tuple[str, Level, str | None]
_EMPTY = _Shelf()


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of a policy, indexed by type, level and key. The order they are given in does not matter.

    `types` is the registry of rule types; another one serves a trial of a new type.
    """

    rules: tuple[Rule, ...] = ()
    types: Mapping[str, RuleType] = field(default_factory=lambda: RULE_TYPES, repr=False, compare=False)
    _shelves: dict[_Key, _Shelf] = field(init=False, repr=False, compare=False)
    _releases: dict[_Key, list[Rule]] = field(init=False, repr=False, compare=False)
    _used: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort the rules into shelves; the stricter of a shelf comes first whatever order they stand in."""
        shelves: dict[_Key, _Shelf] = defaultdict(_Shelf)
        releases: dict[_Key, list[Rule]] = defaultdict(list)
        for rule in sorted(self.rules, key=_strictest_first):
            key = (rule.type, rule.level, rule.key if rule.level is not Level.ALL else None)
            if rule.act is Act.BLOCK:
                shelves[key].blocks.append(rule)
            elif rule.release:
                releases[key].append(rule)
            else:
                shelves[key].exclusions.append(rule)
        found = {rule.type for rule in self.rules}
        object.__setattr__(self, "_shelves", dict(shelves))
        object.__setattr__(self, "_releases", dict(releases))
        object.__setattr__(self, "_used", tuple(name for name in self.types if name in found))

    def released_by(self, found: Measures) -> Rule | None:
        """Return the exclusion that lets the order pass with nothing else evaluated (D13 step 2)."""
        for (name, level, key), rules in self._releases.items():
            if not _is_for(level, key, found):
                continue
            for rule in rules:
                if _applies(rule, found) and self.types[name].excludes(rule, found):
                    return rule
        return None

    def reasons(self, found: Measures, base: tuple[Rule, ...] = ()) -> list[Reason]:
        """Evaluate all rules and keep every reason (D13 steps 3 to 6, K6).

        `base` are our own always-on tests put as rules for all: an exclusion stops them like any other.
        """
        own = {rule.type: rule for rule in base}
        names = self._used if own.keys() <= set(self._used) else tuple({**own, **dict.fromkeys(self._used)})
        return [reason for name in names for reason in self._of_type(name, found, own.get(name))]

    def _of_type(self, name: str, found: Measures, base: Rule | None) -> Iterator[Reason]:
        kind = self.types[name]
        suppressed: set[ValueType] = set()
        for level in _LEVELS:
            shelf = self._shelves.get((name, level, _key_at(level, found)), _EMPTY)
            for rule in shelf.blocks:
                if rule.value_type not in suppressed and _applies(rule, found) and kind.blocks(rule, found):
                    yield replace(kind.tell(rule, found), rule=rule.id)
            if level is Level.ALL:
                if base is not None and base.value_type not in suppressed and kind.blocks(base, found):
                    yield kind.tell(base, found)
                return
            for rule in shelf.exclusions:
                if _applies(rule, found) and kind.excludes(rule, found):
                    suppressed.add(rule.value_type)


def _key_at(level: Level, found: Measures) -> str | None:
    if level is Level.CLIENT:
        return found.inn
    return found.group if level is Level.GROUP else None


def _is_for(level: Level, key: str | None, found: Measures) -> bool:
    return level is Level.ALL or (key is not None and key == _key_at(level, found))


def _applies(rule: Rule, found: Measures) -> bool:
    """Tell whether a rule is in force today and for this client's risk group."""
    return (rule.risk is None or rule.risk == found.risk) and rule.is_valid(found.on)


def _strictest_first(rule: Rule) -> tuple[object, ...]:
    amount = rule.amount.amount if rule.amount is not None else -1
    days = rule.days if rule.days is not None else -1
    percent = rule.percent if rule.percent is not None else -1
    return (days, amount, percent, rule.value or "", rule.id)
