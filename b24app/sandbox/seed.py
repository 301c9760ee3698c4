"""The made-up wholesaler of building materials: people, clients, debts, deals; the same for a day."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from datetime import timedelta
from decimal import Decimal

from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedContract
from b24app.sandbox.world import SeedDeal
from b24app.sandbox.world import SeedDepartment
from b24app.sandbox.world import SeedPayment
from b24app.sandbox.world import SeedSale
from b24app.sandbox.world import SeedUser
from b24app.sandbox.world import World

STAGES = ("NEW", "PREPARATION", "PREPAYMENT_INVOICE", "EXECUTING", "FINAL_INVOICE", "WON", "LOSE")
STORY = ("allow", "limit", "overdue", "both", "silent", "drag", "card", "pay")
ADMINISTRATOR, DIRECTOR, CFO, DEPUTY, ACCOUNTANT, SALES_HEAD = 1, 2, 3, 4, 5, 6
MANAGERS = (7, 8, 9, 10, 11)

_DEPARTMENTS = (
    SeedDepartment(1, "СтройОптТорг", None),
    SeedDepartment(2, "Отдел оптовых продаж", 1),
    SeedDepartment(3, "Группа регионов", 2),
    SeedDepartment(4, "Финансовая служба", 1),
    SeedDepartment(5, "Информационные технологии", 1),
)
_USERS = (
    SeedUser(ADMINISTRATOR, "Артём", "Логинов", 5, "Администратор портала", admin=True, head=True),
    SeedUser(DIRECTOR, "Виктор", "Самойлов", 1, "Генеральный директор", head=True),
    SeedUser(CFO, "Ирина", "Ветрова", 4, "Финансовый директор", head=True),
    SeedUser(DEPUTY, "Павел", "Козырев", 4, "Заместитель финансового директора"),
    SeedUser(ACCOUNTANT, "Людмила", "Гусева", 4, "Бухгалтер"),
    SeedUser(SALES_HEAD, "Олег", "Дроздов", 2, "Начальник отдела продаж", head=True),
    SeedUser(7, "Анна", "Лебедева", 2, "Менеджер по продажам"),
    SeedUser(8, "Сергей", "Панин", 2, "Менеджер по продажам"),
    SeedUser(9, "Мария", "Юдина", 2, "Менеджер по продажам"),
    SeedUser(10, "Денис", "Орлов", 3, "Менеджер по работе с регионами"),
    SeedUser(11, "Наталья", "Ким", 3, "Менеджер по работе с регионами"),
)
_GOODS = ("цемент М500", "кирпич облицовочный", "арматура А500С", "кровля", "сухие смеси", "утеплитель")
_LEGAL = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_ELEVENTH = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_TWELFTH = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


def with_check_digits(digits: str) -> str:
    """Complete a tax number: 9 digits make a legal person's ИНН of 10, 10 digits a person's of 12.

    Raises:
        ValueError: neither 9 nor 10 digits.
    """
    if len(digits) == 9:
        return digits + _check(digits, _LEGAL)
    if len(digits) == 10:
        eleven = digits + _check(digits, _ELEVENTH)
        return eleven + _check(eleven, _TWELFTH)
    raise ValueError(f"9 or 10 digits wanted: {digits}")


def _check(digits: str, weights: Sequence[int]) -> str:
    return str(sum(int(x) * w for x, w in zip(digits, weights, strict=True)) % 11 % 10)


@dataclass(frozen=True, slots=True)
class _Sold:
    """A shipment in short: days ago, sum, when paid (days ago: sum), instalments (days to pay: sum)."""

    ago: int
    amount: int
    paid: tuple[tuple[int, int], ...] = ()
    parts: tuple[tuple[int, int], ...] = ()
    waiting: bool = False


class _Maker:
    """Write clients in a few words; everything random comes from one seeded source."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.random = random.Random(20_261_124)
        self.clients: list[SeedClient] = []
        self._numbers = 0

    def inn(self, *, person: bool = False) -> str:
        """A tax number nobody of the world has yet, with right check digits."""
        region = self.random.choice(("7701", "7714", "7816", "5024", "6670", "1655"))
        digits = 6 if person else 5
        return with_check_digits(region + f"{self.random.randrange(10**digits):0{digits}d}")

    def number(self, prefix: str) -> str:
        """The next number of a paper."""
        self._numbers += 1
        return f"{prefix}{self._numbers:05d}"

    def ago(self, days: int) -> date:
        """The day so many days before today."""
        return self.today - timedelta(days=days)

    def company(self, key: str, name: str, kind: str, *, person: bool = False) -> SeedClient:
        """A client without papers."""
        inn = self.inn(person=person)
        manager = MANAGERS[len(self.clients) % len(MANAGERS)]
        if person:
            full = f"Индивидуальный предприниматель {name}"
            return SeedClient(key, f"ИП {name}", full, inn, "", kind, manager)
        full = f"Общество с ограниченной ответственностью «{name}»"
        return SeedClient(key, f"ООО «{name}»", full, inn, f"{inn[:4]}01001", kind, manager)

    def add(
        self, client: SeedClient, limit: int | None, term: int | None, sold: Sequence[_Sold] = ()
    ) -> SeedClient:
        """Give a client one active contract with its shipments and keep it."""
        contract = SeedContract(self.number("Д-"), None if limit is None else Decimal(limit), term)
        return self.keep(self.trade(replace(client, contracts=(contract,)), contract, sold))

    def keep(self, client: SeedClient) -> SeedClient:
        """Put a client into the world."""
        self.clients.append(client)
        return client

    def trade(self, client: SeedClient, contract: SeedContract, sold: Sequence[_Sold]) -> SeedClient:
        """Add shipments and their payments under a contract."""
        sales, payments = list(client.sales), list(client.payments)
        for one in sold:
            day, number = self.ago(one.ago), self.number("РТ-")
            parts = one.parts or ((contract.term_days or 0, one.amount),)
            stages = tuple((day + timedelta(days=after), Decimal(amount)) for after, amount in parts)
            sales.append(SeedSale(number, contract.number, day, Decimal(one.amount), stages))
            for ago, amount in one.paid:
                payments.append(self.money(contract, ago, amount, number, confirmed=not one.waiting))
        return replace(client, sales=tuple(sales), payments=tuple(payments))

    def money(
        self,
        contract: SeedContract,
        ago: int,
        amount: int,
        sale: str | None = None,
        *,
        confirmed: bool = True,
    ) -> SeedPayment:
        """A receipt of so many days ago."""
        number = self.number("ПП-")
        return SeedPayment(number, contract.number, self.ago(ago), Decimal(amount), sale, confirmed)

    def history(self, term: int, late: tuple[int, int]) -> tuple[_Sold, ...]:
        """Five paid shipments of the last year, each paid so many days after its due day."""
        made = []
        for turn in range(5):
            sold = 300 - turn * 45 + self.random.randrange(10)
            amount = self.random.randrange(60, 400) * 1000
            paid = max(sold - term - self.random.randint(*late), 1)
            made.append(_Sold(sold, amount, ((paid, amount),)))
        return tuple(made)


