"""Rows of the base, safe between threads; what its documents mean is kept by the engine of its family."""

from __future__ import annotations

import base64
import threading
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping

from b24app.sandbox.onec.family import Engine
from b24app.sandbox.onec.family import Family
from b24app.sandbox.onec.posting import Movement
from b24app.sandbox.onec.posting import rows_of
from b24app.sandbox.onec.schema import Entity
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value


class Store:
    """Tables by set name; rows are never changed in place, so a reader may keep what it was given.

    `unposted_counts`: an error planted for tests, by which documents that are not posted move registers.
    """

    def __init__(self, family: Family) -> None:
        self.family = family
        self.lock = threading.RLock()
        self.unposted_counts = False
        self._tables: dict[str, dict[str, Row]] = defaultdict(dict)
        self._version = 0
        self.engine: Engine = family.engine(self)

    def write(self, kind: str, key: str, values: Mapping[str, Value]) -> Row:
        """Create or change an object (only the given values); posts again a document that is posted.

        Raises:
            KeyError: no such kind of object, or a value for a property it does not have.
        """
        with self.lock:
            entity = self.family.entity(kind)
            known = self._tables[kind].get(key, {"Ref_Key": key} if "Ref_Key" in entity.fields else {})
            merged = {**known, **values}
            if "DataVersion" in entity.fields:
                merged["DataVersion"] = self._next_version()
            row = _whole(entity, key, merged)
            self._tables[kind][key] = row
            self._post(kind, key, row)
            return row

    def repost(self) -> None:
        """Post every document anew."""
        with self.lock:
            for kind, rows in list(self._tables.items()):
                for key, row in rows.items():
                    self._post(kind, key, row)

    def put(self, kind: str, key: str, row: Row) -> None:
        """Keep a row of an independent information register under its key."""
        with self.lock:
            self._tables[kind][key] = row

    def get(self, kind: str, key: str) -> Row | None:
        """An object by its key."""
        with self.lock:
            return self._tables[kind].get(key)

    def need(self, kind: str, key: str) -> Row:
        """An object that is known to exist."""
        with self.lock:
            return self._tables[kind][key]

    def count(self, kind: str) -> int:
        """How many objects a set has."""
        return len(self._tables[kind])

    def rows(self, kind: str) -> list[Row]:
        """All objects of a set in the order they were made."""
        with self.lock:
            computed = self.engine.rows(kind)
            return computed if computed is not None else list(self._tables[kind].values())

    def movements(self, register: str) -> list[Movement]:
        """All rows of a register, the future ones included."""
        with self.lock:
            return self.engine.movements(register)

    def find(self, kinds: Iterable[str], key: str) -> tuple[str, Row] | None:
        """An object of one of these sets by its key."""
        with self.lock:
            return next(
                ((kind, self._tables[kind][key]) for kind in kinds if key in self._tables[kind]), None
            )

    def _post(self, kind: str, key: str, row: Row) -> None:
        if "Posted" in row:
            self.engine.post(kind, key, row, counts=bool(row["Posted"]) or self.unposted_counts)

    def _next_version(self) -> str:
        self._version += 1
        return base64.b64encode(self._version.to_bytes(8, "big")).decode()


def _whole(entity: Entity, key: str, values: Mapping[str, Value]) -> Row:
    sections: dict[str, Value] = {
        title: section.numbered(key, rows_of(values, title))
        for title, section in entity.sections.items()
        if title in values
    }
    return entity.complete({**values, **sections})
