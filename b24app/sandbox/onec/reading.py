"""Answer reads: sets, single objects, tabular sections, virtual tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass

from b24app.sandbox.onec.errors import method_not_allowed
from b24app.sandbox.onec.errors import no_rights
from b24app.sandbox.onec.errors import not_implemented
from b24app.sandbox.onec.errors import unknown_entity
from b24app.sandbox.onec.errors import unknown_instance
from b24app.sandbox.onec.errors import unknown_method
from b24app.sandbox.onec.errors import unknown_segment
from b24app.sandbox.onec.faults import Switches
from b24app.sandbox.onec.filtering import parse_filter
from b24app.sandbox.onec.objects import ARCHITECTURE
from b24app.sandbox.onec.objects import BY_NAME
from b24app.sandbox.onec.objects import KEYS
from b24app.sandbox.onec.objects import PARTNERS
from b24app.sandbox.onec.objects import PERMITS
from b24app.sandbox.onec.objects import REGISTER_BY_NAME
from b24app.sandbox.onec.objects import SECTIONS
from b24app.sandbox.onec.posting import rows_of
from b24app.sandbox.onec.query import Options
from b24app.sandbox.onec.query import ordered
from b24app.sandbox.onec.query import selected
from b24app.sandbox.onec.registers import Quoting
from b24app.sandbox.onec.registers import balance_fields
from b24app.sandbox.onec.registers import parse_call
from b24app.sandbox.onec.registers import totals
from b24app.sandbox.onec.schema import Entity
from b24app.sandbox.onec.schema import Field
from b24app.sandbox.onec.schema import Register
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.scope import Scope
from b24app.sandbox.onec.store import Store

_ADDRESS = re.compile(r"(?P<name>\w+)(?P<rest>.*)", re.DOTALL)
_ONE = re.compile(r"\(guid'(?P<key>[0-9a-fA-F-]{36})'\)(?P<rest>/.*)?", re.DOTALL)
_CALL = re.compile(r"/Balance(?:\((?P<inner>.*)\))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of a read: a collection, one object (`single`) or a bare number (`$count`)."""

    name: str
    rows: Iterable[Row] = ()
    total: int | None = None
    single: Row | None = None
    number: int | None = None


