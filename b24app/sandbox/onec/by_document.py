"""Offline bases whose settlements stand by document, seeded from a world: БП 3.0 and УНФ.

Neither has limits, receipts that wait for the bank or a figure of goods under way, so what the world tells of
those is left out: an unconfirmed receipt is a document that is not posted.
"""

from __future__ import annotations

from abc import ABC
from abc import abstractmethod
from collections.abc import Iterable
from collections.abc import Mapping
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec import engine_bp
from b24app.sandbox.onec import objects_bp as bp
from b24app.sandbox.onec.books import CURRENCY_FACTS
from b24app.sandbox.onec.books import guid
from b24app.sandbox.onec.books import own_companies
from b24app.sandbox.onec.books import own_company
from b24app.sandbox.onec.books import payment_moment
from b24app.sandbox.onec.books import rate_days
from b24app.sandbox.onec.books import sale_moment
from b24app.sandbox.onec.core import Account
from b24app.sandbox.onec.core import ClientBalance
from b24app.sandbox.onec.core import ContractCard
from b24app.sandbox.onec.core import Document
from b24app.sandbox.onec.core import OneCBase
from b24app.sandbox.onec.engine_unf import SmallFirmEngine
from b24app.sandbox.onec.family import Family
from b24app.sandbox.onec.http import Publication
from b24app.sandbox.onec.posting import Movement
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedContract
from b24app.sandbox.world import World

_NOTHING = Decimal(0)


