"""The objects of «Управление нашей фирмой» 1.6 and 3.0 this base publishes (onec_odata 3.3)."""

from __future__ import annotations

from b24app.sandbox.onec.schema import Entity
from b24app.sandbox.onec.schema import Register
from b24app.sandbox.onec.schema import entity
from b24app.sandbox.onec.schema import register

COUNTERPARTIES = "Catalog_Контрагенты"
COMPANIES = "Catalog_Организации"
CURRENCIES = "Catalog_Валюты"
CONTRACTS = "Catalog_ДоговорыКонтрагентов"
SALE = "Document_РасходнаяНакладная"
ORDER = "Document_ЗаказПокупателя"
BANK = "Document_ПоступлениеНаСчет"
CASH = "Document_ПоступлениеВКассу"
RATES = "InformationRegister_КурсыВалют"
REGISTER = "AccumulationRegister_РасчетыСПокупателями"

_CATALOG = "Ref_Key:g DataVersion Code Description DeletionMark:b Predefined:b PredefinedDataName "
_DOCUMENT = f"Ref_Key:g DataVersion Number Date:d DeletionMark:b Posted:b Организация>{COMPANIES} "
_SIDES = f"ВидОперации Контрагент>{COUNTERPARTIES} СуммаДокумента:n "
_TRADE = _DOCUMENT + _SIDES + f"Договор>{CONTRACTS} ВалютаДокумента>{CURRENCIES} Курс:n Кратность:n "
_RECEIPT = _DOCUMENT + _SIDES + f"ВалютаДенежныхСредств>{CURRENCIES} НазначениеПлатежа "
_DETAILS = (
    f"Договор>{CONTRACTS} Документ* Заказ* СчетНаОплату_Key:g ПризнакАванса:b СуммаРасчетов:n СуммаПлатежа:n "
    "Курс:n Кратность:n"
)
_GOODS = "Номенклатура_Key:g Количество:n Цена:n Сумма:n СтавкаНДС_Key:g СуммаНДС:n Всего:n"
_PREPAID = "Документ* Заказ* СуммаРасчетов:n СуммаПлатежа:n Курс:n Кратность:n"

ENTITIES: tuple[Entity, ...] = (
    entity(
        COUNTERPARTIES,
        _CATALOG + "Parent_Key:g IsFolder:b НаименованиеПолное ИНН КПП Покупатель:b "
        "ВестиРасчетыПоДоговорам:b ВестиРасчетыПоДокументам:b ВестиРасчетыПоЗаказам:b "
        f"ГоловнойКонтрагент>{COUNTERPARTIES} Недействителен:b",
    ),
    entity(COMPANIES, _CATALOG + "НаименованиеПолное ИНН КПП Префикс"),
    entity(CURRENCIES, _CATALOG + "НаименованиеПолное"),
    entity(
        CONTRACTS,
        _CATALOG + f"Owner* ВидДоговора Организация>{COMPANIES} ВалютаРасчетов>{CURRENCIES} НомерДоговора "
        "ДатаДоговора:d СрокДействия:d СрокОплатыПокупателя:i Недействителен:b",
    ),
    entity(SALE, _TRADE + "Заказ*", sections={"Запасы": _GOODS, "Предоплата": _PREPAID}),
    entity(ORDER, _TRADE + "Старт:d Финиш:d", sections={"Запасы": _GOODS}),
    entity(BANK, _RECEIPT, sections={"РасшифровкаПлатежа": _DETAILS}),
    entity(CASH, _RECEIPT, sections={"РасшифровкаПлатежа": _DETAILS}),
    entity(RATES, f"Period:d Валюта>{CURRENCIES} Курс:n Кратность:i", key="Period Валюта_Key"),
)

REGISTERS: tuple[Register, ...] = (
    register(
        REGISTER,
        f"Организация>{COMPANIES} ТипРасчетов Контрагент>{COUNTERPARTIES} Договор>{CONTRACTS} "
        "Документ* Заказ*",
        "Сумма СуммаВал СуммаРег СуммаИнт СуммаВалИнт СуммаРегИнт",
    ),
)

DOCUMENTS = (SALE, ORDER, BANK, CASH)
