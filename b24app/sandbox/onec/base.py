"""The offline 1C base: what the demo and the tests hold in their hands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from decimal import Decimal

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec.books import BY_INVOICE
from b24app.sandbox.onec.books import CURRENCY_FACTS
from b24app.sandbox.onec.books import Books
from b24app.sandbox.onec.books import Receipt
from b24app.sandbox.onec.books import Side
from b24app.sandbox.onec.books import guid
from b24app.sandbox.onec.books import own_company
from b24app.sandbox.onec.books import payment_moment
from b24app.sandbox.onec.books import sale_moment
from b24app.sandbox.onec.core import Account
from b24app.sandbox.onec.core import ClientBalance
from b24app.sandbox.onec.core import ContractCard
from b24app.sandbox.onec.core import Document
from b24app.sandbox.onec.core import OneCBase
from b24app.sandbox.onec.engine_ut import TRADE
from b24app.sandbox.onec.engine_ut import TradeEngine
from b24app.sandbox.onec.extension import Extension
from b24app.sandbox.onec.http import Publication
from b24app.sandbox.onec.objects import BANK
from b24app.sandbox.onec.objects import CASH
from b24app.sandbox.onec.objects import CONTRACTS
from b24app.sandbox.onec.objects import COUNTERPARTIES
from b24app.sandbox.onec.objects import SALE
from b24app.sandbox.onec.objects import SETTLEMENTS
from b24app.sandbox.onec.posting import Movement
from b24app.sandbox.onec.posting import amount_of
from b24app.sandbox.onec.posting import start_of_day
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedContract
from b24app.sandbox.world import SeedPayment
from b24app.sandbox.world import World

_NOTHING = Decimal(0)
_DECOY_STEP = 7
"""So often a client of the world gets what `add_decoys` makes, the second one first."""


class SandboxOneC(OneCBase):
    """A base of «Управление торговлей 11.5» seeded from a world."""

    has_limits = True

    def __init__(
        self,
        world: World,
        *,
        clock: SandboxClock,
        login: str,
        password: str,
        timezone: str,
        publication: Publication | None = None,
    ) -> None:
        about = publication or Publication()
        account = Account(login, password)
        super().__init__(TRADE, clock=clock, account=account, timezone=timezone, publication=about)
        engine = self._store.engine
        if not isinstance(engine, TradeEngine):
            raise TypeError("the family of this base has another engine")
        self._engine = engine
        self._books = Books(self._store, engine)
        self._clients: dict[str, dict[str, str]] = {}
        self._sides: dict[str, Side] = {}
        self._heads: dict[str, Side] = {}
        engine.set_architecture(new=about.new_architecture)
        self._extension = Extension(self._store)
        self._books.open(world.today)
        for number, client in enumerate(world.clients):
            if client.in_accounting:
                self.add_client(client)
                if client.kpp and number % _DECOY_STEP == 1:
                    self.add_decoys(client.key)

    def add_client(self, client: SeedClient, *, settlement: str = BY_INVOICE) -> None:
        """Write a client with contracts and documents; `settlement` is ПорядокРасчетов of the contracts.

        Clients of one ИНН share a partner: the first is the head, the others its branches.
        """
        with self._store.lock:
            side, head = self._side(client)
            self._sides[client.key] = side
            more: dict[str, Value] = {"ОбособленноеПодразделение": True} if head else {}
            names = (client.name, client.full_name)
            self._books.counterparty(
                side,
                names,
                client.inn,
                client.kpp,
                ГоловнойКонтрагент_Key=head or side.counterparty,
                **more,
            )
            self._clients[client.key] = {
                one.number: self._contract(client, one, settlement) for one in client.contracts
            }
            self._documents(client)

    def add_decoys(self, client_key: str) -> None:
        """Add what a reader must leave alone: a deletion-marked card of this ИНН, a supplier's contract."""
        side = self._sides[client_key]
        card = self._store.need(COUNTERPARTIES, side.counterparty)
        twin = Side(side.partner, guid("counterparty", client_key, "deleted"))
        names = (f"(не использовать) {card['Description']}", str(card["НаименованиеПолное"]))
        self._books.counterparty(twin, names, str(card["ИНН"]), str(card["КПП"]), DeletionMark=True)
        values: dict[str, Value] = {
            "Номер": "П-1",
            "Статус": "Действует",
            "ТипДоговора": "СПоставщиком",
            "ХозяйственнаяОперация": "ЗакупкаУПоставщика",
            "ОграничиватьСуммуЗадолженности": True,
            "ДопустимаяСуммаЗадолженности": Decimal(9_999_999),
        }
        self._books.contract(guid("contract", client_key, "supplier"), side, "RUB", values)

    def post_sale(
        self,
        client_key: str,
        amount: Decimal,
        due_days: int,
        contract: str | None = None,
        *,
        days_ago: int = 0,
    ) -> Document:
        """Post a shipment of `days_ago` days ago, to be paid in one sum `due_days` after it.

        Raises `PostingRefusedError` when our extension is installed and nothing permits it.
        """
        with self._store.lock:
            written = self.now() - timedelta(days=days_ago)
            stages = [(written.date() + timedelta(days=due_days), amount)]
            ref = self._only(client_key, contract)
            if self.switches.extension:
                self._extension.require(ref, amount, self._clock.now())
            made = self._books.sale(ref, self._books.next_number(), written, stages)
            self._extension.took(made.ref, ref, amount, self._clock.now())
            return made

    def post_payment(
        self, client_key: str, amount: Decimal, contract: str | None = None, *, confirmed: bool = True
    ) -> Document:
        """Post money of now: it pays the oldest instalments of the contract, the rest is an advance."""
        with self._store.lock:
            ref, now = self._only(client_key, contract), self.now()
            day = now.date() if confirmed else None
            given = Receipt(ref, now, self._spread(ref, amount), day)
            return self._books.receipt(self._books.next_number(), given)

    def write_off(self, client_key: str, amount: Decimal, contract: str | None = None) -> Document:
        """Give up the oldest debts of a contract as hopeless."""
        with self._store.lock:
            ref, now = self._only(client_key, contract), self.now()
            given = Receipt(ref, now, self._spread(ref, amount), None, cash=True)
            return self._books.receipt(self._books.next_number(), given, lost=True)

    def confirm(self, document: Document) -> None:
        """Let the bank confirm a payment today; the document keeps its date."""
        day = start_of_day(self.now())
        values: dict[str, Value] = {"ПроведеноБанком": True, "ДатаПроведенияБанком": day}
        self._store.write(document.kind, document.ref, values)

    def post_order(self, client_key: str, amount: Decimal, contract: str | None = None) -> Document:
        """Post an order whose shipping has begun («Отгружается»)."""
        with self._store.lock:
            ref = self._only(client_key, contract)
            return self._books.order(ref, self._books.next_number(), self.now(), amount)

    def unpost(self, document: Document) -> None:
        """Take a document back; its movements vanish."""
        super().unpost(document)
        self._extension.freed(document.ref)

    def set_limit(self, client_key: str, contract: str | None, amount: Decimal | None) -> None:
        """Set the limit of a contract; None turns the switch off and leaves the old sum in its field."""
        with self._store.lock:
            values: dict[str, Value] = {"ОграничиватьСуммуЗадолженности": amount is not None}
            if amount is not None:
                values["ДопустимаяСуммаЗадолженности"] = amount
            self._store.write(CONTRACTS, self._only(client_key, contract), values)

    def set_architecture(self, *, new: bool) -> None:
        """Switch the settlement architecture; in the old one ПоСрокам stays as it is now."""
        self._engine.set_architecture(new=new)

    def hide(self, client_key: str) -> None:
        """Hide the rows of a client's partner from the OData user (record-level access)."""
        self.switches.hidden = {*self.switches.hidden, self._sides[client_key].partner}

    def kinds(self) -> dict[str, str]:
        """The sets of documents people look at, and what they call one."""
        return {SALE: "Реализация", BANK: "Поступление на счёт", CASH: "Приходный кассовый ордер"}

    def contract_cards(self, client_key: str) -> list[ContractCard]:
        """The contracts of a client as people see them."""
        codes = {guid("currency", code): code for code in CURRENCY_FACTS}
        return [
            ContractCard(
                number=str(row["Номер"]),
                currency=codes[str(row["ВалютаВзаиморасчетов_Key"])],
                active=row["Статус"] == "Действует",
                limit=amount_of(row, "ДопустимаяСуммаЗадолженности")
                if row["ОграничиватьСуммуЗадолженности"]
                else None,
                term_days=int(str(row["СрокОплаты"])) if row["УстановленСрокОплаты"] else None,
            )
            for row in self.contracts_of(client_key)
        ]

    def contracts_of(self, client_key: str) -> list[Row]:
        """The contracts of a client."""
        with self._store.lock:
            return [self._store.need(CONTRACTS, ref) for ref in self._clients[client_key].values()]

    def documents_of(self, client_key: str, kind: str) -> list[Row]:
        """The documents of a set that belong to a client, unposted ones too."""
        owner = self._sides[client_key].counterparty
        return [row for row in self._store.rows(kind) if row["Контрагент_Key"] == owner]

    def balance(self, client_key: str, currency: str = "RUB") -> ClientBalance:
        """What a person would see in the reports about this client."""
        with self._store.lock:
            own = {guid("key", ref) for ref in self._clients[client_key].values()}
            wanted = guid("currency", currency)
            rows = _of(self._store.movements(SETTLEMENTS), own, wanted)
            terms = _of(self._engine.live_terms(), own, wanted)
        pending = _by_object(rows, "Оплачивается")
        late = _by_object([x for x in terms if _due(x) < start_of_day(self.now())], "Долг")
        sums = _by_object(rows, "Сумма")
        left = (max(late[x] - pending.get(x, _NOTHING), _NOTHING) for x in late)
        return ClientBalance(
            debt=sum(sums.values(), _NOTHING),
            overdue=sum(left, _NOTHING),
            advance=-sum((x for x in sums.values() if x < 0), _NOTHING),
            pending=sum(pending.values(), _NOTHING),
            shipping=sum(_by_object(rows, "Отгружается").values(), _NOTHING),
        )

    def _side(self, client: SeedClient) -> tuple[Side, str]:
        """The client's keys and the key of the head counterparty when it is a branch."""
        head = self._heads.get(client.inn) if client.kpp else None
        if head is not None:
            return Side(head.partner, guid("counterparty", client.key)), head.counterparty
        side = Side(guid("partner", client.key), guid("counterparty", client.key))
        self._books.partner(side.partner, client.name)
        if client.inn:
            self._heads[client.inn] = side
        return side, ""

    def _contract(self, client: SeedClient, one: SeedContract, settlement: str) -> str:
        ref = guid("contract", client.key, one.number)
        signed = datetime.combine(self.now().date().replace(month=1, day=1), time())
        values: dict[str, Value] = {
            "Description": f"Договор поставки {one.number}",
            "Номер": one.number,
            "Организация_Key": own_company(one.company),
            "Дата": signed,
            "ДатаНачалаДействия": signed,
            "Статус": "Действует" if one.active else "Закрыт",
            "ОграничиватьСуммуЗадолженности": one.limit is not None,
            "ДопустимаяСуммаЗадолженности": one.limit if one.limit is not None else _NOTHING,
            "ЗапрещаетсяПросроченнаяЗадолженность": True,
            "УстановленСрокОплаты": one.term_days is not None,
            "СрокОплаты": one.term_days or 0,
            "ПорядокРасчетов": settlement,
        }
        self._books.contract(ref, self._sides[client.key], one.currency, values)
        return ref

    def _documents(self, client: SeedClient) -> None:
        refs = self._clients[client.key]
        sold: dict[str, Document] = {}
        for one in client.sales:
            moment = sale_moment(one.sold_on)
            sold[one.number] = self._books.sale(refs[one.contract], one.number, moment, one.instalments)
        for paid in client.payments:
            ref = refs[paid.contract]
            settled = str(self._store.need(CONTRACTS, ref)["ОбъектРасчетов_Key"])
            if paid.sale is not None:
                document = sold[paid.sale]
                stage = self._store.need(document.kind, document.ref)["ЭтапыГрафикаОплаты"]
                settled = _settled_of(stage)
            self._books.receipt(paid.number, _seeded(paid, ref, settled, cash=len(client.inn) == 12))
        for number, amount in client.shipping.items():
            moment = sale_moment(self.now().date() - timedelta(days=1))
            self._books.order(refs[number], f"З-{number}", moment, amount)

    def _only(self, client_key: str, contract: str | None) -> str:
        refs = self._clients[client_key]
        if contract is not None:
            return refs[contract]
        active = [x for x in refs.values() if self._store.need(CONTRACTS, x)["Статус"] == "Действует"]
        if len(active) != 1:
            raise ValueError(f"{client_key} has {len(active)} active contracts: name one")
        return active[0]

    def _spread(self, contract: str, amount: Decimal) -> list[tuple[str, Decimal]]:
        rows = [
            x
            for x in self._store.movements(SETTLEMENTS)
            if x.dimensions["АналитикаУчетаПоПартнерам_Key"] == guid("key", contract)
        ]
        owed, pending = _by_object(rows, "Сумма"), _by_object(rows, "Оплачивается")
        planned: dict[str, date] = {}
        for row in sorted((x for x in rows if x.paid_on), key=lambda x: x.paid_on or x.period, reverse=True):
            planned[str(row.dimensions["ОбъектРасчетов_Key"])] = (row.paid_on or row.period).date()
        lines: list[tuple[str, Decimal]] = []
        for settled in sorted(planned, key=lambda x: (planned[x], x)):
            part = min(amount, owed[settled] - pending.get(settled, _NOTHING))
            if part > 0:
                lines.append((settled, part))
                amount -= part
        if amount > 0:
            lines.append((str(self._store.need(CONTRACTS, contract)["ОбъектРасчетов_Key"]), amount))
        return lines


