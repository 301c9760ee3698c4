"""A stand: the offline portal and the offline 1C, and the real app in a process of its own between them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Self

import requests

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec.families import UT11
from b24app.sandbox.onec.families import open_base
from b24app.sandbox.pages.onec import onec_pages
from b24app.sandbox.pages.onec import with_pages
from b24app.sandbox.pages.portal import portal_pages
from b24app.sandbox.portal import SandboxPortal
from b24app.sandbox.seed import build_world
from b24app.sandbox.server import Served

if TYPE_CHECKING:
    from types import TracebackType

    from b24app.sandbox.world import World

ROOT = Path(__file__).resolve().parents[2]
ZONE = "Europe/Moscow"
LOGIN = "ОбменБитрикс"
PASSWORD = "пароль-стенда"
CHECK, ALLOWED, APPROVAL = "CC_PREPARE", "CC_ALLOWED", "CC_APPROVAL"
POLL = 0.05
INSTALL_SECONDS = 120.0


class StandError(Exception):
    """The stand could not be brought up; the message is for people."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Speeds of a stand: the app's patience, how often it looks round, the portal's bucket and senders."""

    mode: str = "enforce"
    timeout: float = 65.0
    settle: float = 70.0
    deadline: float = 20.0
    retry: int = 2
    sweep: int = 15
    rate: float = 2.0
    burst: int = 50
    snapshot: int = 60
    shipments: int = 5
    payments: int = 20
    senders: int = 4


@dataclass
class Stand:
    """Both sandboxes and the app, all by one clock; everything listens on loopback only. Use it as a context.

    `app_host`: the address the app listens on; 127.0.0.2 makes it another site than the portal for a browser.
    `family`: the configuration of 1C, a name `open_base` knows.
    """

    folder: Path
    pace: Pace = field(default_factory=Pace)
    portal_port: int = 0
    app_host: str = "127.0.0.1"
    seed: World | None = None
    family: str = UT11

    def __post_init__(self) -> None:
        """Seed both sides from one world; nothing runs yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.clock = SandboxClock(told=self._clock_file)
        self.world = self.seed or build_world(self.clock.now().date())
        self.portal = SandboxPortal(
            self.world,
            clock=self.clock,
            rate=self.pace.rate,
            burst=self.pace.burst,
            senders=self.pace.senders,
            ports=(self.portal_port, 0),
        )
        self.onec = open_base(
            self.family, self.world, clock=self.clock, account=(LOGIN, PASSWORD), timezone=ZONE
        )
        self.app_port = _free_port(self.app_host)
        pages = onec_pages(self.onec, self.world, clock=self.clock, portal_url=self.portal.url)
        self._onec_served = Served(with_pages(self.onec.app, pages), 0)
        self.portal.mount(
            "/", portal_pages(self.portal, app_url=self.app_url, onec_url=f"{self._onec_served.url}/ui/")
        )
        self.app: subprocess.Popen[bytes] | None = None
        self.log = self.folder / "app.log"

    @property
    def config(self) -> Path:
        """The configuration the app runs with."""
        return self.folder / "config.toml"

    @property
    def _clock_file(self) -> Path:
        return self.folder / "clock"

    @property
    def app_url(self) -> str:
        """Address of the app."""
        return f"http://{self.app_host}:{self.app_port}"

    @property
    def onec_pages_url(self) -> str:
        """Address of the pages of 1C."""
        return f"{self._onec_served.url}/ui/"

    @property
    def onec_url(self) -> str:
        """Address of the 1C publication."""
        return f"{self._onec_served.url}{self.onec.path}"

    def __enter__(self) -> Self:
        self.portal.start()
        self._onec_served.start()
        self._write_config()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_app()
        self.portal.stop()
        self._onec_served.stop()

    # -- the app

    def start_app(self, *, patience: float = 30.0) -> None:
        """Start the app in its own process and wait until it answers."""
        with self.log.open("ab") as log:
            self.app = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "b24app.sandbox.app", *map(str, (self.config, self._clock_file))],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env=_environment(),
            )
        self._wait_alive(patience)

    def _wait_alive(self, patience: float) -> None:
        until = time.monotonic() + patience
        with requests.Session() as session:
            session.trust_env = False
            while time.monotonic() < until:
                if self.app is None or self.app.poll() is not None:
                    raise StandError(f"Приложение не запустилось. Журнал: {self.log}")
                try:
                    if session.get(f"{self.app_url}/healthz", timeout=2).ok:
                        return
                except requests.ConnectionError:
                    time.sleep(POLL)
        raise StandError(f"Приложение не ответило за {patience:.0f} с. Журнал: {self.log}")

    def stop_app(self) -> None:
        """Ask the app to stop and wait; kill it if it does not."""
        if self.app is None:
            return
        self.app.send_signal(signal.SIGTERM)
        try:
            self.app.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.kill_app()
        self.app = None

    def kill_app(self) -> None:
        """Kill the app as a power cut would (SIGKILL)."""
        if self.app is not None:
            self.app.kill()
            self.app.wait()
            self.app = None

    def install(self) -> None:
        """Install the app as the portal's administrator does: open the page, press its button, finish."""
        page = self.portal.install_app(self.app_url, self.world.administrator)
        if page.status != 200:
            raise StandError(f"Установка не удалась (HTTP {page.status}). Журнал: {self.log}")
        outcome = self._press(page.text) if 'id="start"' in page.text else page.text
        if 'id="finish"' not in outcome:
            raise StandError(f"Установка не закончилась. Журнал: {self.log}")
        self.portal.finish_install()

    def _press(self, html: str) -> str:
        """Do what the script of the install page does; return what the page shows at the end."""
        said = dict(re.findall(r'data-(token|header|install)="([^"]*)"', html))
        address = f"{self.app_url}{said['install']}"
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(address, headers={said["header"]: said["token"]}, timeout=INSTALL_SECONDS)
        lines = answer.text.splitlines() if answer.ok else []
        return str(json.loads(lines[-1]).get("html", "")) if lines else ""

    def _write_config(self) -> None:
        pace, portal, world = self.pace, self.portal, self.world
        auth = portal.oauth_url.removesuffix("/oauth/token/")
        self.config.write_text(
            f"""[server]
host = "{self.app_host}"
port = {self.app_port}
base_url = "{self.app_url}"
secret_key = "учебный-стенд-ключ-длиннее-тридцати-двух-знаков"

[bitrix24]
client_id = "{portal.client_id}"
client_secret = "{portal.client_secret}"
portal = "{portal.url}"
oauth_url = "{auth}"
js_url = "{portal.url}/bx24.js"
timeout = {pace.timeout}
settle = {pace.settle}
requests_per_second = {pace.rate}
burst = {pace.burst}

[onec]
url = "{self.onec_url}"
username = "{LOGIN}"
password = "{PASSWORD}"
profile = "{self.family}"
timezone = "{ZONE}"
deadline = {pace.deadline}

[database]
url = "sqlite:///{(self.folder / "b24app.sqlite3").as_posix()}"

[people]
cfo = {world.cfo}
substitutes = [{world.deputy}]
sales_heads = [{world.sales_head}]
administrator = {world.administrator}

[credit]
mode = "{pace.mode}"
technical_retry_seconds = {pace.retry}

[sync]
sweep_seconds = {pace.sweep}
snapshot_minutes = {pace.snapshot}
shipments_seconds = {pace.shipments}
payments_seconds = {pace.payments}
""",
            encoding="utf-8",
        )


def _environment() -> dict[str, str]:
    """Return our environment without any setting of the app in it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("B24APP_")}


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
