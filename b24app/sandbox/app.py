"""The app as `serve` runs it, but with the sandbox's clock: `python -m b24app.sandbox.app CONFIG CLOCK`."""

from __future__ import annotations

import sys
from pathlib import Path

from b24app.cli.serve import serve_app
from b24app.config import load_config
from b24app.sandbox.clock import FollowingClock

if __name__ == "__main__":
    config, clock = sys.argv[1:]
    serve_app(load_config(Path(config)), FollowingClock(Path(clock)))
