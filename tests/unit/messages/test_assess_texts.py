"""A decided deal at a terminal: everything is told, and the arithmetic adds up."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24app.domain.assess import assess
from b24app.domain.case import PoolMember
from b24app.domain.client import Cover
from b24app.domain.client import CoverKind
from b24app.domain.client import TemporaryLimit
from b24app.domain.decision import assess_technical
from b24app.domain.exposure import NetScope
from b24app.domain.policy import Policy
from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Contract
from b24app.domain.receivable import Payment
from b24app.domain.rules import TechnicalCause
from b24app.messages.assess_texts import DealLines
from b24app.messages.assess_texts import deal_report
from b24app.messages.briefs import Reader
from tests.builders import TODAY
from tests.builders import account
from tests.builders import case
from tests.builders import entry
from tests.builders import late
from tests.builders import not_due
from tests.builders import policy
from tests.builders import pool
from tests.builders import position
from tests.builders import rates
from tests.builders import reserve
from tests.builders import rub
from tests.builders import usd

READER = Reader(ZoneInfo("Europe/Moscow"))
OTHER = "7736050003"
YEAR = date(2026, 12, 31)


def report(
    figures: AccountFigures, terms: Policy | None = None, *, reader: Reader = READER, **asked: Any
) -> str:
    question = case(figures, **asked)
    deal = DealLines(1, "Кабель", question.candidate.amount, "Д-1", None, None)
    lines = deal_report(deal, assess(question, terms or policy()), figures, reader)
    return "\n".join(lines).replace("\u00a0", " ")


def shown(text: str, name: str) -> Decimal:
    """Return the figure that stands beside a name."""
    [figure] = re.findall(rf"^  {name}.*?  +(−?\d[\d ]*,\d\d) ₽$", text, re.MULTILINE)
    return Decimal(figure.replace(" ", "").replace(",", ".").replace("−", "-"))


def test_every_component_and_the_whole_are_told() -> None:
    text = report(
        account(position(not_due(100), late(50, days=3), credit=30, shipped=20)),
        granted=500,
        wants=200,
        reserves=[reserve(40)],
    )
    assert shown(text, "Долг по документам") == 150
    assert shown(text, "Отгружается по заказам") == 20
    assert shown(text, "Обещано другим сделкам") == 40
    assert shown(text, "Эта сделка") == 200
    assert shown(text, "Зачтено авансов из 30,00 ₽") == -30
    assert shown(text, "Итого с этой сделкой") == 380
    assert shown(text, "Лимит: свой у клиента") == 500
    assert shown(text, "Останется") == 120
    assert "Использовано" in text
    assert "Просрочено 20,00 ₽, самая давняя на 3 дня" in text
    assert "срок 21.11.2026, просрочка 3 дня" in text
    assert "зачтите их" in text
    assert "ОТГРУЗКА ОСТАНОВЛЕНА" in text
    assert "нужно оплатить 20,00 ₽" in text
    assert "Политика: 1; данные на 24.11.2026 10:15" in text


AMOUNTS = st.integers(0, 500)


@given(st.lists(AMOUNTS, min_size=5, max_size=5), st.sampled_from(NetScope), st.integers(0, 900))
def test_the_lines_add_up_to_the_exposure(amounts: list[int], scope: NetScope, insured: int) -> None:
    owed, shipped, promised, credit, wants = amounts
    cover = Cover(CoverKind.INSURANCE, rub(insured), Decimal(100), TODAY, TODAY, in_exposure=True)
    text = report(
        account(position(not_due(owed), shipped=shipped), position(contract="B", credit=credit)),
        policy(net_scope=scope, clients=(entry(covers=(cover,) if insured else ()),)),
        wants=wants,
        reserves=[reserve(promised)] if promised else [],
    )
    names = (
        "Долг по документам",
        "Отгружается по заказам",
        "Обещано другим сделкам",
        "Эта сделка",
        "Застрахов",
    )
    parts = [shown(text, name) for name in (*names, "Зачтено авансов") if name in text]
    assert sum(parts) == shown(text, "Итого с этой сделкой")


def test_a_limit_made_of_parts_tells_each() -> None:
    given = entry(
        temporary=(TemporaryLimit(rub(1_500_000), TODAY, YEAR),),
        covers=(Cover(CoverKind.GUARANTEE, rub(400_000), Decimal(50), TODAY, YEAR),),
    )
    text = report(account(position()), policy(clients=(given,)))
    assert shown(text, "Временный лимит до 31.12.2026") == 1_500_000
    assert shown(text, "Поручительства и страхование") == 200_000
    assert shown(text, "Лимит всего") == 1_700_000
    text = report(account(position()), policy(clients=(replace(given, temporary=()),)))
    assert shown(text, "Базовый лимит: свой у клиента") == 1_000_000


def test_a_limit_with_a_last_day_and_one_without_any() -> None:
    text = report(account(position()), policy(clients=(entry(limit_until=YEAR),)))
    assert re.search(r"Срок лимита +31\.12\.2026", text)
    assert re.search(r"Лимит: свой у клиента +без ограничения", report(account(position()), granted=None))
    assert "Использовано" not in report(account(position()), granted=0)


def test_the_pool_is_told_with_all_its_members() -> None:
    members = (PoolMember(OTHER, rub(500)),)
    text = report(
        account(position(not_due(400))), policy(credit_groups=(pool(1_000, OTHER),)), wants=150, pool=members
    )
    assert shown(text, "Заняли другие участники") == 500
    assert shown(text, "Этот клиент с этой сделкой") == 550
    assert shown(text, "Вся группа") == 1_050
    assert shown(text, "Лимит группы") == 1_000
    assert "Холдинг «Ромашка»" in text
    assert text.count("Превышение") == 1


def test_rates_payments_warnings_and_skips_are_told() -> None:
    figures = account(position(not_due(usd(5))), payments=(Payment(date(2026, 11, 20), rub(7)),))
    text = report(figures, policy(warn_percent=Decimal(10)), granted=1_000, rates=rates(USD=100))
    assert "Курс USD: 100 на 24.11.2026" in text
    assert "Последняя оплата: 20.11.2026, 7,00 ₽" in text
    assert "Обратите внимание:\n  • Использовано 50,1 % лимита, предупреждаем с 10 %" in text
    assert "Просрочки нет" in text
    assert "вне кредитного контроля до" in report(
        figures, policy(clients=(entry(ignore_until=YEAR),)), rates=rates(USD=1)
    )


def test_a_contract_is_called_by_its_number_and_names_are_harmless() -> None:
    figures = account(position(late(5, days=1)), contracts=(Contract("A", "Д-[b]7", "RUB", active=True),))
    assert "договор Д-(b)7: 5,00 ₽" in report(figures)


def test_a_deal_tells_what_it_is_and_that_it_is_checked_again() -> None:
    nameless = account(position(), counterparties=())
    deal = DealLines(7, "", rub(5), None, "Отсрочка 14 дней", "Без скидки", again=True)
    text = "\n".join(deal_report(deal, assess(case(nameless), policy()), nameless, READER))
    for word in ("Сделка 7:", "проверка ещё раз", "Клиент: ИНН 7701234567", "Договор не определён"):
        assert word in text
    assert "Условие оплаты: Отсрочка 14 дней\nСкидка: Без скидки" in text


@pytest.mark.parametrize(("language", "words"), [("ru", "РЕШЕНИЯ НЕТ"), ("en", "NO DECISION")])
def test_no_decision_is_told_with_its_cause(language: str, words: str) -> None:
    figures = account(position())
    decision = assess_technical(TechnicalCause.OTHER_CURRENCY, "USD ≠ RUB", policy())
    deal = DealLines(1, "x", rub(5), "Д-1", None, None)
    text = "\n".join(deal_report(deal, decision, figures, replace(READER, language=language)))
    assert words in text
    assert "USD ≠ RUB" in text
