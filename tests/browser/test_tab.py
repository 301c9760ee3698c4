"""The credit tab: what it says before a check, about a hold, and about names nobody would choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOSTILE
from tests.browser.visitor import APPROVAL
from tests.browser.visitor import CHECK
from tests.browser.visitor import MANAGER
from tests.browser.visitor import SALES_HEAD
from tests.browser.visitor import SOON
from tests.browser.visitor import WITHIN
from tests.browser.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable

    Visit = Callable[[str], Visitor]


def test_before_the_check_it_says_what_would_happen_and_moves_nothing(visit: Visit) -> None:
    manager = visit(MANAGER)
    stage = manager.stand.portal.deal(manager.deal("drag"))["stageId"]
    frame = manager.tab("drag")
    expect(frame.get_by_role("heading", name="Отгрузка была бы остановлена")).to_be_visible(timeout=SOON)
    expect(frame.locator("body")).to_contain_text("Проверка для сведения")
    assert manager.stand.portal.deal(manager.deal("drag"))["stageId"] == stage
    tasks = [task["UF_CRM_TASK"] or [] for task in manager.stand.portal.tasks()]
    assert not any(f"D_{manager.deal('drag')}" in bound for bound in tasks)


def test_a_late_client_is_shown_with_documents_and_days(visit: Visit) -> None:
    manager = visit(MANAGER)
    manager.drag("pay", CHECK)
    manager.sees("pay", APPROVAL)
    frame = manager.tab("pay")
    expect(frame.get_by_role("heading", name="Просроченные документы")).to_be_visible(timeout=WITHIN)
    expect(frame.locator("table", has_text="Срок оплаты").locator("tbody tr")).to_have_count(1)
    expect(frame.locator("table", has_text="Срок оплаты")).to_contain_text("240\u00a0000,00\u00a0₽")
    expect(frame.locator("body")).to_contain_text("Данные 1С на")
    rows = frame.locator("table", has_text="Почему проверяли").locator("tbody tr")
    before = rows.count()
    frame.get_by_role("button", name="Проверить ещё раз").click()
    expect(rows).to_have_count(before + 1, timeout=SOON)
    expect(frame.get_by_role("status")).to_have_text("")


def test_a_closed_deal_is_not_checked_and_the_button_says_so(visit: Visit) -> None:
    manager = visit(MANAGER)
    lost = next(deal["id"] for deal in manager.stand.portal.deals() if deal["stageId"] == "LOSE")
    manager.open(f"/crm/deal/details/{lost}/?tab=credit")
    frame = manager.frame()
    frame.get_by_role("button", name="Проверить ещё раз").click(timeout=SOON)
    expect(frame.get_by_role("status")).to_contain_text("только открытые сделки", timeout=SOON)
    expect(frame.get_by_role("button", name="Проверить ещё раз")).to_be_enabled()


def test_the_limit_is_marked_on_the_bar_when_the_deal_fits(visit: Visit) -> None:
    frame = visit(MANAGER).tab("allow")
    mark, bar = frame.locator(".bar .mark"), frame.locator(".bar")
    expect(mark).to_be_visible(timeout=SOON)
    ends = [box["x"] + box["width"] for box in (mark.bounding_box(), bar.bounding_box()) if box]
    assert ends[0] == pytest.approx(ends[1], abs=1)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        pytest.param(0, HOSTILE[0], id="script"),
        pytest.param(1, HOSTILE[1], id="quotes"),
        pytest.param(2, HOSTILE[2][:60], id="300 characters"),
        pytest.param(3, "שלום عليكم", id="right to left"),
    ],
)
def test_names_are_shown_as_text_everywhere(visit: Visit, number: int, told: str) -> None:
    key, name = f"hostile-{number}", HOSTILE[number]
    manager = visit(MANAGER)
    manager.page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    manager.drag(key, CHECK)
    manager.sees(key, APPROVAL)
    expect(manager.card(key)).to_contain_text(name)
    frame = manager.tab(key)
    expect(frame.get_by_role("heading", name="Отгрузка остановлена")).to_be_visible(timeout=WITHIN)
    assert manager.page.frames[1].evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    manager.open(f"/crm/deal/details/{manager.deal(key)}/")
    expect(manager.page.locator("h1")).to_have_text(name)
    expect(manager.page.locator("#timeline li").first).to_contain_text("остановлена", timeout=WITHIN)
    manager.open("/tasks/")
    expect(manager.page.locator(".task").filter(has_text=told)).to_have_count(1, timeout=WITHIN)
    client = visit(MANAGER)
    client.open(f"/crm/company/details/{client.stand.portal.company_ids[key]}/")
    expect(client.page.locator("h1")).to_have_text(name)
    books = visit(MANAGER)
    books.page.goto(f"{books.stand.onec_pages_url}client/{key}/")
    expect(books.page.locator("h1")).to_have_text(name)
    leader = visit(SALES_HEAD)
    leader.open("/notifications/")
    expect(leader.page.locator(".note").filter(has_text=told)).to_have_count(1, timeout=WITHIN)
    for visitor in (manager, client, books, leader):
        assert visitor.page.evaluate(
            "[window.hacked, document.querySelectorAll('img, main script').length]"
        ) == [
            None,
            0,
        ]
        assert visitor.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
