"""Two hundred deals moved at once, half of them to be held, beside a plain one-call-at-a-time handler.

Run as `python -m benchmarks.crowd`. Prints figures beside the budgets; fails nothing.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from b24app.clock import SystemClock
from b24app.sandbox.seed import build_world
from b24app.sandbox.seed import with_check_digits
from b24app.sandbox.stand import ALLOWED
from b24app.sandbox.stand import APPROVAL
from b24app.sandbox.stand import CHECK
from b24app.sandbox.stand import Pace
from b24app.sandbox.stand import Stand
from b24app.sandbox.story import Teller
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedContract
from b24app.sandbox.world import SeedDeal
from benchmarks.plain import PlainHandler

if TYPE_CHECKING:
    from b24app.sandbox.world import World

DEALS = 200
PLAIN_DEALS = 20
UPDATE_SECONDS = 0.5
PATIENCE = 180.0
FITS, LATE = "crowd", "overdue"
PACE = Pace(rate=1000.0, burst=5000, sweep=300, snapshot=600, shipments=600)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run cost."""

    seconds: float
    requests: int
    reads: Counter[str]
    writes: Counter[str]
    onec: int
    left: int


def world() -> World:
    """Seed a client with room and use one in arrears; half of the deals belong to each."""
    seed = build_world(SystemClock().now().date())
    manager = seed.deals[0].manager
    newcomer = SeedClient(
        key=FITS,
        name="ООО «Толпа»",
        full_name="ООО «Толпа»",
        inn=with_check_digits("770987650"),
        kpp="770901001",
        kind="benchmark",
        manager=manager,
        contracts=(SeedContract("Д-толпа", Decimal(10_000_000), 30),),
    )
    deals = [
        SeedDeal(f"{client}:{number}", f"Партия {number}", client, Decimal(1000), manager, "NEW")
        for number in range(DEALS // 2)
        for client in (FITS, LATE)
    ]
    return replace(seed, clients=(*seed.clients, newcomer), deals=(*seed.deals, *deals))


def prepared(folder: Path) -> Stand:
    """Bring up a stand whose app is installed and idle."""
    stand = Stand(folder, pace=PACE, seed=world()).__enter__()
    stand.start_app()
    stand.install()
    stand.portal.settle()
    quiet(stand)
    return stand


def quiet(stand: Stand, seconds: float = 4.0) -> None:
    """Wait until nobody has asked the portal for a while."""
    count, since = stand.portal.count(), time.monotonic()
    while time.monotonic() - since < seconds:
        time.sleep(0.1)
        if stand.portal.count() != count:
            count, since = stand.portal.count(), time.monotonic()


def run_app(*, update_seconds: float) -> Figures:
    """Move all deals at once and wait for the app to put each where it belongs."""
    folder = Path(tempfile.mkdtemp(prefix="b24app-crowd-"))
    stand = prepared(folder)
    try:
        stand.portal.core.timing.latency["crm.item.update"] = update_seconds
        stand.portal.reset_counts()
        stand.onec.log.reset()
        ids = [number for key, number in stand.portal.deal_ids.items() if ":" in key]
        teller = Teller(stand, patience=PATIENCE)
        started = time.monotonic()
        for deal_id in ids:
            teller.drag(deal_id, CHECK)
        stages = {ALLOWED, APPROVAL}
        teller.wait(lambda: all(stand.portal.deal(number)["stageId"] in stages for number in ids))
        seconds = time.monotonic() - started
        quiet(stand)
        left = sum(stand.portal.deal(number)["stageId"] not in stages for number in ids)
        return figures(stand, seconds, left)
    finally:
        stand.__exit__(None, None, None)
        shutil.rmtree(folder, ignore_errors=True)


def figures(stand: Stand, seconds: float, left: int) -> Figures:
    """Count what the portal and 1C were asked."""
    reads: Counter[str] = Counter()
    writes: Counter[str] = Counter()
    for entry in stand.portal.requests:
        commands = entry.commands or (entry.method,)
        changing = any(name.endswith((".update", ".add")) for name in commands)
        (writes if changing else reads).update(commands)
    return Figures(seconds, len(stand.portal.requests), reads, writes, stand.onec.log.count(), left)


def run_plain(*, update_seconds: float) -> tuple[float, int]:
    """Handle twenty deals as a plain handler would; return seconds and requests."""
    folder = Path(tempfile.mkdtemp(prefix="b24app-plain-"))
    try:
        with Stand(folder, pace=PACE, seed=world()) as stand:
            stand.start_app()
            stand.install()
            quiet(stand)
            stand.stop_app()
            stand.portal.core.timing.latency["crm.item.update"] = update_seconds
            stand.portal.reset_counts()
            keys = [key for key in stand.portal.deal_ids if ":" in key][:PLAIN_DEALS]
            handler = PlainHandler(stand)
            started = time.monotonic()
            for key in keys:
                handler.check(stand.portal.deal_ids[key])
            return time.monotonic() - started, stand.portal.count()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def show(title: str, found: Figures) -> None:
    """Print one run beside its budgets."""
    writes = sum(found.writes.values())
    print(f"\n{title}")
    print(f"  last deal stands after   {found.seconds:7.2f} s   budget 30 s at zero latency")
    print(f"  requests to the portal   {found.requests:7d}     budget 20, echoes included")
    reads = sum(found.reads.values()) / DEALS
    print(f"  read commands per deal   {reads:7.3f}     budget 0.1 for the check alone")
    print(f"  write commands           {writes:7d}     budget {DEALS // 2 * 3 + DEALS // 2 * 6}")
    print(f"  requests to 1C           {found.onec:7d}")
    print(f"  deals left behind        {found.left:7d}")


def main() -> None:
    """Run everything and print it."""
    for seconds in (0.0, UPDATE_SECONDS):
        show(f"app, {DEALS} deals, {seconds} s per update", run_app(update_seconds=seconds))
        taken, requests = run_plain(update_seconds=seconds)
        scale = DEALS // PLAIN_DEALS
        whole = requests * scale
        print(f"\nplain handler, {PLAIN_DEALS} deals, {seconds} s per update (scaled x{scale})")
        print(f"  measured {taken:.2f} s, {requests} requests")
        print(f"  scaled   {taken * scale:.0f} s, {whole} requests")
        print(f"  at the cloud's 2 requests a second at least {whole / 2:.0f} s")


if __name__ == "__main__":
    main()
