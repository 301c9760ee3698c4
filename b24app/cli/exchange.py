"""Commands about the exchange with 1C: `sync`, its recorded runs, and the address 1C may push to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from b24app.cli.complaints import complaint
from b24app.cli.hooks import hook_lines
from b24app.cli.operate import installed
from b24app.cli.operate import opened
from b24app.messages.exchange_texts import exchange_text
from b24app.messages.exchange_texts import issue_text
from b24app.services.rates import renew_rates
from b24app.services.wording import ledger_failure
from sync_1c.refresh import JOB
from sync_1c.refresh import Side
from sync_1c.refresh import Watching

if TYPE_CHECKING:
    from pathlib import Path

    from b24app.ports.errors import GatewayError
    from b24app.ports.records import PortalRecord
    from b24app.ports.records import SyncRun
    from b24app.wiring import Services

RUNS_SHOWN = 20
WHAT = ("all", "balances", "payments", "rates")


def register(group: click.Group) -> None:
    """Add the commands of this file."""
    for command in (sync, hook):
        group.add_command(command)


@click.command(
    help="Обновить данные из 1С сейчас: balances — лимиты, условия и балансы, payments — клиенты с "
    "остановленными и разрешёнными сделками, rates — курсы валют, all — всё."
)
@click.argument("what", type=click.Choice(WHAT), default="all")
@click.option("--dry-run", is_flag=True, help="Показать, сколько клиентов изменится, и ничего не записать.")
@click.option("--runs", is_flag=True, help="Показать последние обмены и ничего не делать.")
@click.pass_obj
def sync(config_path: Path | None, what: str, *, dry_run: bool, runs: bool) -> None:
    """Run the jobs once for every installed portal; the writes are delivered by a running `serve`."""
    if dry_run and what not in {"all", "balances"}:
        raise click.ClickException("--dry-run работает для balances: остальное в карточки клиентов не пишет.")
    said: list[str] = []
    with opened(config_path) as services:
        for portal in installed(services):
            if runs:
                _show_runs(services, portal)
                continue
            if what in {"all", "balances"}:
                _balances(services, portal, said, dry_run=dry_run)
            if what in {"all", "payments"} and not dry_run and not said:
                services.payments.tick(portal.member_id)
            if what in {"all", "rates"} and not dry_run and not said:
                click.echo(
                    f"  {_run_line(services, renew_rates(services.jobs, services.rates, portal.member_id))}"
                )
    if said:
        raise click.ClickException(f"Не получилось: {' '.join(said)}")


@click.command(help="Показать адрес, по которому 1С сообщает об оплатах.")
@click.pass_obj
def hook(config_path: Path | None) -> None:
    """Print each portal's address; the token itself is never printed."""
    with opened(config_path) as services:
        for line in hook_lines(services, installed(services)):
            click.echo(line)


def _balances(services: Services, portal: PortalRecord, said: list[str], *, dry_run: bool) -> None:
    def failed(error: GatewayError, side: Side) -> None:
        said.append(ledger_failure(error, "ru") if side is Side.LEDGER else complaint(error))

    with services.book.read() as unit:
        last = unit.snapshots.last_run(portal.member_id, JOB)
    expected = max(last.rows, 1) if last is not None else 1
    with click.progressbar(length=expected, label="Клиенты из 1С") as bar:

        def read(rows: int) -> None:
            bar.length = max(bar.length or 1, rows)
            bar.update(rows - bar.pos)

        run = services.sync.run(portal.member_id, Watching(read, failed), rehearsal=dry_run)
    verb = "изменилось бы" if dry_run else "изменилось"
    click.echo(f"{portal.domain}: клиентов {run.rows}, {verb} {run.changed}")
    for issue in run.issues:
        click.echo(f"  ! {issue_text(issue, services.config.server.language)}")


def _show_runs(services: Services, portal: PortalRecord) -> None:
    with services.book.read() as unit:
        found = unit.snapshots.runs(portal.member_id, limit=RUNS_SHOWN)
    click.echo(f"{portal.domain}: {'последние обмены' if found else 'обменов ещё не было'}")
    for run in found:
        click.echo(f"  {_run_line(services, run)}")


def _run_line(services: Services, run: SyncRun) -> str:
    language = services.config.server.language
    return exchange_text(
        "run.line",
        language,
        when=run.started_at.astimezone(services.settings.zone).strftime("%d.%m.%Y %H:%M:%S"),
        job=exchange_text(f"job.{run.job}", language),
        outcome=exchange_text(f"outcome.{run.outcome.value}", language),
        rows=str(run.rows),
        changed=str(run.changed),
        issues=str(len(run.issues)),
        seconds=f"{run.seconds:.1f}",
    )
