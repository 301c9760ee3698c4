"""What a policy file is told of: everything that may be wrong in it, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Final

from b24app.messages.bilingual import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOML: Final[Mapping[str, Bilingual]] = {
    "toml": Bilingual("файл не читается как TOML", "the file cannot be read as TOML"),
    "toml_string": Bilingual(
        "строка не закрыта кавычкой до конца файла", "a string is not closed before the end of the file"
    ),
    "toml_character": Bilingual(
        "недопустимый знак; возможно, не закрыта кавычка", "a character not allowed; maybe a missing quote"
    ),
    "toml_escape": Bilingual(
        "обратную косую черту в строке удваивайте: \\\\", "double a backslash inside a string: \\\\"
    ),
    "toml_unclosed": Bilingual("скобка не закрыта", "a bracket is not closed"),
    "toml_header": Bilingual(
        "заголовок раздела пишется так: [limits] или [[rules]]", "a header is written [limits] or [[rules]]"
    ),
    "toml_twice": Bilingual("этот ключ или раздел уже есть выше", "this key or section stands above already"),
    "toml_equals": Bilingual("после ключа нужен знак =", "an = is wanted after the key"),
    "toml_value": Bilingual(
        "значение не читается; текст и суммы пишите в кавычках",
        "the value cannot be read; put texts and sums in quotes",
    ),
    "toml_date": Bilingual("такой даты нет; пример: 2026-12-31", "no such date; example: 2026-12-31"),
    "toml_after": Bilingual(
        "после значения стоит лишнее; текст и суммы пишите в кавычках",
        "something follows the value; put texts and sums in quotes",
    ),
    "toml_statement": Bilingual(
        "строка не читается; нужно «ключ = значение»", "the line cannot be read; “key = value” is wanted"
    ),
}

_FORM: Final[Mapping[str, Bilingual]] = {
    "section": Bilingual("неизвестный раздел", "unknown section"),
    "section_near": Bilingual(
        "неизвестный раздел; ближайший: {near}", "unknown section; the nearest is {near}"
    ),
    "rows": Bilingual("пишется строками: [[{section}]]", "is written in rows: [[{section}]]"),
    "table": Bilingual("здесь нужен раздел с ключами", "a table of keys is wanted here"),
    "key": Bilingual("неизвестный ключ", "unknown key"),
    "key_near": Bilingual("неизвестный ключ; ближайший: {near}", "unknown key; the nearest is {near}"),
    "missing": Bilingual("не задано, а нужно", "is missing"),
    "value": Bilingual("значение не подходит", "the value does not fit"),
    "choice": Bilingual("допустимо: {expected}", "allowed: {expected}"),
    "above": Bilingual("нужно больше {gt}", "must be more than {gt}"),
    "least": Bilingual("нужно не меньше {ge}", "must not be less than {ge}"),
    "most": Bilingual("нужно не больше {le}", "must not be more than {le}"),
    "integer": Bilingual("нужно целое число без кавычек", "a whole number without quotes is wanted"),
    "number": Bilingual("нужно число без кавычек", "a number without quotes is wanted"),
    "places": Bilingual(
        "не больше {decimal_places} знаков после точки", "no more than {decimal_places} decimal places"
    ),
    "boolean": Bilingual("нужно true или false", "true or false is wanted"),
    "string": Bilingual("нужен текст в кавычках", "a text in quotes is wanted"),
    "empty": Bilingual("пусто", "is empty"),
    "too_long": Bilingual("длиннее {max_length} знаков", "longer than {max_length} characters"),
    "date": Bilingual(
        "нужна дата без кавычек, например 2026-12-31", "a date without quotes is wanted, such as 2026-12-31"
    ),
    "list": Bilingual("нужен список в квадратных скобках", "a list in square brackets is wanted"),
    "money": Bilingual(
        'нужна сумма с валютой в кавычках: "5 000 000.00 RUB"',
        'a sum with its currency in quotes is wanted: "5 000 000.00 RUB"',
    ),
    "money_comma": Bilingual(
        'копейки отделяйте точкой, тысячи — пробелом: "1 500.50 RUB"',
        'set cents apart by a point and thousands by a space: "1 500.50 RUB"',
    ),
    "money_negative": Bilingual("сумма не может быть отрицательной", "a sum cannot be negative"),
    "money_large": Bilingual("слишком большая сумма", "the sum is too large"),
    "code": Bilingual(
        "код: без пробелов по краям и служебных знаков", "a code has no spaces at its ends, no control signs"
    ),
    "one_line": Bilingual(
        "нужна одна строка без служебных знаков", "one line without control signs is wanted"
    ),
    "inn": Bilingual("нужен ИНН: 10 или 12 цифр в кавычках", "an ИНН of 10 or 12 digits in quotes is wanted"),
}

_SENSE: Final[Mapping[str, Bilingual]] = {
    "repeated": Bilingual("«{code}» уже есть в строке {line}", "“{code}” stands in line {line} already"),
    "unknown": Bilingual("«{code}» нет в разделе {section}", "there is no “{code}” in section {section}"),
    "unknown_near": Bilingual(
        "«{code}» нет в разделе {section}; ближайший: {near}",
        "there is no “{code}” in section {section}; the nearest is {near}",
    ),
    "reason_kind": Bilingual(
        "причина «{code}» другого вида; нужна kind = {kind}", "reason “{code}” is not of kind = {kind}"
    ),
    "no_status_reason": Bilingual(
        "статус без причины: добавьте status_reason", "a status without a reason: add status_reason"
    ),
    "no_status": Bilingual("причина есть, а статуса нет", "a reason is given, but no status"),
    "no_release_reason": Bilingual(
        "нет ни одной причины с kind = release: снять блокировку будет нечем",
        "there is no reason of kind = release: nothing to release a hold with",
    ),
    "no_receivables": Bilingual(
        "без receivables долг по документам не считается", "without receivables posted debt does not count"
    ),
    "no_rank": Bilingual(
        "у «{code}» нет ранга: сделка с ним будет остановлена",
        "“{code}” has no rank: a deal with it will be held",
    ),
    "score_backwards": Bilingual("последний балл меньше первого", "the last score comes before the first"),
    "score_overlap": Bilingual(
        "диапазон баллов пересекается с «{code}», строка {line}",
        "the range overlaps with “{code}”, line {line}",
    ),
    "score_gap": Bilingual(
        "между этим диапазоном и «{code}», строка {line}, есть баллы ничьи",
        "scores between this range and “{code}”, line {line}, belong to nobody",
    ),
    "coverage_of_guarantee": Bilingual(
        "вид покрытия бывает только у страховки", "only an insurance has a type of cover"
    ),
    "overlap": Bilingual(
        "пересекается с лимитом в строке {line}; в общие дни действует этот",
        "overlaps with the limit in line {line}; on common days this one counts",
    ),
    "ends_early": Bilingual("конец раньше начала", "ends before it begins"),
    "two_groups": Bilingual(
        "клиент {inn} уже в группе, строка {line}", "client {inn} is in a group already, line {line}"
    ),
    "no_members": Bilingual("в группе никого нет", "the group has no members"),
    "group_over": Bilingual("срок общего лимита уже прошёл", "the shared limit is over already"),
    "until_of_group": Bilingual(
        "не действует: срок задаёт группа, строка {line}", "has no effect: the group sets it, line {line}"
    ),
    "tolerance_currency": Bilingual(
        "нужна валюта лимита по умолчанию: {currency}",
        "the currency of the default limit is wanted: {currency}",
    ),
    "no_rate": Bilingual("нет курса валюты {currency}", "no exchange rate of {currency} is known"),
    "rate_not_known": Bilingual(
        "убедитесь, что курс {currency} есть: без него решения не будет",
        "make sure there is a rate of {currency}: without it nothing is decided",
    ),
    "inn_digits": Bilingual(
        "в ИНН {inn} не сходятся контрольные цифры", "the check digits of ИНН {inn} do not fit"
    ),
}

_RULES: Final[Mapping[str, Bilingual]] = {
    "rule_type": Bilingual(
        "неизвестный тип правила «{type}»; ближайший: {near}", "unknown type “{type}”; the nearest is {near}"
    ),
    "threshold_foreign": Bilingual(
        "не для правила {type} такого действия; нужно: {wanted}",
        "not for a rule {type} of this act; wanted: {wanted}",
    ),
    "threshold_sets": Bilingual(
        "для правила {type} нужно одно из: {wanted}", "a rule {type} wants one of: {wanted}"
    ),
    "threshold_missing": Bilingual(
        "у правила {type} нет порога: {wanted}", "no threshold of {type}: {wanted}"
    ),
    "not_scoped": Bilingual(
        "правило {type} бывает только для всех: level = all", "a rule {type} is for all only: level = all"
    ),
    "not_narrowed": Bilingual(
        "правило {type} не сужается группой риска", "a rule {type} is not narrowed by a risk group"
    ),
    "risk_without_group": Bilingual(
        "группа риска сужает только правило для группы: level = group и key",
        "a risk group narrows only a rule for a group: level = group and key",
    ),
    "release_of_block": Bilingual(
        "release бывает только у исключений: act = exclude", "release is for exclusions only: act = exclude"
    ),
    "exclusion_for_all": Bilingual(
        "исключение для всех ничего не меняет: добавьте release = true или сузьте level",
        "an exclusion for all changes nothing: add release = true or narrow its level",
    ),
    "key_for_all": Bilingual("при level = all ключ не нужен", "level = all takes no key"),
    "key_missing_client": Bilingual("нужен ИНН клиента", "the client's ИНН is wanted"),
    "key_missing_group": Bilingual("нужен код группы", "the code of the group is wanted"),
    "limit_used_off": Bilingual(
        "не действует: checks.limit_used = false", "has no effect: checks.limit_used = false"
    ),
}

_DIFF: Final[Mapping[str, Bilingual]] = {
    "diff.row": Bilingual("{section} «{code}»", "{section} “{code}”"),
    "diff.absent": Bilingual("не было", "was not there"),
    "diff.removed": Bilingual("убрано", "removed"),
    "diff.all": Bilingual("Вся политика", "The whole policy"),
    "diff.unreadable": Bilingual("прежняя не читается", "the former cannot be read"),
    "diff.order": Bilingual("{section}: порядок строк", "{section}: order of rows"),
}

_SAID: Final[Mapping[str, Bilingual]] = {
    "policy.at": Bilingual("{file}:{line}  {text}", "{file}:{line}  {text}"),
    "policy.at_field": Bilingual("{file}:{line}  {field}: {text}", "{file}:{line}  {field}: {text}"),
    "policy.at_file": Bilingual("{file}  {field}: {text}", "{file}  {field}: {text}"),
    "policy.warning": Bilingual("предупреждение: {text}", "warning: {text}"),
    "policy.version": Bilingual(
        "Версия {version} от {moment}, автор {author}", "Version {version} of {moment}, by {author}"
    ),
    "policy.unsaved": Bilingual(
        "Ни одна версия ещё не сохранена: это начальная политика",
        "No version is stored yet: the initial policy",
    ),
    "policy.empty": Bilingual("нет", "none"),
    "policy.stamp": Bilingual("версия {version}, {day}, {author}", "version {version}, {day}, {author}"),
    "policy.changed": Bilingual("Изменено", "Changed"),
    "policy.refused": Bilingual(
        "Ошибок: {errors}. Файл не принят, прежняя политика в силе.",
        "Errors: {errors}. The file is refused, the policy in force stays.",
    ),
    "policy.differences": Bilingual("Что изменится:", "What changes:"),
    "policy.same": Bilingual(
        "Файл ничего не меняет, новая версия не нужна.", "The file changes nothing; no new version is needed."
    ),
    "policy.change": Bilingual("  {what}: {before} → {after}", "  {what}: {before} → {after}"),
    "policy.dry": Bilingual(
        "Проба: ничего не записано. Уберите --dry-run, чтобы ввести.",
        "A trial: nothing was written. Leave out --dry-run to put it into force.",
    ),
    "policy.accepted": Bilingual(
        "Введена версия {version}. Сделок на повторную проверку: {deals}.",
        "Version {version} is in force. Deals to be checked again: {deals}.",
    ),
    "policy.encoding": Bilingual(
        "Файл {file} не в кодировке UTF-8. Сохраните его в UTF-8.",
        "File {file} is not UTF-8. Save it as UTF-8.",
    ),
}

POLICY: Final[Mapping[str, Bilingual]] = {
    **{f"policy.{key}": text for part in (_TOML, _FORM, _SENSE, _RULES) for key, text in part.items()},
    **_DIFF,
    **_SAID,
}
"""The sentences by their keys in the catalogue."""
