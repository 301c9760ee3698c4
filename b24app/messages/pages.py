"""Words of the web pages and of the refusals a person can meet there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Final

from b24app.messages.install import pick
from b24app.messages.install import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24app.ports.admin import Words

LANGUAGES: Final = ("ru", "en")

TEXTS: Final[Mapping[str, Words]] = {
    "product": words("Кредитный контроль", "Credit control"),
    "install.title": words("Установка кредитного контроля", "Installing credit control"),
    "install.about": words(
        "Приложение останавливает отгрузку должникам: когда сделку ведут к отгрузке, оно проверяет клиента "
        "по данным 1С.",
        "The app stops goods going to debtors: it checks a deal by the figures of 1C on its way to shipment.",
    ),
    "install.what": words("Что создаётся в Битрикс24", "What is made in Bitrix24"),
    "install.planned": words(
        "Ниже то, чего на портале ещё нет. Посмотрите список и нажмите «Установить». Ваши сделки, поля "
        "и стадии не изменятся.",
        "Below is what the portal does not have yet. Look at the list and press “Install”. Your own deals, "
        "fields and stages stay.",
    ),
    "install.start": words("Установить", "Install"),
    "install.again": words("Продолжить установку", "Go on installing"),
    "install.working": words("Устанавливаем:", "Installing:"),
    "install.broken": words(
        "Связь прервалась, установка не закончена. Откройте эту страницу ещё раз и нажмите «Установить»: "
        "уже созданное не повторится.",
        "The connection broke and the installation is not finished. Open this page again and press "
        "“Install”: what is already there is not made twice.",
    ),
    "install.complete": words(
        "Готово: всё нужное создано. Осталось сделать вручную то, что ниже.",
        "Done: everything needed is there. What is below has to be done by hand.",
    ),
    "install.where.open": words(
        "В CRM откройте «Сделки», в них «Роботы».", "Open “Deals” in CRM, there “Automation rules”."
    ),
    "install.where.plus": words("Нажмите «+» под стадией «{stage}».", "Press “+” under the stage “{stage}”."),
    "install.where.add": words(
        "Найдите «Кредитный контроль», нажмите «Добавить» и сохраните.",
        "Find “Credit control”, press “Add” and save.",
    ),
    "install.where.crm": words("CRM", "CRM"),
    "install.where.deals": words("Сделки", "Deals"),
    "install.where.rules": words("Роботы", "Automation rules"),
    "install.where.search": words("Кредитный контроль", "Credit control"),
    "install.where.button": words("Добавить", "Add"),
    "install.where.save": words("Сохранить", "Save"),
    "install.finish": words("Завершить установку", "Finish the installation"),
    "install.by_hand": words("Сделайте вручную", "To be done by hand"),
    "install.step.planned": words("ещё не создано", "not made yet"),
    "install.step.made": words("создано", "made"),
    "install.step.kept": words("уже было", "already there"),
    "install.step.failed": words("не получилось", "failed"),
    "app.title": words("Кредитный контроль отгрузок", "Credit control of shipments"),
    "app.greeting": words("Здравствуйте, {name}.", "Hello, {name}."),
    "app.mode.observe": words(
        "Режим наблюдения: решения записываются и видны в сделках, но ничего не блокируется.",
        "Observing: decisions are recorded and shown in deals, nothing is blocked.",
    ),
    "app.mode.enforce": words(
        "Режим контроля: сделки должников останавливаются до оплаты.",
        "Enforcing: deals of debtors are stopped until they pay.",
    ),
    "app.stages.set": words("Стадии воронки выбраны.", "The stages of the funnel are chosen."),
    "app.stages.unset": words(
        "Стадии воронки ещё не выбраны: проверки не запускаются.",
        "The stages of the funnel are not chosen yet: no checks run.",
    ),
    "app.connected": words(
        "Связь с Битрикс24 для фоновой работы есть.", "The app has access to Bitrix24 for its work."
    ),
    "app.disconnected": words(
        "Нет доступа к Битрикс24 для фоновой работы. Пусть администратор откроет эту страницу.",
        "The app has lost its access to Bitrix24. An administrator has to open this page.",
    ),
    "app.here": words("Где что находится", "What is where"),
    "app.here.tab": words(
        "Вкладка «Кредитный контроль» в карточке сделки: решение, причины, расчёт, история проверок "
        "и кнопка «Проверить ещё раз».",
        "The tab “Credit control” of a deal: verdict, reasons, arithmetic, earlier checks "
        "and the button “Check again”.",
    ),
    "app.here.robot": words(
        "Роботы «Кредитный контроль» в автоматизации сделок: администратор ставит робота на стадию "
        "«Подготовка к отгрузке».",
        "Robots “Credit control” in the automation of deals: an administrator puts one on the check stage.",
    ),
    "app.link.deals": words("Открыть сделки", "Open the deals"),
    "app.link.automation": words("Открыть роботов сделок", "Open the robots of deals"),
    "tab.reasons": words("Причины", "Reasons"),
    "tab.warnings": words("Обратите внимание", "Mind"),
    "tab.to_release": words("Чтобы отгрузить, оплатить", "To release, pay"),
    "tab.arithmetic": words("Расчёт", "Arithmetic"),
    "tab.as_of": words("Данные 1С на {moment}", "1C data as of {moment}"),
    "tab.history": words("История проверок", "Earlier checks"),
    "tab.when": words("Когда", "When"),
    "tab.verdict": words("Решение", "Verdict"),
    "tab.trigger": words("Почему проверяли", "Checked because"),
    "tab.recheck": words("Проверить ещё раз", "Check again"),
    "tab.checking": words("Проверяем…", "Checking…"),
    "tab.offline": words(
        "Нет связи с сервером. Попробуйте ещё раз.", "The server cannot be reached. Try again."
    ),
    "tab.slow": words(
        "Проверка идёт дольше обычного. Решение появится здесь, вкладку можно закрыть.",
        "The check takes longer than usual. The verdict will appear here; the tab may be closed.",
    ),
    "tab.nothing": words(
        "Новой проверки не было: проверяются только открытые сделки воронки кредитного контроля.",
        "There was no new check: only open deals of the funnel under credit control are checked.",
    ),
    "tab.none": words("Проверки ещё не было.", "Not checked yet."),
    "tab.observed": words(
        "Режим наблюдения: решение записано, сделка не остановлена.",
        "Observing: the verdict is recorded, the deal is not stopped.",
    ),
    "tab.advice": words(
        "Проверка для сведения: сделка не на стадии «Подготовка к отгрузке», поэтому ничего не переставлено.",
        "Checked for information: the deal is not on the check stage, so nothing was moved.",
    ),
    "tab.earlier": words(
        "Сделка пришла на эту стадию до включения контроля: решение записано, сделка не остановлена.",
        "The deal came to this stage before enforcing began: the verdict is recorded, the deal not stopped.",
    ),
    "tab.bar": words("Долг с этой сделкой {after}", "Debt with this deal {after}"),
    "tab.bar.over": words("сверх лимита", "over the limit"),
    "tab.overdue": words("Просроченные документы", "Overdue documents"),
    "tab.overdue.document": words("Договор или документ", "Contract or document"),
    "tab.overdue.due": words("Срок оплаты", "Due"),
    "tab.overdue.days": words("Просрочка", "Late by"),
    "tab.overdue.amount": words("Сумма", "Amount"),
    "tab.shipments": words("Отгрузки в 1С", "Shipments in 1C"),
    "tab.shipments.document": words("Документ", "Document"),
    "tab.shipments.author": words("Автор", "Author"),
    "tab.shipments.state": words("Разрешение", "Permission"),
    "tab.shipment": words("№ {number} от {moment}", "No. {number} of {moment}"),
    "tab.shipment.baseline": words("не проверялась", "not looked at"),
    "tab.shipment.permitted": words("по разрешению", "permitted"),
    "tab.shipment.past": words("без разрешения", "not permitted"),
    "tab.shipment.closed": words("была без разрешения, проведение отменено", "was not permitted, taken back"),
    "tab.held_since": words("Остановлена {moment}", "Held since {moment}"),
    "tab.verdict.allow": words("Отгрузка разрешена", "Shipment allowed"),
    "tab.verdict.allow_notify": words(
        "Отгрузка разрешена, финансовый директор извещён", "Shipment allowed, the CFO is told"
    ),
    "tab.verdict.hold": words("Отгрузка остановлена", "Shipment held"),
    "tab.verdict.technical": words("Проверить пока не удалось", "The check could not be made yet"),
    "tab.observed.hold": words("Отгрузка была бы остановлена", "The shipment would be held"),
    "tab.observed.technical": words("Проверить пока не удалось", "The check could not be made yet"),
    "tab.sum.receivables": words("Долг по документам", "Receivables"),
    "tab.sum.shipped": words("Отгружается по заказам", "Being shipped under orders"),
    "tab.sum.reserved": words("Обещано по другим сделкам", "Promised to other deals"),
    "tab.sum.credit": words("Незачтённые авансы", "Unallocated advances"),
    "tab.sum.insured": words("Застраховано (вычтено)", "Insured (taken off)"),
    "tab.sum.candidate": words("Эта сделка", "This deal"),
    "tab.sum.after": words("Нагрузка с этой сделкой", "Exposure with this deal"),
    "tab.sum.limit": words("Кредитный лимит", "Credit limit"),
    "tab.sum.excess": words("Превышение", "Excess"),
    "tab.sum.left": words("Остаток лимита", "Room left"),
    "tab.unlimited": words("без ограничения", "unlimited"),
    "tab.payment": words("{amount} по договору {contract}", "{amount} under contract {contract}"),
    "tab.trigger.robot": words("робот на стадии", "robot on the stage"),
    "tab.trigger.deal": words("сделка изменилась", "the deal changed"),
    "tab.trigger.company": words("компания изменилась", "the company changed"),
    "tab.trigger.requisite": words("реквизиты изменились", "the requisites changed"),
    "tab.trigger.sweep": words("плановый обход", "scheduled sweep"),
    "tab.trigger.button": words("с вкладки сделки", "asked on the tab"),
    "tab.trigger.recheck": words("изменились данные или политика", "figures or policy changed"),
    "tab.trigger.ledger": words("новости из 1С", "news from 1C"),
    "person.unnamed": words("сотрудник № {number}", "user no. {number}"),
    "stage.check": words("Подготовка к отгрузке", "Preparing the shipment"),
    "stage.allowed": words("Отгрузка разрешена", "Shipment allowed"),
    "stage.approval": words("Требуется согласование кредитного контроля", "Credit control approval required"),
    "recheck.accepted": words("Проверка поставлена в очередь.", "The check is queued."),
    "reopen.title": words("Откройте приложение ещё раз", "Open the app again"),
    "reopen.text": words(
        "Эта страница открывается только из Битрикс24: откройте приложение из Битрикс24 ещё раз.",
        "This page opens from Bitrix24 only: open the app from Bitrix24 again.",
    ),
    "error.title": words("Не получилось", "That did not work"),
    "error.bad_call": words(
        "Запрос не похож на запрос Битрикс24. Откройте приложение из Битрикс24 ещё раз.",
        "This is not a request Bitrix24 sends. Open the app from Bitrix24 again.",
    ),
    "error.untrusted": words(
        "Не удалось убедиться, что запрос пришёл из вашего Битрикс24, где приложение установлено. "
        "Откройте приложение ещё раз; если не поможет, попросите администратора установить его заново.",
        "It could not be proved that the request came from your Bitrix24 with the app installed. "
        "Open the app again; if that does not help, ask an administrator to install it anew.",
    ),
    "error.no_right": words(
        "У вас нет доступа к этой сделке в Битрикс24.", "You have no access to this deal in Bitrix24."
    ),
    "error.page_expired": words(
        "Страница была открыта слишком долго. Откройте вкладку ещё раз.",
        "The page was open for too long. Open the tab again.",
    ),
    "error.too_large": words("Запрос слишком большой.", "The request is too large."),
    "error.unknown_address": words("Такого адреса здесь нет.", "There is no such address here."),
    "error.wrong_method": words("Так этот адрес не открывается.", "This address is not opened this way."),
    "error.outside": words(
        "Битрикс24 сейчас не отвечает. Попробуйте ещё раз через минуту.",
        "Bitrix24 does not answer at the moment. Try again in a minute.",
    ),
    "error.ours": words(
        "Ошибка на нашей стороне, она записана. Номер для администратора: {number}.",
        "Something broke on our side and was recorded. Number for the administrator: {number}.",
    ),
}


def spoken(wanted: str, default: str) -> str:
    """Return the language to speak to somebody who wants `wanted`: one of ours, else the default."""
    return wanted if wanted in LANGUAGES else default


def page_text(key: str, language: str, **figures: str) -> str:
    """Return a text of the pages in a language, figures filled in. Raises `KeyError` for an unknown key."""
    return pick(TEXTS[key], language).format(**figures)
