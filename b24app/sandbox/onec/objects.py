"""The objects of «Управление торговлей 11.5» this base publishes (onec_odata 3.1)."""

from __future__ import annotations

from b24app.sandbox.onec.schema import Entity
from b24app.sandbox.onec.schema import Register
from b24app.sandbox.onec.schema import entity
from b24app.sandbox.onec.schema import register

PARTNERS = "Catalog_Партнеры"
COUNTERPARTIES = "Catalog_Контрагенты"
COMPANIES = "Catalog_Организации"
CURRENCIES = "Catalog_Валюты"
USERS = "Catalog_Пользователи"
CONTRACTS = "Catalog_ДоговорыКонтрагентов"
KEYS = "Catalog_КлючиАналитикиУчетаПоПартнерам"
SETTLED = "Catalog_ОбъектыРасчетов"
SALE = "Document_РеализацияТоваровУслуг"
BANK = "Document_ПоступлениеБезналичныхДенежныхСредств"
CASH = "Document_ПриходныйКассовыйОрдер"
ORDER = "Document_ЗаказКлиента"
ARCHITECTURE = "Constant_НоваяАрхитектураВзаиморасчетов"
SETTLEMENTS = "AccumulationRegister_РасчетыСКлиентами"
TERMS = "AccumulationRegister_РасчетыСКлиентамиПоСрокам"
PERMITS = "InformationRegister_КК_Разрешения"
"""The register of our own extension (docs/1c-extension); published while it is installed."""
RATES = "InformationRegister_КурсыВалют"
RELATIVE_RATES = "InformationRegister_ОтносительныеКурсыВалют"
INTERCOMPANY = "Document_ПередачаТоваровМеждуОрганизациями"
"""Recorder of intercompany rows; not in the composition, so nobody reads it over OData."""
WRITE_OFF = "Document_СписаниеЗадолженности"
"""Recorder of debt given up; not in the composition either: what it did shows in the register's records."""

_CATALOG = "Ref_Key:g DataVersion Description DeletionMark:b Predefined:b PredefinedDataName "
_DOCUMENT = "Ref_Key:g DataVersion Number Date:d DeletionMark:b Posted:b "
_SIDES = f"Партнер>{PARTNERS} Организация>{COMPANIES} "
_STAGES = (
    "ВариантОплаты ДатаПлатежа:d Сдвиг:i СуммаПлатежа:n ПроцентПлатежа:n СуммаВзаиморасчетов:n "
    f"ОбъектРасчетов>{SETTLED} ВариантОтсчета"
)
_ORDER_STAGES = "ВариантОплаты ДатаПлатежа:d Сдвиг:i СуммаПлатежа:n ПроцентПлатежа:n ВариантОтсчета"
_GOODS = (
    "Номенклатура_Key:g Характеристика_Key:g Упаковка_Key:g КоличествоУпаковок:n Количество:n Цена:n Сумма:n "
    "СтавкаНДС_Key:g СуммаНДС:n СуммаСНДС:n Склад_Key:g ВидЦены_Key:g КодСтроки:i"
)
_RECEIPT = (
    _DOCUMENT
    + _SIDES
    + f"Контрагент>{COUNTERPARTIES} Договор* ХозяйственнаяОперация СуммаДокумента:n Валюта>{CURRENCIES} "
    "НазначениеПлатежа Комментарий "
)
_DETAILS = f"Партнер>{PARTNERS} ОбъектРасчетов>{SETTLED} Сумма:n СуммаВзаиморасчетов:n"
_TRADE = (
    _DOCUMENT
    + _SIDES
    + f"Контрагент>{COUNTERPARTIES} Договор>{CONTRACTS} Соглашение_Key:g Валюта>{CURRENCIES} "
    "СуммаДокумента:n ХозяйственнаяОперация Статус ПорядокРасчетов НалогообложениеНДС ЦенаВключаетНДС:b "
    "СкидкиРассчитаны:b Согласован:b Склад_Key:g Менеджер_Key:g Подразделение_Key:g Комментарий "
)
_RECORD = (
    f"Recorder* Period:d LineNumber:i Active:b RecordType АналитикаУчетаПоПартнерам>{KEYS} "
    f"ОбъектРасчетов>{SETTLED} Валюта>{CURRENCIES} Сумма:n КОплате:n Оплачивается:n КОтгрузке:n "
    "Отгружается:n ХозяйственнаяОперация РасчетныйДокумент* ДатаПлатежа:d"
)

