"""Every sentence about decisions, by key, in both languages; placeholders are filled by `say`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Final

from b24app.messages.assess_words import ASSESS
from b24app.messages.backtest_texts import BACKTEST
from b24app.messages.bilingual import Bilingual
from b24app.messages.case_texts import CASE
from b24app.messages.doctor_figures import DOCTOR_OF_FIGURES
from b24app.messages.doctor_texts import DOCTOR_OF_LEDGER
from b24app.messages.policy_texts import POLICY
from b24app.messages.shipment_texts import SHIPMENT
from b24app.messages.technical_texts import TECHNICAL

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIELD: Final[Mapping[str, Bilingual]] = {
    "field.allow": Bilingual("Отгрузка разрешена", "Shipment allowed"),
    "field.allow.limit": Bilingual(
        "Отгрузка разрешена: с ней долг составит {after} при лимите {limit}",
        "Shipment allowed: with it the debt is {after}, the limit {limit}",
    ),
    "field.allow.warned": Bilingual(
        "Отгрузка разрешена. Обратите внимание: {warnings}", "Shipment allowed. Mind: {warnings}"
    ),
    "field.allow.skipped": Bilingual("Отгрузка разрешена. {why}", "Shipment allowed. {why}"),
}

_FACTS: Final[Mapping[str, Bilingual]] = {
    "facts.deal": Bilingual("Сделка: {deal} на {amount}", "Deal: {deal}, {amount}"),
    "facts.client": Bilingual("Клиент: {client}", "Client: {client}"),
    "facts.manager": Bilingual("Менеджер: {manager}", "Manager: {manager}"),
    "facts.reasons": Bilingual("Причины:", "Reasons:"),
    "facts.debt": Bilingual("Долг клиента: {debt}", "Client's debt: {debt}"),
    "facts.debt.credit": Bilingual(
        "Долг клиента: {debt}, незачтённые авансы: {credit}, сальдо: {balance}",
        "Client's debt: {debt}, unallocated advances: {credit}, balance: {balance}",
    ),
    "facts.reserved": Bilingual("Обещано по другим сделкам: {amount}", "Promised to other deals: {amount}"),
    "facts.shipped": Bilingual("Отгружается по заказам: {amount}", "Being shipped under orders: {amount}"),
    "facts.limit": Bilingual(
        "Лимит: {limit}; с этой отгрузкой: {after}", "Limit: {limit}; with this shipment: {after}"
    ),
    "facts.limit.over": Bilingual(
        "Лимит: {limit}; с этой отгрузкой: {after}; превышение: {excess}",
        "Limit: {limit}; with this shipment: {after}; excess: {excess}",
    ),
    "facts.limit.temporary": Bilingual(
        "Лимит временный, до {until} включительно",
        "The limit is a temporary one, up to and including {until}",
    ),
    "facts.limit.cover": Bilingual(
        "В лимите учтены поручительства и страхование: {cover}",
        "The limit includes guarantees and insurance: {cover}",
    ),
    "facts.limit.until": Bilingual("Срок лимита: {until}", "The limit's last day: {until}"),
    "facts.insured": Bilingual(
        "Застраховано и вычтено из нагрузки: {amount}", "Insured and taken off the exposure: {amount}"
    ),
    "facts.pool": Bilingual(
        "Общий лимит группы «{name}»: {limit}; другие участники заняли {others}; с этой отгрузкой: {after}",
        "Shared limit of the group “{name}”: {limit}; the others use {others}; with this shipment: {after}",
    ),
    "facts.rate": Bilingual("Курс {currency}: {value} на {on}", "Rate of {currency}: {value} of {on}"),
    "facts.warnings": Bilingual("Обратите внимание:", "Mind:"),
    "facts.unlimited": Bilingual(
        "Лимит: без ограничения; с этой отгрузкой: {after}", "Limit: none; with this shipment: {after}"
    ),
    "facts.overdue": Bilingual(
        "Просрочено: {amount}, самая давняя просрочка {days}", "Overdue: {amount}, the oldest {days}"
    ),
    "facts.overdue.none": Bilingual("Просрочки нет", "Nothing is overdue"),
    "facts.overdue.item": Bilingual(
        "{document}: {amount}, срок {due}, просрочка {days}", "{document}: {amount}, due {due}, late {days}"
    ),
    "facts.more": Bilingual("и ещё {number}", "and {number} more"),
    "facts.payment.last": Bilingual("Последняя оплата: {on}, {amount}", "Last payment: {on}, {amount}"),
    "facts.payment.none": Bilingual("Последняя оплата: нет данных", "Last payment: none known"),
    "facts.payment.history": Bilingual(
        "Оплаты за 90 дней: {number} на {amount}; последняя {on}",
        "Payments in 90 days: {number} for {amount}; the last on {on}",
    ),
    "facts.payment.history.least": Bilingual(
        "Оплаты за 90 дней: не меньше {number} на {amount}; последняя {on}",
        "Payments in 90 days: at least {number} for {amount}; the last on {on}",
    ),
    "facts.payment.history.none": Bilingual("Оплат за 90 дней не было", "No payments in 90 days"),
    "facts.as_of": Bilingual("Данные 1С на {moment}", "1C figures as of {moment}"),
    "facts.advice": Bilingual(
        "В 1С есть незачтённые поступления: зачтите их, и просрочка уменьшится.",
        "There are unallocated receipts in 1C: allocate them and the overdue debt will shrink.",
    ),
    "pay.one": Bilingual(
        "Чтобы отгрузить, клиенту нужно оплатить {payments}",
        "To ship, the client has to pay {payments}",
    ),
    "pay.many": Bilingual(
        "Чтобы отгрузить, клиенту нужно оплатить {total}: {payments}",
        "To ship, the client has to pay {total}: {payments}",
    ),
    "pay.part": Bilingual("{amount} по договору {contract}", "{amount} under contract {contract}"),
    "pay.none": Bilingual(
        "Одной оплатой блокировку не снять: укажите договор в сделке, уменьшите её сумму или "
        "запросите исключение.",
        "A payment alone will not release it: name the contract in the deal, lower its amount "
        "or ask for an exception.",
    ),
}

_HOLD: Final[Mapping[str, Bilingual]] = {
    "hold.head": Bilingual("Отгрузка остановлена кредитным контролем", "Shipment held by credit control"),
    "hold.task.title": Bilingual(
        "Урегулировать долг клиента: {client}, сделка «{deal}»",
        "Settle the client's debt: {client}, deal “{deal}”",
    ),
    "hold.task.do": Bilingual(
        "Свяжитесь с клиентом и договоритесь об оплате. Задача закроется сама, когда блокировка снимется.",
        "Contact the client and agree on payment. The task closes itself when the hold ends.",
    ),
    "hold.many": Bilingual(
        "Отгрузки остановлены кредитным контролем: {number} на {total}",
        "Shipments held by credit control: {number} for {total}",
    ),
    "hold.many.item": Bilingual(
        "{deal} на {amount}, {client} ({manager}): {reasons}",
        "{deal} for {amount}, {client} ({manager}): {reasons}",
    ),
    "allow.head": Bilingual("Отгрузка разрешена", "Shipment allowed"),
    "allow.until": Bilingual("Разрешение действует до {moment}", "The permission lasts until {moment}"),
    "soft.head": Bilingual(
        "Отгрузка стратегическому партнёру разрешена, хотя есть просрочка",
        "A shipment to a strategic partner was allowed although something is overdue",
    ),
    "release.head": Bilingual(
        "Блокировка снята: отгрузка разрешена", "The hold is released: the shipment may go"
    ),
}

_MOVE: Final[Mapping[str, Bilingual]] = {
    "move.refused": Bilingual(
        "Битрикс24 не дал перевести сделку {deal} на стадию по решению кредитного контроля: {why}\n"
        "Проверьте права приложения на воронку и обязательные поля стадии, "
        "затем нажмите «Проверить ещё раз».",
        "Bitrix24 refused to move the deal {deal} to the stage credit control decided: {why}\n"
        "Check the app's rights to the funnel and the stage's mandatory fields, then press “Check again”.",
    ),
}

_ATTEMPT: Final[Mapping[str, Bilingual]] = {
    "attempt.move": Bilingual(
        "{who}, {moment}: из «{before}» в «{after}»", "{who}, {moment}: from “{before}” to “{after}”"
    ),
    "attempt.manager": Bilingual(
        "Сделка ждёт решения кредитного контроля, поэтому она возвращена на согласование.\n"
        "Ничего страшного: сделка пойдёт дальше сама, как только причина исчезнет. Если "
        "отгрузить нужно раньше, "
        "запросите исключение.",
        "The deal waits for credit control, so it was put back for approval.\n"
        "No harm done: it will move on by itself once the reason is gone. If it has to ship earlier, "
        "ask for an exception.",
    ),
    "attempt.head": Bilingual(
        "Попытка обойти блокировку отгрузки. Сделка возвращена на согласование.",
        "An attempt to get round a shipment block. The deal was put back for approval.",
    ),
    "attempt.repeats": Bilingual("Попыток этого сотрудника: {number}", "Attempts by this person: {number}"),
    "attempt.stuck": Bilingual(
        "Сделку снова и снова переводят мимо блокировки: возвращена {number} {times}, следующий раз "
        "вернём через 10 минут.\n"
        "Возможно, её двигает робот портала. Проверьте роботов стадии и верните сделку на согласование.",
        "The deal is moved past its block again and again: put back {number} {times}, the next time "
        "in 10 minutes.\n"
        "A robot of the portal may be pushing it. Check the stage's robots and move the deal "
        "back for approval.",
    ),
    "put_back.comment": Bilingual(
        "Сделка возвращена на согласование кредитного контроля: блокировка отгрузки ещё действует.",
        "The deal was put back for credit approval: the shipment block is still in force.",
    ),
    "card.head": Bilingual(
        "В карточке компании «{company}» изменены кредитные условия без согласования.",
        "Credit terms on the company card “{company}” were changed without approval.",
    ),
    "card.change": Bilingual(
        "{field}: было {accepted}, введено {found}", "{field}: was {accepted}, typed {found}"
    ),
    "card.put_back": Bilingual(
        "Прежние значения возвращены. В решениях учитывается более строгое.",
        "The former values were written back. Decisions use the stricter ones.",
    ),
    "card.not_put_back": Bilingual(
        "Значения не приняты. В решениях учитывается более строгое.",
        "The values were not accepted. Decisions use the stricter ones.",
    ),
    "card.field.limit": Bilingual("Лимит", "Limit"),
    "card.field.limit_until": Bilingual("Лимит действует до", "Limit valid until"),
    "card.field.terms_days": Bilingual("Отсрочка", "Payment term"),
    "card.field.category": Bilingual("Категория", "Category"),
    "card.field.status": Bilingual("Статус", "Status"),
    "card.field.group": Bilingual("Группа", "Group"),
    "card.field.strategic": Bilingual("Стратегический клиент", "Strategic client"),
    "card.field.risk": Bilingual("Группа риска", "Risk group"),
    "value.none": Bilingual("не задано", "not set"),
    "value.unlimited": Bilingual("без лимита", "unlimited"),
    "value.yes": Bilingual("да", "yes"),
    "value.no": Bilingual("нет", "no"),
}

CATALOGUE: Final[Mapping[str, Bilingual]] = {
    **_FIELD,
    **_FACTS,
    **_HOLD,
    **_MOVE,
    **_ATTEMPT,
    **SHIPMENT,
    **TECHNICAL,
    **POLICY,
    **CASE,
    **ASSESS,
    **BACKTEST,
    **DOCTOR_OF_LEDGER,
    **DOCTOR_OF_FIGURES,
}


def say(key: str, language: str, **values: str | int) -> str:
    """Fill a sentence with finished pieces; raises `KeyError` for an unknown key or a missing piece."""
    return CATALOGUE[key].read(language).format(**values)
