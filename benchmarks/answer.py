"""How long a portal waits for our 200: many events in flight at once. `python -m benchmarks.answer`."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp

from b24app.sandbox.stand import Pace
from b24app.sandbox.stand import Stand

CALLS = 4000
BUDGET_MS = 50


async def volley(stand: Stand, in_flight: int) -> list[float]:
    """Post events with so many in flight; return milliseconds each waited."""
    turn = asyncio.Semaphore(in_flight)
    waited: list[float] = []
    url = f"{stand.app_url}/events"
    auth = {
        "auth[member_id]": stand.portal.member_id,
        "auth[application_token]": stand.portal.application_token,
    }

    async def post(session: aiohttp.ClientSession, number: int) -> None:
        form = {"event": "ONCRMDEALUPDATE", "data[FIELDS][ID]": str(number % 70 + 1), "ts": "1", **auth}
        async with turn:
            started = time.perf_counter()
            async with session.post(url, data=form) as answer:
                await answer.read()
                answer.raise_for_status()
            waited.append((time.perf_counter() - started) * 1000)

    connector = aiohttp.TCPConnector(limit=in_flight)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(post(session, number) for number in range(CALLS)))
    return waited


def main() -> None:
    """Measure with few and with two hundred in flight, the lanes busy with what comes in."""
    folder = Path(tempfile.mkdtemp(prefix="b24app-answer-"))
    try:
        with Stand(folder, pace=Pace(rate=1000.0, burst=5000, sweep=300)) as stand:
            stand.start_app()
            stand.install()
            for in_flight in (10, 50, 200):
                started = time.perf_counter()
                waited = asyncio.run(volley(stand, in_flight))
                rate = CALLS / (time.perf_counter() - started)
                cuts = statistics.quantiles(waited, n=100)
                print(
                    f"{in_flight:4d} in flight: p50 {cuts[49]:6.1f} ms, p99 {cuts[98]:6.1f} ms "
                    f"(budget {BUDGET_MS} ms), {rate:,.0f} calls a second"
                )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
