"""What is asked of a rule: the fields of its type, its level, its tick, its dates (D12, D13)."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from b24app.domain.rules import RULE_TYPES
from b24app.domain.rules import Act
from b24app.domain.rules import Level
from b24app.domain.rules import RuleType
from b24app.files import policy_rows as rows
from b24app.files.locator import Path
from b24app.files.policy_checks import Ground
from b24app.files.policy_checks import check_inn
from b24app.files.policy_checks import check_period
from b24app.files.policy_checks import refer
from b24app.files.policy_sheet import Sheet
from b24app.files.problems import Report
from b24app.files.tax_number import is_tax_number

THRESHOLDS: Final = ("days", "amount", "percent", "value")
_VALUES: Final[Mapping[str, str]] = {"account_status": "statuses", "terms_of_payment": "payment_terms"}
"""The section a rule's `value` is a code of, by the rule's type."""


def check_rules(sheet: Sheet, report: Report, ground: Ground) -> None:
    """Check every rule."""
    del ground
    for path, rule in sheet.rows("rules", rows.RuleRow):
        kind = RULE_TYPES.get(rule.type)
        if kind is None:
            near = get_close_matches(rule.type, RULE_TYPES, n=1, cutoff=0.0)
            report.error((*path, "type"), "rule_type", type=rule.type, near=near[0])
        else:
            _check_thresholds(sheet, report, path, rule)
            _check_scope(report, path, rule, kind)
            _check_value(sheet, report, path, rule)
        _check_level(sheet, report, path, rule)
        check_period(report, path, rule.starts, rule.ends)
    checks = sheet.table("checks", rows.Checks)
    for path, rule in sheet.rows("rules", rows.RuleRow):
        if rule.type == "limit_used" and checks is not None and not checks.limit_used:
            report.warn((*path, "type"), "limit_used_off")


def _check_thresholds(sheet: Sheet, report: Report, path: Path, rule: rows.RuleRow) -> None:
    """A rule carries exactly one of the sets of thresholds of its type and act (D12)."""
    kind = RULE_TYPES[rule.type]
    sets = kind.blocking if rule.act is Act.BLOCK else kind.excluding
    given = {name for name in THRESHOLDS if sheet.says(path, rule, name)}
    if given in sets:
        return
    wanted = ", ".join(" + ".join(name for name in THRESHOLDS if name in each) for each in sets)
    foreign = given - set().union(*sets)
    for name in foreign:
        report.error((*path, name), "threshold_foreign", type=rule.type, wanted=wanted)
    if not foreign:
        report.error(path, "threshold_sets" if given else "threshold_missing", type=rule.type, wanted=wanted)


def _check_scope(report: Report, path: Path, rule: rows.RuleRow, kind: RuleType) -> None:
    """Status and terms rules are for all (D12); a risk group narrows a group's rule only."""
    if not kind.scoped and rule.level is not Level.ALL:
        report.error((*path, "level"), "not_scoped", type=rule.type)
    if rule.risk is None:
        return
    if not kind.scoped:
        report.error((*path, "risk"), "not_narrowed", type=rule.type)
    elif rule.level is not Level.GROUP:
        report.error((*path, "risk"), "risk_without_group")


def _check_value(sheet: Sheet, report: Report, path: Path, rule: rows.RuleRow) -> None:
    section = _VALUES.get(rule.type)
    if section is not None:
        refer(sheet, report, (*path, "value"), rule.value, section)


def _check_level(sheet: Sheet, report: Report, path: Path, rule: rows.RuleRow) -> None:
    refer(sheet, report, (*path, "risk"), rule.risk, "risks")
    _check_key(sheet, report, path, rule)
    if rule.release and rule.act is Act.BLOCK:
        report.error((*path, "release"), "release_of_block")
    if rule.act is Act.EXCLUDE and rule.level is Level.ALL and not rule.release:
        report.error(path, "exclusion_for_all")


def _check_key(sheet: Sheet, report: Report, path: Path, rule: rows.RuleRow) -> None:
    place = (*path, "key")
    if rule.level is Level.ALL:
        if rule.key is not None:
            report.error(place, "key_for_all")
    elif not sheet.says(path, rule, "key"):
        report.error(place, "key_missing_client" if rule.level is Level.CLIENT else "key_missing_group")
    elif rule.key is None:
        return
    elif rule.level is Level.GROUP:
        refer(sheet, report, place, rule.key, "groups")
    elif is_tax_number(rule.key):
        check_inn(report, place, rule.key)
    else:
        report.error(place, "inn")