ENTITIES: tuple[Entity, ...] = (
    entity(
        PARTNERS,
        _CATALOG + f"Code Parent>{PARTNERS} НаименованиеПолное Клиент:b Поставщик:b ОсновнойМенеджер_Key:g "
        "ЮрФизЛицо Комментарий",
    ),
    entity(
        COUNTERPARTIES,
        _CATALOG + f"НаименованиеПолное ОбособленноеПодразделение:b ЮридическоеФизическоеЛицо "
        f"ГоловнойКонтрагент>{COUNTERPARTIES} ИНН КПП ДополнительнаяИнформация Партнер>{PARTNERS} ЮрФизЛицо "
        "КодПоОКПО РегистрационныйНомер НалоговыйНомер",
    ),
    entity(COMPANIES, _CATALOG + "НаименованиеПолное НаименованиеСокращенное ИНН КПП Префикс"),
    entity(USERS, _CATALOG + "Недействителен:b"),
    entity(CURRENCIES, _CATALOG + "Code НаименованиеПолное"),
    entity(
        CONTRACTS,
        _CATALOG + _SIDES + f"Контрагент>{COUNTERPARTIES} Статус ТипДоговора ХозяйственнаяОперация "
        f"ВалютаВзаиморасчетов>{CURRENCIES} ОграничиватьСуммуЗадолженности:b ДопустимаяСуммаЗадолженности:n "
        "ЗапрещаетсяПросроченнаяЗадолженность:b УстановленСрокОплаты:b СрокОплаты:i ПорядокРасчетов Номер "
        f"Дата:d ДатаНачалаДействия:d ДатаОкончанияДействия:d Менеджер_Key:g ОбъектРасчетов>{SETTLED}",
    ),
    entity(KEYS, _CATALOG + _SIDES + "Контрагент* Договор*"),
    entity(
        SETTLED,
        _CATALOG
        + _SIDES
        + "Объект* Номер Дата:d Контрагент* Договор* Менеджер_Key:g Подразделение_Key:g ТипРасчетов",
    ),
    entity(
        SALE,
        _TRADE
        + f"ВалютаВзаиморасчетов>{CURRENCIES} СуммаВзаиморасчетов:n ЗаказКлиента* РеализацияПоЗаказам:b "
        f"Автор>{USERS} ВариантОформленияПродажи КурсЧислитель:n КурсЗнаменатель:n "
        "ДатаПереходаПраваСобственности:d",
        sections={"Товары": _GOODS, "ЭтапыГрафикаОплаты": _STAGES},
    ),
    entity(
        ORDER,
        _TRADE + f"ОбъектРасчетов>{SETTLED} ДатаОтгрузки:d",
        sections={"ЭтапыГрафикаОплаты": _ORDER_STAGES},
    ),
    entity(
        BANK,
        _RECEIPT
        + "ПроведеноБанком:b ДатаПроведенияБанком:d НомерВходящегоДокумента ДатаВходящегоДокумента:d",
        sections={"РасшифровкаПлатежа": _DETAILS},
    ),
    entity(CASH, _RECEIPT, sections={"РасшифровкаПлатежа": _DETAILS}),
    entity(
        PERMITS,
        "Ключ Вид ИНН Договор Сумма:n Валюта ДействуетДоUTC:d Включено:b Основание",
        key="Ключ",
    ),
    entity(ARCHITECTURE, "SurrogateKey:i Value:b", key="SurrogateKey"),
    entity(RATES, f"Period:d Валюта>{CURRENCIES} Курс:n Кратность:i", key="Period Валюта_Key"),
    entity(
        RELATIVE_RATES,
        f"Period:d Валюта>{CURRENCIES} БазоваяВалюта>{CURRENCIES} КурсЧислитель:n КурсЗнаменатель:n",
        key="Period Валюта_Key БазоваяВалюта_Key",
    ),
    entity(SETTLEMENTS + "_RecordType", _RECORD, key="Recorder Recorder_Type LineNumber"),
)
"""Entity sets that answer; a register's own set is listed and called for its functions only."""

REGISTERS: tuple[Register, ...] = (
    register(
        SETTLEMENTS,
        f"АналитикаУчетаПоПартнерам>{KEYS} ОбъектРасчетов>{SETTLED} Валюта>{CURRENCIES}",
        "Сумма КОплате Оплачивается КОтгрузке Отгружается",
    ),
    register(
        TERMS,
        f"АналитикаУчетаПоПартнерам>{KEYS} ОбъектРасчетов>{SETTLED} Валюта>{CURRENCIES} РасчетныйДокумент* "
        "ДатаПлановогоПогашения:d ДатаВозникновения:d",
        "Долг ДолгРегл ДолгУпр Предоплата ПредоплатаРегл ПредоплатаУпр",
    ),
)

DOCUMENTS = (SALE, BANK, CASH, ORDER)
