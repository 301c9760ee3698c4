"""The words of a decided deal at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Final

from b24app.messages.bilingual import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

ASSESS: Final[Mapping[str, Bilingual]] = {
    "assess.deal": Bilingual("Сделка {id}{title}: {amount}", "Deal {id}{title}: {amount}"),
    "assess.deal.again": Bilingual(
        "Сделка {id}{title}: {amount} (проверка ещё раз)", "Deal {id}{title}: {amount} (checked again)"
    ),
    "assess.client": Bilingual("Клиент: {name}, ИНН {inn}", "Client: {name}, ИНН {inn}"),
    "assess.client.unnamed": Bilingual("Клиент: ИНН {inn}", "Client: ИНН {inn}"),
    "assess.contract": Bilingual("Договор: {contract}", "Contract: {contract}"),
    "assess.contract.none": Bilingual(
        "Договор не определён: авансы к этой сделке не зачтены",
        "The contract is not known: no advance is netted against this deal",
    ),
    "assess.terms": Bilingual("Условие оплаты: {terms}", "Payment term: {terms}"),
    "assess.discount": Bilingual("Скидка: {discount}", "Discount: {discount}"),
    "assess.allow": Bilingual("ОТГРУЗКА РАЗРЕШЕНА", "SHIPMENT ALLOWED"),
    "assess.allow_notify": Bilingual(
        "ОТГРУЗКА РАЗРЕШЕНА, финансовый директор узнает", "SHIPMENT ALLOWED, the CFO is told"
    ),
    "assess.hold": Bilingual("ОТГРУЗКА ОСТАНОВЛЕНА", "SHIPMENT HELD"),
    "assess.technical": Bilingual(
        "РЕШЕНИЯ НЕТ: не хватает данных, отгрузка ждёт",
        "NO DECISION: figures are missing, the shipment waits",
    ),
    "assess.exposure": Bilingual("Нагрузка", "Exposure"),
    "assess.receivables": Bilingual("Долг по документам", "Posted debt"),
    "assess.shipped": Bilingual("Отгружается по заказам", "Being shipped under orders"),
    "assess.reserved": Bilingual("Обещано другим сделкам", "Promised to other deals"),
    "assess.candidate": Bilingual("Эта сделка", "This deal"),
    "assess.netted": Bilingual("Зачтено авансов из {credit}", "Advances netted, of {credit}"),
    "assess.insured": Bilingual("Застраховано", "Insured"),
    "assess.taken": Bilingual("Зачтено авансов и страховки", "Advances and insurance taken off"),
    "assess.after": Bilingual("Итого с этой сделкой", "Altogether, with this deal"),
    "assess.limit": Bilingual("Лимит: {source}", "Limit: {source}"),
    "assess.base": Bilingual("Базовый лимит: {source}", "Base limit: {source}"),
    "assess.temporary": Bilingual("Временный лимит до {until}", "Temporary limit until {until}"),
    "assess.cover": Bilingual("Поручительства и страхование", "Guarantees and insurance"),
    "assess.whole": Bilingual("Лимит всего", "The whole limit"),
    "assess.left": Bilingual("Останется", "Left"),
    "assess.over": Bilingual("Превышение", "Excess"),
    "assess.used": Bilingual("Использовано", "Used"),
    "assess.unlimited": Bilingual("без ограничения", "none"),
    "assess.expires": Bilingual("Срок лимита", "Last day of the limit"),
    "assess.customer": Bilingual("свой у клиента", "the client's own"),
    "assess.group": Bilingual("общий на группу", "shared by the group"),
    "assess.category": Bilingual("по категории клиента", "of the client's category"),
    "assess.company": Bilingual("по умолчанию для всех", "the default for everybody"),
    "assess.pool": Bilingual("Общий лимит группы «{name}»", "Shared limit of the group “{name}”"),
    "assess.pool.others": Bilingual("Заняли другие участники", "Used by the other members"),
    "assess.pool.own": Bilingual("Этот клиент с этой сделкой", "This client with this deal"),
    "assess.pool.after": Bilingual("Вся группа", "The whole group"),
    "assess.pool.limit": Bilingual("Лимит группы", "The group's limit"),
    "assess.overdue": Bilingual(
        "Просрочено {amount}, самая давняя на {days}", "{amount} is overdue, the oldest by {days}"
    ),
    "assess.overdue.item": Bilingual(
        "{document}, договор {contract}: {amount}, срок {due}, просрочка {days}",
        "{document}, contract {contract}: {amount}, due {due}, late {days}",
    ),
    "assess.rates": Bilingual("Курсы", "Exchange rates"),
    "assess.policy": Bilingual(
        "Политика: {version}; данные на {as_of}", "Policy: {version}; figures as of {as_of}"
    ),
    "assess.policy.bare": Bilingual("Политика: {version}", "Policy: {version}"),
    "assess.total": Bilingual(
        "Всего сделок: {deals}; разрешено: {allowed}, остановлено: {held}, без решения: {technical}",
        "Deals: {deals}; allowed: {allowed}, held: {held}, not decided: {technical}",
    ),
    "assess.head": Bilingual("Проверка на {day}", "Checked for {day}"),
}
"""The sentences by their keys in the catalogue."""
