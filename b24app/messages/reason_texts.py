"""The words of every reason, warning and skip: one function a reason code, its sentences beside it (D4, K11).

A new rule type's words go here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.decision import SkipKind
from b24app.domain.rules import ReasonCode
from b24app.messages.bilingual import Bilingual
from b24app.messages.format import day
from b24app.messages.format import days
from b24app.messages.format import escape_bb
from b24app.messages.format import money
from b24app.messages.format import percent
from b24app.messages.technical_texts import TECHNICAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24app.domain.decision import Skip
    from b24app.domain.rules import Reason

_NAME_LIMIT: Final = 80

REASONS: Final[Mapping[str, Bilingual]] = {
    "limit": Bilingual(
        "Превышен кредитный лимит на {excess}: с этой отгрузкой долг составит {value} при лимите {threshold}",
        "Over the credit limit by {excess}: with this shipment the debt is {value}, the limit {threshold}",
    ),
    "limit.tolerance": Bilingual(
        "Превышен кредитный лимит с допуском {allowed} на {excess}: с этой отгрузкой долг составит {value}, "
        "допустимо {threshold}",
        "Over the credit limit with its tolerance of {allowed} by {excess}: with this shipment the debt is "
        "{value}, {threshold} allowed",
    ),
    "limit.reached": Bilingual(
        "Кредитный лимит {threshold} будет исчерпан полностью",
        "The credit limit of {threshold} would be used up completely",
    ),
    "limit.prepaid": Bilingual(
        "Клиент работает только по предоплате: не хватает {excess}",
        "The client ships against prepayment only: {excess} is missing",
    ),
    "group": Bilingual(
        "Превышен общий лимит группы «{name}» на {excess}: с этой отгрузкой вся группа будет должна {value} "
        "при лимите {threshold}",
        "Over the shared limit of the group “{name}” by {excess}: with this shipment the whole group owes "
        "{value}, the limit {threshold}",
    ),
    "group.reached": Bilingual(
        "Общий лимит группы «{name}» {threshold} будет исчерпан полностью",
        "The shared limit of the group “{name}”, {threshold}, would be used up completely",
    ),
    "used": Bilingual(
        "Лимит использован на {percent}, допустимо {allowed}: с этой отгрузкой долг {value} при лимите "
        "{threshold}",
        "{percent} of the limit is used, {allowed} allowed: with this shipment the debt is {value}, "
        "the limit {threshold}",
    ),
    "used.warning": Bilingual(
        "Использовано {percent} лимита, предупреждаем с {allowed}: с этой отгрузкой долг {value} при лимите "
        "{threshold}",
        "{percent} of the limit is used, a warning from {allowed}: with this shipment the debt is {value}, "
        "the limit {threshold}",
    ),
    "used.zero": Bilingual(
        "Лимит нулевой, а с этой отгрузкой долг составит {value}",
        "The limit is zero, and with this shipment the debt is {value}",
    ),
    "expired": Bilingual("Срок лимита истёк {days} назад", "The limit expired {days} ago"),
    "expired.grace": Bilingual(
        "Срок лимита истёк {days} назад (допустимо {allowed})",
        "The limit expired {days} ago ({allowed} allowed)",
    ),
    "expired.blank": Bilingual("У лимита не указан срок действия", "The limit has no last day"),
    "overdue": Bilingual(
        "Просрочена оплата {excess}, самая давняя на {days}",
        "Payment of {excess} is overdue, the oldest by {days}",
    ),
    "overdue.grace": Bilingual(
        "Просрочена оплата {excess}, самая давняя на {days} (допустимо {allowed})",
        "Payment of {excess} is overdue, the oldest by {days} ({allowed} tolerated)",
    ),
    "owing": Bilingual(
        "Просрочено {value}, допустимо {threshold}", "{value} is overdue, {threshold} tolerated"
    ),
    "owing.used": Bilingual(
        "Просрочено {value} (допустимо {threshold}), и лимит использован на {percent} (допустимо {allowed})",
        "{value} is overdue ({threshold} tolerated), and {percent} of the limit is used ({allowed} allowed)",
    ),
    "order": Bilingual(
        "Сумма сделки {value} больше допустимой за одну отгрузку {threshold}",
        "The deal's amount of {value} is more than the {threshold} allowed for one shipment",
    ),
    "status": Bilingual(
        "Кредитный статус клиента «{name}»: отгрузка запрещена",
        "The client's credit standing is “{name}”: no shipment",
    ),
    "status.debt": Bilingual(
        "Категория клиента «{name}»: отгрузка только после погашения всего долга, осталось {value}",
        "The client's category is “{name}”: nothing ships before the whole debt is paid, {value} is left",
    ),
    "terms": Bilingual(
        "Отсрочка по сделке {days}, а клиенту можно не больше {allowed}",
        "The deal's deferral is {days}, the client may have {allowed} at most",
    ),
    "terms.forbidden": Bilingual(
        "Условие оплаты «{name}» запрещено", "The payment term “{name}” is forbidden"
    ),
    "terms.rank": Bilingual(
        "Условие оплаты «{name}» рискованнее обычного для клиента «{expected}» (ранг {rank}, обычный "
        "{usual})",
        "The payment term “{name}” is riskier than the client's usual “{expected}” (rank {rank}, usual "
        "{usual})",
    ),
    "terms.unranked": Bilingual(
        "У условия оплаты «{name}» нет ранга: неизвестно, насколько оно рискованно",
        "The payment term “{name}” has no rank: how risky it is is not known",
    ),
    "discount.rank": Bilingual(
        "Скидка «{name}» больше обычной «{expected}» (ранг {rank}, обычный {usual})",
        "The discount “{name}” is larger than the usual “{expected}” (rank {rank}, usual {usual})",
    ),
    "discount.unranked": Bilingual("У скидки «{name}» нет ранга", "The discount “{name}” has no rank"),
    "forced": Bilingual("Отгрузка остановлена вручную: {name}", "Stopped by a person: {name}"),
    "by_rule": Bilingual("{line} (правило «{rule}»)", "{line} (rule “{rule}”)"),
}

SKIPS: Final[Mapping[SkipKind, Bilingual]] = {
    SkipKind.CLIENT_EXCLUDED: Bilingual(
        "Клиент выведен из-под кредитного контроля, правила не проверялись",
        "The client is outside credit control, no rule was asked",
    ),
    SkipKind.DEAL_EXCLUDED: Bilingual(
        "Сделка выведена из-под кредитного контроля, правила не проверялись",
        "The deal is outside credit control, no rule was asked",
    ),
    SkipKind.IGNORED_UNTIL: Bilingual(
        "Клиент вне кредитного контроля до {until} включительно",
        "The client is outside credit control up to and including {until}",
    ),
    SkipKind.GRACE_UNTIL: Bilingual(
        "Проверка пропущена: после разрешения повторной проверки не будет до {until} включительно",
        "The check was skipped: after a permission there is no other up to and including {until}",
    ),
    SkipKind.RELEASED_BY_RULE: Bilingual(
        "Отгрузку пропустило правило-исключение «{rule}», остальные не проверялись",
        "The exclusion rule “{rule}” let the shipment pass, no other was asked",
    ),
}

NAMES: Final[Mapping[ReasonCode, Bilingual]] = {
    ReasonCode.LIMIT: Bilingual("превышен лимит", "over the limit"),
    ReasonCode.GROUP_LIMIT: Bilingual("превышен лимит группы", "over the group's limit"),
    ReasonCode.LIMIT_USED_PCT: Bilingual("использование лимита", "use of the limit"),
    ReasonCode.LIMIT_EXPIRED: Bilingual("истёк срок лимита", "the limit has expired"),
    ReasonCode.OVERDUE_DAYS: Bilingual("просрочка, дни", "overdue, days"),
    ReasonCode.OVERDUE_AMOUNT: Bilingual("просрочка, сумма", "overdue, amount"),
    ReasonCode.ORDER_AMOUNT: Bilingual("сумма сделки", "the deal's amount"),
    ReasonCode.ACCOUNT_STATUS: Bilingual("статус или категория клиента", "the client's standing"),
    ReasonCode.TERMS: Bilingual("условие оплаты", "payment term"),
    ReasonCode.TERMS_RANK: Bilingual("условие оплаты рискованнее обычного", "riskier payment term"),
    ReasonCode.TERMS_UNRANKED: Bilingual("условие оплаты без ранга", "payment term without a rank"),
    ReasonCode.DISCOUNT_RANK: Bilingual("скидка больше обычной", "larger discount"),
    ReasonCode.FORCED: Bilingual("остановлена вручную", "stopped by a person"),
    ReasonCode.TECHNICAL: Bilingual("нет данных для решения", "no data to decide by"),
}
"""What a reason is called in a list of them."""


def reason_name(code: ReasonCode, language: str = "ru") -> str:
    """Name a reason without its numbers."""
    return NAMES[code].read(language)


def reason_line(reason: Reason, language: str = "ru") -> str:
    """Put one reason with its numbers into one line of plain text."""
    if reason.code is ReasonCode.TECHNICAL:
        return _technical(reason, language)
    line = REASONS[_KEYS[reason.code](reason)].read(language).format(**_pieces(reason, language))
    if reason.rule is None:
        return line
    return REASONS["by_rule"].read(language).format(line=line, rule=escape_bb(reason.rule, _NAME_LIMIT))


def skip_line(skip: Skip, language: str = "ru") -> str:
    """Say why the rules were not asked, and to what day (N24)."""
    until = day(skip.until) if skip.until is not None else ""
    rule = escape_bb(skip.rule or "", _NAME_LIMIT)
    return SKIPS[skip.kind].read(language).format(until=until, rule=rule)


def _technical(reason: Reason, language: str) -> str:
    cause = reason.cause.value if reason.cause else "failed"
    line = TECHNICAL[f"technical.line.{cause}"].read(language)
    return f"{line} ({escape_bb(reason.detail, _NAME_LIMIT)})" if reason.detail else line


def _pieces(reason: Reason, language: str) -> dict[str, str]:
    """Write out every number a sentence may ask for."""
    name = reason.name or reason.detail or ""
    expected = reason.expected_name or reason.expected or "—"
    late = "—" if reason.percent is None else percent(reason.percent, language)
    allowed = days(reason.days_allowed or 0, language)
    if reason.percent_allowed is not None:
        allowed = percent(reason.percent_allowed, language)
    return {
        "value": "" if reason.value is None else money(reason.value, language),
        "threshold": "" if reason.threshold is None else money(reason.threshold, language),
        "excess": "" if reason.excess is None else money(reason.excess, language),
        "days": days(reason.days or 0, language),
        "allowed": allowed,
        "percent": late,
        "name": escape_bb(name, _NAME_LIMIT),
        "expected": escape_bb(expected, _NAME_LIMIT),
        "rank": str(reason.rank),
        "usual": "—" if reason.rank_allowed is None else str(reason.rank_allowed),
    }


def _limit_key(reason: Reason) -> str:
    if not reason.excess:
        return "limit.reached"
    if not reason.threshold:
        return "limit.prepaid"
    return "limit" if reason.percent_allowed is None else "limit.tolerance"


def _used_key(reason: Reason) -> str:
    """Only rules hold for the use of the limit; without one it is the early warning (A8)."""
    if reason.percent is None:
        return "used.zero"
    return "used.warning" if reason.rule is None else "used"


def _expired_key(reason: Reason) -> str:
    if reason.days is None:
        return "expired.blank"
    return "expired.grace" if reason.days_allowed else "expired"


_KEYS: Final[Mapping[ReasonCode, Callable[[Reason], str]]] = {
    ReasonCode.LIMIT: _limit_key,
    ReasonCode.GROUP_LIMIT: lambda reason: "group" if reason.excess else "group.reached",
    ReasonCode.LIMIT_USED_PCT: _used_key,
    ReasonCode.LIMIT_EXPIRED: _expired_key,
    ReasonCode.OVERDUE_DAYS: lambda reason: "overdue.grace" if reason.days_allowed else "overdue",
    ReasonCode.OVERDUE_AMOUNT: lambda reason: "owing" if reason.percent_allowed is None else "owing.used",
    ReasonCode.ORDER_AMOUNT: lambda _: "order",
    ReasonCode.ACCOUNT_STATUS: lambda reason: "status" if reason.value is None else "status.debt",
    ReasonCode.TERMS: lambda reason: "terms.forbidden" if reason.days is None else "terms",
    ReasonCode.TERMS_RANK: lambda _: "terms.rank",
    ReasonCode.TERMS_UNRANKED: lambda _: "terms.unranked",
    ReasonCode.DISCOUNT_RANK: lambda reason: "discount.unranked" if reason.rank is None else "discount.rank",
    ReasonCode.FORCED: lambda _: "forced",
}
