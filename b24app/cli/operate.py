"""Commands of whoever looks after an installation: `init`, `check`, `rotate-key`."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from b24app.cli.serve import lock_database
from b24app.config import load_config
from b24app.messages.briefs import Reader
from b24app.messages.decision_texts import facts_block
from b24app.messages.decision_texts import field_reason
from b24app.messages.decision_texts import pay_block
from b24app.messages.reason_texts import reason_line
from b24app.ports.errors import NotFound
from b24app.services.wording import ledger_failure
from b24app.storage.engine import migrate
from b24app.storage.secrets import SecretBox
from b24app.wiring import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24app.ports.records import PortalRecord
    from b24app.wiring import Services

EXAMPLE = Path(__file__).resolve().parents[2] / "config.example.toml"
KEY_LINE = "secret_key"


def register(group: click.Group) -> None:
    """Add the commands of this file."""
    for command in (init, check, rotate_key):
        group.add_command(command)


@contextmanager
def opened(config_path: Path | None) -> Iterator[Services]:
    """Build the services for one command and close them after it."""
    services = build(load_config(config_path))
    try:
        migrate(services.database)
        yield services
    finally:
        services.database.close()


@click.command(help="Создать файл настроек со свежим ключом шифрования.")
@click.argument("target", type=click.Path(path_type=Path), default="config.toml")
def init(target: Path) -> None:
    """Write a configuration from the example; an existing file is never touched."""
    if target.exists():
        raise click.ClickException(f"Файл {target} уже есть. Удалите его или укажите другое имя.")
    lines = []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith((f"{KEY_LINE} ", f"{KEY_LINE}=")):
            lines.append(f'{KEY_LINE} = "{secrets.token_urlsafe(48)}"')
        else:
            lines.append(line)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    target.chmod(0o600)
    click.echo(f"Создан {target}. Впишите адреса портала и 1С, ключи приложения и людей, затем: b24app serve")


@click.command(help="Проверить сделку и показать расчёт; ничего не записывается.")
@click.argument("deal_id", type=int)
@click.pass_obj
def check(config_path: Path | None, deal_id: int) -> None:
    """Decide one deal and print the arithmetic; exit 1 when it would be held."""
    with opened(config_path) as services:
        try:
            preview = services.previewer.look(installed(services)[0], deal_id)
        except NotFound as error:
            raise click.ClickException(f"Не получилось: сделки {deal_id} на портале нет.") from error
        finding = preview.finding
        reader = Reader(services.settings.zone, services.config.server.language)
        deal = preview.matter.deal
        click.echo(f"Сделка {deal.id}: {deal.title}")
        click.echo(field_reason(finding.decision))
        for reason in finding.decision.reasons:
            click.echo(f"  • {reason_line(reason)}")
        if preview.failure is not None:
            click.echo(f"  {ledger_failure(preview.failure, reader.language)}")
        lines = facts_block(finding.decision, finding.figures, reader)
        for line in [*lines, *pay_block(finding.decision, finding.figures, reader)]:
            click.echo(f"  {line.replace('[b]', '').replace('[/b]', '')}")
        if finding.decision.holds:
            raise click.exceptions.Exit(1)


@click.command("rotate-key", help="Перешифровать токены новым ключом.")
@click.argument("new_key")
@click.pass_obj
def rotate_key(config_path: Path | None, new_key: str) -> None:
    """Re-encrypt every stored secret; then put the new key into the configuration."""
    from contextlib import ExitStack

    config = load_config(config_path)
    with ExitStack() as stack:
        lock_database(config, stack)
        services = build(config)
        stack.callback(services.database.close)
        number = services.vault.rotate(SecretBox(new_key))
    click.echo(f"Перешифровано порталов: {number}. Теперь впишите новый ключ в server.secret_key.")


def installed(services: Services) -> list[PortalRecord]:
    """Return the installed portals; a sentence when there is none."""
    portals = services.portals()
    if not portals:
        raise click.ClickException("Приложение ещё не установлено ни на одном портале.")
    return portals
