"""`b24app policy backtest`: what a changed policy would have decided, and what it would decide now."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from b24app.cli.backtest_report import Page
from b24app.cli.backtest_report import open_json
from b24app.cli.backtest_report import open_lines
from b24app.cli.backtest_report import recorded_json
from b24app.cli.backtest_report import recorded_lines
from b24app.cli.operate import opened
from b24app.cli.policy import policy as policy_group
from b24app.cli.policy import portal_meant
from b24app.cli.policy import text_of
from b24app.messages.catalogue import say
from b24app.services.backtest import KEPT
from b24app.services.backtest import Question
from b24app.services.backtest import Tally
from b24app.services.backtest import processes_for

if TYPE_CHECKING:
    from datetime import datetime

    from b24app.domain.policy import Policy
    from b24app.ports.records import PortalRecord
    from b24app.services.rehearsal import OpenDeal
    from b24app.wiring import Services

REFUSED = 2
INTERRUPTED = 1
HELP = """Показать, что решила бы изменённая политика; ничего не записывается.

Пересматривает записанные проверки по политике из файла. С --open пересматривает открытые сделки
по свежим данным портала и 1С.

Код выхода: 0 — сделано, 1 — прервано или не получилось, 2 — файл политики с ошибками.
"""


def register(group: click.Group) -> None:
    """Add the command to the ones about the policy."""
    del group
    policy_group.add_command(backtest)


@click.command(help=HELP, short_help="Показать, что решила бы изменённая политика.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%d.%m.%Y"]), help="Только проверки с этого дня.")
@click.option(
    "--open", "is_open", is_flag=True, help="Открытые сделки по свежим данным, а не прошлые проверки."
)
@click.option("--json", "as_json", is_flag=True, help="Для программ.")
@click.option("--limit", type=click.IntRange(min=0), default=KEPT, help="Сколько сделок перечислить.")
@click.pass_context
def backtest(
    context: click.Context,
    file: Path,
    *,
    since: datetime | None,
    is_open: bool,
    as_json: bool,
    limit: int,
) -> None:
    """Check the file, decide again, print what would come out otherwise."""
    if is_open and since is not None:
        raise click.BadParameter("not with --open", param_hint="--since")
    with opened(context.obj) as services:
        portal = portal_meant(services, context)
        if portal is None:
            raise click.ClickException("Приложение ещё не установлено ни на одном портале.")
        wanted = _checked(services, portal, file)
        page = Page(file.name, services.settings.zone, services.config.server.language, limit)
        if is_open:
            done, complete = _rehearse(services, portal, wanted, page)
            said = [open_json(done, page)] if as_json else open_lines(done, page)
        else:
            start = since.replace(tzinfo=page.zone) if since is not None else None
            question, tally = Question(portal.member_id, wanted, start), Tally(keep=limit)
            total, complete = _redecide(services, question, tally, page)
            said = [recorded_json(tally, total, page)] if as_json else recorded_lines(tally, total, page)
        for part in said:
            click.echo(json.dumps(part, ensure_ascii=False, indent=2) if isinstance(part, dict) else part)
        if not complete:
            raise click.exceptions.Exit(INTERRUPTED)


def _checked(services: Services, portal: PortalRecord, file: Path) -> Policy:
    """Read the file as an import would; print what is wrong in it and end the command when it is refused."""
    language = services.config.server.language
    reading = services.policies.examine(portal.member_id, text_of(file, language)).reading
    for problem in reading.problems:
        click.echo(problem.told(file.name, language), err=True)
    if reading.policy is None:
        click.echo(say("backtest.refused", language, errors=len(reading.errors)), err=True)
        raise click.exceptions.Exit(REFUSED)
    return reading.policy


def _redecide(services: Services, question: Question, tally: Tally, page: Page) -> tuple[int, bool]:
    """Fill the tally; return how many checks there are, and whether nobody interrupted."""
    total = services.backtest.count(question)
    label = say("backtest.bar", page.language)
    steps = services.backtest.run(question, tally, processes=processes_for(total))
    try:
        with closing(steps), click.progressbar(length=total, label=label, file=sys.stderr) as bar:
            for number in steps:
                bar.update(number)
    except KeyboardInterrupt:
        return total, False
    return total, True


def _rehearse(
    services: Services, portal: PortalRecord, wanted: Policy, page: Page
) -> tuple[list[OpenDeal], bool]:
    """Decide the open deals; return them, and whether nobody interrupted."""
    done: list[OpenDeal] = []
    try:
        known = services.rehearsal.open_deals(portal)
        label = say("backtest.open.bar", page.language)
        with click.progressbar(length=len(known), label=label, file=sys.stderr) as bar:
            for lot in services.rehearsal.run(portal, wanted, known):
                done += lot
                bar.update(len(lot))
    except KeyboardInterrupt:
        return done, False
    return done, True
