"""What is wrong in a run is said in good Russian, with what to do."""

from __future__ import annotations

import re

import pytest

from b24app.messages.exchange_texts import exchange_text
from b24app.messages.exchange_texts import issue_text

WHYS = [
    "company 5: has several ИНН: 7701, 7702",
    "7701: companies 1, 2 share one ИНН and one credit account",
    "7701: several currencies: RUB and USD do not mix",
    "7701: the list of clients changed while it was read",
    "a-ref: a settlement row has an analytics key that 1C does not list",
    "a-ref: a client cannot be read: ИНН: not in the answer",
    "7701: a contract cannot be read: currency (empty) is unknown",
    "7701: a settlement row cannot be read: СуммаBalance: not a number",
    "a-ref: a payment cannot be read: Date: empty",
    "a-ref: a settlement object: Дата: not a date",
    "7701: 1C's registers differ: 10 is owed, 5 by due dates; the difference is counted as owed",
    "7701: debts without a document that has a day: 10.00 RUB; never counted as overdue",
    "7701: written-off debt cannot be read: Сумма: not a number",
    "InformationRegister_КурсыВалют: no exchange rates: Курс: not a number",
    "a-ref: a shipment cannot be read: Date: empty",
    "a-ref: a row cannot be read: Date: empty",
    "and 7 more",
]


@pytest.mark.parametrize("issue", WHYS)
def test_every_issue_is_said_in_russian_without_a_word_of_the_record(issue: str) -> None:
    said = issue_text(issue, "ru")
    assert said != issue
    words = set(re.findall(r"\b[a-z]{3,}\b", said)) - {"ref"}
    assert not words
    assert issue_text(issue, "en") != said


def test_an_issue_nobody_foresaw_is_said_as_recorded() -> None:
    assert issue_text("7701: something new", "ru") == "7701: something new"


@pytest.mark.parametrize("job", ["snapshot", "payments", "rates"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_job_has_a_name(job: str, language: str) -> None:
    assert exchange_text(f"job.{job}", language)
