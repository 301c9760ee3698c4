"""What the credit tab says of its figures: overdue documents, their age, and whether to ask for new ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.services.tab import CreditTab
from b24app.services.views import DealTabView
from tests.builders import late
from tests.builders import not_due
from tests.builders import position
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import EARLY
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client
from tests.unit.services.test_tab import held
from tests.unit.services.test_tab import seen

MAX_AGE = timedelta(minutes=15)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
ADVICE = "Проверка для сведения: сделка не на стадии «Подготовка к отгрузке», поэтому ничего не переставлено."


def tab_of(rig: Rig) -> CreditTab:
    return CreditTab(book=rig.book, settings_of=rig.settings_of, clock=rig.clock)


def overdue_in(view: DealTabView) -> list[tuple[str, str, str, str]]:
    return [(line.document, line.due, spaced(line.days), spaced(line.amount)) for line in view.overdue]


def spaced(text: str | None) -> str:
    return str(text).replace("\u00a0", " ")


def patient() -> Rig:
    """Hold a deal under a policy that takes figures an hour old for good."""
    rig = held()
    rig.settings = replace(rig.settings, policy=replace(rig.policy, max_data_age=HOUR))
    return rig


def allowed() -> Rig:
    rig = Rig()
    rig.deal()
    rig.check()
    assert rig.hold() is None
    return rig


def never_checked() -> Rig:
    rig = Rig()
    rig.deal()
    return rig


def released() -> Rig:
    rig = held()
    rig.ledger.put(client(position()))
    rig.check(kind=MessageKind.RECHECK)
    assert rig.hold() is None
    return rig


def without_data() -> Rig:
    rig = Rig()
    rig.ledger.fail()
    rig.deal()
    rig.check()
    return rig


def after(made: Rig, age: timedelta) -> Rig:
    made.clock.moment += age
    return made


def woken(made: Rig, kind: MessageKind = MessageKind.BUTTON) -> Rig:
    made.wake(kind=kind)
    return made


@pytest.mark.parametrize(
    ("make", "wants"),
    [
        pytest.param(never_checked, True, id="never checked"),
        pytest.param(lambda: after(allowed(), DAY), False, id="allowed, however long ago"),
        pytest.param(lambda: after(released(), DAY), False, id="released, however long ago"),
        pytest.param(lambda: after(held(Mode.OBSERVE), DAY), False, id="only watched"),
        pytest.param(lambda: after(without_data(), DAY), False, id="waiting for data, which heals by itself"),
        pytest.param(held, False, id="held just now"),
        pytest.param(lambda: after(held(), MAX_AGE), False, id="held, figures as old as is good"),
        pytest.param(lambda: after(held(), MAX_AGE + SECOND), True, id="held, figures too old"),
        pytest.param(lambda: after(patient(), HOUR), False, id="good by another policy"),
        pytest.param(lambda: after(patient(), HOUR + SECOND), True, id="too old by another policy"),
        pytest.param(lambda: woken(never_checked()), False, id="never checked, asked already"),
        pytest.param(lambda: woken(after(held(), DAY)), False, id="held, figures too old, asked already"),
        pytest.param(
            lambda: woken(after(held(), DAY), MessageKind.SWEEP), False, id="held, too old, a sweep is coming"
        ),
    ],
)
def test_opening_the_tab_asks_for_new_figures_when_they_would_matter(
    make: Callable[[], Rig], wants: bool
) -> None:
    rig = make()
    rig.portal.requests.clear()
    rig.ledger.asked.clear()
    assert tab_of(rig).wants_check(MEMBER, 1) is wants
    assert (rig.portal.requests, rig.ledger.asked) == ([], [])


def test_what_was_asked_for_is_not_wanted_again() -> None:
    rig = after(held(), DAY)
    assert tab_of(rig).wants_check(MEMBER, 1)
    rig.check(kind=MessageKind.BUTTON)
    assert not tab_of(rig).wants_check(MEMBER, 1)


def test_another_deals_check_is_not_this_deals() -> None:
    rig = held()
    assert tab_of(rig).wants_check(MEMBER, 2)
    rig.wake(2)
    assert not tab_of(rig).wants_check(MEMBER, 2)
    assert tab_of(after(rig, DAY)).wants_check(MEMBER, 1)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "ru",
            [
                ("УТ-7", "03.11.2026", "21 день", "340 000,00 ₽"),
                ("УТ-9", "22.11.2026", "2 дня", "1 250,50 ₽"),
            ],
        ),
        (
            "en",
            [
                ("УТ-7", "03.11.2026", "21 days", "340,000.00 ₽"),
                ("УТ-9", "22.11.2026", "2 days", "1,250.50 ₽"),
            ],
        ),
    ],
)
def test_overdue_documents_are_listed_oldest_first_with_what_is_left_of_them(
    language: str, lines: list[tuple[str, str, str, str]]
) -> None:
    rig = Rig()
    debts = (
        late("1250.50", days=2, document="УТ-9"),
        not_due(600_000, document="УТ-10"),
        late(350_000, days=21, document="УТ-7"),
    )
    rig.ledger.put(client(position(*debts, credit=10_000)))
    rig.deal()
    rig.check()
    assert overdue_in(seen(rig, language)) == lines


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(never_checked, id="never checked"),
        pytest.param(allowed, id="nothing is late"),
        pytest.param(without_data, id="no data"),
    ],
)
def test_where_nothing_is_known_to_be_late_no_document_is_listed(make: Callable[[], Rig]) -> None:
    assert seen(make()).overdue == ()


@pytest.mark.parametrize(
    ("age", "russian", "english"),
    [
        pytest.param(timedelta(0), "только что", "just now", id="fresh"),
        pytest.param(timedelta(minutes=3), "3 минуты назад", "3 minutes ago", id="minutes"),
        pytest.param(timedelta(hours=1), "1 час назад", "1 hour ago", id="an hour"),
        pytest.param(timedelta(days=5), "5 дней назад", "5 days ago", id="days"),
    ],
)
def test_figures_are_as_old_as_their_reading(age: timedelta, russian: str, english: str) -> None:
    rig = after(held(), age)
    assert (spaced(seen(rig).age), spaced(seen(rig, "en").age)) == (russian, english)
    assert seen(rig).as_of == "24.11.2026 10:20"


@pytest.mark.parametrize("make", [never_checked, without_data])
def test_figures_that_were_not_read_have_no_age(make: Callable[[], Rig]) -> None:
    assert (seen(make()).age, seen(make()).as_of) == (None, None)


def test_a_hold_is_told_from_its_first_moment_until_it_ends() -> None:
    rig = after(held(), timedelta(hours=2))
    rig.check(kind=MessageKind.BUTTON)
    assert seen(rig).held_since == "24.11.2026 10:20"
    rig.ledger.put(client(position()))
    rig.check(kind=MessageKind.BUTTON)
    assert seen(rig).held_since is None


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(never_checked, id="never checked"),
        pytest.param(allowed, id="allowed"),
        pytest.param(lambda: held(Mode.OBSERVE), id="only watched"),
        pytest.param(without_data, id="waiting for data"),
    ],
)
def test_what_is_not_held_has_no_since(make: Callable[[], Rig]) -> None:
    assert seen(make()).held_since is None


def advised(*debts: int, mode: Mode = Mode.ENFORCE) -> Rig:
    """Check a deal by the button before it reached the check stage."""
    rig = Rig(mode=mode)
    rig.ledger.put(client(position(*(late(debt, days=7) for debt in debts))))
    rig.deal(stage=EARLY)
    rig.check(kind=MessageKind.BUTTON)
    return rig


@pytest.mark.parametrize(
    ("debts", "verdict"),
    [
        pytest.param([], "Отгрузка разрешена", id="fits"),
        pytest.param([350_000], "Отгрузка была бы остановлена", id="late"),
    ],
)
def test_a_check_before_the_stage_is_said_to_be_advice(debts: list[int], verdict: str) -> None:
    rig = advised(*debts)
    view = seen(rig)
    assert (view.verdict, view.note, view.held_since) == (verdict, ADVICE, None)
    note = seen(rig, "en").note
    assert note is not None
    assert note.startswith("Checked for information: ")


def test_watching_is_said_before_advice() -> None:
    note = seen(advised(350_000, mode=Mode.OBSERVE)).note
    assert note is not None
    assert note.startswith("Режим наблюдения")


@pytest.mark.parametrize(
    ("debts", "verdict"),
    [
        pytest.param([], "Отгрузка разрешена", id="fits"),
        pytest.param([350_000], "Отгрузка остановлена", id="late"),
    ],
)
def test_advice_ends_when_a_check_binds(debts: list[int], verdict: str) -> None:
    rig = advised(*debts)
    rig.drag(1, CHECK)
    rig.check()
    view = seen(rig)
    assert (view.verdict, view.note) == (verdict, None)


def test_a_check_after_the_deal_went_back_is_advice_again() -> None:
    rig = held()
    assert seen(rig).note is None
    rig.drag(1, EARLY)
    rig.check()
    rig.check(kind=MessageKind.BUTTON)
    view = seen(rig)
    assert (view.verdict, view.note, view.held_since) == ("Отгрузка была бы остановлена", ADVICE, None)


def test_advice_newer_than_the_check_that_bound_is_said_to_be_advice() -> None:
    rig = allowed()
    rig.drag(1, EARLY)
    rig.check(kind=MessageKind.BUTTON)
    assert (rig.state(), rig.reserve()) == (None, None)
    assert seen(rig).note == ADVICE


def test_a_held_deal_that_left_is_let_go_though_the_button_was_pressed_at_once() -> None:
    """A button message outranks the deal's own event; the hold must not outlive the deal's leaving."""
    rig = held()
    rig.drag(1, EARLY)
    rig.wake()
    rig.check(kind=MessageKind.BUTTON)
    view = seen(rig)
    assert (rig.hold(), view.note, view.held_since) == (None, ADVICE, None)


def test_each_line_of_the_history_says_what_its_check_meant() -> None:
    rig = held()
    rig.drag(1, EARLY)
    rig.check(kind=MessageKind.BUTTON)
    view = seen(rig)
    assert view.verdict == "Отгрузка была бы остановлена"
    assert [line.verdict for line in view.history] == ["Отгрузка была бы остановлена", "Отгрузка остановлена"]


def test_a_deal_that_came_before_the_switch_is_not_told_to_be_stopped() -> None:
    rig = Rig(mode=Mode.ENFORCE, enforce_since=None)
    rig.ledger.put(client(position(late(350_000, days=7))))
    rig.deal()
    with rig.book.write() as unit:
        unit.portals.save(replace(rig.record(), enforce_since=rig.clock.now() + SECOND))
    rig.check()
    view = seen(rig)
    assert (view.verdict, view.held_since) == ("Отгрузка была бы остановлена", None)
    assert view.note is not None
    assert view.note.startswith("Сделка пришла на эту стадию до включения контроля")


def test_a_lost_deal_is_asked_about_once_though_it_is_never_checked() -> None:
    rig = Rig()
    rig.deal(stage="LOSE")
    rig.portal.deals[1] = replace(rig.portal.deals[1], closed=True)
    assert tab_of(rig).wants_check(MEMBER, 1)
    rig.check(kind=MessageKind.BUTTON)
    assert rig.checks() == []
    assert not tab_of(rig).wants_check(MEMBER, 1)
