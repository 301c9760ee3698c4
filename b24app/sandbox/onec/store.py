"""Rows of the base and the register movements of its posted documents, safe between threads."""

from __future__ import annotations

import base64
import threading
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from b24app.sandbox.onec.objects import BY_NAME
from b24app.sandbox.onec.objects import INTERCOMPANY
from b24app.sandbox.onec.objects import SALE
from b24app.sandbox.onec.objects import SETTLEMENTS
from b24app.sandbox.onec.objects import TERMS
from b24app.sandbox.onec.posting import Event
from b24app.sandbox.onec.posting import Movement
from b24app.sandbox.onec.posting import TermsOfObject
from b24app.sandbox.onec.posting import events
from b24app.sandbox.onec.posting import rows_of
from b24app.sandbox.onec.posting import settlement_movements
from b24app.sandbox.onec.schema import UNDEFINED
from b24app.sandbox.onec.schema import Entity
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value

_RECORDS = SETTLEMENTS + "_RecordType"


class Store:
    """Tables by set name; rows are never changed in place, so a reader may keep what it was given.

    `rates`: what one unit of a currency (by its key) is worth in the accounting currency.
    """

    def __init__(self, *, new_architecture: bool) -> None:
        self.lock = threading.RLock()
        self.keys: dict[str, str] = {}
        self.rates: dict[str, Decimal] = {}
        self._tables: dict[str, dict[str, Row]] = defaultdict(dict)
        self._posted: dict[tuple[str, str], list[Movement]] = {}
        self._events: dict[str, dict[tuple[str, str], list[Event]]] = defaultdict(dict)
        self._terms: dict[str, list[Movement]] = {}
        self._lagging: list[Movement] | None = None if new_architecture else []
        self._version = 0

    @property
    def new_architecture(self) -> bool:
        """Tell whether ПоСрокам follows the documents."""
        return self._lagging is None

    def set_architecture(self, *, new: bool) -> None:
        """Switch the settlement architecture; in the old one ПоСрокам stays as it was at this moment."""
        with self.lock:
            if new:
                self._lagging = None
            elif self._lagging is None:
                self._lagging = self.live_terms()

    def write(self, kind: str, key: str, values: Mapping[str, Value]) -> Row:
        """Create or change an object (only the given values); posts again a document that is posted."""
        with self.lock:
            known = self._tables[kind].get(key, {"Ref_Key": key})
            merged = {**known, **values, "DataVersion": self._next_version()}
            row = _whole(BY_NAME[SALE if kind == INTERCOMPANY else kind], key, merged)
            self._tables[kind][key] = row
            if "Posted" in row:
                self._post(kind, key, row)
            return row

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

    def rows(self, kind: str) -> list[Row]:
        """All objects of a set in the order they were made."""
        with self.lock:
            return self._records() if kind == _RECORDS else list(self._tables[kind].values())

    def movements(self, register: str) -> list[Movement]:
        """All rows of a register, the future ones included."""
        with self.lock:
            if register == TERMS:
                return list(self._lagging) if self._lagging is not None else self.live_terms()
            return [one for made in self._posted.values() for one in made]

    def live_terms(self) -> list[Movement]:
        """Rows ПоСрокам would have if it followed the documents, whatever the architecture."""
        with self.lock:
            return [one for made in self._terms.values() for one in made]

    def _next_version(self) -> str:
        self._version += 1
        return base64.b64encode(self._version.to_bytes(8, "big")).decode()

    def _post(self, kind: str, key: str, row: Row) -> None:
        source = (kind, key)
        posted = bool(row["Posted"])
        self._posted[source] = settlement_movements(kind, row, self.keys) if posted else []
        touched = {settled for settled, happened in self._events.items() if happened.pop(source, None)}
        for event in events(kind, row) if posted else []:
            self._events[event.settled].setdefault(source, []).append(event)
            touched.add(event.settled)
        for settled in touched:
            self._settle(settled)

    def _settle(self, settled: str) -> None:
        happened = [event for made in self._events[settled].values() for event in made]
        if not happened:
            self._terms.pop(settled, None)
            return
        rate = self.rates.get(happened[0].currency, Decimal(1))
        self._terms[settled] = TermsOfObject(self.keys[settled], rate).run(happened)

    def _records(self) -> list[Row]:
        return [
            _record(number, movement)
            for made in self._posted.values()
            for number, movement in enumerate(made, start=1)
        ]


def _whole(entity: Entity, key: str, values: Mapping[str, Value]) -> Row:
    sections: dict[str, Value] = {
        title: section.numbered(key, rows_of(values, title))
        for title, section in entity.sections.items()
        if title in values
    }
    return entity.complete({**values, **sections})


def _record(number: int, movement: Movement) -> Row:
    kind, ref = movement.recorder
    values: dict[str, Value] = {
        "Recorder": ref,
        "Recorder_Type": f"StandardODATA.{kind}",
        "Period": movement.period,
        "LineNumber": number,
        "Active": True,
        "RecordType": "Receipt" if movement.receipt else "Expense",
        "ХозяйственнаяОперация": movement.operation,
        "РасчетныйДокумент": ref,
        "РасчетныйДокумент_Type": f"StandardODATA.{kind}" if ref else UNDEFINED,
    }
    if movement.paid_on is not None:
        values["ДатаПлатежа"] = movement.paid_on
    return BY_NAME[_RECORDS].complete({**values, **movement.dimensions, **movement.resources})
