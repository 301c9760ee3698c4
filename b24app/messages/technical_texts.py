"""What to tell people when a check could not be made: what is wrong, where, what to do.

One line for the deal's field, one text for its manager, one for the administrator, by the cause's value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Final

from b24app.messages.bilingual import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINES: Final[Mapping[str, Bilingual]] = {
    "technical.line.ledger_silent": Bilingual("1С не отвечает", "1C does not answer"),
    "technical.line.ledger_misconfigured": Bilingual(
        "1С отвечает не так, как ожидает кредитный контроль", "1C does not answer as credit control expects"
    ),
    "technical.line.data_stale": Bilingual("Данные 1С устарели", "The figures from 1C are too old"),
    "technical.line.no_company": Bilingual("В сделке не указана компания", "The deal has no company"),
    "technical.line.no_tax_number": Bilingual(
        "У компании не заполнен ИНН", "The company has no tax number (ИНН)"
    ),
    "technical.line.several_tax_numbers": Bilingual(
        "У компании несколько разных ИНН", "The company has several different tax numbers (ИНН)"
    ),
    "technical.line.client_unknown": Bilingual(
        "В 1С нет контрагента с таким ИНН", "1C has no counterparty with this tax number (ИНН)"
    ),
    "technical.line.other_currency": Bilingual(
        "Долг, лимит и сделка в разных валютах", "Debt, limit and deal are in different currencies"
    ),
    "technical.line.pool_unknown": Bilingual(
        "В 1С нашли не всех участников группы с общим лимитом",
        "Not every member of the group with a shared limit was found in 1C",
    ),
    "technical.line.policy_unreadable": Bilingual(
        "Кредитную политику не удаётся прочитать", "The credit policy cannot be read"
    ),
    "technical.line.failed": Bilingual(
        "Проверка не удалась из-за внутренней ошибки", "The check failed because of an internal error"
    ),
}

_MANAGER: Final[Mapping[str, Bilingual]] = {
    "technical.manager.ledger_silent": Bilingual(
        "От вас ничего не требуется: проверка повторится сама, как только 1С ответит.",
        "There is nothing for you to do: the check repeats itself as soon as 1C answers.",
    ),
    "technical.manager.ledger_misconfigured": Bilingual(
        "Администратор уже знает. Проверка повторится сама, когда связь с 1С исправят.",
        "The administrator knows. The check repeats itself once the connection to 1C is repaired.",
    ),
    "technical.manager.data_stale": Bilingual(
        "От вас ничего не требуется: проверка повторится сама на свежих данных.",
        "There is nothing for you to do: the check repeats itself with fresh figures.",
    ),
    "technical.manager.no_company": Bilingual(
        "Укажите компанию-покупателя в карточке сделки, проверка запустится сама.",
        "Name the buying company in the deal, the check then starts by itself.",
    ),
    "technical.manager.no_tax_number": Bilingual(
        "Заполните ИНН в реквизитах компании, проверка запустится сама.",
        "Fill in the tax number (ИНН) in the company's requisites, the check then starts by itself.",
    ),
    "technical.manager.several_tax_numbers": Bilingual(
        "Выберите в сделке реквизиты той организации, которой отгружаете, или уберите лишние у компании.",
        "Choose in the deal the requisites you ship to, or remove the superfluous ones from the company.",
    ),
    "technical.manager.client_unknown": Bilingual(
        "Проверьте ИНН в реквизитах компании. Если он верный, попросите бухгалтерию завести "
        "контрагента в 1С.",
        "Check the tax number (ИНН) of the company. If it is right, ask accounting to add the "
        "counterparty to 1C.",
    ),
    "technical.manager.other_currency": Bilingual(
        "Нет свежего курса для пересчёта. Проверьте валюту сделки или попросите финансистов обновить курс.",
        "There is no recent rate to convert with. Check the deal's currency or ask finance for a new rate.",
    ),
    "technical.manager.pool_unknown": Bilingual(
        "Сообщите финансистам: в группе с общим лимитом есть ИНН, которого 1С не знает.",
        "Tell finance: a tax number (ИНН) in the group with a shared limit is unknown to 1C.",
    ),
    "technical.manager.policy_unreadable": Bilingual(
        "Администратор уже знает. Проверка повторится сама, когда политику введут заново.",
        "The administrator knows. The check repeats itself once the policy has been entered again.",
    ),
    "technical.manager.failed": Bilingual(
        "Администратор уже знает. Запустите проверку ещё раз кнопкой на вкладке сделки или подождите.",
        "The administrator knows. Start the check again with the button on the deal's tab, or wait.",
    ),
}

_ADMINISTRATOR: Final[Mapping[str, Bilingual]] = {
    "technical.administrator.ledger_silent": Bilingual(
        "Проверьте, что сервер 1С и публикация OData работают и доступны с сервера приложения. "
        "Когда 1С ответит, проверки повторятся сами.",
        "Check that the 1C server and its OData publication run and can be reached from the "
        "application's server. "
        "The checks repeat themselves once 1C answers.",
    ),
    "technical.administrator.ledger_misconfigured": Bilingual(
        "Проверьте раздел [onec] настроек, права пользователя 1С и состав стандартного интерфейса OData. "
        "Когда связь исправят, проверки повторятся сами.",
        "Check the section [onec] of the settings, the 1C user's rights and the composition of the OData "
        "interface. The checks repeat themselves once the connection is repaired.",
    ),
    "technical.administrator.data_stale": Bilingual(
        "Данные 1С приходят с опозданием. Проверьте часы серверов и нагрузку на 1С.",
        "Figures from 1C arrive late. Check the servers' clocks and the load on 1C.",
    ),
    "technical.administrator.no_company": Bilingual(
        "Сделки попадают на проверку без компании. Сделайте поле «Компания» обязательным на этой стадии.",
        "Deals reach the check without a company. Make the Company field mandatory on that stage.",
    ),
    "technical.administrator.no_tax_number": Bilingual(
        "Сделки попадают на проверку с компаниями без ИНН. Заполните реквизиты в карточках компаний.",
        "Deals reach the check with companies without a tax number. Fill in the companies' requisites.",
    ),
    "technical.administrator.several_tax_numbers": Bilingual(
        "У компании реквизиты с разными ИНН. Разделите карточку или выберите реквизиты в сделке.",
        "A company has requisites with different tax numbers. Split the card or choose "
        "requisites in the deal.",
    ),
    "technical.administrator.client_unknown": Bilingual(
        "Контрагента с этим ИНН нет в 1С. Сверьте ИНН в CRM и в 1С или заведите контрагента.",
        "1C has no counterparty with this tax number. Compare it in CRM and 1C or add the counterparty.",
    ),
    "technical.administrator.other_currency": Bilingual(
        "Суммы клиента в разных валютах, а свежего курса нет. Обновите курсы в Битрикс24: CRM → Настройки → "
        "Валюты.",
        "The client's sums are in different currencies and there is no recent rate. Update the rates in "
        "Bitrix24: CRM → Settings → Currencies.",
    ),
    "technical.administrator.pool_unknown": Bilingual(
        "В группе с общим лимитом есть ИНН, которого нет в 1С. Заведите контрагента или исправьте группу в "
        "кредитной политике.",
        "A group with a shared limit has a tax number (ИНН) that is not in 1C. Add the counterparty or mend "
        "the group in the credit policy.",
    ),
    "technical.administrator.policy_unreadable": Bilingual(
        "Сохранённую кредитную политику эта версия программы не читает. Введите её заново: "
        "b24app policy import ФАЙЛ. Проверки повторятся сами.",
        "This version of the program cannot read the stored credit policy. Enter it again: "
        "b24app policy import FILE. The checks repeat themselves.",
    ),
    "technical.administrator.failed": Bilingual(
        "Проверка несколько раз завершилась внутренней ошибкой. Подробности в журнале "
        "приложения по номеру сделки.",
        "The check failed several times with an internal error. See the application's log by "
        "the deal's number.",
    ),
}

_FAILURES: Final[Mapping[str, Bilingual]] = {
    "technical.failure.silent": Bilingual(
        "Сервер 1С не ответил вовремя или оборвал ответ.",
        "The 1C server did not answer in time or broke off.",
    ),
    "technical.failure.unreachable": Bilingual(
        "С сервером 1С не удаётся соединиться: проверьте адрес и порт.",
        "The 1C server cannot be reached: check address and port.",
    ),
    "technical.failure.garbled": Bilingual(
        "По этому адресу отвечает не 1С или ответ испорчен.",
        "What answers at this address is not 1C, or the answer is garbled.",
    ),
    "technical.failure.login": Bilingual(
        "1С не принимает логин или пароль.", "1C refuses the login or the password."
    ),
    "technical.failure.rights": Bilingual(
        "Пользователю 1С не хватает прав на чтение.", "The 1C user lacks rights to read."
    ),
    "technical.failure.refused": Bilingual("1С отклонила запрос.", "1C refused the request."),
    "technical.failure.misconfigured": Bilingual(
        "Публикация 1С не та или неполна.", "The 1C publication is a wrong one or incomplete."
    ),
    "technical.failure.missing": Bilingual(
        "Добавьте в состав OData: {objects}.", "Add to the OData composition: {objects}."
    ),
    "technical.failure.unrecognised": Bilingual(
        "Не удалось понять, какая это конфигурация 1С: в составе OData нет ни одного из объектов {objects}. "
        "Добавьте объекты своей конфигурации или назовите её в настройке onec.profile.",
        "The configuration of 1C cannot be told: none of {objects} is in the OData composition. Add the "
        "objects of your configuration or name it in the setting onec.profile.",
    ),
    "technical.failure.empty": Bilingual(
        "1С ничего не показывает: состав стандартного интерфейса OData пуст. Добавьте в него объекты своей "
        "конфигурации, например {objects}.",
        "1C shows nothing: the composition of the OData interface is empty. Add the objects of your "
        "configuration, for example {objects}.",
    ),
}

_FRAME: Final[Mapping[str, Bilingual]] = {
    "technical.head": Bilingual(
        "Кредитный контроль не смог проверить сделку, отгрузка пока остановлена",
        "Credit control could not check the deal, the shipment waits for now",
    ),
    "technical.administrator.head": Bilingual("Кредитный контроль: {line}", "Credit control: {line}"),
    "technical.since": Bilingual("С {moment}", "Since {moment}"),
    "technical.waiting": Bilingual("Ждут проверки, сделок: {number}", "Deals waiting for a check: {number}"),
    "technical.over": Bilingual(
        "Кредитный контроль: 1С снова отвечает ({moment}). Отложенные проверки идут сами.",
        "Credit control: 1C answers again ({moment}). Delayed checks run by themselves.",
    ),
}

TECHNICAL: Final[Mapping[str, Bilingual]] = {
    **_LINES,
    **_MANAGER,
    **_ADMINISTRATOR,
    **_FAILURES,
    **_FRAME,
}
