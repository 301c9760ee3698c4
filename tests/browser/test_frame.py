"""The app in its frame: another site, no cookies, a token that is renewed, a height that fits."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from b24app.sandbox.server import Served
from tests.browser.visitor import ADMINISTRATOR
from tests.browser.visitor import MANAGER
from tests.browser.visitor import SOON
from tests.browser.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIEnvironment
    from playwright.sync_api import Browser

    from b24app.sandbox.stand import Stand

    Visit = Callable[[str], Visitor]

COOKIE = "seen=1;SameSite=None;Secure"
TRIES = f"<script>document.cookie = '{COOKIE}'; document.title = document.cookie || 'none'</script>"


def test_this_browser_blocks_cookies_of_other_sites(browser: Browser) -> None:
    """Without this the tests beside it would prove nothing."""

    def framed(_environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/html"), ("Set-Cookie", COOKIE)])
        return [TRIES.encode()]

    def framing(_environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/html")])
        return [f'<iframe src="{html.escape(inner.url)}"></iframe>'.encode()]

    context = browser.new_context()
    with Served(framed) as inner, Served(framing) as outer:
        page = context.new_page()
        page.goto(outer.url.replace("127.0.0.1", "localhost"))
        page.frames[1].wait_for_load_state()
        assert (page.frames[1].title(), context.cookies()) == ("none", [])
        page.goto(inner.url)
        assert page.title() == "seen=1"
    context.close()


def test_the_app_sets_no_cookie_and_works_without(visit: Visit) -> None:
    manager = visit(MANAGER)
    frame = manager.tab("card")
    expect(frame.locator("h1").first).to_be_visible()
    frame.get_by_role("button", name="Проверить ещё раз").click()
    expect(frame.locator("table").last).to_contain_text("с вкладки сделки", timeout=SOON)
    assert [cookie.get("name") for cookie in manager.page.context.cookies()] == ["sandbox_user"]


def test_the_links_of_the_apps_page_lead_to_the_portals_pages(visit: Visit) -> None:
    administrator = visit(ADMINISTRATOR)
    administrator.open("/apps/")
    for link, title in (("Открыть сделки", "Сделки"), ("Открыть роботов сделок", "Роботы")):
        with administrator.page.expect_popup() as opened:
            administrator.frame().get_by_role("link", name=link).click(timeout=SOON)
        expect(opened.value).to_have_title(title)


def test_a_plain_reload_of_the_frame_says_to_open_it_again(visit: Visit, stand: Stand) -> None:
    manager = visit(MANAGER)
    expect(manager.tab("card").locator("h1").first).to_be_visible()
    query = f"DOMAIN={stand.portal.core.host}&PROTOCOL=0&LANG=ru"
    manager.page.frames[1].goto(f"{stand.app_url}/placements/deal_tab?{query}")
    expect(manager.frame().get_by_role("heading")).to_have_text("Откройте приложение ещё раз")


def test_the_frame_is_as_high_as_what_it_shows(visit: Visit) -> None:
    manager = visit(MANAGER)
    expect(manager.tab("card").get_by_text("История проверок")).to_be_visible(timeout=SOON)
    shown = "() => document.documentElement.scrollHeight - window.innerHeight"
    manager.page.wait_for_function("() => document.getElementById('app').clientHeight > 420")
    assert manager.page.frames[1].evaluate(shown) <= 0
    assert manager.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_a_page_left_open_gets_a_new_token(visit: Visit) -> None:
    manager = visit(MANAGER)
    manager.page.clock.install()
    frame = manager.tab("card")
    button = frame.get_by_role("button", name="Проверить ещё раз")
    expect(button).to_be_enabled(timeout=SOON)
    with manager.page.expect_response("**/api/renew") as renewed:
        manager.page.clock.fast_forward("26:00")
    assert renewed.value.status == 200
    with manager.page.expect_response("**/api/recheck") as asked:
        button.click()
    assert asked.value.status == 202
    assert asked.value.request.headers["x-b24app-page"] == renewed.value.json()["token"]
