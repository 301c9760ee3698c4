"""The engine of «Управление торговлей 11»: both settlement registers and architectures (onec_odata 3.1)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.sandbox.onec.family import Family
from b24app.sandbox.onec.objects import ARCHITECTURE
from b24app.sandbox.onec.objects import CASH
from b24app.sandbox.onec.objects import DOCUMENTS
from b24app.sandbox.onec.objects import ENTITIES
from b24app.sandbox.onec.objects import INTERCOMPANY
from b24app.sandbox.onec.objects import KEYS
from b24app.sandbox.onec.objects import RATES
from b24app.sandbox.onec.objects import REGISTERS
from b24app.sandbox.onec.objects import RELATIVE_RATES
from b24app.sandbox.onec.objects import SALE
from b24app.sandbox.onec.objects import SETTLED
from b24app.sandbox.onec.objects import SETTLEMENTS
from b24app.sandbox.onec.objects import TERMS
from b24app.sandbox.onec.objects import WRITE_OFF
from b24app.sandbox.onec.posting import Event
from b24app.sandbox.onec.posting import Movement
from b24app.sandbox.onec.posting import TermsOfObject
from b24app.sandbox.onec.posting import events
from b24app.sandbox.onec.posting import settlement_movements
from b24app.sandbox.onec.schema import UNDEFINED
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value

if TYPE_CHECKING:
    from b24app.sandbox.onec.store import Store

_RECORDS = SETTLEMENTS + "_RecordType"


class TradeEngine:
    """Movements by recorder; ПоСрокам by settlement object, frozen while the old architecture runs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._posted: dict[tuple[str, str], list[Movement]] = {}
        self._events: dict[str, dict[tuple[str, str], list[Event]]] = defaultdict(dict)
        self._terms: dict[str, list[Movement]] = {}
        self._lagging: list[Movement] | None = None
        self._index: dict[tuple[Value, ...], str] = {}
        self._indexed = 0
        self.rates: dict[str, Decimal] = {}
        """What one unit of a currency (by its key) is worth in the accounting currency."""

    @property
    def new_architecture(self) -> bool:
        """Tell whether ПоСрокам follows the documents."""
        return self._lagging is None

    def set_architecture(self, *, new: bool) -> None:
        """Switch the settlement architecture; in the old one ПоСрокам stays as it was at this moment."""
        with self._store.lock:
            if new:
                self._lagging = None
            elif self._lagging is None:
                self._lagging = self.live_terms()

    def post(self, kind: str, key: str, row: Row, *, counts: bool) -> None:
        """Replace the movements of a document."""
        source = (kind, key)
        self._posted[source] = settlement_movements(kind, row, self.key_of) if counts else []
        touched = {settled for settled, happened in self._events.items() if happened.pop(source, None)}
        for event in events(kind, row) if counts else []:
            self._events[event.settled].setdefault(source, []).append(event)
            touched.add(event.settled)
        for settled in touched:
            self._settle(settled)

    def movements(self, register: str) -> list[Movement]:
        """All rows of a register."""
        if register == TERMS:
            return list(self._lagging) if self._lagging is not None else self.live_terms()
        return [one for made in self._posted.values() for one in made]

    def live_terms(self) -> list[Movement]:
        """Rows ПоСрокам would have if it followed the documents, whatever the architecture."""
        with self._store.lock:
            return [one for made in self._terms.values() for one in made]

    def rows(self, name: str) -> list[Row] | None:
        """The architecture constant and the records of the exact register."""
        if name == ARCHITECTURE:
            return [{"SurrogateKey": 0, "Value": self.new_architecture}]
        return self._records() if name == _RECORDS else None

    def holder(self, row: Row) -> str:
        """The partner of a row, by its analytics key where it has one."""
        if "АналитикаУчетаПоПартнерам_Key" in row:
            key = self._store.get(KEYS, str(row["АналитикаУчетаПоПартнерам_Key"]))
            return str(key["Партнер_Key"]) if key else ""
        if "Клиент" in row:
            return str(row["Ref_Key"])
        return str(row.get("Партнер_Key", ""))

    def key_of(self, settled: str) -> str:
        """The analytics key a settlement object stands under: that of its sides and contract."""
        count = self._store.count(KEYS)
        if count != self._indexed:
            new = self._store.rows(KEYS)[self._indexed :]
            self._index.update((_sides(row), str(row["Ref_Key"])) for row in new)
            self._indexed = count
        return self._index[_sides(self._store.need(SETTLED, settled))]

    def _settle(self, settled: str) -> None:
        happened = [event for made in self._events[settled].values() for event in made]
        if not happened:
            self._terms.pop(settled, None)
            return
        rate = self.rates.get(happened[0].currency, Decimal(1))
        self._terms[settled] = TermsOfObject(self.key_of(settled), rate).run(happened)

    def _records(self) -> list[Row]:
        return [
            self._store.family.by_name[_RECORDS].complete(_record(number, movement))
            for made in self._posted.values()
            for number, movement in enumerate(made, start=1)
        ]


def _sides(row: Row) -> tuple[Value, ...]:
    return row["Контрагент"], row["Договор"], row["Организация_Key"]


def _record(number: int, movement: Movement) -> dict[str, Value]:
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
    return {**values, **movement.dimensions, **movement.resources}


TRADE = Family(
    "ut11",
    ENTITIES,
    REGISTERS,
    DOCUMENTS,
    TradeEngine,
    slices=(RATES, RELATIVE_RATES),
    unpublished={INTERCOMPANY: SALE, WRITE_OFF: CASH},
)
