"""The order in which rules are evaluated (D13): releases, then level by level blocks before exclusions."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Final
from typing import NamedTuple

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
    from collections.abc import Sequence


@dataclass(slots=True)
class _Shelf:
    """The rules of one type for one client, one group or everybody, by what they do."""

    blocks: list[Rule] = field(default_factory=list)
    exclusions: list[Rule] = field(default_factory=list)
    releases: list[Rule] = field(default_factory=list)

    def put(self, rule: Rule) -> None:
        """Add a rule; at the last level an exclusion of its own type only has nothing left to act on."""
        if rule.act is Act.BLOCK:
            self.blocks.append(rule)
        elif rule.release:
            self.releases.append(rule)
        elif rule.level is not Level.ALL:
            self.exclusions.append(rule)

    def for_risk(self, risk: str | None) -> _Shelf:
        """Return what of it concerns a risk group."""
        parts = (self.blocks, self.exclusions, self.releases)
        return _Shelf(*([rule for rule in part if rule.risk in {None, risk}] for part in parts))


_Place = tuple[Level, str | None]
_EVERYBODY: Final[_Place] = (Level.ALL, None)


class _Row(NamedTuple):
    """The rules of one type that concern a client, from the most specific level to the least (D13 step 3)."""

    name: str
    kind: RuleType
    shelves: tuple[_Shelf, ...]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of a policy, indexed by type, level and key. The order they are given in does not matter.

    `types` is the registry of rule types; another one serves a trial of a new type. `currencies` are those of
    the thresholds. Raises `ValueError` for a rule of a type that is not registered: it would never be tested.
    """

    rules: tuple[Rule, ...] = ()
    types: Mapping[str, RuleType] = field(default_factory=lambda: RULE_TYPES, repr=False, compare=False)
    currencies: frozenset[str] = field(init=False, repr=False, compare=False)
    may_release: bool = field(init=False, repr=False, compare=False)
    _shelves: dict[str, dict[_Place, _Shelf]] = field(init=False, repr=False, compare=False)
    _named: frozenset[str | None] = field(init=False, repr=False, compare=False)
    _rows: dict[tuple[str | None, ...], tuple[_Row, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort the rules into shelves; the stricter of a shelf comes first whatever order they stand in."""
        shelves: dict[str, dict[_Place, _Shelf]] = {}
        for rule in sorted(self.rules, key=_strictest_first):
            if rule.type not in self.types:
                raise ValueError(f"rule {rule.id}: there is no type of rule called {rule.type!r}")
            if rule.level is Level.ALL or rule.key:
                place = _EVERYBODY if rule.level is Level.ALL else (rule.level, rule.key)
                shelves.setdefault(rule.type, {}).setdefault(place, _Shelf()).put(rule)
        currencies = frozenset(rule.amount.currency for rule in self.rules if rule.amount is not None)
        releasing = any(rule.release and rule.act is Act.EXCLUDE for rule in self.rules)
        object.__setattr__(self, "currencies", currencies)
        object.__setattr__(self, "may_release", releasing)
        object.__setattr__(self, "_shelves", shelves)
        named = frozenset(name for rule in self.rules for name in (rule.key, rule.risk))
        object.__setattr__(self, "_named", named)
        object.__setattr__(self, "_rows", {})

    def released_by(self, found: Measures) -> Rule | None:
        """Return the exclusion that lets the order pass with nothing else evaluated (D13 step 2)."""
        if not self.may_release:
            return None
        for _, kind, shelves in self._rows_for(found):
            for shelf in shelves:
                for rule in shelf.releases:
                    if rule.is_valid(found.on) and kind.excludes(rule, found):
                        return rule
        return None

    def reasons(self, found: Measures, base: Sequence[Rule] = ()) -> list[Reason]:
        """Evaluate all rules and keep every reason (D13 steps 3 to 6, K6).

        `base` are our own always-on tests put as rules for all, one a type: an exclusion stops them like any
        other.
        """
        own = {rule.type: rule for rule in base}
        reasons: list[Reason] = []
        for row in self._rows_for(found):
            _evaluate(row, found, own.pop(row.name, None), reasons)
        for name, rule in own.items():
            _evaluate(_Row(name, self.types[name], ()), found, rule, reasons)
        return reasons

    def _rows_for(self, found: Measures) -> tuple[_Row, ...]:
        """Find what concerns a client; kept for all clients the same rules concern.

        A rule for a client or group that is not named is for nobody.
        """
        named = self._named
        key = tuple([each if each in named else None for each in (found.inn, found.group, found.risk)])
        rows = self._rows.get(key)
        if rows is None:
            rows = self._rows[key] = tuple(self._gather(*key))
        return rows

    def _gather(self, inn: str | None, group: str | None, risk: str | None) -> Iterator[_Row]:
        for name, shelves in self._shelves.items():
            places = ((Level.CLIENT, inn), (Level.GROUP, group), _EVERYBODY)
            found = [shelves[place].for_risk(risk) for place in places if place in shelves]
            yield _Row(name, self.types[name], tuple(found))


def _evaluate(row: _Row, found: Measures, base: Rule | None, reasons: list[Reason]) -> None:
    """Add the reasons of one type: at each level blocks come before what its exclusions stop further down."""
    kind, on = row.kind, found.on
    suppressed: set[ValueType] = set()
    for shelf in row.shelves:
        for rule in shelf.blocks:
            if suppressed and rule.value_type in suppressed:
                continue
            if kind.blocks(rule, found) and rule.is_valid(on):
                reasons.append(kind.tell(rule, found))
        for rule in shelf.exclusions:
            if kind.excludes(rule, found) and rule.is_valid(on):
                suppressed.add(rule.value_type)
    if base is not None and base.value_type not in suppressed and kind.blocks(base, found):
        reasons.append(kind.tell(base, found))


def _strictest_first(rule: Rule) -> tuple[object, ...]:
    amount = rule.amount.amount if rule.amount is not None else -1
    days = rule.days if rule.days is not None else -1
    percent = rule.percent if rule.percent is not None else -1
    return (days, amount, percent, rule.value or "", rule.id)
