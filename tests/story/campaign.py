"""`make kills`: the story with the app killed at every request, and at random moments. Prints as it goes.

Run as `python -m tests.story.campaign [moments]`; ends with 1 when any run ended differently from a calm one.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from b24app.clock import SystemClock
from b24app.sandbox.seed import build_world
from tests.story.killing import Side
from tests.story.killing import play

if TYPE_CHECKING:
    from tests.story.killing import EndState

MOMENTS = 20
AT_ONCE = 3
LONGEST = 6.0


def main() -> int:
    """Play calmly once, then once for every request before and after its answer, then at random moments."""
    moments = int(sys.argv[1]) if len(sys.argv) > 1 else MOMENTS
    seed = build_world(SystemClock().now().date())
    calm, killer = play(_folder(), seed=seed)
    say(f"calm story: {killer.seen} portal requests")
    sides = {side: play(_folder(), seed=seed, side=side)[1].seen for side in Side}
    chance = random.Random(20261124)  # noqa: S311 - the same moments every time
    plans: list[dict[str, Any]] = [
        {"at": n, "side": side} for side, requests in sides.items() for n in range(1, requests + 1)
    ]
    plans += [{"after": chance.uniform(0.05, LONGEST)} for _ in range(moments)]
    started = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = pool.map(lambda plan: (plan, *play(_folder(), seed=seed, **plan)), plans)
        wrong = [plan for plan, state, killed in runs if not report(plan, state, calm, killed.kills)]
    minutes = (time.monotonic() - started) / 60
    say(f"{len(plans)} runs in {minutes:.1f} min, {len(wrong)} ended differently")
    for plan in wrong:
        say(f"  {plan}")
    return 1 if wrong else 0


def report(plan: dict[str, Any], state: EndState, calm: EndState, kills: int) -> bool:
    """Print one run; True when it ended as the calm one did."""
    same = state == calm
    say(f"{plan} kills={kills} {'same' if same else 'DIFFERENT'}")
    if not same:
        for name in type(calm).__dataclass_fields__:
            if getattr(state, name) != getattr(calm, name):
                say(f"    {name}: {getattr(state, name)}\n    calm: {getattr(calm, name)}")
    return same


def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="b24app-kills-"))


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)  # noqa: T201 - a script's output


if __name__ == "__main__":
    sys.exit(main())