class DocumentBase(OneCBase, ABC):
    """What both have in common: clients of a world with contracts, sales and receipts."""

    family: ClassVar[Family]
    has_limits = False
    sale_kind: ClassVar[str]
    bank_kind: ClassVar[str]
    cash_kind: ClassVar[str]

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
        account = Account(login, password)
        super().__init__(
            self.family, clock=clock, account=account, timezone=timezone, publication=publication
        )
        self._contracts: dict[str, dict[str, SeedContract]] = {}
        self._numbers = 0
        self._open(world.today)
        for client in world.clients:
            if client.in_accounting:
                self.add_client(client)

    def kinds(self) -> dict[str, str]:
        """The sets of documents people look at, and what they call one."""
        return {self.sale_kind: "Реализация", self.bank_kind: "Поступление на счёт", self.cash_kind: "Касса"}

    def add_client(self, client: SeedClient) -> None:
        """Write a client with contracts and documents."""
        self.write(bp.COUNTERPARTIES, guid("counterparty", client.key), self._counterparty(client))
        self._contracts[client.key] = {one.number: one for one in client.contracts}
        for one in client.contracts:
            self.write(bp.CONTRACTS, guid("contract", client.key, one.number), self._contract(client, one))
        for sold in client.sales:
            moment = sale_moment(sold.sold_on)
            for number, (day, amount) in enumerate(sold.instalments):
                name = sold.number if number == 0 else f"{sold.number}/{number + 1}"
                self._sale(client.key, sold.contract, name, (moment, day), amount)
        for paid in client.payments:
            document = self._sale_ref(client.key, paid.contract, paid.sale) if paid.sale else None
            moment = payment_moment(paid.paid_on)
            posted = {"Posted": paid.confirmed}
            cash = len(client.inn) == 12 and paid.confirmed
            header = self._receipt_header(client.key, paid.contract, paid.number, moment) | posted
            self._receipt(header, self._lines(client.key, paid.contract, paid.amount, document), cash=cash)

    def post_sale(
        self,
        client_key: str,
        amount: Decimal,
        due_days: int,
        contract: str | None = None,
        *,
        days_ago: int = 0,
    ) -> Document:
        """Post a shipment of `days_ago` days ago; `due_days` counts where a due day can be set."""
        with self._store.lock:
            written = self.now() - timedelta(days=days_ago)
            day = written.date() + timedelta(days=due_days)
            return self._sale(
                client_key, self._only(client_key, contract), self._number(), (written, day), amount
            )

    def post_payment(
        self, client_key: str, amount: Decimal, contract: str | None = None, *, confirmed: bool = True
    ) -> Document:
        """Post money of now: it pays the oldest debts of the contract, the rest is an advance."""
        with self._store.lock:
            chosen = self._only(client_key, contract)
            header = self._receipt_header(client_key, chosen, self._number(), self.now())
            lines = self._lines(client_key, chosen, amount, None)
            return self._receipt(header | {"Posted": confirmed}, lines, cash=False)

    def confirm(self, document: Document) -> None:
        """Post a receipt that waited."""
        self.write(document.kind, document.ref, {"Posted": True})

    def set_limit(self, client_key: str, contract: str | None, amount: Decimal | None) -> None:
        """Refuse: this configuration has no limits."""
        raise ValueError(f"{self.family.name} keeps no limits: {client_key} {contract} {amount}")

    def set_architecture(self, *, new: bool) -> None:
        """Do nothing: there is one way of settling here."""
        del new

    def hide(self, client_key: str) -> None:
        """Hide the rows of a client from the OData user (record-level access)."""
        self.switches.hidden = {*self.switches.hidden, guid("counterparty", client_key)}

    def contract_cards(self, client_key: str) -> list[ContractCard]:
        """The contracts of a client as people see them."""
        return [
            ContractCard(one.number, one.currency, one.active, None, one.term_days)
            for one in self._contracts[client_key].values()
        ]

    def documents_of(self, client_key: str, kind: str) -> list[Row]:
        """The documents of a set that belong to a client, unposted ones too."""
        owner = guid("counterparty", client_key)
        return [
            row
            for row in self._store.rows(kind)
            if owner in (row.get("Контрагент_Key"), row.get("Контрагент"))
        ]

    def balance(self, client_key: str, currency: str = "RUB") -> ClientBalance:
        """What a person would see in the reports about this client."""
        with self._store.lock:
            refs = {
                guid("contract", client_key, one.number): one
                for one in self._contracts[client_key].values()
                if one.currency == currency
            }
            moved = [
                x for x in self._store.movements(self.family.registers[0].name) if self._under(x) in refs
            ]
            owed = self._by_document(moved, refs)
        today = self.now().date()
        debts = [(amount, due) for amount, due in owed if amount > 0]
        return ClientBalance(
            debt=sum((amount for amount, _ in owed), _NOTHING),
            overdue=sum((amount for amount, due in debts if due is not None and due < today), _NOTHING),
            advance=-sum((amount for amount, _ in owed if amount < 0), _NOTHING),
            pending=_NOTHING,
            shipping=_NOTHING,
        )

    def _open(self, today: date) -> None:
        engine = self._store.engine
        if isinstance(engine, engine_bp.AccountingEngine | SmallFirmEngine):
            engine.rates = {guid("currency", code): rate for code, (_, _, rate) in CURRENCY_FACTS.items()}
        for code, (digits, name, rate) in CURRENCY_FACTS.items():
            key = guid("currency", code)
            self.write(bp.CURRENCIES, key, {"Description": code, "Code": digits, "НаименованиеПолное": name})
            for day, shift in rate_days(today):
                values: dict[str, Value] = {
                    "Period": day,
                    "Валюта_Key": key,
                    "Курс": rate + shift,
                    "Кратность": 1,
                }
                self.write(bp.RATES, f"{key} {day}", values)
        for ref, values in own_companies():
            self.write(bp.COMPANIES, ref, values)

    def _number(self) -> str:
        self._numbers += 1
        return f"0000-{self._numbers + 900_000:06d}"

    def _only(self, client_key: str, contract: str | None) -> str:
        if contract is not None:
            return contract
        active = [one.number for one in self._contracts[client_key].values() if one.active]
        if len(active) != 1:
            raise ValueError(f"{client_key} has {len(active)} active contracts: name one")
        return active[0]

    def _receipt_header(
        self, client_key: str, contract: str, number: str, moment: datetime
    ) -> dict[str, Value]:
        one = self._contracts[client_key][contract]
        currency = guid("currency", one.currency)
        own = own_company(one.company)
        return {"Number": number, "Date": moment, "Организация_Key": own, "currency": currency}

    def _sale_ref(self, client_key: str, contract: str, number: str) -> str:
        return guid("sale", client_key, contract, number)

    def _counterparty(self, client: SeedClient) -> dict[str, Value]:
        return {
            "Description": client.name[:100],
            "НаименованиеПолное": client.full_name,
            "ИНН": client.inn,
            "КПП": client.kpp,
        }

    @abstractmethod
    def _contract(self, client: SeedClient, one: SeedContract) -> dict[str, Value]: ...

    @abstractmethod
    def _sale(
        self, client_key: str, contract: str, number: str, days: tuple[datetime, date], amount: Decimal
    ) -> Document: ...

    @abstractmethod
    def _lines(
        self, client_key: str, contract: str, amount: Decimal, document: str | None
    ) -> list[dict[str, Value]]: ...

    @abstractmethod
    def _receipt(
        self, header: dict[str, Value], lines: list[dict[str, Value]], *, cash: bool
    ) -> Document: ...

    @abstractmethod
    def _under(self, movement: Movement) -> str: ...

    @abstractmethod
    def _by_document(
        self, moved: Iterable[Movement], refs: Mapping[str, SeedContract]
    ) -> list[tuple[Decimal, date | None]]: ...


def total(lines: Iterable[Mapping[str, Value]], name: str) -> Decimal:
    """Add up a field of lines."""
    return sum((Decimal(str(line[name])) for line in lines), _NOTHING)
