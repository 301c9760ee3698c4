"""Decisions in words, to the letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal

import pytest

from b24app.domain.assess import assess
from b24app.domain.decision import Decision
from b24app.domain.decision import SettlingPayment
from b24app.domain.decision import assess_technical
from b24app.domain.receivable import Payment
from b24app.domain.rules import Reason
from b24app.domain.rules import ReasonCode
from b24app.domain.rules import TechnicalCause
from b24app.messages.decision_texts import allow_comment
from b24app.messages.decision_texts import field_reason
from b24app.messages.decision_texts import grouped_notification
from b24app.messages.decision_texts import hold_comment
from b24app.messages.decision_texts import notification
from b24app.messages.decision_texts import reasons_block
from b24app.messages.decision_texts import release_notification
from b24app.messages.decision_texts import task_text
from b24app.messages.decision_texts import task_title
from b24app.messages.reason_texts import reason_line
from tests.builders import account
from tests.builders import case
from tests.builders import late
from tests.builders import not_due
from tests.builders import policy
from tests.builders import position
from tests.builders import reserve
from tests.builders import rub
from tests.unit.messages.samples import ALLOWED
from tests.unit.messages.samples import BRIEF
from tests.unit.messages.samples import ENGLISH
from tests.unit.messages.samples import FIGURES
from tests.unit.messages.samples import HELD
from tests.unit.messages.samples import POLICY
from tests.unit.messages.samples import READER
from tests.unit.messages.samples import spaced

NOTIFICATION = """\
[b]Отгрузка остановлена кредитным контролем[/b]
Сделка: [url=https://portal.example/crm/deal/details/77/]Поставка крепежа[/url] на 30 000,00 ₽
Клиент: ООО «Ромашка»
Менеджер: Анна Иванова

Причины:
• Превышен кредитный лимит на 20 000,00 ₽: с этой отгрузкой долг составит 120 000,00 ₽ при лимите 100 000,00 ₽
• Просрочена оплата 20 000,00 ₽, самая давняя на 1 день

Долг клиента: 90 000,00 ₽
Лимит: 100 000,00 ₽; с этой отгрузкой: 120 000,00 ₽; превышение: 20 000,00 ₽
Просрочено: 20 000,00 ₽, самая давняя просрочка 1 день
Последняя оплата: 12.11.2026, 150 000,00 ₽
Оплаты за 90 дней: 3 на 450 000,00 ₽; последняя 12.11.2026
Данные 1С на 24.11.2026 10:15
[b]Чтобы отгрузить, клиенту нужно оплатить 20 000,00 ₽ по договору Д-17[/b]"""

TASK = """\
Свяжитесь с клиентом и договоритесь об оплате. Задача закроется сама, когда блокировка снимется.

Сделка: [url=https://portal.example/crm/deal/details/77/]Поставка крепежа[/url] на 30 000,00 ₽
Клиент: ООО «Ромашка»
Менеджер: Анна Иванова

Причины:
• Превышен кредитный лимит на 20 000,00 ₽: с этой отгрузкой долг составит 120 000,00 ₽ при лимите 100 000,00 ₽
• Просрочена оплата 20 000,00 ₽, самая давняя на 1 день
Долг клиента: 90 000,00 ₽
Лимит: 100 000,00 ₽; с этой отгрузкой: 120 000,00 ₽; превышение: 20 000,00 ₽
Просрочено: 20 000,00 ₽, самая давняя просрочка 1 день
Последняя оплата: 12.11.2026, 150 000,00 ₽
Оплаты за 90 дней: 3 на 450 000,00 ₽; последняя 12.11.2026
Данные 1С на 24.11.2026 10:15
• Реализация УТ-12: 20 000,00 ₽, срок 23.11.2026, просрочка 1 день
[b]Чтобы отгрузить, клиенту нужно оплатить 20 000,00 ₽ по договору Д-17[/b]"""


def _reason(code: ReasonCode, **numbers: object) -> Reason:
    return replace(Reason(code), **numbers)  # type: ignore[arg-type]  # rows name fields of Reason


def test_the_heads_are_told_the_whole_story() -> None:
    assert spaced(notification(BRIEF, HELD, FIGURES, READER)) == NOTIFICATION


def test_the_manager_is_told_what_to_do() -> None:
    assert spaced(task_text(BRIEF, HELD, FIGURES, READER)) == TASK


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        pytest.param(
            _reason(ReasonCode.LIMIT, value=rub(5), threshold=rub(5), excess=rub(0)),
            "Кредитный лимит 5,00 ₽ будет исчерпан полностью",
            id="limit-reached",
        ),
        pytest.param(
            _reason(ReasonCode.LIMIT, value=rub(5), threshold=rub(0), excess=rub(5)),
            "Клиент работает только по предоплате: не хватает 5,00 ₽",
            id="prepayment-only",
        ),
        pytest.param(
            _reason(ReasonCode.OVERDUE_DAYS, excess=rub(5), days=12, days_allowed=3),
            "Просрочена оплата 5,00 ₽, самая давняя на 12 дней (допустимо 3 дня)",
            id="overdue-beyond-grace",
        ),
        pytest.param(
            _reason(ReasonCode.TECHNICAL, cause=TechnicalCause.OTHER_CURRENCY, detail="USD ≠ RUB"),
            "Долг, лимит и сделка в разных валютах (USD ≠ RUB)",
            id="technical-with-detail",
        ),
        pytest.param(
            _reason(ReasonCode.TECHNICAL), "Проверка не удалась из-за внутренней ошибки", id="technical-bare"
        ),
    ],
)
def test_a_reason_is_one_line(reason: Reason, line: str) -> None:
    assert spaced(reason_line(reason)) == line


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("code", ReasonCode, ids=lambda code: code.value)
def test_every_reason_code_has_words(code: ReasonCode, language: str) -> None:
    reason = Reason(code, value=rub(9), threshold=rub(5), excess=rub(4), days=3, days_allowed=0)
    assert reason_line(reason, language).strip()
    assert reason_line(reason, "ru") != reason_line(reason, "en")


@pytest.mark.parametrize(
    ("decision", "text"),
    [
        pytest.param(
            ALLOWED,
            "Отгрузка разрешена: с ней долг составит 90 000,00 ₽ при лимите 100 000,00 ₽",
            id="allowed",
        ),
        pytest.param(assess(case(granted=None), POLICY), "Отгрузка разрешена", id="unlimited"),
        pytest.param(
            HELD,
            "Превышен кредитный лимит на 20 000,00 ₽: с этой отгрузкой долг составит 120 000,00 ₽ при лимите "
            "100 000,00 ₽; Просрочена оплата 20 000,00 ₽, самая давняя на 1 день",
            id="held",
        ),
        pytest.param(
            assess_technical(TechnicalCause.LEDGER_SILENT, None, POLICY), "1С не отвечает", id="technical"
        ),
    ],
)
def test_the_deals_field_says_it_in_one_text(decision: Decision, text: str) -> None:
    assert spaced(field_reason(decision)) == text


def test_the_deals_field_never_overflows() -> None:
    many = replace(HELD, reasons=HELD.reasons * 9)
    assert len(field_reason(many)) == 250


def test_a_task_title_keeps_its_mark_and_fits() -> None:
    assert task_title("СО-000007", BRIEF) == (
        "Урегулировать долг клиента: ООО «Ромашка», сделка «Поставка крепежа» (СО-000007)"
    )
    title = task_title("СО-000007", replace(BRIEF, client="К" * 300, title="[b]" * 200))
    assert len(title) <= 250
    assert title.endswith("(СО-000007)")
    assert "[" not in title


def test_words_of_people_cannot_inject_markup() -> None:
    evil = replace(
        BRIEF, title="[b]X[/b]\nПричины: нет", client="[url=//e]y[/url]", manager="[USER=1]z[/USER]"
    )
    for text in (
        notification(evil, HELD, FIGURES, READER),
        task_text(evil, HELD, FIGURES, READER),
        grouped_notification([(evil, HELD)], READER),
        release_notification(evil, ALLOWED, READER),
    ):
        assert "(b)X(/b) Причины: нет" in text
        assert "[url=//e]" not in text
        assert "[USER=1]" not in text


def test_a_deal_without_a_title_is_named_by_its_number() -> None:
    assert replace(BRIEF, title=" ").name == "№77"


def test_several_payments_are_listed_with_their_sum() -> None:
    parts = (SettlingPayment("A", rub(5)), SettlingPayment("?", rub(7)), SettlingPayment(None, rub(1)))
    text = spaced(notification(BRIEF, replace(HELD, to_release=parts), FIGURES, READER))
    assert "нужно оплатить 13,00 ₽: 5,00 ₽ по договору Д-17; 7,00 ₽ по договору ?; 1,00 ₽[/b]" in text


def test_the_payment_stays_readable_without_figures() -> None:
    assert "20 000,00 ₽ по договору A" in spaced(notification(BRIEF, HELD, None, READER))


def test_where_no_payment_helps_something_else_is_advised() -> None:
    held = assess(case(granted=0, contract=None), POLICY)
    assert "Одной оплатой блокировку не снять" in notification(BRIEF, held, None, READER)


def test_the_figures_name_advances_promises_and_shipments_under_way() -> None:
    figures = account(position(late(100, days=2), credit=40, shipped=7), payments=())
    decision = assess(case(figures, granted=None, reserves=[reserve(3)]), POLICY)
    text = spaced(hold_comment("КК-1", decision, figures, READER))
    assert "Долг клиента: 100,00 ₽, незачтённые авансы: 40,00 ₽, сальдо: 60,00 ₽" in text
    assert "Отгружается по заказам: 7,00 ₽" in text
    assert "Обещано по другим сделкам: 3,00 ₽" in text
    assert "Лимит: без ограничения; с этой отгрузкой: 71,00 ₽" in text
    assert "зачтите их" in text
    assert "Последняя оплата: нет данных" in text
    assert text.endswith("\nКК-1")


@pytest.mark.parametrize(
    ("payments", "line"),
    [
        pytest.param([date(2026, 5, 1)], "Оплат за 90 дней не было", id="long-ago"),
        pytest.param(
            [date(2026, 11, 20)] * 12,
            "Оплаты за 90 дней: не меньше 12 на 60,00 ₽; последняя 20.11.2026",
            id="more-than-are-kept",
        ),
    ],
)
def test_the_payment_history_is_one_line(payments: list[date], line: str) -> None:
    figures = replace(FIGURES, payments=tuple(Payment(day, rub(5)) for day in payments))
    assert line in spaced(notification(BRIEF, HELD, figures, READER)).splitlines()


def test_a_long_list_of_late_documents_is_cut() -> None:
    figures = account(position(*(late(10, days=number) for number in range(1, 9))))
    text = hold_comment("КК-1", assess(case(figures), policy()), figures, READER)
    assert text.count("• УТ-1:") == 5
    assert "и ещё 3" in text


def test_a_permission_names_its_end_and_its_figures() -> None:
    until = datetime(2026, 11, 27, 20, 59, 59, tzinfo=UTC)
    text = spaced(allow_comment("КК-1", ALLOWED, None, READER, until=until))
    assert text == (
        "[b]Отгрузка разрешена[/b]\nДолг клиента: 60 000,00 ₽\n"
        "Лимит: 100 000,00 ₽; с этой отгрузкой: 90 000,00 ₽\nПросрочки нет\nДанные 1С на 24.11.2026 10:15\n"
        "Разрешение действует до 27.11.2026 23:59\nКК-1"
    )


def test_a_release_says_so() -> None:
    assert allow_comment("КК-1", ALLOWED, None, READER, released=True).startswith("[b]Блокировка снята")
    assert release_notification(BRIEF, ALLOWED, READER).startswith("[b]Блокировка снята")


def test_several_holds_make_one_message() -> None:
    text = spaced(grouped_notification([(BRIEF, HELD), (replace(BRIEF, amount=rub(5)), HELD)], READER))
    head, first, second = text.splitlines()
    assert head == "[b]Отгрузки остановлены кредитным контролем: 2 на 30 005,00 ₽[/b]"
    assert first.startswith(
        "• [url=https://portal.example/crm/deal/details/77/]Поставка крепежа[/url] на 30 000,00 ₽"
    )
    assert second.endswith("Просрочена оплата 20 000,00 ₽, самая давняя на 1 день")


def test_a_long_group_is_cut() -> None:
    text = grouped_notification([(BRIEF, HELD)] * 23, READER)
    assert text.count("•") == 20
    assert text.endswith("и ещё 3")


def test_a_technical_answer_asks_for_no_payment() -> None:
    silent = assess_technical(TechnicalCause.LEDGER_SILENT, None, POLICY)
    assert "оплатить" not in notification(BRIEF, silent, None, READER)


def test_the_story_is_told_in_english_too() -> None:
    text = notification(BRIEF, HELD, FIGURES, ENGLISH).replace("\u00a0", " ")
    assert "To ship, the client has to pay 20,000.00 ₽ under contract Д-17" in text
    assert "1C figures as of 24.11.2026 10:15" in text


def test_prepaid_shipments_are_described_by_their_limit() -> None:
    decision = assess(case(account(position(not_due(1))), granted=0), policy(overdue_tolerance=Decimal(1)))
    assert "Лимит: 0,00 ₽; с этой отгрузкой: 2,00 ₽; превышение: 2,00 ₽" in spaced(
        notification(BRIEF, decision, None, READER)
    )


def test_only_what_is_known_is_told() -> None:
    silent = assess_technical(TechnicalCause.LEDGER_SILENT, None, POLICY)
    assert hold_comment("КК-1", silent, None, READER) == (
        "[b]Отгрузка остановлена кредитным контролем[/b]\nПричины:\n• 1С не отвечает\nКК-1"
    )
    assert reasons_block(ALLOWED, READER) == []
