"""The difference of two policies, in words, and the version each rule last changed in."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from b24app.domain.policy import Policy
from b24app.domain.rulebook import RuleBook
from b24app.domain.rules import Rule
from b24app.files.policy_diff import Stamp
from b24app.files.policy_diff import compare
from b24app.files.policy_diff import stamp_rules
from b24app.files.policy_file import load_policy
from b24app.files.policy_listing import listing
from b24app.files.policy_seed import default_text
from tests.builders import rub

NBSP = "\u00a0"
CLIENT = """
[[clients]]
inn = "7707083893"
name = "Банк"
[[clients.temporary_limits]]
amount = "5.00 RUB"
valid_from = 2026-01-01
valid_to = 2026-02-01
"""
LARGE = 'limit = "5 000 000.00 RUB"\nterms = "net30"\nterms_days = 30'


def difference(old: str, new: str, language: str = "ru") -> list[tuple[str, str, str]]:
    before, after = (load_policy(text, version="1") for text in (old, new))
    changes = compare(before, after, language)
    return [(each.what, each.before.replace(NBSP, " "), each.after.replace(NBSP, " ")) for each in changes]


CASES = [
    pytest.param(
        'boundary = "strict"',
        'boundary = "inclusive"',
        ("Лимит и нагрузка: Ровно на лимите", "отгружать", "останавливать"),
        id="a choice",
    ),
    pytest.param(
        "warn_percent = 80",
        'warn_percent = "off"',
        ("Лимит и нагрузка: С какого использования лимита предупреждать", "80 %", "выключено"),
        id="switched off",
    ),
    pytest.param(
        'components = ["receivables", "shipped", "reserved"]',
        'components = ["receivables"]',
        ("Лимит и нагрузка: Что входит в нагрузку", "долг; отгружено без счёта; обещано", "долг"),
        id="a list",
    ),
    pytest.param(
        "terms_rank = true",
        "terms_rank = false",
        ("Проверки: Сравнивать условия оплаты по рангу", "да", "нет"),
        id="a switch",
    ),
    pytest.param(
        'default_term = "net14"',
        'default_term = "net30"',
        ("Обычные условия: Обычное условие оплаты", "net14", "net30"),
        id="a code",
    ),
    pytest.param(
        LARGE,
        LARGE.replace('"5 000 000.00 RUB"', '"unlimited"'),
        ("Категория «large»: Лимит", "5 000 000,00 ₽", "без лимита"),
        id="a limit lifted",
    ),
    pytest.param(
        LARGE,
        LARGE.replace('limit = "5 000 000.00 RUB"', ""),
        ("Категория «large»: Лимит", "5 000 000,00 ₽", "—"),
        id="a value taken back",
    ),
    pytest.param(
        'effect = "ship"',
        'effect = "all"',
        ("Статус «ship»: Действие", "нет отгрузок", "нет отгрузок и сделок"),
        id="an effect",
    ),
    pytest.param(
        "days = 90",
        "days = 60\nvalid_to = 2026-12-31",
        ("Правило «overdue-90»: Дней", "90", "60"),
        id="a rule",
    ),
    pytest.param(
        'code = "net60"\nname = "Отсрочка 60 дней"\ndays = 60',
        'code = "net60"\nname = "60 [b]"\ndays = 60',
        ("Условие оплаты «net60»: Название", "Отсрочка 60 дней", "60 (b)"),
        id="a name",
    ),
]


@pytest.mark.parametrize(("old", "new", "change"), CASES)
def test_a_change_is_told_with_both_values(old: str, new: str, change: tuple[str, str, str]) -> None:
    text = default_text()
    assert text.count(old) == 1
    found = difference(text, text.replace(old, new))
    assert found[0] == change
    assert difference(text.replace(old, new), text)[0] == (change[0], change[2], change[1])
    assert difference(text, text.replace(old, new), "en")[0] != change


def test_rows_come_and_go() -> None:
    text = default_text()
    title = "Клиент «7707083893»"
    row = "название: Банк; временные лимиты: (5,00 ₽, 01.01.2026, 01.02.2026)"
    assert difference(text, text + CLIENT) == [(title, "не было", row)]
    assert difference(text + CLIENT, text) == [(title, row, "убрано")]
    later = CLIENT.replace("2026-02-01", "2026-03-01")
    assert difference(text + CLIENT, text + later) == [
        (
            f"{title}: Временные лимиты",
            "(5,00 ₽, 01.01.2026, 01.02.2026)",
            "(5,00 ₽, 01.01.2026, 01.03.2026)",
        )
    ]


def test_a_whole_section_comes_and_goes() -> None:
    text = default_text()
    without = text.replace('[strategic]\ndays = 7\namount = "50 000.00 RUB"\n', "")
    title = "Стратегические партнёры"
    assert difference(text, without) == [
        (f"{title}: Просрочка не больше стольких дней", "7", "—"),
        (f"{title}: и не больше суммы", "50 000,00 ₽", "—"),
    ]


def test_another_order_is_a_change_as_it_may_decide() -> None:
    text = default_text()
    lines = '[[groups]]\ncode = "a"\n', '[[groups]]\ncode = "b"\n'
    assert difference(text + "".join(lines), text + "".join(reversed(lines))) == [
        ("Группа управления кредитом: порядок строк", "a, b", "b, a")
    ]


def test_the_same_policy_has_no_difference() -> None:
    assert difference(default_text(), default_text()) == []


def policy(*rules: Rule) -> Policy:
    return Policy(rub(0), rules=RuleBook(rules))


def stamp(version: int) -> Stamp:
    return Stamp(version, f"author {version}", datetime(2026, 11, version, 22, tzinfo=UTC))


def test_a_rule_is_stamped_with_the_version_it_last_changed_in() -> None:
    a, b, changed = Rule("a", "limit_used"), Rule("b", "limit_used"), Rule("b", "limit_used", note="x")
    history = [policy(a), policy(a, b), policy(b), policy(changed, a), policy(a, changed)]
    stamps = stamp_rules([(stamp(number), each) for number, each in enumerate(history, start=1)])
    assert {name: each.version for name, each in stamps.items()} == {"a": 4, "b": 4}
    assert stamp_rules([]) == {}


def test_lists_for_a_reader() -> None:
    text = load_policy(default_text() + CLIENT, version="3")
    zone = ZoneInfo("Europe/Moscow")
    lines = list(listing(text, None, stamps={"overdue-90": stamp(2)}, zone=zone))
    told = [line.replace(NBSP, " ") for line in lines]
    assert told[0] == "Лимит и нагрузка"
    assert "  Лимит клиента, у которого нет своего: 0,00 ₽" in told
    head = told.index("Правила")
    assert told[head + 1].split() == ["Код", "Тип", "Действие", "Уровень", "Дней", "Пояснение", "Изменено"]
    # Ten in the evening in UTC is the next day in Moscow.
    assert told[head + 2].endswith("версия 2, 03.11.2026, author 2")
    assert "дни просрочки  останавливает  все" in told[head + 2]
    assert told[told.index("Общие лимиты") + 1] == "  нет"
    assert all(line == line.rstrip() for line in lines)
    only = list(listing(text, "categories", stamps={}, zone=zone, language="en"))
    assert only[0] == "Categories"
    assert len(only) == 7
