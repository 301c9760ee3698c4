"""`b24app assess CASE.json`: decide from a file, with no portal, no 1C, no database and no configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Final
from typing import NoReturn

import click

from b24app.domain.decision import Outcome
from b24app.domain.series import decide_in_order
from b24app.files.case_answer import answer_of
from b24app.files.case_file import read_case
from b24app.files.json_source import BOOK
from b24app.files.problems import Problem
from b24app.messages.assess_texts import DealLines
from b24app.messages.assess_texts import deal_report
from b24app.messages.assess_texts import write
from b24app.messages.briefs import Reader
from b24app.messages.catalogue import say
from b24app.messages.format import NBSP
from b24app.messages.format import cut
from b24app.messages.format import day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence

    from b24app.domain.series import Answer
    from b24app.files.case_file import CaseReading
    from b24app.files.case_file import CreditCase

HELD: Final = 1
REFUSED: Final = 2
STDIN: Final = "-"
LARGEST: Final = 8 * 1024 * 1024
_MEGABYTE: Final = 1024 * 1024
_TOLD: Final = 100
_LINE: Final = 600
_RULE: Final = "─" * 72


def register(group: click.Group) -> None:
    """Add the command of this file."""
    group.add_command(assess)


@click.command(help="Решить сделки из файла CASE.json («-» — стандартный ввод) и показать расчёт.")
@click.argument("case_path", metavar="CASE.json", type=click.Path(allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Ответ для программ.")
@click.option("--language", type=click.Choice(["ru", "en"]), default="ru", help="Язык ответа.")
def assess(case_path: str, *, as_json: bool, language: str) -> None:
    """Decide the deals of a file in their order; exit 1 when one is held, 2 when the file is bad."""
    text = _text_of(case_path, language)
    folder = Path() if case_path == STDIN else Path(case_path).parent
    reading = read_case(text, lambda name: _policy_of(folder / name))
    if reading.case is None:
        _refuse(_told(reading, case_path, language), language)
    case = reading.case
    answers = decide_in_order(case.world, case.asks)
    if as_json:
        found = answer_of(case, answers, (*reading.problems, *reading.policy_problems), language)
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for line in _told(reading, case_path, language):
            click.echo(_harmless(line), err=True)
        for line in _report(case, answers, language):
            click.echo(line)
    if any(answer.decision.holds for answer in answers):
        raise click.exceptions.Exit(HELD)


def _report(case: CreditCase, answers: Sequence[Answer], language: str) -> Iterator[str]:
    reader, policy = Reader(case.zone, language), case.world.policy
    if case.title:
        yield case.title
    yield write("head", language, day=day(case.world.on))
    seen: set[int] = set()
    for answer, title in zip(answers, case.deal_titles, strict=True):
        ask = answer.ask
        term, discount = policy.term(ask.terms), policy.discount(ask.discount)
        deal = DealLines(
            deal_id=ask.deal_id,
            title=title,
            amount=ask.amount,
            contract=answer.contract.number if answer.contract is not None else None,
            terms=(term.name if term is not None else "") or ask.terms,
            discount=(discount.name if discount is not None else "") or ask.discount,
            again=ask.deal_id in seen,
        )
        seen.add(ask.deal_id)
        yield _RULE
        yield from deal_report(deal, answer.decision, case.world.accounts[ask.inn].figures, reader)
    yield _RULE
    outcomes = [answer.decision.outcome for answer in answers]
    held, technical = outcomes.count(Outcome.HOLD), outcomes.count(Outcome.TECHNICAL)
    allowed = len(outcomes) - held - technical
    yield write("total", language, deals=len(outcomes), allowed=allowed, held=held, technical=technical)


def _text_of(case_path: str, language: str) -> str:
    """Read the file, but no more of it than a case can be."""
    try:
        with click.open_file(case_path, "rb") as file:
            content: bytes = file.read(LARGEST + 1)
    except OSError:
        _refuse([say("case.file", language, file=case_path)], language)
    if len(content) > LARGEST:
        _refuse([_alone(case_path, language, "too_big", most=str(LARGEST // _MEGABYTE))], language)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        _refuse([_alone(case_path, language, "encoding")], language)


def _policy_of(path: Path) -> str:
    """Read a policy file, but no more of it than one can be."""
    with path.open("rb") as file:
        content: bytes = file.read(LARGEST)
    return content.decode("utf-8")


def _told(reading: CaseReading, case_path: str, language: str) -> list[str]:
    """Say every problem with its place; those of a policy file under its name."""
    lines = [problem.told(_name(case_path), language) for problem in reading.problems]
    return lines + [each.told(reading.policy_file or "", language) for each in reading.policy_problems]


def _alone(case_path: str, language: str, key: str, **pieces: str) -> str:
    """Say the one problem that hides all others."""
    return Problem(1, "", key, pieces, book=BOOK).told(_name(case_path), language)


def _name(case_path: str) -> str:
    return "stdin" if case_path == STDIN else Path(case_path).name


def _refuse(lines: Sequence[str], language: str) -> NoReturn:
    """Print what is wrong and nothing else, and end the command."""
    for line in lines[:_TOLD]:
        click.echo(_harmless(line), err=True)
    if len(lines) > _TOLD:
        click.echo(say("case.more", language, number=len(lines) - _TOLD), err=True)
    raise click.exceptions.Exit(REFUSED)


def _harmless(line: str) -> str:
    """Write what somebody's file says on one line that no terminal obeys."""
    seen = "".join(sign if sign.isprintable() or sign == NBSP else "\ufffd" for sign in line)
    return cut(seen, _LINE)
