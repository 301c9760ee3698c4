"""Every sentence exists in both languages and asks for the same pieces."""

from __future__ import annotations

from dataclasses import fields
from string import Formatter

import pytest

from b24app.domain.card import CardTerms
from b24app.domain.rules import TechnicalCause
from b24app.messages.catalogue import CATALOGUE
from b24app.messages.catalogue import say


def _pieces(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_a_sentence_is_complete_in_both_languages(key: str) -> None:
    text = CATALOGUE[key]
    assert text.ru.strip()
    assert text.en.strip()
    assert _pieces(text.ru) == _pieces(text.en)
    assert not any("а" <= letter <= "я" for letter in text.en.replace("ИНН", "").lower())


@pytest.mark.parametrize("cause", TechnicalCause, ids=lambda cause: cause.value)
@pytest.mark.parametrize("audience", ["line", "manager", "administrator"])
def test_every_technical_cause_has_words(cause: TechnicalCause, audience: str) -> None:
    assert say(f"technical.{audience}.{cause.value}", "ru") != say(
        f"technical.{audience}.{cause.value}", "en"
    )


@pytest.mark.parametrize("name", [each.name for each in fields(CardTerms)])
def test_every_field_of_a_card_has_a_name(name: str) -> None:
    assert say(f"card.field.{name}", "ru")


def test_an_unknown_sentence_or_a_missing_piece_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("no.such", "ru")
    with pytest.raises(KeyError):
        say("facts.client", "ru")
