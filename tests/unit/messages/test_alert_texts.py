"""Attempts and technical trouble in words, to the letter."""

from __future__ import annotations

from datetime import UTC
from datetime import date
from datetime import datetime

import pytest

from b24app.domain.card import CardTerms
from b24app.domain.card import CardValue
from b24app.domain.card import FieldChange
from b24app.domain.card import review_card
from b24app.domain.decision import assess_technical
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.domain.rules import TechnicalCause
from b24app.messages.alert_texts import attempt_stuck
from b24app.messages.alert_texts import attempt_to_head
from b24app.messages.alert_texts import attempt_to_manager
from b24app.messages.alert_texts import card_attempt
from b24app.messages.alert_texts import outage_over
from b24app.messages.alert_texts import put_back_comment
from b24app.messages.alert_texts import technical_comment
from b24app.messages.alert_texts import technical_to_administrator
from b24app.messages.alert_texts import technical_to_manager
from b24app.messages.briefs import AttemptBrief
from b24app.messages.briefs import CompanyBrief
from tests.builders import rub
from tests.unit.messages.samples import BRIEF
from tests.unit.messages.samples import ENGLISH
from tests.unit.messages.samples import HELD
from tests.unit.messages.samples import POLICY
from tests.unit.messages.samples import READER
from tests.unit.messages.samples import spaced

WHEN = datetime(2026, 11, 24, 7, 15, tzinfo=UTC)
ATTEMPT = AttemptBrief("Анна [b]Иванова", WHEN, "Требуется согласование", "Отгружено")
COMPANY = CompanyBrief("ООО [Ромашка]", "https://portal.example/crm/company/details/5/")
LINK = "[url=https://portal.example/crm/deal/details/77/]Поставка крепежа[/url]"


def test_the_first_slip_gets_a_friendly_note() -> None:
    assert attempt_to_manager(BRIEF, None, READER) == (
        f"{LINK}\nСделка ждёт решения кредитного контроля, поэтому она возвращена на согласование.\n"
        "Ничего страшного: сделка пойдёт дальше сама, как только причина исчезнет. "
        "Если отгрузить нужно раньше, запросите исключение."
    )


def test_repeated_attempts_are_reported_to_the_head() -> None:
    text = spaced(attempt_to_head(BRIEF, ATTEMPT, HELD, READER, repeats=3))
    assert text == (
        "[b]Попытка обойти блокировку отгрузки. Сделка возвращена на согласование.[/b]\n"
        f"Сделка: {LINK} на 30 000,00 ₽\nКлиент: ООО «Ромашка»\n"
        "Анна (b)Иванова, 24.11.2026 10:15: из «Требуется согласование» в «Отгружено»\n"
        "Попыток этого сотрудника: 3\n"
        "• Превышен кредитный лимит на 20 000,00 ₽: с этой отгрузкой долг составит 120 000,00 ₽ "
        "при лимите 100 000,00 ₽\n"
        "• Просрочена оплата 20 000,00 ₽, самая давняя на 1 день"
    )
    assert "Попыток" not in attempt_to_head(BRIEF, ATTEMPT, None, READER)


def test_a_deal_pushed_again_and_again_is_handed_to_a_person() -> None:
    assert "возвращена 3 раза" in attempt_stuck(BRIEF, 3, READER)
    assert "put back 3 times" in attempt_stuck(BRIEF, 3, ENGLISH)
    assert "put back 1 time," in attempt_stuck(BRIEF, 1, ENGLISH)


def test_a_put_back_leaves_a_comment() -> None:
    text = put_back_comment("КК-5", ATTEMPT, READER)
    assert text.splitlines()[1:] == [
        "Анна (b)Иванова, 24.11.2026 10:15: из «Требуется согласование» в «Отгружено»",
        "КК-5",
    ]
    assert len(put_back_comment("КК-5", None, READER).splitlines()) == 2


def test_a_typed_limit_is_reported_with_both_values() -> None:
    review = review_card(CardTerms(Granted(rub(900))), accepted=CardTerms(Granted(rub(100))), mirrored=None)
    assert spaced(card_attempt(COMPANY, review.tampered, READER)) == (
        "В карточке компании «[url=https://portal.example/crm/company/details/5/]ООО (Ромашка)[/url]» "
        "изменены кредитные условия без согласования.\n"
        "• Лимит: было 100,00 ₽, введено 900,00 ₽\n"
        "Прежние значения возвращены. В решениях учитывается более строгое."
    )
    assert "не приняты" in card_attempt(COMPANY, review.tampered, READER, put_back=False)


@pytest.mark.parametrize(
    ("field", "value", "written"),
    [
        ("limit", Unlimited(), "без лимита"),
        ("limit", NOT_SET, "не задано"),
        ("limit_until", date(2026, 12, 31), "31.12.2026"),
        ("limit_until", None, "не задано"),
        ("terms_days", 14, "14 дней"),
        ("terms_days", 0, "0 дней"),
        ("terms_days", 1, "1 день"),
        ("category", "vip[b]", "vip(b)"),
        ("group", "", "не задано"),
        ("strategic", True, "да"),
        ("strategic", False, "нет"),
    ],
)
def test_every_value_of_a_card_is_written_for_people(field: str, value: CardValue, written: str) -> None:
    change = FieldChange(field, "раньше", value)
    line = spaced(card_attempt(COMPANY, [change], READER)).splitlines()[1]
    assert line.endswith(f"введено {written}")


def test_the_manager_learns_what_is_wrong_and_what_to_do() -> None:
    decision = assess_technical(TechnicalCause.CLIENT_UNKNOWN, "7701234567", POLICY)
    body = (
        "[b]Кредитный контроль не смог проверить сделку, отгрузка пока остановлена[/b]\n"
        "В 1С нет контрагента с таким ИНН (7701234567)\n"
        "Проверьте ИНН в реквизитах компании. Если он верный, попросите бухгалтерию завести контрагента в 1С."
    )
    assert technical_to_manager(BRIEF, decision, READER) == f"{LINK}\n{body}"
    assert technical_comment("КК-9", decision, READER) == f"{body}\nКК-9"


def test_a_reason_without_a_cause_is_explained_as_a_failure() -> None:
    assert "Запустите проверку ещё раз" in technical_comment(
        "КК-9", assess_technical(TechnicalCause.FAILED, None, POLICY), READER
    )


def test_the_administrator_learns_where_to_look() -> None:
    text = technical_to_administrator(
        TechnicalCause.LEDGER_SILENT, "connection [refused]", READER, since=WHEN, waiting=4
    )
    assert text == (
        "[b]Кредитный контроль: 1С не отвечает (connection (refused))[/b]\nС 24.11.2026 10:15\n"
        "Ждут проверки, сделок: 4\n"
        "Проверьте, что сервер 1С и публикация OData работают и доступны с сервера приложения. "
        "Когда 1С ответит, проверки повторятся сами."
    )
    bare = technical_to_administrator(TechnicalCause.FAILED, None, ENGLISH, since=WHEN)
    assert bare.startswith("[b]Credit control: The check failed because of an internal error[/b]")
    assert "waiting" not in bare


def test_the_end_of_an_outage_is_told() -> None:
    assert outage_over(WHEN, READER) == (
        "Кредитный контроль: 1С снова отвечает (24.11.2026 10:15). Отложенные проверки идут сами."
    )
