"""The words of `policy backtest`: what would come out otherwise under a new policy."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Final

from b24app.messages.bilingual import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBERS: Final[Mapping[str, Bilingual]] = {
    "checks.one": Bilingual("{number} проверка", "{number} check"),
    "checks.few": Bilingual("{number} проверки", "{number} checks"),
    "checks.many": Bilingual("{number} проверок", "{number} checks"),
    "deals.one": Bilingual("{number} сделка", "{number} deal"),
    "deals.few": Bilingual("{number} сделки", "{number} deals"),
    "deals.many": Bilingual("{number} сделок", "{number} deals"),
    "share": Bilingual("{checks}, {deals} на {value}", "{checks}, {deals} worth {value}"),
}

_SUMMARY: Final[Mapping[str, Bilingual]] = {
    "bar": Bilingual("Проверки", "Checks"),
    "head": Bilingual("Прошлые проверки по политике из {file}", "Recorded checks under the policy of {file}"),
    "refused": Bilingual(
        "В файле ошибок: {errors}. Ничего не пересмотрено.",
        "Errors in the file: {errors}. Nothing was looked at.",
    ),
    "none": Bilingual("Записанных проверок за это время нет.", "There are no recorded checks of that time."),
    "examined": Bilingual(
        "Пересмотрено: {checks}, с {first} по {last}.", "Looked at: {checks}, from {first} to {last}."
    ),
    "scope": Bilingual(
        "Учтены проверки, которые останавливали и пропускали сделки или сделали бы это вне режима "
        "наблюдения; справочные не в счёт. Каждая решена отдельно: с долгом, резервами и курсами того дня.",
        "These are the checks that bound a deal, or would have but for observe mode; those asked for "
        "information do not count. Each is decided alone: with the debt, reserves and rates of its day.",
    ),
    "interrupted": Bilingual(
        "Прервано: пересмотрено {done} из {total}. Ниже — то, что успели.",
        "Interrupted: {done} of {total} looked at. What was found so far:",
    ),
    "nothing": Bilingual("Ни одно решение не изменилось бы.", "No decision would be another."),
    "changed": Bilingual("Решение было бы другим: {share}.", "The decision would be another: {share}."),
    "unchanged": Bilingual("Без изменений: {checks}.", "Unchanged: {checks}."),
    "by_change": Bilingual("Что изменилось бы:", "What would change:"),
    "gained": Bilingual("Причины, которые добавились бы:", "Reasons that would be added:"),
    "lost": Bilingual("Причины, которые отпали бы:", "Reasons that would go:"),
    "gaps": Bilingual("Пересмотреть не удалось: {checks}", "Could not be looked at again: {checks}"),
    "list": Bilingual("Сделки, сначала новые:", "Deals, the newest first:"),
    "list.part": Bilingual(
        "Сделки, сначала новые ({shown} из {all}; больше — с --limit):",
        "Deals, the newest first ({shown} of {all}; more with --limit):",
    ),
    "deal": Bilingual(
        "{moment}  сделка {deal}, {client}, {amount}", "{moment}  deal {deal}, {client}, {amount}"
    ),
    "was": Bilingual("было: {reason}", "was: {reason}"),
    "would": Bilingual("станет: {reason}", "would be: {reason}"),
}

_CHANGES: Final[Mapping[str, Bilingual]] = {
    "change.stopped": Bilingual("была разрешена → будет остановлена", "was allowed → would be held"),
    "change.freed": Bilingual("была остановлена → будет разрешена", "was held → would be allowed"),
    "change.made_technical": Bilingual(
        "решение было → решения не будет", "was decided → would not be decided"
    ),
    "change.no_longer_technical": Bilingual(
        "решения не было → решение будет", "was not decided → would be decided"
    ),
    "change.notice": Bilingual(
        "разрешена и так, и так, изменится предупреждение", "allowed either way, the warning changes"
    ),
    "change.reasons": Bilingual(
        "остановлена и так, и так, но по другим причинам", "held either way, for other reasons"
    ),
    "gap.no_facts": Bilingual("данных 1С не было и тогда", "1C gave no figures then either"),
    "gap.no_pool": Bilingual(
        "не записан долг других участников группы с общим лимитом",
        "the debt of the other members of a credit group was not recorded",
    ),
    "gap.no_rate": Bilingual("не записан курс валюты", "no exchange rate was recorded"),
    "gap.unreadable": Bilingual("запись не читается", "the record cannot be read"),
}

_OPEN: Final[Mapping[str, Bilingual]] = {
    "open.head": Bilingual(
        "Открытые сделки по политике из {file}, по данным 1С на сейчас",
        "Open deals under the policy of {file}, by 1C's figures of now",
    ),
    "open.bar": Bilingual("Открытые сделки", "Open deals"),
    "open.none": Bilingual(
        "Остановленных, ждущих и разрешённых, но не отгруженных сделок нет.",
        "No deal is held, waits, or is allowed and not shipped.",
    ),
    "open.examined": Bilingual(
        "Проверено: {deals}. Ничего не записано.", "Looked at: {deals}. Nothing was written."
    ),
    "open.nothing": Bilingual("Ни у одной решение не изменится.", "No decision would be another."),
    "open.changed": Bilingual(
        "Решение изменится: {deals} на {value}.", "Would change: {deals} worth {value}."
    ),
    "open.unknown": Bilingual(
        "Нет данных, чтобы решить: {deals}. {why}", "No data to decide by: {deals}. {why}"
    ),
    "open.list.part": Bilingual(
        "Показаны {shown} из {all}; больше — с --limit:", "{shown} of {all} are shown; more with --limit:"
    ),
    "open.deal": Bilingual(
        "Сделка {deal}: {title}; {client}, {amount}", "Deal {deal}: {title}; {client}, {amount}"
    ),
    "open.reasons": Bilingual(
        "сейчас остановлена → останется остановленной, но по другим причинам",
        "now held → would stay held, for other reasons",
    ),
    "open.turn": Bilingual("сейчас {now} → {then}", "now {now} → {then}"),
    "open.stale": Bilingual(
        "Ещё {deals}: решение изменится при следующей проверке и без новой политики, изменились данные.",
        "{deals} more: the next check decides otherwise without the new policy, the figures have changed.",
    ),
    "open.now.allow": Bilingual("разрешена", "allowed"),
    "open.now.allow_notify": Bilingual("разрешена с предупреждением", "allowed with a warning"),
    "open.now.hold": Bilingual("остановлена", "held"),
    "open.now.technical": Bilingual("ждёт данных", "waits for data"),
    "open.then.allow": Bilingual("будет разрешена", "would be allowed"),
    "open.then.allow_notify": Bilingual(
        "будет разрешена с предупреждением", "would be allowed with a warning"
    ),
    "open.then.hold": Bilingual("будет остановлена", "would be held"),
    "open.then.technical": Bilingual("будет ждать данных", "would wait for data"),
}

BACKTEST: Final[Mapping[str, Bilingual]] = {
    f"backtest.{key}": text for part in (_NUMBERS, _SUMMARY, _CHANGES, _OPEN) for key, text in part.items()
}