def _seeded(paid: SeedPayment, contract: str, settled: str, *, cash: bool) -> Receipt:
    """A receipt of the seed; every third was entered a day before the bank confirmed it."""
    if cash and paid.confirmed:
        return Receipt(contract, payment_moment(paid.paid_on), [(settled, paid.amount)], None, cash=True)
    early = paid.confirmed and sum(map(ord, paid.number)) % 3 == 0
    written = payment_moment(paid.paid_on - timedelta(days=1) if early else paid.paid_on)
    return Receipt(contract, written, [(settled, paid.amount)], paid.paid_on if paid.confirmed else None)


def _settled_of(stages: Value) -> str:
    if not isinstance(stages, tuple):
        raise TypeError(f"not a section: {stages!r}")
    return str(stages[0]["ОбъектРасчетов_Key"])


def _of(movements: Iterable[Movement], keys: set[str], currency: str) -> list[Movement]:
    return [
        x
        for x in movements
        if x.dimensions["АналитикаУчетаПоПартнерам_Key"] in keys and x.dimensions["Валюта_Key"] == currency
    ]


def _by_object(movements: Iterable[Movement], resource: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for x in movements:
        settled = str(x.dimensions["ОбъектРасчетов_Key"])
        part = x.resources.get(resource, _NOTHING)
        sums[settled] = sums.get(settled, _NOTHING) + (part if x.receipt else -part)
    return sums


def _due(movement: Movement) -> datetime:
    value = movement.dimensions["ДатаПлановогоПогашения"]
    if not isinstance(value, datetime):
        raise TypeError(f"not a date: {value!r}")
    return value
