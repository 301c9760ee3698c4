"""What `b24app doctor` says of 1C itself: what was found, where, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Final

from b24app.messages.bilingual import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

_TITLES: Final[Mapping[str, Bilingual]] = {
    "doctor.title.database": Bilingual("База приложения", "Own database"),
    "doctor.title.address": Bilingual("Адрес 1С", "1C address"),
    "doctor.title.published": Bilingual("Публикация OData", "OData publication"),
    "doctor.title.login": Bilingual("Вход в 1С", "1C login"),
    "doctor.title.speed": Bilingual("Скорость ответа", "Response time"),
    "doctor.title.clock": Bilingual("Часы серверов", "Server clocks"),
    "doctor.title.configuration": Bilingual("Конфигурация", "Configuration"),
    "doctor.title.composition": Bilingual("Состав OData", "OData composition"),
    "doctor.title.length": Bilingual("Длина запросов", "Length of requests"),
    "doctor.title.rights": Bilingual("Права на объекты", "Rights to objects"),
    "doctor.title.hidden": Bilingual("Скрытые строки", "Hidden rows"),
    "doctor.title.architecture": Bilingual("Архитектура взаиморасчётов", "Settlement architecture"),
    "doctor.title.zone": Bilingual("Часовой пояс 1С", "Time zone of 1C"),
    "doctor.title.portal": Bilingual("Портал Битрикс24", "Bitrix24 portal"),
    "doctor.title.figures": Bilingual("Чтение клиентов", "Reading clients"),
    "doctor.title.balances": Bilingual("Сальдо клиентов", "Clients' balances"),
    "doctor.title.nobody": Bilingual("Долги вне учёта приложения", "Debts the app does not see"),
    "doctor.title.unknown_cards": Bilingual("Компании, которых нет в 1С", "Companies unknown to 1C"),
    "doctor.title.debtors": Bilingual("Должники без карточки", "Debtors without a card"),
    "doctor.title.same_cards": Bilingual("Дубли карточек CRM", "Duplicate CRM cards"),
    "doctor.title.same_parties": Bilingual("Дубли контрагентов 1С", "Duplicate 1C counterparties"),
    "doctor.title.limits": Bilingual("Лимиты в договорах", "Limits in contracts"),
}

_CONNECTION: Final[Mapping[str, Bilingual]] = {
    "doctor.address.answers": Bilingual("сервер отвечает: {address}", "the server answers: {address}"),
    "doctor.address.plain": Bilingual(
        "сервер отвечает: {address}, но без шифрования: логин и пароль идут по сети открыто. "
        "Опубликуйте базу по https.",
        "the server answers: {address}, but without encryption: login and password cross the network in "
        "the clear. Publish the base over https.",
    ),
    "doctor.address.unknown_host": Bilingual(
        "имя {host} не находится. Проверьте onec.url и DNS на этой машине.",
        "the name {host} is not found. Check onec.url and this machine's DNS.",
    ),
    "doctor.address.refused": Bilingual(
        "по адресу {address} никто не принимает соединений. Проверьте порт и запущен ли веб-сервер.",
        "nobody accepts connections at {address}. Check the port and whether the web server runs.",
    ),
    "doctor.address.timeout": Bilingual(
        "не удаётся соединиться с {address}: время вышло. Проверьте адрес, VPN и межсетевой экран.",
        "connecting to {address} timed out. Check the address, the VPN and the firewall.",
    ),
    "doctor.address.tls": Bilingual(
        "не удаётся защитить соединение с {address}: сертификату не доверяют или там не https. Поставьте "
        "сертификат доверенного центра либо исправьте https на http.",
        "the connection to {address} cannot be secured: the certificate is not trusted or it is not https. "
        "Install a trusted certificate, or change https to http.",
    ),
    "doctor.address.not_http": Bilingual(
        "по адресу {address} отвечает не веб-сервер или ответ оборван. Проверьте порт в onec.url.",
        "what answers at {address} is not a web server, or it broke off. Check the port in onec.url.",
    ),
    "doctor.address.dropped": Bilingual(
        "{address} обрывает соединение. Проверьте, что веб-сервер и сервер 1С работают.",
        "{address} drops the connection. Check that the web server and the 1C server run.",
    ),
    "doctor.address.silent": Bilingual(
        "{address} соединяется, но не отвечает за отведённое время. Проверьте, не завис ли сервер 1С.",
        "{address} connects but does not answer in time. Check whether the 1C server hangs.",
    ),
    "doctor.address.redirect": Bilingual(
        "{address} перенаправляет на {location}. Впишите в onec.url конечный адрес публикации.",
        "{address} redirects to {location}. Put the final address of the publication into onec.url.",
    ),
    "doctor.address.busy": Bilingual(
        "веб-сервер {address} работает, а 1С за ним нет (HTTP {status}). Запустите сервер 1С.",
        "the web server {address} runs, 1C behind it does not (HTTP {status}). Start the 1C server.",
    ),
    "doctor.published.answers": Bilingual(
        "интерфейс OData опубликован, видно объектов: {number}", "OData is published, objects seen: {number}"
    ),
    "doctor.published.guarded": Bilingual("адрес опубликован", "the address is published"),
    "doctor.published.missing": Bilingual(
        "по адресу {address} ничего не опубликовано (HTTP 404). Проверьте имя базы в onec.url и включите "
        "«Публиковать стандартный интерфейс OData» (standardOdata enable в default.vrd).",
        "nothing is published at {address} (HTTP 404). Check the base's name in onec.url and enable the "
        "standard OData interface (standardOdata enable in default.vrd).",
    ),
    "doctor.published.foreign": Bilingual(
        "по адресу {address} отвечает не OData, а, похоже, страница входа или другая программа. "
        "Проверьте onec.url.",
        "what answers at {address} is not OData but, it seems, a login page or another program. "
        "Check onec.url.",
    ),
    "doctor.published.broken": Bilingual(
        "1С отвечает ошибкой (HTTP {status}). Откройте {address} в браузере под этим логином и посмотрите "
        "технологический журнал 1С.",
        "1C answers with an error (HTTP {status}). Open {address} in a browser under this login and "
        "look into "
        "1C's technological log.",
    ),
    "doctor.login.accepted": Bilingual("логин «{login}» принят", "the login “{login}” is accepted"),
    "doctor.login.refused": Bilingual(
        "1С не принимает логин «{login}» или его пароль (401). Проверьте onec.username и onec.password и "
        "что у пользователя включена аутентификация 1С:Предприятия.",
        "1C refuses the login “{login}” or its password (401). Check onec.username and onec.password, and "
        "that the user may sign in by 1C's own authentication.",
    ),
    "doctor.login.forbidden": Bilingual(
        "веб-сервер не пускает (403): правило веб-сервера, адрес этой машины или лицензия. Логин «{login}» "
        "до 1С не дошёл.",
        "the web server refuses (403): a rule of its own, this machine's address or a licence. The login "
        "“{login}” did not reach 1C.",
    ),
    "doctor.login.no_role": Bilingual(
        "логин «{login}» верен, но прав на OData нет (401, код 20). Дайте пользователю роль "
        "«Удаленный доступ OData».",
        "the login “{login}” is right but has no rights to OData (401, code 20). Give the user the role of "
        "remote OData access.",
    ),
    "doctor.speed.usual": Bilingual(
        "первый запрос {first}, следующий {second}", "the first request {first}, the next {second}"
    ),
    "doctor.speed.slow_first": Bilingual(
        "первый запрос {first}, следующий {second}: после простоя проверка не уложится в {deadline}. "
        "Включите повторное использование сеансов (reuseSessions) или увеличьте onec.deadline.",
        "the first request {first}, the next {second}: after idling a check will not end within {deadline}. "
        "Enable session reuse (reuseSessions) or raise onec.deadline.",
    ),
    "doctor.speed.slow": Bilingual(
        "первый запрос {first}, следующий {second}: медленно. Посмотрите нагрузку на сервер 1С и сеть.",
        "the first request {first}, the next {second}: slow. Look at the load on the 1C server and the "
        "network.",
    ),
    "doctor.clock.agrees": Bilingual("расходятся на {apart}", "they differ by {apart}"),
    "doctor.clock.untold": Bilingual(
        "веб-сервер 1С не сообщает время, сравнить не с чем",
        "the web server of 1C does not tell the time, there is nothing to compare",
    ),
    "doctor.clock.ahead": Bilingual(
        "сервер 1С спешит на {apart}: там {theirs}, здесь {ours}. Настройте точное время на обоих серверах.",
        "the 1C server is ahead by {apart}: there {theirs}, here {ours}. Set up time synchronisation on "
        "both.",
    ),
    "doctor.clock.behind": Bilingual(
        "сервер 1С отстаёт на {apart}: там {theirs}, здесь {ours}. Настройте точное время на обоих серверах.",
        "the 1C server is behind by {apart}: there {theirs}, here {ours}. Set up time synchronisation "
        "on both.",
    ),
    "doctor.zone.unseen": Bilingual(
        "в настройке {zone}, сейчас там {now}; документов «из будущего» нет. Сам пояс базы по OData не "
        "виден: сверьте с часами на сервере 1С.",
        "the setting is {zone}, it is {now} there; no document is from the future. OData does not show the "
        "base's own zone: compare with the clock of the 1C server.",
    ),
    "doctor.zone.future": Bilingual(
        "в 1С есть оплата от {newest}, а по настройке {zone} сейчас {now}. Проверьте onec.timezone: "
        "похоже, база живёт в другом поясе.",
        "1C has a payment of {newest} while by the setting {zone} it is {now}. Check onec.timezone: "
        "the base seems to live in another zone.",
    ),
}

_OBJECTS: Final[Mapping[str, Bilingual]] = {
    "doctor.configuration.auto": Bilingual(
        "найдена «{title}» (onec.profile = {name})", "found “{title}” (onec.profile = {name})"
    ),
    "doctor.configuration.agrees": Bilingual(
        "«{title}», как в настройке onec.profile = {setting}",
        "“{title}”, as the setting onec.profile = {setting} says",
    ),
    "doctor.configuration.several": Bilingual(
        "в настройке {setting} («{other}»), но опубликованы и объекты «{title}». Если клиентов ведут там, "
        "поставьте onec.profile = {name}.",
        "the setting is {setting} (“{other}”), but objects of “{title}” are published as well. If "
        "clients are "
        "kept there, set onec.profile = {name}.",
    ),
    "doctor.configuration.differs": Bilingual(
        "в настройке {setting} («{other}»), а база похожа на «{title}». Поставьте onec.profile = {name} "
        "или auto.",
        "the setting is {setting} (“{other}”), the base looks like “{title}”. Set onec.profile = {name} "
        "or auto.",
    ),
    "doctor.configuration.unknown": Bilingual(
        "не удаётся понять, какая это конфигурация (настройка {setting}): не опубликован ни один из "
        "{objects}",
        "the configuration cannot be told (setting {setting}): none of {objects} is published",
    ),
    "doctor.configuration.nothing": Bilingual(
        "не видно ни одного объекта, конфигурацию не узнать (настройка {setting}); её объекты: {objects}",
        "no object is seen, the configuration cannot be told (setting {setting}); telling objects: {objects}",
    ),
    "doctor.composition.whole": Bilingual(
        "опубликовано всё нужное: {number}", "all needed is there: {number}"
    ),
    "doctor.composition.missing": Bilingual(
        "не хватает объектов: {number}. Добавьте их в обработке «Настройка стандартного интерфейса OData»:",
        "objects missing: {number}. Add them in the processing that sets up the standard OData interface:",
    ),
    "doctor.composition.empty": Bilingual(
        "состав пуст. Добавьте в обработке «Настройка стандартного интерфейса OData», всего {number}:",
        "the composition is empty. Add in the processing that sets up the standard OData interface, "
        "{number}:",
    ),
    "doctor.composition.unknown": Bilingual(
        "что добавить, зависит от конфигурации: назовите её в onec.profile и запустите doctor ещё раз",
        "what to add depends on the configuration: name it in onec.profile and run doctor again",
    ),
    "doctor.composition.empty_unknown": Bilingual(
        "состав пуст. Назовите конфигурацию в onec.profile, и doctor перечислит, что добавить.",
        "the composition is empty. Name the configuration in onec.profile and doctor lists what to add.",
    ),
    "doctor.composition.useful": Bilingual(
        "нужное есть, но без этих объектов не проверить клиентов с расчётами в валюте:",
        "what is needed is there, but without these clients with foreign money cannot be checked:",
    ),
    "doctor.rights.enough": Bilingual("все нужные объекты читаются", "all needed objects can be read"),
    "doctor.rights.refused": Bilingual(
        "пользователю 1С запрещено читать: {number}. Добавьте право «Чтение» в его роли:",
        "the 1C user may not read: {number}. Add the right to read to its roles:",
    ),
    "doctor.rights.long_address": Bilingual(
        "веб-сервер не пропускает длинные адреса (404.15 или 414). Разрешите строку запроса до 4096 байт: "
        "maxQueryString в IIS, LimitRequestLine в Apache.",
        "the web server refuses long addresses (404.15 or 414). Allow a query string of 4096 bytes: "
        "maxQueryString in IIS, LimitRequestLine in Apache.",
    ),
    "doctor.length.passes": Bilingual(
        "строка запроса в {number} байт проходит", "a query string of {number} bytes passes"
    ),
    "doctor.length.long_address": Bilingual(
        "веб-сервер не пропускает длинные адреса (404.15 или 414). Разрешите строку запроса до 4096 байт: "
        "maxQueryString в IIS, LimitRequestLine в Apache.",
        "the web server refuses long addresses (404.15 or 414). Allow a query string of 4096 bytes: "
        "maxQueryString in IIS, LimitRequestLine in Apache.",
    ),
    "doctor.hidden.unseen": Bilingual(
        "в списках и оплатах не замечено: 1С отдаёт все строки", "none noticed: 1C gives all rows"
    ),
    "doctor.hidden.hidden": Bilingual(
        "ограничение доступа к записям (RLS) прячет от нас строки, объектов: {number}. Суммы были бы "
        "неполны. "
        "Дайте пользователю OData полное чтение без ограничений:",
        "record-level access (RLS) hides rows from us, objects: {number}. Sums would be incomplete. "
        "Let the OData user read everything:",
    ),
    "doctor.architecture.none": Bilingual(
        "в «{title}» такого переключателя нет", "“{title}” has no such switch"
    ),
    "doctor.architecture.new": Bilingual(
        "новая: просрочка берётся из регистра по срокам",
        "new: overdue debt comes from the register by due day",
    ),
    "doctor.architecture.old": Bilingual(
        "старая: просрочка считается по объектам расчётов, как в самой 1С",
        "old: overdue debt is counted by settlement object, as 1C itself does",
    ),
    "doctor.architecture.unreadable": Bilingual(
        "константа не читается, и непонятно, какой регистр действует. Проверьте её значение в 1С.",
        "the constant cannot be read, and so which register is live. Check its value in 1C.",
    ),
}

DOCTOR_OF_LEDGER: Final[Mapping[str, Bilingual]] = {**_TITLES, **_CONNECTION, **_OBJECTS}
