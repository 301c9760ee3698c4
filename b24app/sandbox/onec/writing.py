"""Writes over OData: rows of the extension's register; everything else is read only here."""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from b24app.sandbox.onec.errors import ODataError
from b24app.sandbox.onec.errors import bad_value
from b24app.sandbox.onec.errors import method_not_allowed
from b24app.sandbox.onec.errors import unknown_entity
from b24app.sandbox.onec.errors import unknown_instance
from b24app.sandbox.onec.objects import PERMITS
from b24app.sandbox.onec.reading import Reader
from b24app.sandbox.onec.schema import Entity
from b24app.sandbox.onec.schema import Field
from b24app.sandbox.onec.schema import Kind
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value

_ONE = re.compile(re.escape(PERMITS) + r"\(Ключ='(?P<key>[^']*)'\)")


class Writer:
    """Writes under the composition of one base; unknown properties are passed over, as 1C does."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def write(self, method: str, resource: str, body: bytes) -> tuple[bool, Row]:
        """Make (POST) or change (PATCH) a row; tell whether it is new, and the row as it is now.

        Raises:
            ODataError: as 1C refuses.
        """
        found = _ONE.fullmatch(resource)
        name = PERMITS if found else resource
        if name == PERMITS and name not in self._reader.published():
            raise unknown_entity(name)
        if name != PERMITS or method != ("PATCH" if found else "POST"):
            raise method_not_allowed()
        register = self._reader.family.entity(PERMITS)
        given, store = _values(body, register), self._reader.store
        with store.lock:
            key = found["key"] if found else str(given.get("Ключ", ""))
            known = store.get(PERMITS, key)
            if found and known is None:
                raise unknown_instance()
            if not found and known is not None:
                raise ODataError(400, "15", "Запись с таким ключом уже существует")
            row = register.complete({**(known or {}), **given, "Ключ": key})
            store.put(PERMITS, key, row)
            return known is None, row


def _values(body: bytes, register: Entity) -> dict[str, Value]:
    try:
        given = json.loads(body, parse_float=Decimal)
    except ValueError as error:
        raise bad_value("Тело запроса не разобрано") from error
    fields = register.fields
    return {name: _value(fields[name], value) for name, value in given.items() if name in fields}


def _value(field: Field, value: Any) -> Value:
    if field.kind is Kind.FLAG and isinstance(value, bool):
        return value
    if field.kind is Kind.NUMBER and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    if field.kind is Kind.DATE and isinstance(value, str):
        return datetime.fromisoformat(value)
    if field.kind is Kind.TEXT and isinstance(value, str):
        return value
    raise bad_value(f"Неверное значение свойства {field.name}")
