"""An offline 1C base of any configuration behind a configuration file, as `b24app doctor` meets them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec import families
from b24app.sandbox.onec.families import SeededBase
from b24app.sandbox.onec.http import Publication
from b24app.sandbox.server import Served
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedPayment
from tests.contract.test_ledger import LOGIN
from tests.contract.test_ledger import PASSWORD
from tests.contract.test_ledger import ZONE
from tests.contract.test_ledger import ago
from tests.contract.test_ledger import client
from tests.contract.test_ledger import sale
from tests.contract.test_ledger import world
from tests.edge.conftest import Run
from tests.edge.conftest import Said

FAMILIES = ("ut11", "bp30", "unf")
SECRET = "marker-client-secret"


@dataclass(frozen=True)
class Practice:
    """A base, the file that leads to it, and the command that looks at it."""

    run: Run
    folder: Path
    url: str
    base: SeededBase
    family: str

    def config(self, **onec: object) -> Path:
        """Write a configuration; `onec` replaces values of its section."""
        told = {
            "url": self.url,
            "username": LOGIN,
            "password": PASSWORD,
            "profile": self.family,
            "timezone": ZONE,
            "timeout": 5,
        } | onec
        section = "\n".join(
            f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in told.items()
        )
        file = self.folder / "config.toml"
        file.write_text(
            f"""[server]
base_url = "https://credit.example.ru/"
secret_key = "ключ-для-проверки-команд-длиннее-тридцати-двух"
[bitrix24]
client_id = "local.1"
client_secret = "{SECRET}"
[people]
cfo = 7
administrator = 1
[database]
url = "sqlite:///{(self.folder / "db.sqlite3").as_posix()}"
[onec]
{section}
""",
            encoding="utf-8",
        )
        return file

    def look(self, *options: str, **onec: object) -> Said:
        """Run the command over a migrated database; no secret may be told."""
        file = self.config(**onec)
        assert self.run("--config", file, "migrate").code == 0
        said = self.run("--config", file, "doctor", *options)
        for secret in (PASSWORD, SECRET, "ключ-для-проверки"):
            assert secret not in said.out + said.err
        return said

    def found(self, *options: str, **onec: object) -> Found:
        """Run the command for programs and read its answer."""
        said = self.look("--json", *options, **onec)
        return Found(said.code, json.loads(said.out))


@dataclass(frozen=True)
class Found:
    """What the command told a program."""

    code: int
    whole: dict[str, Any]

    def of(self, check: str) -> dict[str, Any]:
        """Return the one finding of a check."""
        (one,) = [each for each in self.whole["checks"] if each["check"] == check]
        return dict(one)

    def fact(self, check: str) -> tuple[str, str]:
        """Return level and fact of a check."""
        one = self.of(check)
        return one["level"], one["fact"]

    def named(self, check: str) -> list[str]:
        """Return the lines under a check."""
        return [item["text"] for item in self.of(check)["items"]]

    def complaints(self) -> dict[str, str]:
        """Return the checks that are not well, with their facts."""
        bad = [each for each in self.whole["checks"] if each["level"] in ("warning", "wrong")]
        return {each["check"]: each["fact"] for each in bad}


@contextmanager
def practice(
    run: Run,
    folder: Path,
    family: str,
    *clients: SeedClient,
    zone: str = ZONE,
    publication: Publication | None = None,
) -> Iterator[Practice]:
    """Serve a base that lives in real time, for the command reads the machine's clock."""
    base = families.open_base(
        family,
        world(*clients),
        clock=SandboxClock(),
        account=(LOGIN, PASSWORD),
        timezone=zone,
        publication=publication,
    )
    with Served(base.app) as served:
        yield Practice(run, folder, served.url + base.path, base, family)


def owing(number: int) -> SeedClient:
    """Seed a client with two debts, one paid in part."""
    contract = f"Д-c{number}"
    return client(
        f"c{number}",
        f"77{number:08}",
        sales=(
            sale("1", contract, "10.50", sold=9, due=1),
            sale("2", contract, "20.25", sold=8, due=2),
        ),
        payments=(SeedPayment("П", contract, ago(3), Decimal(5), "1"),),
    )
