"""What a newcomer does in the first minute, seen on the screens of the people it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.visitor import ALLOWED
from tests.browser.visitor import APPROVAL
from tests.browser.visitor import CFO
from tests.browser.visitor import CHECK
from tests.browser.visitor import MANAGER
from tests.browser.visitor import SALES_HEAD
from tests.browser.visitor import SOON
from tests.browser.visitor import WITHIN
from tests.browser.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24app.sandbox.stand import Stand

    Visit = Callable[[str], Visitor]

A_MINUTE = 120_000  # the minute between two looks at accounting, on a busy machine


def test_an_over_limit_deal_is_held_within_seconds_and_the_right_people_see_it(visit: Visit) -> None:
    manager = visit(MANAGER)
    manager.drag("limit", CHECK)
    manager.sees("limit", APPROVAL, within=WITHIN)
    manager.open("/tasks/")
    task = manager.page.locator(".task").filter(has_text="Монолит-Сервис")
    expect(task).to_have_count(1, timeout=WITHIN)
    for name in (SALES_HEAD, CFO):
        leader = visit(name)
        leader.open("/notifications/")
        note = leader.page.locator(".note").filter(has_text="Монолит-Сервис")
        expect(note).to_have_count(1, timeout=WITHIN)
        expect(note).to_contain_text("150\u00a0000,00\u00a0₽")
    frame = manager.tab("limit")
    expect(frame.get_by_role("heading", name="Отгрузка остановлена")).to_be_visible(timeout=WITHIN)
    expect(frame.get_by_role("img")).to_be_visible()
    expect(frame.locator("body")).to_contain_text("Чтобы отгрузить, оплатить")
    expect(frame.locator("body")).to_contain_text("150\u00a0000,00\u00a0₽")


def test_a_payment_in_accounting_frees_the_deal(visit: Visit, stand: Stand) -> None:
    manager = visit(MANAGER)
    manager.drag("overdue", CHECK)
    manager.sees("overdue", APPROVAL)
    frame = manager.tab("overdue")
    expect(frame.get_by_role("heading", name="Отгрузка остановлена")).to_be_visible(timeout=WITHIN)
    books = visit(MANAGER)
    books.page.goto(f"{stand.onec_pages_url}client/overdue/")
    books.page.locator("#pay").click()
    expect(books.page.get_by_role("status")).to_have_text("Оплата проведена.")
    frame.get_by_role("button", name="Проверить ещё раз").click()
    expect(frame.get_by_role("heading", name="Отгрузка разрешена")).to_be_visible(timeout=SOON)
    expect(manager.page.locator("#stage")).to_contain_text("Отгрузка разрешена", timeout=SOON)
    manager.kanban()
    manager.sees("overdue", ALLOWED)
    manager.open("/tasks/")
    expect(manager.page.locator(".task").filter(has_text="Кровельный Двор")).to_have_count(0)


def test_a_payment_frees_the_deal_without_anybody_asking(visit: Visit, stand: Stand) -> None:
    manager = visit(MANAGER)
    manager.drag("patient", CHECK)
    manager.sees("patient", APPROVAL)
    manager.page.goto(f"{stand.onec_pages_url}client/patient/")
    manager.page.locator("#pay").click()
    manager.kanban()
    manager.sees("patient", ALLOWED, within=A_MINUTE)


def test_a_shipment_typed_in_accounting_becomes_overdue_when_its_day_has_passed(
    own: Stand, visits: Callable[[Stand, str], Visitor]
) -> None:
    manager = visits(own, MANAGER)
    manager.page.goto(f"{own.onec_pages_url}client/card/")
    sale = manager.page.locator("form", has_text="Отсрочка")
    sale.get_by_label("Сумма").fill("1 000")
    sale.get_by_label("Отсрочка, дней").fill("3")
    sale.get_by_role("button").click()
    expect(manager.page.get_by_role("status")).to_have_text("Реализация проведена.")
    expect(manager.page.locator("table")).to_contain_text("1\u00a0000,00\u00a0₽")
    manager.page.goto(f"{own.onec_pages_url}base/")
    manager.page.get_by_label("На сколько дней вперёд").fill("5")
    manager.page.get_by_role("button", name="Перевести часы").click()
    frame = manager.tab("card")
    expect(frame.get_by_role("heading", name="Просроченные документы")).to_be_visible(timeout=SOON)
    expect(frame.locator("table", has_text="Срок оплаты")).to_contain_text("2\u00a0дня")


def test_a_silent_accounting_is_told_in_words_and_heals(visit: Visit, stand: Stand) -> None:
    manager = visit(MANAGER)
    manager.page.goto(f"{stand.onec_pages_url}base")
    manager.page.get_by_role("button", name="Выключить").click()
    expect(manager.page.locator("#state")).to_contain_text("выключена")
    try:
        manager.drag("silent", CHECK)
        frame = manager.tab("silent")
        expect(frame.get_by_role("heading", name="Проверить пока не удалось")).to_be_visible(timeout=SOON)
        expect(frame.locator("body")).to_contain_text("1С")
    finally:
        manager.page.goto(f"{stand.onec_pages_url}base")
        manager.page.get_by_role("button", name="Включить").click()
    manager.kanban()
    manager.sees("silent", ALLOWED)


def test_a_held_deal_dragged_past_the_block_comes_back(visit: Visit) -> None:
    manager = visit(MANAGER)
    manager.drag("both", CHECK)
    manager.sees("both", APPROVAL)
    manager.drag("both", ALLOWED)
    manager.sees("both", APPROVAL)
    manager.open(f"/crm/deal/details/{manager.deal('both')}/")
    expect(manager.page.locator("#timeline")).to_contain_text("возвращена", timeout=SOON)
