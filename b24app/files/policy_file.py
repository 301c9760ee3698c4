"""A whole policy as a TOML file: read with everything that is wrong told at once, and written for people.

`read_policy` is for what a person gives: it checks all and refuses. `load_policy` is for what was accepted
once: later checks do not refuse it any more. `write_policy` writes what `read_policy` reads back as the same.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from b24app.domain.errors import CreditControlError
from b24app.domain.policy import Policy
from b24app.files.policy_build import build
from b24app.files.policy_checks import CHECKS
from b24app.files.policy_checks import RATE_NOT_KNOWN
from b24app.files.policy_checks import Ground
from b24app.files.policy_data import data_of
from b24app.files.policy_rule_checks import check_rules
from b24app.files.policy_sheet import Sheet
from b24app.files.policy_sheet import read_sheet
from b24app.files.policy_text import render
from b24app.files.problems import Problem
from b24app.files.problems import Report

FIRST_VERSION: Final = "1"


class UnreadablePolicyError(CreditControlError):
    """A stored policy that this version of the program cannot read."""


@dataclass(frozen=True, slots=True)
class PolicyReading:
    """A file as read: the policy, None when it is refused, and all problems in the order of the file."""

    policy: Policy | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What it is refused for."""
        return tuple(each for each in self.problems if each.is_error)

    @property
    def wants_rates(self) -> bool:
        """Whether it would be told better by somebody who knows the exchange rates."""
        return any(each.key == RATE_NOT_KNOWN for each in self.problems)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What may be a mistake."""
        return tuple(each for each in self.problems if not each.is_error)


def read_policy(
    text: str,
    *,
    version: str = FIRST_VERSION,
    currencies: Collection[str] | None = None,
    on: date | None = None,
) -> PolicyReading:
    """Read a file and check all of it.

    `currencies`: those an exchange rate is known for; None: nobody can tell, so other money is only warned
    of. `on`: today in the credit time zone; None: nothing is told of what is over.
    """
    taken = read_sheet(text.removeprefix("\ufeff"))
    if isinstance(taken, Problem):
        return PolicyReading(None, (taken,))
    return judge_policy(*taken, version=version, ground=Ground(currencies, on))


def judge_policy(sheet: Sheet, report: Report, *, version: str, ground: Ground) -> PolicyReading:
    """Check a document taken apart for what no single value shows, and build its policy."""
    for check in (*CHECKS, check_rules):
        check(sheet, report, ground)
    refused = any(problem.is_error for problem in report.problems)
    return PolicyReading(None if refused else build(sheet, version), report.problems)


def load_policy(text: str, *, version: str) -> Policy:
    """Read a document accepted before; raises `UnreadablePolicyError` when its form is not known any more."""
    taken = read_sheet(text.removeprefix("\ufeff"))
    if isinstance(taken, Problem):
        raise UnreadablePolicyError(f"policy version {version}: not TOML")
    sheet, report = taken
    wrong = [problem for problem in report.problems if problem.is_error]
    if wrong:
        raise UnreadablePolicyError(f"policy version {version}: {wrong[0].field or 'file'}: {wrong[0].key}")
    try:
        return build(sheet, version)
    except ValueError as error:
        raise UnreadablePolicyError(f"policy version {version}: {error}") from error


def write_policy(policy: Policy, language: str = "ru") -> str:
    """Write a policy as a file with a comment over every section and parameter."""
    return render(data_of(policy), language)
