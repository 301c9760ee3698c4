"""Find a Chromium on this machine, or install one: `python -m tests.browser.chromium`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
CHOSEN = "B24APP_CHROMIUM"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--test-third-party-cookie-phaseout",
)


def find() -> str | None:
    """Return the path of a Chromium: the one named by B24APP_CHROMIUM, one on PATH, or Playwright's own."""
    named = os.environ.get(CHOSEN)
    if named:
        return named
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or _own()


def _own() -> str | None:
    root = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = sorted(root.glob("chromium-*/chrome-*/chrome*"))
    return next((str(path) for path in reversed(found) if os.access(path, os.X_OK) and path.is_file()), None)


def main() -> int:
    """Install a Chromium if there is none: Debian's or Ubuntu's package, else Playwright's download."""
    if find():
        return 0
    apt, sudo = shutil.which("apt-get"), [] if os.geteuid() == 0 else ["sudo", "-n"]
    if apt and _run(*sudo, apt, "update") and _run(*sudo, apt, "install", "-y", "chromium") and find():
        return 0
    if _run(sys.executable, "-m", "playwright", "install", "chromium") and find():
        return 0
    sys.stderr.write(f"No Chromium, and none could be installed. Install one or name it in {CHOSEN}.\n")
    return 1


def _run(*command: str) -> bool:
    try:
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)  # noqa: S603 - our own commands
    except OSError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
