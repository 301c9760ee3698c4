"""`b24app policy`: look at the credit policy, take it out as a file, put a changed file into force."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from b24app.cli.operate import opened
from b24app.files.policy_file import write_policy
from b24app.files.policy_listing import listing
from b24app.files.policy_sheet import SECTIONS
from b24app.messages.catalogue import say
from b24app.messages.format import moment

if TYPE_CHECKING:
    from b24app.ports.records import PortalRecord
    from b24app.services.policies import Examination
    from b24app.services.policies import PolicyBook
    from b24app.wiring import Services

REFUSED = 1


def register(group: click.Group) -> None:
    """Add the commands of this file."""
    group.add_command(policy)


@click.group(help="Кредитная политика: показать, выгрузить в файл, ввести изменённую.")
@click.option("--portal", help="Портал, если их несколько: company.bitrix24.ru.")
@click.pass_context
def policy(context: click.Context, portal: str | None) -> None:
    """Keep the portal's name for the command."""
    context.meta["portal"] = portal


@policy.command(help="Показать действующую политику.")
@click.option("--section", type=click.Choice(SECTIONS), help="Только один раздел.")
@click.pass_context
def show(context: click.Context, section: str | None) -> None:
    """Print the policy in force as lists."""
    with opened(context.obj) as services:
        book, portal = services.policies, portal_meant(services, context)
        language, zone = services.config.server.language, services.settings.zone
        record = book.record(portal.member_id) if portal is not None else None
        if record is None:
            click.echo(say("policy.unsaved", language))
        else:
            when = moment(record.made_at, zone)
            about = {"version": str(record.version), "moment": when, "author": record.author}
            click.echo(say("policy.version", language, **about))
            if record.note:
                click.echo(record.note)
        click.echo()
        stamps = book.stamps(portal.member_id) if portal is not None else {}
        current = book.current(portal.member_id) if portal is not None else book.seed
        for line in listing(current, section, stamps=stamps, zone=zone, language=language):
            click.echo(line)


@policy.command(help="Выгрузить действующую политику: b24app policy export > policy.toml")
@click.option("--as-given", is_flag=True, help="Как её ввели, с комментариями автора, а не в общем виде.")
@click.pass_context
def export(context: click.Context, *, as_given: bool) -> None:
    """Print the policy in force as a file."""
    with opened(context.obj) as services:
        book, portal = services.policies, portal_meant(services, context)
        record = book.record(portal.member_id) if portal is not None and as_given else None
        if record is not None:
            click.echo(record.document, nl=not record.document.endswith("\n"))
            return
        current = book.current(portal.member_id) if portal is not None else book.seed
        click.echo(write_policy(current, services.config.server.language), nl=False)


@policy.command("import", help="Проверить файл, показать отличия и ввести его новой версией.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Только проверить и показать отличия.")
@click.option("--author", help="Кто изменил (по умолчанию — пользователь системы).")
@click.option("--note", default="", help="Что и почему изменено.")
@click.pass_context
def bring_in(context: click.Context, file: Path, *, dry_run: bool, author: str | None, note: str) -> None:
    """Check a file, print every problem and the difference, and put it into force."""
    with opened(context.obj) as services:
        portal, language = portal_meant(services, context), services.config.server.language
        if portal is None and not dry_run:
            raise click.ClickException("Приложение ещё не установлено ни на одном портале.")
        member_id = portal.member_id if portal is not None else None
        found = services.policies.examine(member_id, text_of(file, language))
        _tell(found, file, language)
        if dry_run or member_id is None:
            click.echo(say("policy.dry", language))
            return
        if found.changes:
            _accept(services.policies, member_id, found, author or getpass.getuser(), note, language)


def _accept(
    book: PolicyBook, member_id: str, found: Examination, author: str, note: str, language: str
) -> None:
    accepted = book.accept(member_id, found, author=author, note=note)
    said = say("policy.accepted", language, version=accepted.version, deals=accepted.rechecked)
    click.echo(said)


def _tell(found: Examination, file: Path, language: str) -> None:
    """Print what is wrong, then what changes; end the command when the file is refused."""
    for problem in found.reading.problems:
        click.echo(problem.told(file.name, language), err=True)
    errors = len(found.reading.errors)
    if errors:
        click.echo(say("policy.refused", language, errors=errors), err=True)
        raise click.exceptions.Exit(REFUSED)
    if not found.changes:
        click.echo(say("policy.same", language))
        return
    click.echo(say("policy.differences", language))
    for change in found.changes:
        line = {"what": change.what, "before": change.before, "after": change.after}
        click.echo(say("policy.change", language, **line))


def text_of(file: Path, language: str) -> str:
    """Read a policy file; a sentence when it is not UTF-8."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise click.ClickException(say("policy.encoding", language, file=file.name)) from error


def portal_meant(services: Services, context: click.Context) -> PortalRecord | None:
    """Return the portal meant, None before the installation; several want to be told apart."""
    portals, wanted = services.portals(), context.meta["portal"]
    if wanted is not None:
        portals = [portal for portal in portals if wanted in {portal.domain, portal.member_id}]
        if not portals:
            raise click.UsageError(f"Портала {wanted} среди установленных нет.")
    if len(portals) > 1:
        names = ", ".join(portal.domain for portal in portals)
        raise click.UsageError(f"Порталов несколько ({names}): добавьте --portal.")
    return portals[0] if portals else None
