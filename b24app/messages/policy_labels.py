"""What sections, parameters and choices of the policy file are called, and what is said over each section."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Final

from b24app.messages.bilingual import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECTIONS: Final[Mapping[str, Bilingual]] = {
    "limits": Bilingual("Лимит и нагрузка", "Limit and exposure"),
    "overdue": Bilingual("Просрочка", "Overdue"),
    "checks": Bilingual("Проверки", "Checks"),
    "terms": Bilingual("Обычные условия", "Usual terms"),
    "strategic": Bilingual("Стратегические партнёры", "Strategic partners"),
    "payment_terms": Bilingual("Условие оплаты", "Payment term"),
    "discounts": Bilingual("Скидка за оплату", "Settlement discount"),
    "categories": Bilingual("Категория", "Category"),
    "statuses": Bilingual("Статус", "Status"),
    "reasons": Bilingual("Причина", "Reason"),
    "groups": Bilingual("Группа управления кредитом", "Credit management group"),
    "risks": Bilingual("Группа риска", "Risk group"),
    "guarantee_types": Bilingual("Вид гарантии или страховки", "Type of guarantee or insurance"),
    "coverage_types": Bilingual("Вид покрытия", "Type of cover"),
    "credit_groups": Bilingual("Общий лимит", "Shared limit"),
    "clients": Bilingual("Клиент", "Client"),
    "deals": Bilingual("Сделка", "Deal"),
    "rules": Bilingual("Правило", "Rule"),
}

_LISTS: Final[Mapping[str, Bilingual]] = {
    "payment_terms": Bilingual("Условия оплаты", "Payment terms"),
    "discounts": Bilingual("Скидки за оплату", "Settlement discounts"),
    "categories": Bilingual("Категории клиентов", "Categories"),
    "statuses": Bilingual("Статусы клиентов", "Account statuses"),
    "reasons": Bilingual("Причины", "Reasons"),
    "groups": Bilingual("Группы управления кредитом", "Credit management groups"),
    "risks": Bilingual("Группы риска", "Risk groups"),
    "guarantee_types": Bilingual("Виды гарантий и страховок", "Types of guarantee and insurance"),
    "coverage_types": Bilingual("Виды покрытия", "Types of cover"),
    "credit_groups": Bilingual("Общие лимиты", "Shared limits"),
    "clients": Bilingual("Отдельные клиенты", "Single clients"),
    "deals": Bilingual("Отдельные сделки", "Single deals"),
    "rules": Bilingual("Правила", "Rules"),
}

_COMMENTS: Final[Mapping[str, Bilingual]] = {
    "head": Bilingual(
        'Кредитная политика. Суммы: "5 000 000.00 RUB"; даты: 2026-12-31, без кавычек; "off" — выключено.\n'
        "Проверить и ввести: b24app policy import policy.toml (сначала можно с --dry-run).",
        'The credit policy. Sums: "5 000 000.00 RUB"; dates: 2026-12-31, no quotes; "off" switches off.\n'
        "To check and put into force: b24app policy import policy.toml (try --dry-run first).",
    ),
    "limits": Bilingual(
        "Лимит: сколько клиент может быть должен с новой отгрузкой, и что считается долгом.",
        "The limit: how much a client may owe with the new shipment, and what counts.",
    ),
    "overdue": Bilingual(
        "Просрочка: после скольких дней и от какой суммы останавливать. 0 — без послаблений.",
        "Overdue: after how many days and from what sum to hold. 0 means no tolerance.",
    ),
    "checks": Bilingual("Какие сравнения делать и когда.", "Which comparisons are made, and when."),
    "terms": Bilingual(
        "Условие оплаты, скидка и риск клиента, о котором ничего другого не сказано.",
        "The payment term, discount and risk of a client nothing else is said of.",
    ),
    "strategic": Bilingual(
        "Стратегический партнёр: небольшая просрочка не останавливает отгрузку, финдиректор о ней узнаёт.",
        "A strategic partner: a small overdue does not hold, the CFO is told.",
    ),
    "payment_terms": Bilingual(
        "Условия оплаты. Чем выше ранг, тем больше риск: сделка с рангом выше обычного для клиента стоит.",
        "Payment terms. The higher the rank, the riskier: a deal ranked above the client's usual is held.",
    ),
    "discounts": Bilingual(
        "Скидки за оплату, сравниваются по рангу так же.", "Settlement discounts, compared by rank likewise."
    ),
    "categories": Bilingual(
        'Категории клиентов: их лимит и отсрочка, если у клиента нет своих. "0.00 RUB" — предоплата,\n'
        '"unlimited" — без лимита; full_block — не отгружать, пока есть любой долг.',
        'Categories of clients: limit and deferral of those without their own. "0.00 RUB" is prepayment,\n'
        '"unlimited" no limit; full_block: nothing ships while any debt is left.',
    ),
    "statuses": Bilingual(
        "Статусы клиента. effect: none — решают правила, ship — нет отгрузок, all — нет и новых сделок.",
        "Account statuses. effect: none, the rules decide; ship, no new shipment; all, no new deal either.",
    ),
    "reasons": Bilingual(
        "Причины, из них выбирает человек. kind: hold — остановить, release — снять, status — дать статус.",
        "Reasons a person chooses from. kind: hold, release, status.",
    ),
    "groups": Bilingual(
        "Группы управления кредитом: метки, к которым привязывают правила. Код до 10 знаков.",
        "Credit management groups: labels that rules are tied to. A code of up to 10 characters.",
    ),
    "risks": Bilingual(
        "Группы риска и их баллы, оба края включены; без баллов группу назначает только человек.",
        "Risk groups and their scores, both ends included; without scores only a person gives the group.",
    ),
    "guarantee_types": Bilingual("Кто поручается или страхует.", "Who guarantees or insures."),
    "coverage_types": Bilingual("Виды страхового покрытия.", "Types of insurance cover."),
    "credit_groups": Bilingual(
        "Группы клиентов с одним общим лимитом на всех. members — ИНН; срок until обязателен.",
        "Clients who share one limit. members are tax numbers; until is required.",
    ),
    "clients": Bilingual(
        "Отдельные клиенты по ИНН: что сказано здесь, важнее карточки и категории.",
        "Single clients by tax number: what is said here beats card and category.",
    ),
    "deals": Bilingual(
        "Отдельные сделки по номеру в портале.", "Single deals by their number on the portal."
    ),
    "rules": Bilingual(
        "Правила. act: block — останавливает, exclude — отменяет блокировки своего типа уровнем ниже,\n"
        "а с release = true пропускает сделку целиком. level: client (key — ИНН), group (key — код), all.\n"
        "Пороги: overdue_days — days; overdue_amount — amount и percent лимита; order_amount — amount;\n"
        "limit_used — percent; limit_expired — days; account_status и terms_of_payment — value.",
        "Rules. act: block holds; exclude cancels blocks of its own type on a less specific level,\n"
        "and with release = true lets the whole deal pass. level: client (key: tax number), group, all.\n"
        "Thresholds: overdue_days: days; overdue_amount: amount, percent of limit; order_amount: amount;\n"
        "limit_used: percent; limit_expired: days; account_status and terms_of_payment: value.",
    ),
}

_KEYS: Final[Mapping[str, Bilingual]] = {
    "limits.default_limit": Bilingual(
        "Лимит клиента, у которого нет своего", "Limit of a client without one of his own"
    ),
    "limits.boundary": Bilingual(
        "Ровно на лимите: strict — отгружать, inclusive — останавливать",
        "Exactly at the limit: strict ships, inclusive holds",
    ),
    "limits.net_scope": Bilingual(
        "Где аванс гасит долг: contract — в договоре, customer — у клиента, off — нигде",
        "Where an advance nets debt: contract, customer, off",
    ),
    "limits.account_scope": Bilingual(
        "Чей долг считать: group — перед всеми нашими организациями, organisation — перед продающей",
        "Whose debt counts: group, towards all our companies; organisation, towards the seller",
    ),
    "limits.components": Bilingual(
        "Что входит в нагрузку: receivables — долг, shipped — отгружено без счёта, reserved — обещано",
        "What counts: receivables, shipped, reserved",
    ),
    "limits.order_limit": Bilingual("Наибольшая сумма одной сделки", "The largest single deal"),
    "limits.order_tolerance_percent": Bilingual(
        "На сколько процентов лимита можно его превысить", "Percent of the limit it may be exceeded by"
    ),
    "limits.warn_percent": Bilingual(
        "С какого использования лимита предупреждать", "Use of the limit to warn at"
    ),
    "limits.horizon_days": Bilingual(
        "Заказы с отгрузкой позже стольких дней не считать",
        "Leave out orders to ship later than so many days",
    ),
    "limits.ignore_blank_expiry": Bilingual(
        "Лимит без срока действует всегда", "A limit without a last day never expires"
    ),
    "limits.max_rate_age_days": Bilingual(
        "Сколько дней годен курс валюты", "Days an exchange rate stays good"
    ),
    "overdue.grace_days": Bilingual("Сколько дней просрочки терпим", "Days late that are tolerated"),
    "overdue.tolerance": Bilingual("Какой остаток долга не замечаем", "Residual debt that is forgiven"),
    "checks.limit_used": Bilingual(
        "Применять правила использования лимита", "Test rules of the use of the limit"
    ),
    "checks.terms_rank": Bilingual("Сравнивать условия оплаты по рангу", "Compare payment terms by rank"),
    "checks.discount_rank": Bilingual("Сравнивать скидки по рангу", "Compare discounts by rank"),
    "checks.stage_grace_days": Bilingual(
        "Сколько дней после разрешения не проверять снова", "Days after a release without another check"
    ),
    "checks.max_data_age_minutes": Bilingual(
        "Данные 1С старше стольких минут не годятся", "Figures older than so many minutes are too old"
    ),
    "terms.default_term": Bilingual("Обычное условие оплаты", "The usual payment term"),
    "terms.default_risk": Bilingual(
        "Группа риска, если балл вне всех диапазонов", "The risk group of a score outside all ranges"
    ),
    "terms.default_discount": Bilingual("Обычная скидка за оплату", "The usual settlement discount"),
    "strategic.days": Bilingual("Просрочка не больше стольких дней", "Overdue by no more than so many days"),
    "strategic.amount": Bilingual("и не больше суммы", "and by no more than the sum"),
    "credit_groups.until": Bilingual("Лимит до", "Limit until"),
    "credit_groups.limit": Bilingual("Общий лимит", "Shared limit"),
}

_ANYWHERE: Final[Mapping[str, Bilingual]] = {
    "code": Bilingual("Код", "Code"),
    "inn": Bilingual("ИНН", "Tax number"),
    "deal_id": Bilingual("Сделка", "Deal"),
    "id": Bilingual("Код", "Code"),
    "name": Bilingual("Название", "Name"),
    "name_en": Bilingual("По-английски", "In English"),
    "description": Bilingual("Пояснение", "Description"),
    "days": Bilingual("Дней", "Days"),
    "rank": Bilingual("Ранг", "Rank"),
    "limit": Bilingual("Лимит", "Limit"),
    "terms": Bilingual("Условие оплаты", "Payment term"),
    "terms_days": Bilingual("Отсрочка, дней", "Deferral, days"),
    "overdue_grace_days": Bilingual("Терпим дней", "Tolerated days"),
    "overdue_tolerance": Bilingual("Не замечаем", "Forgiven"),
    "order_limit": Bilingual("Одна сделка до", "Single deal up to"),
    "score_from": Bilingual("Балл от", "Score from"),
    "score_to": Bilingual("Балл до", "Score to"),
    "full_block": Bilingual("Полный стоп", "Full block"),
    "effect": Bilingual("Действие", "Effect"),
    "kind": Bilingual("Вид", "Kind"),
    "members": Bilingual("Клиенты", "Members"),
    "until": Bilingual("До", "Until"),
    "category": Bilingual("Категория", "Category"),
    "status": Bilingual("Статус", "Status"),
    "status_reason": Bilingual("Причина статуса", "Reason of the status"),
    "group": Bilingual("Группа", "Group"),
    "risk": Bilingual("Группа риска", "Risk group"),
    "strategic": Bilingual("Стратегический", "Strategic"),
    "limit_until": Bilingual("Лимит до", "Limit until"),
    "excluded": Bilingual("Вне контроля", "Excluded"),
    "ignore_until": Bilingual("Вне контроля до", "Excluded until"),
    "forced_hold": Bilingual("Остановлен вручную", "Forced hold"),
    "temporary_limits": Bilingual("Временные лимиты", "Temporary limits"),
    "covers": Bilingual("Гарантии и страховки", "Guarantees and insurance"),
    "disputes": Bilingual("Спорные документы", "Disputes"),
    "amount": Bilingual("Сумма", "Amount"),
    "percent": Bilingual("Процент", "Percent"),
    "valid_from": Bilingual("С", "From"),
    "valid_to": Bilingual("По", "To"),
    "type": Bilingual("Тип", "Type"),
    "coverage": Bilingual("Покрытие", "Cover"),
    "number": Bilingual("Номер", "Number"),
    "in_exposure": Bilingual("Снижает нагрузку", "Lowers exposure"),
    "document": Bilingual("Документ", "Document"),
    "act": Bilingual("Действие", "Act"),
    "level": Bilingual("Уровень", "Level"),
    "key": Bilingual("Для кого", "Whom"),
    "value": Bilingual("Значение", "Value"),
    "release": Bilingual("Пропускает целиком", "Releases"),
    "note": Bilingual("Пояснение", "Note"),
}

_CHOICES: Final[Mapping[str, Bilingual]] = {
    "off": Bilingual("выключено", "off"),
    "unlimited": Bilingual("без лимита", "unlimited"),
    "order_limit.off": Bilingual("любая", "any"),
    "horizon_days.off": Bilingual("считаются все", "all count"),
    "grace_days.off": Bilingual("просрочку проверяют только правила", "only rules test it"),
    "boundary.strict": Bilingual("отгружать", "ship"),
    "boundary.inclusive": Bilingual("останавливать", "hold"),
    "net_scope.contract": Bilingual("в договоре", "within the contract"),
    "net_scope.customer": Bilingual("у клиента", "within the client"),
    "net_scope.off": Bilingual("нигде", "nowhere"),
    "account_scope.group": Bilingual("перед всеми организациями", "towards all companies"),
    "account_scope.organisation": Bilingual("перед продающей", "towards the seller"),
    "components.receivables": Bilingual("долг", "receivables"),
    "components.shipped": Bilingual("отгружено без счёта", "shipped, not invoiced"),
    "components.reserved": Bilingual("обещано", "reserved"),
    "effect.none": Bilingual("решают правила", "the rules decide"),
    "effect.ship": Bilingual("нет отгрузок", "no shipment"),
    "effect.all": Bilingual("нет отгрузок и сделок", "no shipment, no deal"),
    "kind.hold": Bilingual("остановить", "hold"),
    "kind.release": Bilingual("снять", "release"),
    "kind.status": Bilingual("статус", "status"),
    "kind.guarantee": Bilingual("гарантия", "guarantee"),
    "kind.insurance": Bilingual("страховка", "insurance"),
    "act.block": Bilingual("останавливает", "blocks"),
    "act.exclude": Bilingual("исключение", "excludes"),
    "level.client": Bilingual("клиент", "client"),
    "level.group": Bilingual("группа", "group"),
    "level.all": Bilingual("все", "all"),
    "type.overdue_days": Bilingual("дни просрочки", "days overdue"),
    "type.account_status": Bilingual("статус клиента", "account status"),
    "type.terms_of_payment": Bilingual("условие оплаты", "payment term"),
    "type.limit_expired": Bilingual("лимит просрочен", "limit expired"),
    "type.overdue_amount": Bilingual("сумма просрочки", "overdue amount"),
    "type.order_amount": Bilingual("сумма сделки", "order amount"),
    "type.limit_used": Bilingual("использование лимита", "use of the limit"),
}


def section_name(section: str, language: str) -> str:
    """Name a section, or one row of it."""
    return _SECTIONS[section].read(language)


def heading(section: str, language: str) -> str:
    """Name a section as the heading of all it holds."""
    return (_LISTS.get(section) or _SECTIONS[section]).read(language)


def comment(section: str, language: str) -> str:
    """Return what is said over a section of the file, in lines."""
    return _COMMENTS[section].read(language)


def label(section: str, key: str, language: str) -> str:
    """Name a parameter; one that nobody named yet goes by its key."""
    found = _KEYS.get(f"{section}.{key}") or _ANYWHERE.get(key)
    return found.read(language) if found is not None else key


def short_label(section: str, key: str, language: str) -> str:
    """Name a parameter without the choices it has."""
    return label(section, key, language).partition(":")[0]


def choice(key: str, value: str, language: str) -> str:
    """Say what a choice means; a code of the company's own is said as it is."""
    found = _CHOICES.get(f"{key}.{value}") or (_CHOICES.get(value) if value in {"off", "unlimited"} else None)
    return found.read(language) if found is not None else value
