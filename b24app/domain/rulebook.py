"""The order in which rules are evaluated (D13): releases, then level by level blocks before exclusions."""

from __future__ import annotations

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


@dataclass(slots=True)
class _Shelves:
    """The rules of one type by whom they are for; a rule for a client or group not named is for nobody."""

    of_client: dict[str | None, _Shelf] = field(default_factory=dict)
    of_group: dict[str | None, _Shelf] = field(default_factory=dict)
    of_all: _Shelf = field(default_factory=_Shelf)

    def put(self, rule: Rule) -> None:
        """Add a rule."""
        if rule.level is Level.ALL:
            self.of_all.put(rule)
        elif rule.key:
            shelves = self.of_client if rule.level is Level.CLIENT else self.of_group
            shelves.setdefault(rule.key, _Shelf()).put(rule)

    def for_client(self, found: Measures) -> Sequence[_Shelf]:
        """Return what concerns a client, from the most specific level to the least (D13 step 3)."""
        own, group = self.of_client.get(found.inn), self.of_group.get(found.group)
        if own is None and group is None:
            return (self.of_all,)
        return [shelf for shelf in (own, group, self.of_all) if shelf is not None]


_NO_SHELVES = _Shelves()


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of a policy, indexed by type, level and key. The order they are given in does not matter.

    `types` is the registry of rule types; another one serves a trial of a new type. `currencies` are those of
    the thresholds. Raises `ValueError` for a rule of a type that is not registered: it would never be tested.
    """

    rules: tuple[Rule, ...] = ()
    types: Mapping[str, RuleType] = field(default_factory=lambda: RULE_TYPES, repr=False, compare=False)
    currencies: frozenset[str] = field(init=False, repr=False, compare=False)
    _shelves: dict[str, _Shelves] = field(init=False, repr=False, compare=False)
    _releasing: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort the rules into shelves; the stricter of a shelf comes first whatever order they stand in."""
        shelves: dict[str, _Shelves] = {}
        for rule in sorted(self.rules, key=_strictest_first):
            if rule.type not in self.types:
                raise ValueError(f"rule {rule.id}: there is no type of rule called {rule.type!r}")
            shelves.setdefault(rule.type, _Shelves()).put(rule)
        releasing = {rule.type for rule in self.rules if rule.release and rule.act is Act.EXCLUDE}
        currencies = frozenset(rule.amount.currency for rule in self.rules if rule.amount is not None)
        object.__setattr__(self, "currencies", currencies)
        object.__setattr__(self, "_shelves", shelves)
        object.__setattr__(self, "_releasing", tuple(name for name in self.types if name in releasing))

    @property
    def may_release(self) -> bool:
        """Tell whether any exclusion lets a whole order pass."""
        return bool(self._releasing)

    def released_by(self, found: Measures) -> Rule | None:
        """Return the exclusion that lets the order pass with nothing else evaluated (D13 step 2)."""
        for name in self._releasing:
            kind = self.types[name]
            for shelf in self._shelves[name].for_client(found):
                for rule in shelf.releases:
                    if _applies(rule, found) and kind.excludes(rule, found):
                        return rule
        return None

    def reasons(self, found: Measures, base: Sequence[Rule] = ()) -> list[Reason]:
        """Evaluate all rules and keep every reason (D13 steps 3 to 6, K6).

        `base` are our own always-on tests put as rules for all, one a type: an exclusion stops them like any
        other.
        """
        own = {rule.type: rule for rule in base}
        reasons: list[Reason] = []
        for name, shelves in self._shelves.items():
            reasons += self._of_type(name, shelves, found, own.pop(name, None))
        for name, rule in own.items():
            reasons += self._of_type(name, _NO_SHELVES, found, rule)
        return reasons

    def _of_type(self, name: str, shelves: _Shelves, found: Measures, base: Rule | None) -> Iterator[Reason]:
        kind = self.types[name]
        suppressed: set[ValueType] = set()
        for shelf in shelves.for_client(found):
            for rule in shelf.blocks:
                if suppressed and rule.value_type in suppressed:
                    continue
                if _applies(rule, found) and kind.blocks(rule, found):
                    yield replace(kind.tell(rule, found), rule=rule.id)
            for rule in shelf.exclusions:
                if _applies(rule, found) and kind.excludes(rule, found):
                    suppressed.add(rule.value_type)
        if base is not None and base.value_type not in suppressed and kind.blocks(base, found):
            yield kind.tell(base, found)


def _applies(rule: Rule, found: Measures) -> bool:
    """Tell whether a rule is in force today and for this client's risk group."""
    if rule.risk is not None and rule.risk != found.risk:
        return False
    return (rule.starts is None and rule.ends is None) or rule.is_valid(found.on)


def _strictest_first(rule: Rule) -> tuple[object, ...]:
    amount = rule.amount.amount if rule.amount is not None else -1
    days = rule.days if rule.days is not None else -1
    percent = rule.percent if rule.percent is not None else -1
    return (days, amount, percent, rule.value or "", rule.id)
