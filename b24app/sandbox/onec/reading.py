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
from b24app.sandbox.onec.family import Family
from b24app.sandbox.onec.faults import Switches
from b24app.sandbox.onec.filtering import Predicate
from b24app.sandbox.onec.filtering import parse_filter
from b24app.sandbox.onec.objects import PERMITS
from b24app.sandbox.onec.posting import date_of
from b24app.sandbox.onec.posting import rows_of
from b24app.sandbox.onec.query import Options
from b24app.sandbox.onec.query import ordered
from b24app.sandbox.onec.query import selected
from b24app.sandbox.onec.registers import BalanceCall
from b24app.sandbox.onec.registers import Quoting
from b24app.sandbox.onec.registers import balance_fields
from b24app.sandbox.onec.registers import parse_call
from b24app.sandbox.onec.registers import slice_moment
from b24app.sandbox.onec.registers import totals
from b24app.sandbox.onec.schema import ACCOUNT
from b24app.sandbox.onec.schema import ACCOUNT_DIMENSION
from b24app.sandbox.onec.schema import Entity
from b24app.sandbox.onec.schema import Field
from b24app.sandbox.onec.schema import Register
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value
from b24app.sandbox.onec.scope import Scope
from b24app.sandbox.onec.store import Store

_ADDRESS = re.compile(r"(?P<name>\w+)(?P<rest>.*)", re.DOTALL)
_ONE = re.compile(r"\(guid'(?P<key>[0-9a-fA-F-]{36})'\)(?P<rest>/.*)?", re.DOTALL)
_CALL = re.compile(r"/Balance(?:\((?P<inner>.*)\))?", re.DOTALL)
_SLICE = re.compile(r"/SliceLast(?:\((?P<inner>.*)\))?", re.DOTALL)


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
        self._family = store.family

    @property
    def family(self) -> Family:
        """The configuration that is read."""
        return self._family

    @property
    def store(self) -> Store:
        """The base that is read."""
        return self._store

    def published(self) -> list[str]:
        """Sets in the composition; a removed object takes its sections and its records with it."""
        gone = self._switches.removed | (set() if self._switches.extension else {PERMITS})
        family = self._family
        names = [*family.by_name, *family.sections, *family.register_by_name]
        return sorted(one for one in names if one not in gone and family.owner(one) not in gone)

    def read(self, address: str, options: Options) -> Found:
        """Answer an address after `standard.odata/`.

        Raises:
            ODataError: as 1C refuses.
        """
        found = _ADDRESS.fullmatch(address)
        if found is None or found["name"] not in self.published():
            raise unknown_entity(address if found is None else found["name"])
        name, rest = found["name"], found["rest"]
        if name in self._switches.forbidden or self._family.owner(name) in self._switches.forbidden:
            raise no_rights()
        if name in self._family.register_by_name:
            return self._function(self._family.register_by_name[name], rest, options)
        if rest.startswith("/SliceLast") and name in self._family.slices:
            return self._slice(name, rest, options)
        if rest in ("", "/$count"):
            return self._set(name, options, bare=rest != "")
        return self._single(name, rest, options)

    def _set(self, name: str, options: Options, *, bare: bool) -> Found:
        entity = self._family.entity(name)
        rows = self._rows(name)
        scope = self._scope(entity.fields)
        if options.filter is not None:
            test = parse_filter(options.filter, scope)
            rows = [row for row in rows if test(row)]
        rows = [row for row in rows if self._seen(row, options)]
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
        if not self._seen(row, Options()):
            raise no_rights()
        tail = (found["rest"] or "").lstrip("/")
        if tail in ("Post", "Unpost"):
            raise method_not_allowed()
        if tail:
            known = tail in self._family.entity(name).fields
            raise not_implemented("property") if known else unknown_segment(tail)
        entity = self._family.entity(name)
        (shown,) = selected([row], options.select, self._scope(entity.fields), entity)
        return Found(name, single=shown)

    def _function(self, register: Register, rest: str, options: Options) -> Found:
        found = _CALL.fullmatch(rest)
        if found is None:
            if rest.startswith(("/Turnovers", "/BalanceAndTurnovers")) or rest == "":
                raise not_implemented(rest or "the record sets of a register")
            raise unknown_method()
        call = parse_call(found["inner"] or "", register, self._quoting)
        rows = totals(
            self._switches.spoil_movements(self._store.movements(register.name)),
            call,
            register,
            condition=self._condition(register, call),
            seen=lambda row: self._seen(row, options),
        )
        scope = self._scope(balance_fields(register, call.dimensions))
        if options.filter is not None:
            test = parse_filter(options.filter, scope)
            rows = [row for row in rows if test(row)]
        return self._answer(f"{register.name}/Balance", rows, options, scope, None)

    def _condition(self, register: Register, call: BalanceCall) -> Predicate | None:
        """What chooses movements before they are added up; accounts have a parameter of their own."""
        tests: list[Predicate] = []
        if call.condition is not None:
            fields = dict(register.columns(tuple(register.dimensions)))
            fields.pop(ACCOUNT, None)  # onec_odata 1.6: inside Condition an account test is refused
            tests.append(parse_filter(call.condition, self._scope(fields), option="Condition"))
        if call.accounts is not None:
            scope = self._scope(register.columns((ACCOUNT_DIMENSION,)))
            tests.append(parse_filter(call.accounts, scope, option="AccountCondition"))
        return (lambda row: all(test(row) for test in tests)) if tests else None

    def _slice(self, name: str, rest: str, options: Options) -> Found:
        """The newest record of each set of dimensions, those of the moment itself included."""
        found = _SLICE.fullmatch(rest)
        if found is None:
            raise unknown_method()
        moment = slice_moment(found["inner"] or "")
        entity = self._family.by_name[name]
        newest: dict[tuple[Value, ...], Row] = {}
        for row in sorted(self._store.rows(name), key=lambda row: str(row["Period"])):
            if moment is None or date_of(row, "Period") <= moment:
                newest[tuple(row[each] for each in entity.key if each != "Period")] = row
        rows = list(newest.values())
        scope = self._scope(entity.fields)
        if options.filter is not None:
            test = parse_filter(options.filter, scope)
            rows = [row for row in rows if test(row)]
        return self._answer(f"{name}/SliceLast", rows, options, scope, None)

    def _rows(self, name: str) -> list[Row]:
        if name in self._family.sections:
            entity, title = self._family.sections[name]
            return [line for row in self._store.rows(entity.name) for line in rows_of(row, title)]
        return [self._switches.spoil_row(row) for row in self._store.rows(name)]

    def _scope(self, fields: Mapping[str, Field]) -> Scope:
        published = set(self.published())

        def fields_of(name: str) -> Mapping[str, Field] | None:
            return self._family.by_name[name].fields if name in published else None

        return Scope(fields, fields_of, self._store.get)

    def _seen(self, row: Row, options: Options) -> bool:
        hidden = self._switches.hidden
        if not hidden or self._store.engine.holder(row) not in hidden:
            return True
        if options.allowed_only:
            return False
        raise no_rights()
