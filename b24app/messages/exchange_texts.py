"""Texts of the exchange with accounting: runs of jobs, what was wrong in them, answers to pushes.

Records keep issues in English, as the log does; here they are said to people.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from typing import Final

from b24app.messages.bilingual import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXTS: Final[Mapping[str, Bilingual]] = {
    "push.not_json": Bilingual(
        "Тело запроса должно быть объектом JSON в кодировке UTF-8, каждый ключ один раз.",
        "The body must be a JSON object in UTF-8, every key once.",
    ),
    "push.unknown": Bilingual(
        "Лишнее в теле запроса: {named}. Допустимы только id, event, type, ref, inn: суммы читаются из 1С.",
        "Not expected in the body: {named}. Only id, event, type, ref, inn are: sums are read from 1C.",
    ),
    "push.missing": Bilingual("В теле запроса не хватает: {named}.", "Missing from the body: {named}."),
    "push.wrong": Bilingual(
        "Неверное значение в теле запроса: {named}. event — одно из posted, unposted, written, deleted; "
        "inn — цифры; остальное — строки до 200 знаков.",
        "A wrong value in the body: {named}. event is one of posted, unposted, written, deleted; inn is "
        "digits; the rest are strings of up to 200 characters.",
    ),
    "push.untrusted": Bilingual(
        "Неверный адрес или ключ. Адрес покажет команда b24app hook, ключ стоит в [onec] webhook_token и "
        "передаётся в заголовке X-B24App-Token.",
        "A wrong address or token. `b24app hook` tells the address; the token is [onec] webhook_token, sent "
        "in the header X-B24App-Token.",
    ),
    "job.snapshot": Bilingual("лимиты, условия и балансы", "limits, terms and balances"),
    "job.payments": Bilingual("оплаты", "payments"),
    "job.rates": Bilingual("курсы валют", "exchange rates"),
    "outcome.running": Bilingual("идёт", "under way"),
    "outcome.done": Bilingual("готово", "done"),
    "outcome.failed": Bilingual("не получилось", "failed"),
    "outcome.interrupted": Bilingual("прервано", "interrupted"),
    "run.line": Bilingual(
        "{when}  {job}: {outcome}, прочитано {rows}, изменилось {changed}, замечаний {issues}, {seconds} с",
        "{when}  {job}: {outcome}, {rows} read, {changed} changed, {issues} issues, {seconds} s",
    ),
}

_ISSUES: Final[tuple[tuple[re.Pattern[str], Bilingual], ...]] = tuple(
    (re.compile(pattern), Bilingual(ru, en))
    for pattern, ru, en in (
        (
            r"company (\d+): has several ИНН: (.+)",
            "Компания {0}: несколько разных ИНН ({1}). Оставьте в реквизитах один или разделите карточку.",
            "Company {0} has several ИНН ({1}). Leave one in its requisites or split the card.",
        ),
        (
            r"(.+?): companies (.+) share one ИНН and one credit account",
            "ИНН {0} стоит в нескольких компаниях ({1}): кредитный счёт у них общий. Объедините дубли.",
            "ИНН {0} stands in several companies ({1}): they share one credit account. Merge the duplicates.",
        ),
        (
            r"(.+?): several currencies: .*",
            "ИНН {0}: деньги или лимиты в разных валютах, без курса их не сложить. Карточка не обновлена.",
            "ИНН {0}: sums in several currencies cannot be added without a rate. The card stays as it was.",
        ),
        (
            r"(.+?): the list of clients changed while it was read",
            "ИНН {0}: список контрагентов изменился во время чтения. Следующий обмен прочитает его заново.",
            "ИНН {0}: the list of clients changed while it was read. The next run reads it again.",
        ),
        (
            r"(.+?): a settlement row has an analytics key that 1C does not list",
            "Строка расчётов ссылается на ключ аналитики {0}, которого 1С не показывает. Проверьте права.",
            "A settlement row refers to the analytics key {0}, which 1C does not list. Check the rights.",
        ),
        (
            r"(.+?): a client cannot be read: (.+)",
            "Контрагент {0} не читается ({1}). Исправьте его карточку в 1С.",
            "Counterparty {0} cannot be read ({1}). Put its card in 1C right.",
        ),
        (
            r"(.+?): a contract cannot be read: (.+)",
            "Контрагент {0}: договор не читается ({1}), клиент пропущен. Исправьте договор в 1С.",
            "Counterparty {0}: a contract cannot be read ({1}), the client is left out. Put it right in 1C.",
        ),
        (
            r"(.+?): a settlement row cannot be read: (.+)",
            "Контрагент {0}: строка расчётов не читается ({1}), клиент пропущен.",
            "Counterparty {0}: a settlement row cannot be read ({1}), the client is left out.",
        ),
        (
            r"(.+?): a payment cannot be read: (.+)",
            "{0}: платёж не читается ({1}), в истории оплат его не будет.",
            "{0}: a payment cannot be read ({1}) and is left out of the payments.",
        ),
        (
            r"(.+?): a settlement object: (.+)",
            "{0}: объект расчётов не читается ({1}), его дата неизвестна.",
            "{0}: a settlement object cannot be read ({1}), its day is unknown.",
        ),
        (
            r"(.+?): 1C's registers differ: (.+) is owed, (.+) by due dates; .*",
            "ИНН {0}: регистры 1С расходятся: долг {1}, по срокам {2}. Разница считается долгом без срока.",
            "ИНН {0}: 1C's registers differ: {1} is owed, {2} by due dates. The difference counts as owed.",
        ),
        (
            r"(.+?): debts without a document that has a day: (.+); never counted as overdue",
            "ИНН {0}: долг без документа с датой ({1}). Он считается долгом и никогда не просрочкой.",
            "ИНН {0}: debt without a document that has a day ({1}). It counts as owed, never as overdue.",
        ),
        (
            r"(.+?): written-off debt cannot be read: (.+)",
            "ИНН {0}: списанный долг не читается ({1}) и не показан.",
            "ИНН {0}: written-off debt cannot be read ({1}) and is not shown.",
        ),
        (
            r"(.+?): no exchange rates: (.+)",
            "{0}: курсы валют не читаются ({1}). Суммы в другой валюте пересчитать не с чем.",
            "{0}: exchange rates cannot be read ({1}). Sums in other currencies cannot be converted.",
        ),
        (
            r"(.+?): a shipment cannot be read: (.+)",
            "{0}: отгрузка не читается ({1}), она не проверена.",
            "{0}: a shipment cannot be read ({1}) and is not looked at.",
        ),
        (
            r"(.+?): a row cannot be read: (.+)",
            "{0}: строка не читается ({1}) и пропущена.",
            "{0}: a row cannot be read ({1}) and is left out.",
        ),
        (r"and (\d+) more", "и ещё {0}", "and {0} more"),
    )
)

_DETAILS: Final[tuple[tuple[str, str], ...]] = (
    (r"currency \(empty\) is unknown", "валюта не указана"),
    (r"currency (\S+) is unknown", r"неизвестная валюта \1"),
    (r"not in the answer", "нет в ответе 1С"),
    (r"a date with a zone", "дата с часовым поясом"),
    (r"not a whole number", "не целое число"),
    (r"not a finite number", "не число"),
    (r"not a number", "не число"),
    (r"not a string", "не строка"),
    (r"not a boolean", "не да и не нет"),
    (r"not a guid", "не ссылка"),
    (r"not a date", "не дата"),
    (r": empty", ": пусто"),
)


def exchange_text(key: str, language: str, **figures: str) -> str:
    """Return a text in a language, figures filled in. Raises `KeyError` for an unknown key."""
    return _TEXTS[key].read(language).format(**figures)


def issue_text(issue: str, language: str) -> str:
    """Say a recorded issue; one that is not known here is said as it was recorded."""
    for pattern, text in _ISSUES:
        if found := pattern.fullmatch(issue):
            parts = [_detail(part) if language != "en" else part for part in found.groups()]
            return text.read(language).format(*parts)
    return issue


def _detail(text: str) -> str:
    for pattern, ru in _DETAILS:
        text = re.sub(pattern, ru, text)
    return text
