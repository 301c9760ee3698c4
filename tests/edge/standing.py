"""The real wiring over a temporary SQLite file, installed on the offline portal; no process is started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from b24app.config import load_config
from b24app.sandbox.server import Served
from b24app.sandbox.stand import Pace
from b24app.sandbox.stand import Stand
from b24app.storage.engine import migrate
from b24app.storage.engine import open_database
from b24app.web.app import create_app
from b24app.wiring import Services
from b24app.wiring import build

PACE = Pace(timeout=2.0, settle=1.0, deadline=3.0, rate=1000.0, burst=5000)
Contents = dict[str, list[tuple[object, ...]]]


@dataclass
class Installed:
    """A stand with the app installed on its portal, and no app running."""

    stand: Stand
    config: Path

    def deal(self, key: str) -> int:
        return self.stand.portal.deal_ids[key]

    @contextmanager
    def services(self) -> Iterator[Services]:
        """Build the services over the same database, the inbox's writer running."""
        services = build(load_config(self.config, environ={}))
        migrate(services.database)
        services.intake.start()
        try:
            yield services
        finally:
            services.intake.stop()
            services.database.close()

    def contents(self) -> Contents:
        """Dump every table but the limiter's bucket, which every request of ours fills."""
        database = open_database(f"sqlite:///{(self.stand.folder / 'b24app.sqlite3').as_posix()}")
        with database.read() as connection:
            names = connection.exec_driver_sql("select name from sqlite_master where type = 'table'").all()
            found = {
                name: [tuple(row) for row in connection.exec_driver_sql(f"select * from {name}")]  # noqa: S608 - our own names
                for (name,) in names
                if name != "buckets"
            }
        database.close()
        return found


@contextmanager
def standing(folder: Path) -> Iterator[Installed]:
    """Bring up portal and 1C and install the app through its own web."""
    with Stand(folder, pace=PACE) as stand:
        found = Installed(stand, stand.folder / "config.toml")
        with found.services() as services, Served(create_app(services.front), stand.app_port):
            stand.install()
            stand.portal.settle()
        yield found