def build_world(today: date) -> World:
    """Build the company as of `today`: over 50 clients, over 60 deals, debts around that day."""
    make = _Maker(today)
    _story(make)
    _ordinary(make)
    _special(make)
    _odd_cards(make)
    return World(
        today=today,
        departments=_DEPARTMENTS,
        users=_USERS,
        clients=tuple(make.clients),
        deals=_deals(make),
        cfo=CFO,
        deputy=DEPUTY,
        sales_head=SALES_HEAD,
        administrator=ADMINISTRATOR,
    )


def _story(make: _Maker) -> None:
    """The clients of the told demo: one clear outcome each."""
    on_time = (-5, 0)
    for key, name, limit, term, sold in (
        ("allow", "Альфа-Строй", 1_000_000, 30, _Sold(10, 200_000)),
        ("limit", "Монолит-Сервис", 500_000, 30, _Sold(10, 400_000)),
        ("overdue", "Кровельный Двор", 1_000_000, 14, _Sold(21, 180_000)),
        ("both", "ФасадПроект", 300_000, 14, _Sold(23, 280_000)),
        ("silent", "Северный Дом", 800_000, 30, _Sold(12, 100_000)),
        ("drag", "Бетон и Ко", 400_000, 30, _Sold(5, 350_000)),
        ("card", "Мастерок", 100_000, 14, None),
        ("pay", "ТеплоИзол", 1_500_000, 14, _Sold(20, 240_000)),
    ):
        papers = make.history(term, on_time) + ((sold,) if sold else ())
        make.add(make.company(key, name, "story"), limit, term, papers)


