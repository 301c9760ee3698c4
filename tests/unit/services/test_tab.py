"""The credit tab: the newest decision and the earlier ones, in the reader's language, from our rows only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from b24app.domain.contracts import contracts_limit
from b24app.domain.limits import Unlimited
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.services.pagetokens import PagePass
from b24app.services.tab import CreditTab
from b24app.services.views import DealTabView
from b24app.services.views import Tone
from tests.builders import late
from tests.builders import not_due
from tests.builders import position
from tests.builders import usd
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client
from tests.unit.services.rig import contract


def seen(rig: Rig, language: str = "ru", deal_id: int = 1) -> DealTabView:
    rig.portal.requests.clear()
    tab = CreditTab(book=rig.book, settings_of=rig.settings_of, clock=rig.clock)
    view = tab.view(MEMBER, deal_id, PagePass(MEMBER, 11, deal_id, language))
    assert rig.portal.requests == []
    return view


def sums(view: DealTabView) -> dict[str, str]:
    return {line.label: line.amount.replace("\u00a0", " ") for line in view.arithmetic}


def held(mode: Mode = Mode.ENFORCE) -> Rig:
    rig = Rig(mode=mode, enforce_since=None)
    rig.ledger.put(client(position(late(350_000, days=7), not_due(600_000), credit=10_000, shipped=20_000)))
    rig.deal(amount=100_000)
    rig.check()
    return rig


@pytest.mark.parametrize(
    ("language", "verdict"), [("ru", "Проверки ещё не было."), ("en", "Not checked yet.")]
)
def test_before_the_first_check(language: str, verdict: str) -> None:
    rig = Rig()
    view = seen(rig, language)
    assert (view.tone, view.verdict, view.revision, view.checking) == (Tone.NEUTRAL, verdict, "0", False)
    assert view.can_recheck
    rig.wake()
    assert seen(rig).checking


def test_a_held_deal_in_russian() -> None:
    view = seen(held())
    assert (view.tone, view.verdict) == (Tone.BAD, "Отгрузка остановлена")
    assert view.note is None
    assert len(view.reasons) == 2
    assert sums(view) == {
        "Долг по документам": "950 000,00 ₽",
        "Отгружается по заказам": "20 000,00 ₽",
        "Незачтённые авансы": "10 000,00 ₽",
        "Эта сделка": "100 000,00 ₽",
        "Нагрузка с этой сделкой": "1 060 000,00 ₽",
        "Кредитный лимит": "1 000 000,00 ₽",
        "Превышение": "60 000,00 ₽",
    }
    assert [line.replace("\u00a0", " ") for line in view.to_release] == ["340 000,00 ₽ по договору Договор A"]
    assert view.as_of == "24.11.2026 10:20"
    assert [(line.when, line.verdict, line.tone, line.trigger) for line in view.history] == [
        ("24.11.2026 10:20", "Отгрузка остановлена", Tone.BAD, "сделка изменилась")
    ]


def test_a_held_deal_in_english() -> None:
    view = seen(held(), "en")
    assert view.verdict == "Shipment held"
    assert sums(view)["Excess"] == "60,000.00 ₽"
    assert [line.replace("\u00a0", " ") for line in view.to_release] == [
        "340,000.00 ₽ under contract Договор A"
    ]
    text = " ".join((*view.reasons, *view.to_release, view.history[0].trigger)).replace("Договор A", "")
    assert not any("а" <= letter.lower() <= "я" for letter in text)


@pytest.mark.parametrize(
    ("language", "verdict", "note"),
    [
        ("ru", "Отгрузка была бы остановлена", "Режим наблюдения"),
        ("en", "The shipment would be held", "Observing"),
    ],
)
def test_what_would_be_held_is_said_so(language: str, verdict: str, note: str) -> None:
    view = seen(held(Mode.OBSERVE), language)
    assert view.verdict == verdict
    assert view.note is not None
    assert view.note.startswith(note)
    assert view.history[0].verdict == verdict


def test_an_allowed_deal_shows_the_room_left() -> None:
    rig = Rig()
    rig.ledger.put(client(position(not_due(300_000))))
    rig.deal(amount=100_000)
    rig.check()
    view = seen(rig)
    assert (view.tone, view.verdict) == (Tone.GOOD, "Отгрузка разрешена")
    assert sums(view)["Остаток лимита"] == "600 000,00 ₽"
    assert "Обещано по другим сделкам" not in sums(view)
    assert view.to_release == ()
    rig.deal(2, amount=100_000)
    rig.check(2)
    assert sums(seen(rig, deal_id=2))["Обещано по другим сделкам"] == "100 000,00 ₽"


def test_without_a_limit_it_is_said_so() -> None:
    free = replace(contract(None), limit=Unlimited())
    assert contracts_limit([free]) == Unlimited()
    rig = Rig()
    rig.ledger.put(replace(client(position(not_due(300_000))), contracts=(free,)))
    rig.deal(amount=100_000)
    rig.check()
    assert sums(seen(rig))["Кредитный лимит"] == "без ограничения"
    assert sums(seen(rig, "en"))["Credit limit"] == "unlimited"
    assert "Остаток лимита" not in sums(seen(rig))


def test_a_check_that_knew_no_limit_shows_the_exposure_alone() -> None:
    rig = held()
    check = rig.checks()[0]
    with rig.book.write() as unit:
        unit.checks.add(replace(check, decision=replace(check.decision, limit=None)))
    assert "Нагрузка с этой сделкой" in sums(seen(rig))
    assert "Кредитный лимит" not in sums(seen(rig))


@pytest.mark.parametrize("mode", list(Mode))
def test_a_check_without_data_shows_why_and_no_sums(mode: Mode) -> None:
    rig = Rig(mode=mode, enforce_since=None)
    rig.ledger.fail()
    rig.deal()
    rig.check()
    view = seen(rig)
    assert (view.tone, view.verdict) == (Tone.WARN, "Проверить пока не удалось")
    assert len(view.reasons) == 1
    assert (view.arithmetic, view.to_release, view.as_of) == ((), (), None)


def test_a_return_in_foreign_money_is_allowed_without_sums() -> None:
    rig = Rig()
    rig.deal(amount=usd(-100))
    rig.ledger.put(client(position(not_due(300_000))))
    rig.check()
    view = seen(rig)
    assert view.tone is Tone.GOOD
    assert view.arithmetic == ()


def test_the_history_is_newest_first_and_ends_after_twenty() -> None:
    rig = Rig()
    rig.deal()
    for _ in range(23):
        rig.check(kind=MessageKind.BUTTON)
        rig.clock.advance(minutes=1)
    view = seen(rig)
    assert len(view.history) == 20
    assert view.history[0].when > view.history[-1].when
    assert {line.trigger for line in view.history} == {"с вкладки сделки"}
    assert view.revision == "23"


def test_what_pays_an_unknown_contract_shows_the_sum_alone() -> None:
    rig = Rig()
    rig.ledger.put(client(position(late(50_000, days=5), contract=None)))
    rig.deal(amount=100_000)
    rig.check()
    assert [line.replace("\u00a0", " ") for line in seen(rig).to_release] == ["50 000,00 ₽"]
