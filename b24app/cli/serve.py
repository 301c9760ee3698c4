"""`serve` and `migrate`: the program that stays running, and the schema it stands on."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click
import structlog
from waitress.server import create_server

from b24app.cli.hooks import hook_lines
from b24app.cli.logs import start_logging
from b24app.config import load_config
from b24app.scheduler import Scheduler
from b24app.storage.engine import migrate as bring_up_to_date
from b24app.storage.engine import open_database
from b24app.storage.engine import sqlite_file
from b24app.storage.process_lock import ProcessLock
from b24app.web.app import create_app
from b24app.wiring import build
from install.settings import settings_of

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType

    from b24app.config import Config
    from b24app.ports.clock import Clock
    from b24app.wiring import Services


log = structlog.get_logger(__name__)

CONNECTIONS = 1000  # kept-alive ones count; with fewer, calls wait until an idle one is closed


def register(group: click.Group) -> None:
    """Add the commands of this file."""
    group.add_command(serve)
    group.add_command(migrate)


@click.command(help="Запустить приложение: веб, обработка и расписание в одном процессе.")
@click.pass_obj
def serve(config_path: Path | None) -> None:
    """Serve until a signal comes; a second process on the same SQLite file is refused."""
    serve_app(load_config(config_path))


def serve_app(config: Config, clock: Clock | None = None) -> None:
    """Run everything until a signal comes; without a clock by the machine's."""
    start_logging()
    with ExitStack() as stack:
        lock_database(config, stack)
        services = build(config, clock)
        stack.callback(services.database.close)
        bring_up_to_date(services.database)
        services.installer.apply_settings(settings_of(config))
        for portal in services.portals():
            services.policies.ensure(portal.member_id)
            if keys := services.policies.overruled(portal.member_id):
                log.warning("config.overruled_by_policy", portal=portal.domain, section="credit", keys=keys)
        run(services, stack)


@click.command(help="Привести базу данных к текущей версии.")
@click.pass_obj
def migrate(config_path: Path | None) -> None:
    """Bring the schema to the newest revision."""
    config = load_config(config_path)
    with ExitStack() as stack:
        lock_database(config, stack)
        database = open_database(config.database.url.get_secret_value())
        stack.callback(database.close)
        bring_up_to_date(database)
    click.echo("База данных готова.")


def lock_database(config: Config, stack: ExitStack) -> None:
    """Hold the SQLite file against a second process until the stack closes."""
    file = sqlite_file(config.database.url.get_secret_value())
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        stack.enter_context(ProcessLock(file))


def run(services: Services, stack: ExitStack) -> None:
    """Start the parts in the order they need each other, wait for a signal, stop in reverse."""
    server = services.config.server
    services.intake.start()
    stack.callback(services.intake.stop)
    services.dispatch.start()
    stack.callback(services.dispatch.stop)
    scheduler = Scheduler(services)
    scheduler.start()
    stack.callback(scheduler.stop)
    web = create_server(
        create_app(services.front),
        host=server.host,
        port=server.port,
        threads=server.threads,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        ident=None,
    )
    serving = threading.Thread(target=web.run, name="web", daemon=True)
    serving.start()
    stack.callback(web.close)
    click.echo(f"Приложение работает: http://{server.host}:{server.port} (Ctrl+C — остановить)")
    for line in hook_lines(services, services.portals()):
        click.echo(line)
    wait_for_signal()


def wait_for_signal() -> None:
    """Block until SIGINT or SIGTERM."""
    stopped = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        del number, frame
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    while not stopped.wait(1.0):
        pass