def _ordinary(make: _Maker) -> None:
    """A big partner, those who pay on time, those who pay late, sole proprietors."""
    big = make.company("big", "ДомСтройИнвест", "big")
    make.add(big, 5_000_000, 45, (*make.history(45, (-10, 0)), _Sold(30, 1_900_000), _Sold(12, 1_200_000)))
    for number, name in enumerate(("Вектор", "Гранит", "Дельта-М", "Евродом", "Жилстрой", "Зодчий"), start=1):
        papers = (*make.history(30, (-6, 0)), _Sold(8 + number, 90_000 + number * 15_000))
        make.add(make.company(f"prompt-{number}", name, "prompt"), 600_000, 30, papers)
    for number, name in enumerate(("Инжстрой", "Каркас", "Лидер-Снаб", "Магистраль", "Новострой"), start=1):
        papers = (*make.history(21, (4, 18)), _Sold(15 + number, 120_000))
        make.add(make.company(f"slow-{number}", name, "slow"), 500_000, 21, papers)
    for number, name in enumerate(
        ("Петров А. С.", "Рахимов Т. Б.", "Сидорова Е. В.", "Ткачёв И. И."), start=1
    ):
        papers = (*make.history(14, (-3, 3)), _Sold(6, 40_000))
        make.add(make.company(f"person-{number}", name, "person", person=True), 150_000, 14, papers)
    for number, name in enumerate(("Опора", "ПромБаза"), start=1):
        client = make.company(f"over-{number}", name, "over limit")
        make.add(client, 300_000, 30, (_Sold(18, 220_000), _Sold(9, 160_000)))
    for number, days in enumerate((3, 12, 34), start=1):
        client = make.company(f"late-{number}", f"Регионснаб-{number}", "overdue")
        make.add(client, 900_000, 14, (_Sold(14 + days, 150_000), _Sold(4, 80_000)))
    make.add(make.company("late-and-over", "Стальконтракт", "both"), 200_000, 14, (_Sold(30, 310_000),))


def _special(make: _Maker) -> None:
    """Everything accounting can be strange about."""
    for number, name in enumerate(("Технолюкс", "Универсал"), start=1):
        client = make.add(make.company(f"prepaid-{number}", name, "prepayment"), 0, 0)
        money = make.money(client.contracts[0], 5, 400_000)
        make.clients[-1] = replace(client, payments=(money,))
    make.add(make.company("new", "Фундамент-2026", "new"), None, None)
    _several_contracts(make)
    parts = ((10, 100_000), (20, 100_000), (60, 100_000))
    for number, name in enumerate(("Цоколь", "Черепица"), start=1):
        client = make.company(f"instalments-{number}", name, "instalments")
        paid = ((number, 60_000),) if number == 2 else ()
        make.add(client, 700_000, 60, (_Sold(25, 300_000, paid, parts),))
    make.add(make.company("problem", "Шлакоблок", "problem"), 250_000, 14, (_Sold(214, 245_000),))
    waiting = _Sold(20, 130_000, ((0, 130_000),), waiting=True)
    make.add(make.company("in-transit", "Щебень-Опт", "payment in transit"), 400_000, 14, (waiting,))
    client = make.company("no-inn", "Разовый покупатель", "no tax number")
    make.add(replace(client, inn="", kpp=""), 50_000, 7, (_Sold(3, 20_000),))
    for number, name in enumerate(("Эталон", "Юнистрой"), start=1):
        make.keep(replace(make.company(f"unknown-{number}", name, "unknown"), in_accounting=False))
    twins = make.company("twins", "Янтарь", "two cards")
    make.add(replace(twins, cards=2), 350_000, 30, (_Sold(11, 170_000),))
    head = make.add(make.company("head", "Арсенал", "head"), 800_000, 30, (_Sold(16, 300_000),))
    branch = make.company("branch", "Арсенал, Казанский филиал", "branch")
    branch = replace(branch, inn=head.inn, kpp="165543001", manager=MANAGERS[4])
    make.add(branch, 200_000, 30, (_Sold(7, 90_000),))
    client = make.add(make.company("shipping", "Балтснаб", "shipping"), 600_000, 30, (_Sold(9, 200_000),))
    make.clients[-1] = replace(client, shipping={client.contracts[0].number: Decimal(250_000)})


