"""What `b24app doctor` says of clients, cards and debts, and the frame of its report."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Final

from b24app.messages.bilingual import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIGURES: Final[Mapping[str, Bilingual]] = {
    "doctor.portal.read": Bilingual(
        "{domain} отвечает; карточек компаний: {number}, без ИНН: {bare}, с несколькими ИНН: {mixed}",
        "{domain} answers; company cards: {number}, without ИНН: {bare}, with several: {mixed}",
    ),
    "doctor.portal_failure.access": Bilingual(
        "Портал не принимает наш токен: пусть администратор портала откроет приложение.",
        "The portal refuses our token: let the portal's administrator open the app.",
    ),
    "doctor.portal_failure.rights": Bilingual(
        "Приложению не хватает прав на портале: проверьте права crm.",
        "The app lacks rights on the portal: check the permission crm.",
    ),
    "doctor.portal_failure.unreachable": Bilingual(
        "С порталом не удаётся соединиться: проверьте сеть и адрес.",
        "The portal cannot be reached: check network and address.",
    ),
    "doctor.portal_failure.silent": Bilingual(
        "Портал не ответил как надо. Повторите позже.", "The portal did not answer properly. Try again later."
    ),
    "doctor.figures.read": Bilingual("прочитано без замечаний: {number}", "read without doubts: {number}"),
    "doctor.figures.doubts": Bilingual(
        "прочитано: {number}, замечаний: {doubts}. Исправьте в 1С:",
        "read: {number}, doubts: {doubts}. Correct in 1C:",
    ),
    "doctor.figures.hidden": Bilingual(
        "ограничение доступа к записям (RLS) прячет от нас часть расчётов, поэтому 1С отказала. Дайте "
        "пользователю OData полное чтение без ограничений.",
        "record-level access (RLS) hides part of the settlements from us, so 1C refused. Let the OData user "
        "read everything.",
    ),
    "doctor.figures.long_address": Bilingual(
        "веб-сервер не пропускает длинные адреса (404.15 или 414). Разрешите строку запроса до 4096 байт: "
        "maxQueryString в IIS, LimitRequestLine в Apache.",
        "the web server refuses long addresses (404.15 or 414). Allow a query string of 4096 bytes: "
        "maxQueryString in IIS, LimitRequestLine in Apache.",
    ),
    "doctor.balances.equal": Bilingual(
        "совпало с регистром 1С у всех, клиентов: {number} (не сравнивались из-за валюты: {foreign}). "
        "Сверьте крупнейших с отчётом 1С о задолженности клиентов:",
        "equal to 1C's register for all, clients: {number} (not compared, foreign money: "
        "{foreign}). Compare the largest with 1C's own report of clients' debts:",
    ),
    "doctor.balances.none": Bilingual(
        "ни у кого нет расчётов в рублях, сравнивать нечего (всего {number}; в валюте: {foreign})",
        "nobody has settlements in roubles, nothing to compare (in all {number}; in foreign money: "
        "{foreign})",
    ),
    "doctor.balances.differ": Bilingual(
        "не совпало с регистром 1С, клиентов: {wrong} из {number} (не сравнивались из-за валюты: {foreign}). "
        "Не включайте режим enforce, пока расхождение не объяснено:",
        "differs from 1C's register, clients: {wrong} of {number} (not compared, foreign money: {foreign}). "
        "Do not switch to enforce until this is explained:",
    ),
    "doctor.nobody.none": Bilingual(
        "нет: каждый рубль регистра относится к клиенту с ИНН",
        "none: every sum belongs to a client with an ИНН",
    ),
    "doctor.nobody.found": Bilingual(
        "в регистре есть суммы контрагентов, которых приложение не учитывает: {number}. Заполните ИНН или "
        "исправьте карточку в 1С:",
        "the register has sums of counterparties the app leaves out: {number}. Fill in the ИНН or mend "
        "the card "
        "in 1C:",
    ),
    "doctor.unknown_cards.none": Bilingual(
        "нет: 1С знает все ИНН из CRM ({number})", "none: 1C knows every ИНН of the CRM ({number})"
    ),
    "doctor.unknown_cards.found": Bilingual(
        "карточек с ИНН, которого нет в 1С: {number}. Их сделки проверить нельзя: сверьте ИНН или заведите "
        "контрагента:",
        "cards with an ИНН that 1C does not have: {number}. Their deals cannot be checked: compare the "
        "ИНН or "
        "add the counterparty:",
    ),
    "doctor.debtors.none": Bilingual("нет", "none"),
    "doctor.debtors.found": Bilingual(
        "должников из 1С нет в CRM: {number}. Заведите карточки с ИНН, если им ещё продают:",
        "debtors of 1C that are not in the CRM: {number}. Add cards with the ИНН if they are still sold to:",
    ),
    "doctor.same_cards.none": Bilingual("нет", "none"),
    "doctor.same_cards.found": Bilingual(
        "ИНН с несколькими карточками: {number}. У них один лимит и действует более строгий; объедините "
        "карточки:",
        "ИНН with several cards: {number}. They share one limit, the stricter counts; merge the cards:",
    ),
    "doctor.same_parties.none": Bilingual(
        "нет; клиентов с филиалами (разные КПП): {branches}",
        "none; clients with branches: {branches}",
    ),
    "doctor.same_parties.found": Bilingual(
        "ИНН с одинаковыми контрагентами (тот же КПП): {number}; с филиалами: {branches}. Долги "
        "складываются; "
        "объедините контрагентов:",
        "ИНН with counterparties alike: {number}; with branches: {branches}. Debts are added up; "
        "merge the counterparties:",
    ),
    "doctor.limits.not_kept": Bilingual(
        "эта конфигурация лимитов не ведёт: их ведут в Битрикс24",
        "this configuration keeps no limits: they are kept in Bitrix24",
    ),
    "doctor.limits.clear": Bilingual(
        "у кого лимит есть, он в одном договоре; клиентов без лимита: {unset}",
        "where there is a limit it stands in one contract; clients without a limit: {unset}",
    ),
    "doctor.limits.unclear": Bilingual(
        "клиентов, у которых лимит не в одном договоре: {number} (без лимита: {unset}). Оставьте лимит "
        "в одном "
        "договоре, иначе при изменении спросим, в каком:",
        "clients whose limit is not in one contract: {number} (without a limit: {unset}). Leave the limit in "
        "one contract, else a change will ask which:",
    ),
    "doctor.database.ready": Bilingual("открывается", "opens"),
    "doctor.database.absent": Bilingual(
        "ещё не создана: выполните b24app migrate", "not made yet: run b24app migrate"
    ),
    "doctor.database.broken": Bilingual(
        "не открывается или от другой версии. Проверьте [database] url и выполните b24app migrate.",
        "does not open or is of another version. Check [database] url and run b24app migrate.",
    ),
}

_ITEMS: Final[Mapping[str, Bilingual]] = {
    "doctor.item.object": Bilingual("{object}", "{object}"),
    "doctor.item.balance": Bilingual(
        "{inn} {name}: в 1С {register}, у нас {ours}", "{inn} {name}: in 1C {register}, ours {ours}"
    ),
    "doctor.item.card": Bilingual("{inn} {title} (карточка {id})", "{inn} {title} (card {id})"),
    "doctor.item.cards": Bilingual("{inn} {title}: карточки {ids}", "{inn} {title}: cards {ids}"),
    "doctor.item.debtor": Bilingual("{inn} {name}: долг {debt}", "{inn} {name}: owes {debt}"),
    "doctor.item.parties": Bilingual(
        "{inn} {name}: контрагентов {number}", "{inn} {name}: counterparties {number}"
    ),
    "doctor.item.limits.several": Bilingual(
        "{inn} {name}: лимиты в договорах {contracts}", "{inn} {name}: limits in the contracts {contracts}"
    ),
    "doctor.item.limits.currencies": Bilingual(
        "{inn} {name}: лимиты в разных валютах, договоры {contracts}",
        "{inn} {name}: limits in different currencies, contracts {contracts}",
    ),
    "doctor.item.nobody.no_inn": Bilingual("{name}: {amount}, ИНН не заполнен", "{name}: {amount}, no ИНН"),
    "doctor.item.nobody.marked": Bilingual(
        "{name}: {amount}, помечен на удаление или папка", "{name}: {amount}, marked for deletion or a folder"
    ),
    "doctor.item.nobody.unseen": Bilingual(
        "{name}: {amount}, такой карточки в справочнике не видно (удалена или скрыта от нас)",
        "{name}: {amount}, no such card in the catalog (deleted or hidden from us)",
    ),
    "doctor.item.doubt.registers": Bilingual(
        "{subject}: регистр расчётов и регистр по срокам расходятся, разница считается долгом без срока",
        "{subject}: the settlement register and that by due day differ, the difference counts as debt",
    ),
    "doctor.item.doubt.undated": Bilingual(
        "{subject}: есть долг без документа с датой, он не станет просроченным",
        "{subject}: there is debt without a dated document, it never becomes overdue",
    ),
    "doctor.item.doubt.stray_key": Bilingual(
        "ключ аналитики {subject}: есть в регистре, нет в справочнике ключей",
        "analytics key {subject}: in the register, not in the catalog of keys",
    ),
    "doctor.item.doubt.payment": Bilingual(
        "{subject}: оплата не читается, в истории её не будет",
        "{subject}: a payment cannot be read, left out",
    ),
    "doctor.item.doubt.rates": Bilingual(
        "{subject}: курсы валют не читаются", "{subject}: no exchange rates"
    ),
    "doctor.item.doubt.object": Bilingual(
        "{subject}: объект расчётов не читается, срок неизвестен",
        "{subject}: a settlement object cannot be read, its day is unknown",
    ),
    "doctor.item.doubt.unread": Bilingual(
        "{subject}: данные не читаются, сделки этого клиента не проверить",
        "{subject}: cannot be read, deals of this client cannot be checked",
    ),
}

_FRAME: Final[Mapping[str, Bilingual]] = {
    "doctor.level.ok": Bilingual("норма", "ok"),
    "doctor.level.warning": Bilingual("внимание", "warning"),
    "doctor.level.wrong": Bilingual("ошибка", "wrong"),
    "doctor.level.skipped": Bilingual("пропуск", "skipped"),
    "doctor.more": Bilingual("и ещё {number}", "and {number} more"),
    "doctor.failed": Bilingual("проверить не удалось. {why}", "the check broke off. {why}"),
    "doctor.before": Bilingual(
        "не проверялось: сначала исправьте то, что выше", "not checked: first mend what stands above"
    ),
    "doctor.quick": Bilingual("не проверялось: запущено с --quick", "not checked: run with --quick"),
    "doctor.not_installed": Bilingual(
        "не проверялось: приложение ещё не установлено ни на одном портале",
        "not checked: the app is not installed on any portal yet",
    ),
    "doctor.no_cards": Bilingual(
        "не проверялось: карточки CRM не прочитаны", "not checked: the CRM cards were not read"
    ),
    "doctor.well": Bilingual("Всё в порядке.", "All is well."),
    "doctor.fair": Bilingual("Ошибок нет, предупреждений: {warnings}.", "No errors, warnings: {warnings}."),
    "doctor.ill": Bilingual(
        "Ошибок: {wrong}, предупреждений: {warnings}. Исправьте ошибки сверху вниз и запустите doctor "
        "ещё раз.",
        "Errors: {wrong}, warnings: {warnings}. Mend the errors from the top and run doctor again.",
    ),
    "doctor.not_looked": Bilingual(
        "Doctor только читает. Он не смотрит: запись документов и лимитов в 1С, просрочку и сроки, оплаты "
        "в CRM, роботов, стадии и права на портале, расписание и доставку.",
        "Doctor only reads. It does not look at: writing documents and limits to 1C, overdue debt and due "
        "days, payments in the CRM, robots, stages and rights on the portal, the schedule and delivery.",
    ),
    "doctor.interrupted": Bilingual("Прервано.", "Interrupted."),
    "doctor.step.connection": Bilingual("Соединяемся с 1С", "Connecting to 1C"),
    "doctor.step.composition": Bilingual("Смотрим состав OData", "Looking at the composition"),
    "doctor.step.rights": Bilingual("Пробуем прочитать каждый объект", "Trying to read every object"),
    "doctor.step.register": Bilingual("Читаем регистр расчётов: {done}", "Reading the register: {done}"),
    "doctor.step.clients": Bilingual("Сверяем клиентов: {done}", "Comparing clients: {done}"),
    "doctor.step.cards": Bilingual("Читаем карточки CRM: {done}", "Reading CRM cards: {done}"),
    "doctor.seconds": Bilingual("{number} с", "{number} s"),
    "doctor.minutes": Bilingual("{number} мин", "{number} min"),
    "doctor.hours": Bilingual("{number} ч", "{number} h"),
}

DOCTOR_OF_FIGURES: Final[Mapping[str, Bilingual]] = {**_FIGURES, **_ITEMS, **_FRAME}
