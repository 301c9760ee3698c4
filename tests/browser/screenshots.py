"""Take the pictures of docs/screenshots: `python -m tests.browser.screenshots FOLDER`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from playwright.sync_api import sync_playwright

from b24app.sandbox.stand import Pace
from b24app.sandbox.stand import Stand
from tests.browser.chromium import ARGUMENTS
from tests.browser.chromium import find
from tests.browser.visitor import ADMINISTRATOR
from tests.browser.visitor import APPROVAL
from tests.browser.visitor import CFO
from tests.browser.visitor import CHECK
from tests.browser.visitor import MANAGER
from tests.browser.visitor import SOON
from tests.browser.visitor import enter

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PACE = Pace(sweep=2, rate=10.0, burst=200)


def main(folder: Path) -> int:
    """Play the first minute of a newcomer and photograph it; return 1 when there is no browser."""
    path = find()
    if path is None:
        sys.stderr.write("No Chromium on this machine: run `make chromium`.\n")
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as room,
        Stand(Path(room), pace=PACE) as stand,
        sync_playwright() as playwright,
    ):
        stand.start_app()
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        _install(browser, stand, folder)
        _hold(browser, stand, folder)
        _ask(browser, stand, folder)
        browser.close()
    return 0


def _install(browser: Browser, stand: Stand, folder: Path) -> None:
    administrator = enter(browser, stand, ADMINISTRATOR)
    administrator.open("/apps/?install=1")
    frame = administrator.frame()
    start = frame.get_by_role("button", name="Установить")
    expect(start).to_be_visible(timeout=SOON)
    administrator.shoot(folder / "install-plan.png")
    start.click()
    finish = frame.get_by_role("button", name="Завершить установку")
    expect(finish).to_be_visible(timeout=2 * SOON)
    administrator.shoot(folder / "install-done.png")
    finish.click()
    expect(frame.get_by_text("Где что находится")).to_be_visible(timeout=SOON)
    stand.portal.place_robot(CHECK, "cc_check")


def _hold(browser: Browser, stand: Stand, folder: Path) -> None:
    manager = enter(browser, stand, MANAGER)
    manager.drag("limit", CHECK)
    manager.sees("limit", APPROVAL)
    manager.drag("both", CHECK)
    manager.sees("both", APPROVAL)
    manager.shoot(folder / "kanban.png")
    expect(manager.tab("both").get_by_text("История проверок")).to_be_visible(timeout=SOON)
    expect(manager.frame().get_by_role("status")).to_have_text("", timeout=SOON)
    manager.shoot(folder / "tab.png")
    manager.open(f"/crm/deal/details/{manager.deal('both')}/")
    expect(manager.page.locator("#timeline li").first).to_contain_text("остановлена", timeout=SOON)
    manager.shoot(folder / "deal.png")
    manager.open("/tasks/")
    manager.shoot(folder / "task.png")
    leader = enter(browser, stand, CFO)
    leader.open("/notifications/")
    leader.shoot(folder / "notifications.png")
    leader.page.goto(f"{stand.onec_pages_url}client/both/")
    leader.shoot(folder / "accounting.png")


def _ask(browser: Browser, stand: Stand, folder: Path) -> None:
    """Ask for two discounts and answer one."""
    manager, leader = enter(browser, stand, MANAGER), enter(browser, stand, CFO)
    for key, percent, reason in (
        ("allow", "7", "Клиент берёт весь объём на объект «Северный»"),
        ("drag", "12", "Конкурент просит меньше"),
    ):
        manager.open(f"/crm/deal/details/{manager.deal(key)}/")
        manager.page.get_by_text("Запустить бизнес-процесс").click()
        manager.page.get_by_label("Скидка, %").fill(percent)
        manager.page.get_by_label("Почему").fill(reason)
        manager.page.get_by_role("button", name="Запустить").click()
        expect(manager.page.locator("#processes")).to_contain_text("Ожидается решение")
    leader.open("/bizproc/")
    first = leader.page.locator(".process").filter(has_text="Северный")
    first.get_by_label("Комментарий").fill("Только при предоплате")
    first.get_by_role("button", name="Согласовать").click()
    leader.shoot(folder / "processes.png")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