def _several_contracts(make: _Maker) -> None:
    """Several active contracts, one with our other company; money under the wrong one, a closed one with a
    balance, one in dollars.
    """
    numbers = [make.number("Д-") for _ in range(8)]
    goods = SeedContract(numbers[0], Decimal(400_000), 30)
    tools = SeedContract(numbers[1], Decimal(150_000), 14, company="sister")
    frame = SeedContract(numbers[2], None, 45)
    client = replace(
        make.company("contracts", "Три Кита", "several contracts"), contracts=(goods, tools, frame)
    )
    client = make.trade(client, goods, (_Sold(12, 210_000),))
    make.keep(make.trade(client, tools, (_Sold(6, 70_000),)))
    owing, paying = SeedContract(numbers[3], Decimal(300_000), 14), SeedContract(numbers[4], None, 14)
    client = replace(make.company("elsewhere", "Вертикаль", "advance elsewhere"), contracts=(owing, paying))
    client = make.trade(client, owing, (_Sold(19, 140_000),))
    make.keep(replace(client, payments=(*client.payments, make.money(paying, 2, 150_000))))
    old = SeedContract(numbers[5], Decimal(500_000), 30, active=False)
    fresh = SeedContract(numbers[6], Decimal(300_000), 30)
    client = replace(make.company("closed", "Домовой", "closed contract"), contracts=(old, fresh))
    make.keep(make.trade(client, old, (_Sold(90, 60_000),)))
    dollars = SeedContract(numbers[7], Decimal(50_000), 30, currency="USD")
    client = replace(make.company("dollars", "Импорт-Плитка", "currency"), contracts=(dollars,))
    make.keep(make.trade(client, dollars, (_Sold(14, 18_500),)))


def _odd_cards(make: _Maker) -> None:
    """Names that break pages and reports."""
    for key, name in (
        ("quotes", "Торговый дом «\"Кирпич\" & 'Раствор'»"),
        ("script", "<script>alert('долг')</script>"),
        ("rtl", "שלום \u202eСтрой\u202c"),
        ("long", ("Строительно-монтажное управление " * 10)[:300]),
    ):
        client = make.company(key, "Имя", "odd name")
        full = f"Общество с ограниченной ответственностью {name}"
        make.add(replace(client, name=name, full_name=full), 200_000, 30, (_Sold(10, 50_000),))


def _deals(make: _Maker) -> tuple[SeedDeal, ...]:
    amounts = (300_000, 250_000, 120_000, 150_000, 200_000, 200_000, 300_000, 350_000)
    by_key = {client.key: client for client in make.clients}
    deals = [
        SeedDeal(key, f"Отгрузка: {by_key[key].name}", key, Decimal(amount), by_key[key].manager, "EXECUTING")
        for key, amount in zip(STORY, amounts, strict=True)
    ]
    others = [client for client in make.clients if client.key not in STORY]
    for number, client in enumerate(others + others[:16]):
        currency = client.contracts[0].currency if client.contracts else "RUB"
        amount = Decimal(make.random.randrange(3, 40) * (100 if currency == "USD" else 10_000))
        goods = make.random.choice(_GOODS)
        title = f"{goods[0].upper()}{goods[1:]}, партия {number + 1}"
        stage = STAGES[number % len(STAGES)]
        deals.append(
            SeedDeal(f"deal-{number + 1}", title, client.key, amount, client.manager, stage, currency)
        )
    deals.append(SeedDeal("nobody", "Заявка с сайта без компании", None, Decimal(75_000), MANAGERS[0], "NEW"))
    deals.append(SeedDeal("empty", "Пустая сделка", "prompt-1", Decimal(0), MANAGERS[1], "PREPARATION"))
    return tuple(deals)