class Reader:
    """Reads under the rights, the composition and the quoting habit of one base."""

    def __init__(self, store: Store, switches: Switches, quoting: Quoting) -> None:
        self._store = store
        self._switches = switches
        self._quoting = quoting

    @property
    def store(self) -> Store:
        """The base that is read."""
        return self._store

    def published(self) -> list[str]:
        """Sets in the composition; a removed object takes its sections and its records with it."""
        gone = self._switches.removed | (set() if self._switches.extension else {PERMITS})
        names = [*BY_NAME, *SECTIONS, *REGISTER_BY_NAME]
        return sorted(one for one in names if one not in gone and _owner(one) not in gone)

    def read(self, address: str, options: Options) -> Found:
        """Answer an address after `standard.odata/`.

        Raises:
            ODataError: as 1C refuses.
        """
        found = _ADDRESS.fullmatch(address)
        if found is None or found["name"] not in self.published():
            raise unknown_entity(address if found is None else found["name"])
        name, rest = found["name"], found["rest"]
        if name in self._switches.forbidden or _owner(name) in self._switches.forbidden:
            raise no_rights()
        if name in REGISTER_BY_NAME:
            return self._function(REGISTER_BY_NAME[name], rest, options)
        if rest in ("", "/$count"):
            return self._set(name, options, bare=rest != "")
        return self._single(name, rest, options)

    def _set(self, name: str, options: Options, *, bare: bool) -> Found:
        entity = _entity(name)
        rows = self._rows(name)
        scope = self._scope(entity.fields)
        if options.filter is not None:
            test = parse_filter(options.filter, scope)
            rows = [row for row in rows if test(row)]
        rows = [row for row in rows if self._seen(name, row, options)]
        if bare:
            return Found(name, number=len(rows))
        return self._answer(name, rows, options, scope, entity)

    def _answer(
        self, name: str, rows: list[Row], options: Options, scope: Scope, entity: Entity | None
    ) -> Found:
        rows = ordered(rows, options.orderby, scope)
        total = len(rows) if options.counted else None
        if not options.counted:  # with $inlinecount the server ignores $skip and $top (onec_odata 1.5)
            end = None if options.top is None else options.skip + options.top
            rows = rows[options.skip : end]
        return Found(name, rows=selected(rows, options.select, scope, entity), total=total)

    def _single(self, name: str, rest: str, options: Options) -> Found:
        found = _ONE.fullmatch(rest)
        if found is None:
            raise unknown_segment(rest.lstrip("/"))
        row = self._store.get(name, found["key"].lower())
        if row is None:
            raise unknown_instance()
        if not self._seen(name, row, Options()):
            raise no_rights()
        tail = (found["rest"] or "").lstrip("/")
        if tail in ("Post", "Unpost"):
            raise method_not_allowed()
        if tail:
            raise unknown_segment(tail) if tail not in _entity(name).fields else not_implemented("property")
        entity = _entity(name)
        (shown,) = selected([row], options.select, self._scope(entity.fields), entity)
        return Found(name, single=shown)

    def _function(self, register: Register, rest: str, options: Options) -> Found:
        found = _CALL.fullmatch(rest)
        if found is None:
            if rest.startswith(("/Turnovers", "/BalanceAndTurnovers")) or rest == "":
                raise not_implemented(rest or "the record sets of a register")
            raise unknown_method()
        call = parse_call(found["inner"] or "", register, self._quoting)
        condition = None
        if call.condition is not None:
            inside = self._scope(register.columns(tuple(register.dimensions)))
            condition = parse_filter(call.condition, inside, option="Condition")
        movements = self._store.movements(register.name)
        rows = totals(
            movements,
            call,
            register,
            condition=condition,
            seen=lambda row: self._seen(register.name, row, options),
        )
        scope = self._scope(balance_fields(register, call.dimensions))
        if options.filter is not None:
            test = parse_filter(options.filter, scope)
            rows = [row for row in rows if test(row)]
        return self._answer(f"{register.name}/Balance", rows, options, scope, None)

    def _rows(self, name: str) -> list[Row]:
        if name == ARCHITECTURE:
            return [{"SurrogateKey": 0, "Value": self._store.new_architecture}]
        if name in SECTIONS:
            entity, title = SECTIONS[name]
            return [line for row in self._store.rows(entity.name) for line in rows_of(row, title)]
        return self._store.rows(name)

    def _scope(self, fields: Mapping[str, Field]) -> Scope:
        published = set(self.published())

        def fields_of(name: str) -> Mapping[str, Field] | None:
            return BY_NAME[name].fields if name in published else None

        return Scope(fields, fields_of, self._store.get)

    def _seen(self, name: str, row: Row, options: Options) -> bool:
        hidden = self._switches.hidden
        if not hidden or self._partner(name, row) not in hidden:
            return True
        if options.allowed_only:
            return False
        raise no_rights()

    def _partner(self, name: str, row: Row) -> str:
        if name == PARTNERS:
            return str(row["Ref_Key"])
        if "АналитикаУчетаПоПартнерам_Key" in row:
            key = self._store.get(KEYS, str(row["АналитикаУчетаПоПартнерам_Key"]))
            return str(key["Партнер_Key"]) if key else ""
        return str(row.get("Партнер_Key", ""))


def _entity(name: str) -> Entity:
    if name in SECTIONS:
        entity, title = SECTIONS[name]
        return entity.sections[title]
    return BY_NAME[name]


def _owner(name: str) -> str:
    return SECTIONS[name][0].name if name in SECTIONS else name.removesuffix("_RecordType")
