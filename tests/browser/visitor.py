"""A person at a browser: who he is, what he does, and everything that must not happen while he does it."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser
    from playwright.sync_api import ConsoleMessage
    from playwright.sync_api import Error
    from playwright.sync_api import FrameLocator
    from playwright.sync_api import Locator
    from playwright.sync_api import Page
    from playwright.sync_api import Request

    from b24app.sandbox.stand import Stand

ADMINISTRATOR = "Артём Логинов"
MANAGER = "Сергей Панин"
SALES_HEAD = "Олег Дроздов"
CFO = "Ирина Ветрова"
DEPUTY = "Павел Козырев"
ACCOUNTANT = "Людмила Гусева"
CHECK, ALLOWED, APPROVAL = "CC_PREPARE", "CC_ALLOWED", "CC_APPROVAL"
WITHIN = 5_000
SOON = 20_000
SETTLE = 700
DRAGS = 3


def _is_move(request: Request) -> bool:
    return request.method == "POST" and "/move" in request.url


@dataclass
class Watch:
    """What a browser context did behind the person's back."""

    allowed: frozenset[str]
    expected: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def console(self, message: ConsoleMessage) -> None:
        """Note an error or a warning on the console."""
        if message.type in {"error", "warning"} and not any(part in message.text for part in self.expected):
            self.faults.append(f"console {message.type}: {message.text}")

    def crashed(self, error: Error) -> None:
        """Note an error no script caught."""
        self.faults.append(f"script: {error}")

    def asked(self, request: Request) -> None:
        """Note a request to anywhere else."""
        place = urlsplit(request.url)
        if place.scheme not in {"data", "blob", "about"} and place.netloc not in self.allowed:
            self.faults.append(f"request to {request.url}")


@dataclass
class Visitor:
    """One person in a browser of his own."""

    stand: Stand
    page: Page
    watch: Watch

    def open(self, path: str) -> None:
        """Go to a page of the portal."""
        self.page.goto(f"{self.stand.portal.url}{path}")

    def kanban(self) -> None:
        """Look at the deals."""
        self.open("/crm/deal/kanban/")

    def deal(self, key: str) -> int:
        """Return the number of a deal of the seed."""
        return self.stand.portal.deal_ids[key]

    def card(self, key: str, stage: str | None = None) -> Locator:
        """The card of a deal on the board, in any column or in one."""
        column = f'[data-stage="{stage}"] ' if stage else ""
        return self.page.locator(f'{column}[data-deal="{self.deal(key)}"]')

    def drag(self, key: str, stage: str) -> None:
        """Drag a deal to another column, again when the board was redrawn under the hand."""
        self.kanban()
        for _ in range(DRAGS):
            column = self.page.locator(f'[data-stage="{stage}"] h2')
            try:
                with self.page.expect_request(_is_move, timeout=WITHIN):
                    self.card(key).drag_to(column)
            except PlaywrightTimeout:
                continue
            return
        raise AssertionError(f"the deal {key} could not be dragged to {stage}")

    def sees(self, key: str, stage: str, *, within: float = SOON) -> None:
        """Wait until a deal stands in a column."""
        expect(self.card(key, stage)).to_be_visible(timeout=within)

    def tab(self, key: str) -> FrameLocator:
        """Open the credit tab of a deal and return its frame."""
        self.open(f"/crm/deal/details/{self.deal(key)}/?tab=credit")
        return self.frame()

    def shoot(self, path: Path) -> None:
        """Photograph the whole page once it has settled."""
        self.page.wait_for_timeout(SETTLE)
        self.page.screenshot(path=path, full_page=True)

    def frame(self) -> FrameLocator:
        """The frame the portal shows the app in."""
        return self.page.frame_locator("#app")


def enter(browser: Browser, stand: Stand, name: str) -> Visitor:
    """Open a browser context, say who one is, and start watching."""
    places = (stand.portal.url, stand.app_url, stand.onec_pages_url)
    watch = Watch(frozenset(urlsplit(url).netloc for url in places))
    context = browser.new_context(viewport={"width": 1500, "height": 900}, locale="ru-RU")
    context.on("console", watch.console)
    context.on("weberror", lambda error: watch.crashed(error.error))
    context.on("request", watch.asked)
    visitor = Visitor(stand, context.new_page(), watch)
    visitor.open("/")
    visitor.page.get_by_role("button", name=name).click()
    return visitor
