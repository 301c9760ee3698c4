"""The objects of «Бухгалтерия предприятия 3.0» this base publishes (onec_odata 3.2)."""

from __future__ import annotations

import uuid

from b24app.sandbox.onec.schema import Entity
from b24app.sandbox.onec.schema import Register
from b24app.sandbox.onec.schema import entity
from b24app.sandbox.onec.schema import register

COUNTERPARTIES = "Catalog_Контрагенты"
COMPANIES = "Catalog_Организации"
CURRENCIES = "Catalog_Валюты"
CONTRACTS = "Catalog_ДоговорыКонтрагентов"
SALE = "Document_РеализацияТоваровУслуг"
BANK = "Document_ПоступлениеНаРасчетныйСчет"
CASH = "Document_ПриходныйКассовыйОрдер"
MANUAL = "Document_ОперацияБух"
RATES = "InformationRegister_КурсыВалют"
DUE_DAYS = "InformationRegister_СрокиОплатыДокументов"
PRIMARY = "InformationRegister_ДанныеПервичныхДокументов"
DEFAULT_TERM = "Constant_СрокОплатыПокупателей"
PLANNING = "Constant_ИспользоватьПланированиеПлатежейОтПокупателей"
CHART = "ChartOfAccounts_Хозрасчетный"
REGISTER = "AccountingRegister_Хозрасчетный"

ACCOUNT_KINDS = {
    "62.01": "active", "62.02": "passive", "62.03": "active", "62.21": "active", "62.22": "passive",
    "62.31": "active", "62.32": "passive", "76.06": "both", "76.26": "both", "76.36": "both",
    "007": "active", "60.01": "passive", "90.01.1": "passive",
}  # fmt: skip


def account(code: str) -> str:
    """The key of an account, the same in every base as predefined accounts' keys are not."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"Хозрасчетный/{code}"))


_CATALOG = "Ref_Key:g DataVersion Code Description DeletionMark:b Predefined:b PredefinedDataName "
_FOLDERS = "Parent_Key:g IsFolder:b "
_DOCUMENT = f"Ref_Key:g DataVersion Number Date:d DeletionMark:b Posted:b Организация>{COMPANIES} "
_RECEIPT = (
    _DOCUMENT + f"ВидОперации Контрагент* ДоговорКонтрагента>{CONTRACTS} СуммаДокумента:n "
    f"ВалютаДокумента>{CURRENCIES} НазначениеПлатежа НомерВходящегоДокумента ДатаВходящегоДокумента:d "
)
_DETAILS = (
    f"ДоговорКонтрагента>{CONTRACTS} СпособПогашенияЗадолженности Сделка* СуммаПлатежа:n "
    "СуммаВзаиморасчетов:n"
)

ENTITIES: tuple[Entity, ...] = (
    entity(
        COUNTERPARTIES,
        _CATALOG + _FOLDERS + "НаименованиеПолное ЮридическоеФизическоеЛицо "
        f"ГоловнойКонтрагент>{COUNTERPARTIES} ИНН КПП",
    ),
    entity(COMPANIES, _CATALOG + "НаименованиеПолное ИНН КПП Префикс"),
    entity(CURRENCIES, _CATALOG + "НаименованиеПолное"),
    entity(
        CONTRACTS,
        _CATALOG + _FOLDERS + f"Owner>{COUNTERPARTIES} Организация>{COMPANIES} ВидДоговора "
        f"ВалютаВзаиморасчетов>{CURRENCIES} УстановленСрокОплаты:b СрокОплаты:i ДатаОплаты:d Номер Дата:d "
        "СрокДействия:d Сумма:n ДоговорЗакрыт:b",
    ),
    entity(
        SALE,
        _DOCUMENT + f"ВидОперации Контрагент>{COUNTERPARTIES} ДоговорКонтрагента>{CONTRACTS} "
        f"СпособЗачетаАвансов ВалютаДокумента>{CURRENCIES} КурсВзаиморасчетов:n КратностьВзаиморасчетов:i "
        f"СуммаДокумента:n СуммаВключаетНДС:b СчетУчетаРасчетовСКонтрагентом>{CHART} "
        f"СчетУчетаРасчетовПоАвансам>{CHART}",
        sections={"Товары": "Номенклатура_Key:g Количество:n Цена:n Сумма:n СтавкаНДС СуммаНДС:n"},
    ),
    entity(BANK, _RECEIPT, sections={"РасшифровкаПлатежа": _DETAILS}),
    entity(CASH, _RECEIPT, sections={"РасшифровкаПлатежа": _DETAILS}),
    entity(
        MANUAL,
        _DOCUMENT + "Содержание",
        sections={
            "Проводки": f"Счет>{CHART} Контрагент_Key:g Договор_Key:g Документ* Валюта_Key:g Сумма:n "
            "ВалютнаяСумма:n Дебет:b"
        },
    ),
    entity(RATES, f"Period:d Валюта>{CURRENCIES} Курс:n Кратность:i", key="Period Валюта_Key"),
    entity(DUE_DAYS, f"Организация>{COMPANIES} Документ* СрокОплаты:d", key="Организация_Key Документ"),
    entity(
        PRIMARY,
        f"Организация>{COMPANIES} Документ* Номер Дата:d ДатаРегистратора:d НомерРегистратора",
        key="Организация_Key Документ",
    ),
    entity(DEFAULT_TERM, "SurrogateKey:i Value:i", key="SurrogateKey"),
    entity(PLANNING, "SurrogateKey:i Value:b", key="SurrogateKey"),
    entity(CHART, _CATALOG + "Type Валютный:b"),
)

REGISTERS: tuple[Register, ...] = (
    register(
        REGISTER,
        f"Account>{CHART} Организация>{COMPANIES} Валюта>{CURRENCIES} Подразделение>Catalog_Подразделения "
        "ExtDimension1* ExtDimension2* ExtDimension3*",
        "Сумма ВалютнаяСумма",
        kinds={account(code): kind for code, kind in ACCOUNT_KINDS.items()},
    ),
)

DOCUMENTS = (SALE, BANK, CASH, MANUAL)
