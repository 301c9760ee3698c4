"""A good policy file in its plainest form, and how it is spoiled: the wrong line ends with `# !`."""

from __future__ import annotations

from datetime import date

from b24app.files.policy_file import PolicyReading
from b24app.files.policy_file import read_policy
from b24app.files.problems import Problem

MARK = "# !"
INN, OTHER = "7707083893", "7736050003"
GOOD = """
[limits]
default_limit = "0.00 RUB"

[[payment_terms]]
code = "net14"
days = 14
rank = 10

[[categories]]
code = "large"

[[statuses]]
code = "ship"
effect = "ship"

[[reasons]]
code = "court"
kind = "hold"
name = "Суд"

[[reasons]]
code = "paid"
kind = "release"
name = "Оплачено"

[[reasons]]
code = "late"
kind = "status"
name = "Платит поздно"

[[groups]]
code = "dealers"

[[risks]]
code = "high"

[[guarantee_types]]
code = "bank"

[[coverage_types]]
code = "late"
"""
RULE = '[[rules]]\nid = "r"\n'
CLIENT = f'[[clients]]\ninn = "{INN}"\n'
POOL = f'[[credit_groups]]\ncode = "h"\nname = "Холдинг"\nlimit = "1.00 RUB"\nmembers = ["{INN}"]\n'


def added(text: str, *, over: str = GOOD) -> str:
    return f"{over}\n{text}"


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def marked(text: str) -> int | None:
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if line.endswith(MARK)]
    return lines[0] if lines else None


def read(text: str) -> PolicyReading:
    return read_policy(text, currencies={"RUB", "USD"}, on=date(2026, 11, 25))


def only(problems: tuple[Problem, ...]) -> Problem:
    assert len(problems) == 1, problems
    return problems[0]
