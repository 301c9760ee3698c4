"""A whole case as a JSON file: a policy, clients with their figures, and deals to decide in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from b24app.domain.series import Ask
from b24app.domain.series import World
from b24app.files.case_build import build_asks
from b24app.files.case_build import build_world
from b24app.files.case_build import moment_in
from b24app.files.case_checks import check_case
from b24app.files.case_policy import read_case_policy
from b24app.files.case_sheet import take_case_apart
from b24app.files.json_source import BOOK
from b24app.files.json_source import JsonLines
from b24app.files.json_source import parse_json
from b24app.files.problems import Problem
from b24app.files.problems import Report

if TYPE_CHECKING:
    from datetime import date

    from b24app.files.case_policy import OpenPolicy
    from b24app.files.case_rows import CaseForm
    from b24app.files.case_sheet import CaseSheet


@dataclass(frozen=True, slots=True)
class CreditCase:
    """A good case: the world before the first deal, the deals in order, and what people call them."""

    title: str
    zone: ZoneInfo
    world: World
    asks: tuple[Ask, ...]
    deal_titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseReading:
    """A case file as read: the case, None when it is refused, and all problems.

    `policy_problems` are those of `policy_file`, a file the case names.
    """

    case: CreditCase | None
    problems: tuple[Problem, ...]
    policy_file: str | None = None
    policy_problems: tuple[Problem, ...] = ()


def read_case(text: str, open_policy: OpenPolicy) -> CaseReading:
    """Read a case file and check all of it; every error and every warning is told."""
    text = text.removeprefix("\ufeff")
    document, problems = parse_json(text)
    if document is None and problems:
        return CaseReading(None, tuple(problems))
    if not isinstance(document, dict):
        return CaseReading(None, (Problem(1, "", "json_object", book=BOOK),))
    report = Report(text, JsonLines, book=BOOK)
    sheet = take_case_apart(document, report)
    reading, file = read_case_policy(
        document.get("policy"),
        text,
        open_policy=open_policy,
        currencies=_currencies(sheet),
        on=_today(sheet.whole) if sheet.whole is not None else None,
    )
    check_case(sheet, report, reading.policy)
    own = reading.problems if file is None else ()
    told = _in_order([*problems, *report.problems, *own])
    others = reading.problems if file is not None else ()
    refused = any(problem.is_error for problem in (*told, *others))
    if refused or sheet.whole is None or reading.policy is None:
        return CaseReading(None, told, file, others)
    whole, world = sheet.whole, build_world(sheet.whole, reading.policy, on=_today(sheet.whole))
    case = CreditCase(
        whole.title,
        whole.timezone,
        world,
        build_asks(whole, world),
        tuple(deal.title for deal in whole.deals),
    )
    return CaseReading(case, told, file, others)


def _today(whole: CaseForm) -> date:
    if whole.today is not None:
        return whole.today
    return _now(whole).astimezone(whole.timezone).date()


def _now(whole: CaseForm) -> datetime:
    return moment_in(whole.now or whole.as_of, whole.timezone)


def _currencies(sheet: CaseSheet) -> set[str]:
    named = [sheet.says("base_currency"), *(row.get("currency") for _, row in sheet.raw("rates"))]
    return {each for each in named if isinstance(each, str)}


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda each: (each.line or 0, each.field)))
