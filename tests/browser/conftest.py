"""A stand for all browser tests, and visitors who are watched until they leave."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Any

import pytest

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.seed import build_world
from b24app.sandbox.seed import with_check_digits
from b24app.sandbox.stand import Pace
from b24app.sandbox.stand import Stand
from tests.browser.chromium import ARGUMENTS
from tests.browser.chromium import find
from tests.browser.visitor import CHECK
from tests.browser.visitor import Visitor
from tests.browser.visitor import enter

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from b24app.sandbox.world import World

    Enter = Callable[..., Visitor]

OTHER_SITE = "127.0.0.2"
SLOW = Pace(timeout=5.0, settle=3.0, deadline=5.0, rate=6.0, burst=12)
PATIENT = "ООО «Терпение»"
HOSTILE = (
    "<script>window.hacked=1;alert(1)</script><img src=x onerror=alert(2)>",
    "ООО \"Ромашка\" 'и сыновья' & Ко",
    "Очень длинное название " + "ДлинноеСлово" * 23,
    "\u202eяамзар\u202c שלום عليكم",
)
PACE = Pace(timeout=5.0, settle=3.0, deadline=5.0, retry=1, sweep=2, rate=10.0, burst=200, snapshot=1)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the machine's own Chromium; `make test` installs one where there is none."""
    path = find()
    if path is None:
        pytest.fail("no Chromium on this machine: run `make chromium`", pytrace=False)
    return {"executable_path": path, "args": list(ARGUMENTS)}


@pytest.fixture(scope="package")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A stand with the app installed; for a browser the app is another site than the portal."""
    with ready(tmp_path_factory.mktemp("stand")) as running:
        yield running


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Stand]:
    """A stand as the common one, for a test which moves the clock."""
    with ready(tmp_path) as running:
        yield running


@contextmanager
def ready(folder: Path) -> Iterator[Stand]:
    """Bring up a stand with the app installed and its robot placed."""
    seed = with_late_clients(build_world(SandboxClock().now().date()))
    with Stand(folder, pace=PACE, app_host=OTHER_SITE, seed=seed) as running:
        running.start_app()
        running.install()
        running.portal.place_robot(CHECK, "cc_check")
        yield running


def with_late_clients(world: World) -> World:
    """Add late clients and deals of theirs: one with a plain name, others with names nobody would choose."""
    late = next(client for client in world.clients if client.key == "overdue")
    base = next(deal for deal in world.deals if deal.key == "overdue")
    clients, deals = list(world.clients), list(world.deals)
    named = {"patient": PATIENT} | {f"hostile-{number}": name for number, name in enumerate(HOSTILE)}
    for number, (key, name) in enumerate(named.items()):
        inn = with_check_digits(f"77999000{number}0")
        clients.append(replace(late, key=key, name=name, full_name=name, inn=inn))
        deals.append(replace(base, key=key, client=key, title=name, manager=8))
    return replace(world, clients=tuple(clients), deals=tuple(deals))


@pytest.fixture
def visits(browser: Browser) -> Iterator[Callable[[Stand, str], Visitor]]:
    """Let people in; when they leave, nothing wrong may have happened behind their backs."""
    inside: list[Visitor] = []

    def let_in(stand: Stand, name: str) -> Visitor:
        inside.append(enter(browser, stand, name))
        return inside[-1]

    yield let_in
    for visitor in inside:
        visitor.page.context.close()
    assert [fault for visitor in inside for fault in visitor.watch.faults] == []


@pytest.fixture
def visit(stand: Stand, visits: Callable[[Stand, str], Visitor]) -> Callable[[str], Visitor]:
    """Let people into the common stand."""
    return lambda name: visits(stand, name)
