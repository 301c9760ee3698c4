"""Waiting for what another thread does."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 60.0


def eventually(true: Callable[[], bool], *, seconds: float = PATIENCE) -> bool:
    """Tell whether something becomes true before patience ends."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.005)
    return true()
