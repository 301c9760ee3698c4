"""An administrator installs the app in the portal, sees what it does, and what is left for him."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from b24app.sandbox.stand import Stand
from tests.browser.conftest import OTHER_SITE
from tests.browser.conftest import SLOW
from tests.browser.visitor import ADMINISTRATOR
from tests.browser.visitor import MANAGER
from tests.browser.visitor import SOON

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterator

    from tests.browser.visitor import Visitor


@pytest.fixture
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A stand on which the app is running and not installed."""
    with Stand(tmp_path_factory.mktemp("bare"), pace=SLOW, app_host=OTHER_SITE) as running:
        running.start_app()
        yield running


def test_an_installation_is_planned_watched_interrupted_and_finished(
    bare: Stand, visits: Callable[[Stand, str], Visitor]
) -> None:
    manager = visits(bare, MANAGER)
    manager.open("/apps/")
    expect(manager.page.locator("main")).to_contain_text("устанавливает администратор")

    administrator = visits(bare, ADMINISTRATOR)
    administrator.open("/apps/")
    administrator.page.locator("#install").click()
    frame = administrator.frame()
    expect(frame.get_by_role("button", name="Установить")).to_be_visible(timeout=SOON)
    expect(frame.locator(".state-planned").first).to_have_text("ещё не создано")
    planned = frame.locator(".step").count()
    assert planned > 30
    assert bare.portal.core.store.user_fields["CRM_DEAL"] == {}

    frame.get_by_role("button", name="Установить").click()
    expect(frame.locator(".state-made").nth(4)).to_be_visible(timeout=SOON)
    assert frame.locator("progress").evaluate("bar => bar.value") >= 5
    administrator.watch.expected.add("ERR_INCOMPLETE_CHUNKED_ENCODING")
    bare.kill_app()
    expect(frame.get_by_role("status").last).to_contain_text("Связь прервалась", timeout=SOON)
    bare.start_app()

    administrator.open("/apps/?install=1")
    expect(frame.get_by_role("button", name="Установить")).to_be_visible(timeout=SOON)
    assert frame.locator(".step").count() < planned
    frame.get_by_role("button", name="Установить").click()
    expect(frame.get_by_role("button", name="Завершить установку")).to_be_visible(timeout=2 * SOON)
    expect(frame.locator("body")).to_contain_text("Готово: всё нужное создано")
    expect(frame.get_by_role("img").first).to_be_visible()
    expect(frame.locator("body")).to_contain_text("Подготовка к отгрузке")
    frame.get_by_role("button", name="Завершить установку").click()
    expect(frame.get_by_text("Режим контроля")).to_be_visible(timeout=SOON)

    administrator.open("/automation/")
    expect(administrator.page.get_by_role("combobox").first).to_contain_text("Кредитный контроль")
    manager.open(f"/crm/deal/details/{manager.deal('allow')}/")
    expect(manager.page.get_by_role("link", name="Кредитный контроль")).to_be_visible()
