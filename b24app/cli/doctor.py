"""`b24app doctor`: what is wrong with 1C, its publication and its data, and what to do about it."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from b24app.config import load_config
from b24app.messages.briefs import Reader
from b24app.messages.catalogue import say
from b24app.messages.doctor_lines import as_object
from b24app.messages.doctor_lines import lines
from b24app.ports.diagnosis import Check
from b24app.ports.diagnosis import Fact
from b24app.ports.diagnosis import Finding
from b24app.ports.diagnosis import Level
from b24app.services.checkup import CardSource
from b24app.services.wording import ledger_failure
from b24app.services.wording import portal_failure
from b24app.storage.engine import sqlite_file
from b24app.storage.errors import StorageError
from b24app.wiring import build
from b24app.wiring import checkup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from b24app.ports.diagnosis import Progress
    from b24app.wiring import Services

SICK = 1
_OVER = "\r\033[K"
HELP = """Проверить 1С: адрес, вход, публикацию OData, права и данные. Ничего не записывается.

Каждая проверка — строка: норма, внимание или ошибка, что найдено и что сделать. Без --quick читает
всех клиентов и сверяет сальдо с регистром 1С и карточки Битрикс24 с контрагентами.

Код выхода: 0 — ошибок нет, 1 — есть ошибка или прервано, 2 — неверная команда или настройки.
"""


def register(group: click.Group) -> None:
    """Add the command of this file."""
    group.add_command(doctor)


@click.command(help=HELP, short_help="Проверить 1С и сверить её с Битрикс24.")
@click.option("--quick", is_flag=True, help="Только связь, состав и права; клиентов не читать.")
@click.option("--json", "as_json", is_flag=True, help="Для программ.")
@click.pass_obj
def doctor(config_path: Path | None, *, quick: bool, as_json: bool) -> None:
    """Print each finding as it is made; exit 1 when something is wrong."""
    services = build(load_config(config_path))
    report = _Report(Reader(services.settings.zone, services.config.server.language), as_json=as_json)
    try:
        for finding in _findings(services, report.step, quick=quick):
            report.take(finding)
    except KeyboardInterrupt:
        report.end(interrupted=True)
        raise click.exceptions.Exit(SICK) from None
    finally:
        services.database.close()
    report.end(interrupted=False)
    if report.wrong:
        raise click.exceptions.Exit(SICK)


def _findings(services: Services, progress: Progress, *, quick: bool) -> Iterator[Finding]:
    database, portals = _own(services)
    yield database
    yield from checkup(services, progress).run(portals, quick=quick)


def _own(services: Services) -> tuple[Finding, list[CardSource]]:
    """Look whether our own database opens, and take the installed portals from it; it is not changed."""
    url = services.config.database.url.get_secret_value()
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return Finding(Check.DATABASE, Level.WARNING, Fact("absent")), []
    try:
        known = services.portals()
    except (SQLAlchemyError, StorageError, OSError):
        return Finding(Check.DATABASE, Level.WRONG, Fact("broken")), []
    sources = [CardSource(each.domain, partial(services.cards, each.member_id)) for each in known]
    return Finding(Check.DATABASE, Level.OK, Fact("ready")), sources


class _Report:
    """Shows findings one by one, or gathers them for a program; the progress line is for a terminal alone."""

    def __init__(self, reader: Reader, *, as_json: bool) -> None:
        self._reader = reader
        self._as_json = as_json
        self._told: list[dict[str, Any]] = []
        self._live = sys.stderr.isatty()
        self._counts = dict.fromkeys(Level, 0)

    @property
    def wrong(self) -> int:
        """Count what is wrong."""
        return self._counts[Level.WRONG]

    def step(self, what: str, done: int = 0) -> None:
        """Show what is being done in the one line that is written over and over."""
        if self._live:
            told = say(f"doctor.step.{what}", self._reader.language, done=done)
            click.echo(f"{_OVER}{told}…", err=True, nl=False)

    def take(self, finding: Finding) -> None:
        """Show or keep one finding."""
        self._counts[finding.level] += 1
        why = self._why(finding)
        if self._as_json:
            self._told.append(as_object(finding, self._reader, why=why))
            return
        self._clear()
        for line in lines(finding, self._reader, why=why):
            click.echo(line)

    def end(self, *, interrupted: bool) -> None:
        """Tell what it came to and what was not looked at."""
        self._clear()
        language = self._reader.language
        counts = {"wrong": self.wrong, "warnings": self._counts[Level.WARNING]}
        if self._as_json:
            whole = {
                "ok": not self.wrong and not interrupted,
                "interrupted": interrupted,
                **counts,
                "checks": self._told,
                "not_looked_at": say("doctor.not_looked", language),
            }
            click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
            return
        click.echo()
        if interrupted:
            click.echo(say("doctor.interrupted", language))
        else:
            outcome = "ill" if self.wrong else "fair" if counts["warnings"] else "well"
            click.echo(say(f"doctor.{outcome}", language, **counts))
        click.echo(say("doctor.not_looked", language))

    def _why(self, finding: Finding) -> str:
        if finding.failure is None:
            return ""
        tell = portal_failure if finding.check is Check.PORTAL else ledger_failure
        return tell(finding.failure, self._reader.language)

    def _clear(self) -> None:
        if self._live:
            click.echo(_OVER, err=True, nl=False)
