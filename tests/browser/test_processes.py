"""A business process of the portal: started in the deal's card, answered on the page of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOSTILE
from tests.browser.visitor import ACCOUNTANT
from tests.browser.visitor import CFO
from tests.browser.visitor import DEPUTY
from tests.browser.visitor import MANAGER
from tests.browser.visitor import SALES_HEAD
from tests.browser.visitor import SOON
from tests.browser.visitor import WITHIN
from tests.browser.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    Visit = Callable[[str], Visitor]

LIVE = 2_600


def start(manager: Visitor, key: str, percent: str, reason: str) -> None:
    """Ask for a discount on a deal."""
    manager.open(f"/crm/deal/details/{manager.deal(key)}/")
    manager.page.get_by_text("Запустить бизнес-процесс").click()
    manager.page.get_by_label("Скидка, %").fill(percent)
    manager.page.get_by_label("Почему").fill(reason)
    manager.page.get_by_role("button", name="Запустить").click()
    expect(manager.page.locator("#processes")).to_contain_text("Ожидается решение", timeout=WITHIN)


def asked(visitor: Visitor, reason: str) -> Locator:
    """Open the page of tasks and return the task with a reason."""
    visitor.open("/bizproc/")
    return visitor.page.locator(".process").filter(has_text=reason)


def test_a_discount_is_asked_for_by_the_manager_and_refused_by_the_cfo(visit: Visit) -> None:
    manager, cfo, deputy = visit(MANAGER), visit(CFO), visit(DEPUTY)
    cfo.open("/bizproc/")
    before = cfo.page.locator("#count-processes").inner_text()
    start(manager, "allow", "12", "Конкурент просит меньше")
    task = asked(deputy, "Конкурент просит меньше")
    expect(task.get_by_role("button", name="Согласовать")).to_be_visible()
    task = cfo.page.locator(".process").filter(has_text="Конкурент просит меньше")
    expect(task).to_have_count(1, timeout=WITHIN)
    expect(cfo.page.locator("#count-processes")).to_have_text(str(int(before or 0) + 1), timeout=WITHIN)
    for said in (
        "Скидка 12 % по сделке",
        "Запустил: Сергей Панин",
        "Ответить до",
        "Отгрузка: ООО «Альфа-Строй»",
    ):
        expect(task).to_contain_text(said)
    task.get_by_role("button", name="Отклонить").click()
    expect(task.get_by_role("alert")).to_have_text("Не заполнено поле: Комментарий")
    task.get_by_label("Комментарий").fill("Маржи нет")
    cfo.page.locator("h1").click()
    cfo.page.wait_for_timeout(LIVE)
    expect(task.get_by_label("Комментарий")).to_have_value("Маржи нет")
    task.get_by_role("button", name="Отклонить").click()
    expect(task.locator(".answered")).to_contain_text("Маржи нет")
    expect(task).to_contain_text("Скидка 12 % отклонена: Ирина Ветрова")
    expect(cfo.page.locator("#count-processes")).to_have_text(before)
    left = deputy.page.locator(".process").filter(has_text="Конкурент просит меньше")
    expect(left).to_have_count(0, timeout=WITHIN)
    expect(manager.page.locator("#processes")).to_contain_text("отклонена: Ирина Ветрова", timeout=WITHIN)
    manager.open("/notifications/")
    note = manager.page.locator(".note").filter(has_text="Маржи нет")
    note.get_by_role("link").click()
    expect(manager.page.locator("h1")).to_have_text("Отгрузка: ООО «Альфа-Строй»")


def test_a_person_without_tasks_is_told_where_they_come_from(visit: Visit) -> None:
    accountant = visit(ACCOUNTANT)
    accountant.open("/bizproc/")
    expect(accountant.page.locator("#list")).to_have_text("Заданий нет.")
    expect(accountant.page.locator("main")).to_contain_text("Процесс запускают в карточке сделки")


def test_a_small_discount_is_agreed_by_the_sales_head(visit: Visit) -> None:
    manager, leader = visit(MANAGER), visit(SALES_HEAD)
    start(manager, "silent", "3", "Старый клиент")
    task = asked(leader, "Старый клиент")
    task.get_by_role("button", name="Согласовать").click()
    expect(task.locator(".answered")).to_contain_text("Согласовать", timeout=WITHIN)
    leader.page.reload()
    expect(task).to_contain_text("Скидка 3 % согласована: Олег Дроздов")
    expect(task.get_by_role("button")).to_have_count(0)


def test_whoever_answers_second_is_told(visit: Visit) -> None:
    manager, cfo, deputy = visit(MANAGER), visit(CFO), visit(DEPUTY)
    start(manager, "card", "9", "Срочно")
    late, first = asked(deputy, "Срочно"), asked(cfo, "Срочно")
    late.get_by_label("Комментарий").focus()
    first.get_by_role("button", name="Согласовать").click()
    deputy.watch.expected.add("409")
    late.get_by_role("button", name="Согласовать").click()
    expect(deputy.page.get_by_role("alert")).to_contain_text("уже ответили", timeout=SOON)


@pytest.mark.parametrize(
    "number", range(len(HOSTILE)), ids=["script", "quotes", "300 characters", "right to left"]
)
def test_strange_names_and_texts_are_shown_as_text(visit: Visit, number: int) -> None:
    key, name = f"hostile-{number}", HOSTILE[number]
    manager, cfo = visit(MANAGER), visit(CFO)
    for visitor in (manager, cfo):
        visitor.page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    start(manager, key, "20", f"Повод-{number}: {name}")
    task = asked(cfo, f"Повод-{number}: ")
    expect(task).to_contain_text(name)
    expect(task.locator("p a")).to_have_text(name)
    task.get_by_label("Комментарий").fill(name)
    task.get_by_role("button", name="Отклонить").click()
    expect(task.locator(".answered")).to_contain_text(name)
    expect(manager.page.locator("#processes")).to_contain_text(name, timeout=WITHIN)
    shown = "[window.hacked, document.querySelectorAll('img, main script').length]"
    for visitor in (manager, cfo):
        assert visitor.page.evaluate(shown) == [None, 0]
        assert visitor.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
