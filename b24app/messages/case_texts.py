"""What a case file is told of where a policy file would be told otherwise: JSON is no TOML."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Final

from b24app.messages.bilingual import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

_JSON: Final[Mapping[str, Bilingual]] = {
    "json": Bilingual("столбец {column}: файл не читается как JSON", "column {column}: this is no JSON"),
    "json_key": Bilingual(
        "столбец {column}: нужен ключ в двойных кавычках; может быть, лишняя запятая перед скобкой",
        "column {column}: a key in double quotes is wanted; maybe a comma too many before the bracket",
    ),
    "json_colon": Bilingual(
        "столбец {column}: после ключа нужно двоеточие", "column {column}: a colon is wanted after the key"
    ),
    "json_comma": Bilingual(
        "столбец {column}: нужна запятая или закрывающая скобка",
        "column {column}: a comma or a closing bracket is wanted",
    ),
    "json_value": Bilingual(
        "столбец {column}: нужно значение; текст пишите в двойных кавычках",
        "column {column}: a value is wanted; put texts in double quotes",
    ),
    "json_extra": Bilingual(
        "столбец {column}: после конца документа стоит лишнее",
        "column {column}: something follows the end of the document",
    ),
    "json_string": Bilingual(
        "столбец {column}: строка не закрыта кавычкой", "column {column}: the string is not closed"
    ),
    "json_control": Bilingual(
        "столбец {column}: в строке служебный знак или перенос; может быть, не закрыта кавычка",
        "column {column}: a control character or a line break in a string; maybe a missing quote",
    ),
    "json_escape": Bilingual(
        "столбец {column}: обратную косую черту в строке удваивайте: \\\\",
        "column {column}: double a backslash inside a string: \\\\",
    ),
    "json_constant": Bilingual(
        "NaN и Infinity числами не считаются", "NaN and Infinity are not taken for numbers"
    ),
    "json_deep": Bilingual("вложенность больше {deepest} уровней", "nested more than {deepest} levels deep"),
    "json_half": Bilingual(
        "половина знака: после \\ud83d нужна вторая половина",
        "half a character: \\ud83d wants its other half",
    ),
    "json_empty": Bilingual("файл пуст", "the file is empty"),
    "json_twice": Bilingual("этот ключ уже есть в строке {line}", "this key stands in line {line} already"),
    "json_object": Bilingual(
        "весь файл должен быть одним объектом: {{ … }}", "the file must be one object: {{ … }}"
    ),
    "file": Bilingual("Файл не открывается: {file}", "The file cannot be opened: {file}"),
    "too_big": Bilingual("файл больше {most} МБ", "the file is larger than {most} MB"),
    "encoding": Bilingual(
        "файл не в кодировке UTF-8: сохраните его в UTF-8", "the file is not UTF-8: save it as UTF-8"
    ),
    "more": Bilingual("… и ещё замечаний: {number}", "… and {number} more"),
}

_FORM: Final[Mapping[str, Bilingual]] = {
    "section": Bilingual("в политике нет такого раздела", "the policy has no such section"),
    "section_near": Bilingual(
        "в политике нет такого раздела; ближайший: {near}",
        "no such section of a policy; the nearest is {near}",
    ),
    "rows": Bilingual("нужен список объектов: [ {{ … }} ]", "a list of objects is wanted: [ {{ … }} ]"),
    "table": Bilingual("нужен объект: {{ … }}", "an object is wanted: {{ … }}"),
    "list": Bilingual("нужен список: [ … ]", "a list is wanted: [ … ]"),
    "few": Bilingual(
        "список пуст, а нужна хотя бы одна запись", "the list is empty, one item at least is wanted"
    ),
    "integer": Bilingual("нужно целое число", "a whole number is wanted"),
    "number": Bilingual("нужно число", "a number is wanted"),
    "exact": Bilingual("нужно число, например 12.5", "a number is wanted, such as 12.5"),
    "date": Bilingual('нужна дата: "2026-12-31"', 'a date is wanted: "2026-12-31"'),
    "moment": Bilingual(
        'нужны дата и время: "2026-11-24T10:15:00+03:00"',
        'a date with a time is wanted: "2026-11-24T10:15:00+03:00"',
    ),
    "zone": Bilingual(
        'такого часового пояса нет; пример: "Europe/Moscow"', 'no such time zone; example: "Europe/Moscow"'
    ),
    "currency": Bilingual('нужен код валюты: "RUB"', 'a currency code is wanted: "RUB"'),
    "money": Bilingual(
        'нужна сумма: "5 000 000.00 RUB", "5000000.00" или число 5000000.00',
        'a sum is wanted: "5 000 000.00 RUB", "5000000.00" or the number 5000000.00',
    ),
    "money_places": Bilingual(
        "доли копейки: оставьте два знака после точки", "a part of a cent: leave two decimal places"
    ),
    "policy_kind": Bilingual(
        "нужен объект с разделами политики или путь к файлу TOML",
        "an object with the sections of a policy or the path of a TOML file is wanted",
    ),
    "policy_file": Bilingual(
        "файл политики не открывается: {file}", "the policy file cannot be opened: {file}"
    ),
}

_SENSE: Final[Mapping[str, Bilingual]] = {
    "unknown": Bilingual(
        "«{code}» нет в политике ({section})", "there is no “{code}” in the policy ({section})"
    ),
    "unknown_near": Bilingual(
        "«{code}» нет в политике ({section}); ближайший: {near}",
        "there is no “{code}” in the policy ({section}); the nearest is {near}",
    ),
    "client_unknown": Bilingual("клиента с ИНН {inn} в clients нет", "there is no client {inn} in clients"),
    "client_near": Bilingual(
        "клиента с ИНН {inn} в clients нет; ближайший: {near}",
        "there is no client {inn} in clients; the nearest is {near}",
    ),
    "contract_unknown": Bilingual(
        "договора «{contract}» у клиента нет", "the client has no contract “{contract}”"
    ),
    "contract_near": Bilingual(
        "договора «{contract}» у клиента нет; ближайший: {near}",
        "the client has no contract “{contract}”; the nearest is {near}",
    ),
    "contract_unclear": Bilingual(
        "договоров с таким названием у клиента несколько: укажите ref",
        "the client has several contracts called so: give the ref",
    ),
    "repeated_inn": Bilingual(
        "клиент с этим ИНН уже есть в строке {line}", "a client with this ИНН stands in line {line} already"
    ),
    "other_client": Bilingual(
        "сделка {id} в строке {line} другого клиента", "deal {id} in line {line} is of another client"
    ),
    "two_limits": Bilingual(
        "лимит задан и у клиента, и в его договорах: оставьте что-то одно",
        "the limit is given for the client and in his contracts as well: leave one of them",
    ),
    "no_rate": Bilingual(
        "нет курса {currency} к {base}: добавьте его в rates",
        "no rate of {currency} to {base}: add it to rates",
    ),
    "rate_of_base": Bilingual(
        "курс задан к этой же валюте: base_currency", "the rate is to this very currency: base_currency"
    ),
    "before_figures": Bilingual(
        "проверка раньше данных: as_of позже", "checked before the figures: as_of is later"
    ),
    "member_missing": Bilingual(
        "участника общего лимита «{group}» с ИНН {inn} в clients нет: решить будет нельзя",
        "member {inn} of the shared limit “{group}” is not in clients: nothing can be decided",
    ),
}

CASE: Final[Mapping[str, Bilingual]] = {
    f"case.{key}": text for part in (_JSON, _FORM, _SENSE) for key, text in part.items()
}
"""The sentences by their keys in the catalogue."""
