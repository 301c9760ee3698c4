"""What no single value shows: codes that repeat or lead nowhere, dates, currencies, ranks (D2, D4, D10)."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Final

from b24app.domain.client import CoverKind
from b24app.domain.exposure import Component
from b24app.domain.policy import ReasonKind
from b24app.domain.scoring import RiskGroup
from b24app.domain.scoring import gaps
from b24app.domain.scoring import overlaps
from b24app.files import policy_rows as rows
from b24app.files.locator import Path
from b24app.files.policy_sheet import ROW_KEYS
from b24app.files.policy_sheet import Sheet
from b24app.files.problems import Report
from b24app.files.tax_number import has_right_check_digits

RATE_NOT_KNOWN: Final = "rate_not_known"


@dataclass(frozen=True, slots=True)
class Ground:
    """What the checks know besides the file.

    `currencies`: those an exchange rate is known for, None: nobody can tell. `on`: today, None: no matter.
    """

    currencies: Collection[str] | None = None
    on: date | None = None


Check = Callable[[Sheet, Report, Ground], None]


def refer(sheet: Sheet, report: Report, path: Path, code: str | None, section: str) -> None:
    """Refuse a code that leads nowhere, naming the nearest that would not."""
    known = sheet.named.get(section, frozenset())
    if code is None or code in known:
        return
    near = get_close_matches(code, [name for name in known if isinstance(name, str)], n=1, cutoff=0.4)
    report.error(
        path, "unknown_near" if near else "unknown", code=code, section=section, near=near[0] if near else ""
    )


def check_repeated(sheet: Sheet, report: Report, ground: Ground) -> None:
    """A code is given once in its section."""
    del ground
    for section, found in sheet.lists.items():
        key = ROW_KEYS[section]
        seen: dict[object, Path] = {}
        for number, row in found.items():
            name, path = getattr(row, key), (section, number, key)
            if name in seen:
                report.error(path, "repeated", code=str(name), line=report.line(seen[name]))
            seen.setdefault(name, path)


def check_defaults(sheet: Sheet, report: Report, ground: Ground) -> None:
    """Defaults and categories refer to what there is."""
    del ground
    terms = sheet.table("terms", rows.Terms)
    if terms is not None:
        refer(sheet, report, ("terms", "default_term"), terms.default_term, "payment_terms")
        refer(sheet, report, ("terms", "default_discount"), terms.default_discount, "discounts")
        refer(sheet, report, ("terms", "default_risk"), terms.default_risk, "risks")
    for path, category in sheet.rows("categories", rows.CategoryRow):
        refer(sheet, report, (*path, "terms"), category.terms, "payment_terms")
    limits = sheet.table("limits", rows.Limits)
    if limits is not None and Component.RECEIVABLES not in limits.components:
        report.warn(("limits", "components"), "no_receivables")


def check_ranks(sheet: Sheet, report: Report, ground: Ground) -> None:
    """A term without a rank holds whoever asks for it while ranks are compared (D2, D3)."""
    del ground
    checks = sheet.table("checks", rows.Checks)
    if checks is not None and checks.terms_rank:
        for path, term in sheet.rows("payment_terms", rows.TermRow):
            if term.rank is None:
                report.warn(path, "no_rank", code=term.code)
    if checks is not None and checks.discount_rank:
        for path, discount in sheet.rows("discounts", rows.DiscountRow):
            if discount.rank is None:
                report.warn(path, "no_rank", code=discount.code)


def check_scores(sheet: Sheet, report: Report, ground: Ground) -> None:
    """A score belongs to one risk group: ranges neither overlap nor leave anything between them (D8)."""
    del ground
    found: dict[RiskGroup, Path] = {}
    for path, row in sheet.rows("risks", rows.RiskRow):
        group = row.build()
        if group.is_backwards:
            report.error((*path, "score_to"), "score_backwards")
        elif not any(sheet.is_broken((*path, key)) for key in ("score_from", "score_to")):
            found.setdefault(group, path)
    for lower, upper in overlaps(found):
        line = report.line(found[lower])
        report.error((*found[upper], "score_from"), "score_overlap", code=lower.code, line=line)
    for below, above in gaps(found):
        line = report.line(found[below])
        report.error((*found[above], "score_from"), "score_gap", code=below.code, line=line)


def check_reasons(sheet: Sheet, report: Report, ground: Ground) -> None:
    """There is a reason to release with: a release without one is refused (D4)."""
    del ground
    kinds = {row.kind for _, row in sheet.rows("reasons", rows.ReasonRow)}
    if ReasonKind.RELEASE not in kinds:
        report.warn(("reasons",), "no_release_reason")


def check_clients(sheet: Sheet, report: Report, ground: Ground) -> None:
    """What is said of a client refers to what there is, with a reason where one is due (D6, D10, D26)."""
    del ground
    for path, client in sheet.rows("clients", rows.ClientRow):
        check_inn(report, (*path, "inn"), client.inn)
        refer(sheet, report, (*path, "category"), client.category, "categories")
        refer(sheet, report, (*path, "status"), client.status, "statuses")
        refer(sheet, report, (*path, "group"), client.group, "groups")
        refer(sheet, report, (*path, "risk"), client.risk, "risks")
        refer(sheet, report, (*path, "terms"), client.terms, "payment_terms")
        _refer_reason(sheet, report, (*path, "forced_hold"), client.forced_hold, ReasonKind.HOLD)
        _refer_reason(sheet, report, (*path, "status_reason"), client.status_reason, ReasonKind.STATUS)
        if client.status is not None and not sheet.says(path, client, "status_reason"):
            report.error((*path, "status"), "no_status_reason")
        if client.status_reason is not None and not sheet.says(path, client, "status"):
            report.warn((*path, "status_reason"), "no_status")
        _check_covers(sheet, report, path, client)
        _check_temporary(report, path, client)


def _check_covers(sheet: Sheet, report: Report, path: Path, client: rows.ClientRow) -> None:
    for number, cover in enumerate(client.covers):
        place = (*path, "covers", number)
        check_period(report, place, cover.starts, cover.ends)
        refer(sheet, report, (*place, "type"), cover.type, "guarantee_types")
        if cover.coverage is None:
            continue
        if cover.kind is CoverKind.GUARANTEE:
            report.error((*place, "coverage"), "coverage_of_guarantee")
        else:
            refer(sheet, report, (*place, "coverage"), cover.coverage, "coverage_types")


def _check_temporary(report: Report, path: Path, client: rows.ClientRow) -> None:
    """Of overlapping temporary limits the last given wins, and the overlap is told (D22)."""
    for number, later in enumerate(client.temporary):
        place = (*path, "temporary_limits", number)
        check_period(report, place, later.starts, later.ends)
        for before, earlier in enumerate(client.temporary[:number]):
            if later.starts <= earlier.ends and earlier.starts <= later.ends:
                line = report.line((*path, "temporary_limits", before))
                report.warn((*place, "valid_from"), "overlap", line=line)


def check_deals(sheet: Sheet, report: Report, ground: Ground) -> None:
    """A deal is stopped for a reason there is (D26)."""
    del ground
    for path, deal in sheet.rows("deals", rows.DealRow):
        _refer_reason(sheet, report, (*path, "forced_hold"), deal.forced_hold, ReasonKind.HOLD)


def check_pools(sheet: Sheet, report: Report, ground: Ground) -> None:
    """A client shares one limit at most; a group whose time is over shares none (D19)."""
    seen: dict[str, Path] = {}
    for path, group in sheet.rows("credit_groups", rows.CreditGroupRow):
        if not group.members:
            report.warn((*path, "members"), "no_members")
        if ground.on is not None and group.until < ground.on:
            report.warn((*path, "until"), "group_over")
        for number, inn in enumerate(group.members):
            place = (*path, "members", number)
            check_inn(report, place, inn)
            if inn in seen:
                report.error(place, "two_groups", inn=inn, line=report.line(seen[inn]))
            seen.setdefault(inn, place)
    for path, client in sheet.rows("clients", rows.ClientRow):
        if client.limit_until is not None and client.inn in seen:
            report.warn((*path, "limit_until"), "until_of_group", line=report.line(seen[client.inn]))


def check_currencies(sheet: Sheet, report: Report, ground: Ground) -> None:
    """Money of a currency without a rate would leave whoever meets it without a decision (D14, N8)."""
    limits = sheet.table("limits", rows.Limits)
    if limits is None:
        return
    home, told = limits.default_limit.currency, set[str]()
    for path, money in sheet.amounts():
        if money.currency == home:
            continue
        if path[-1] in {"tolerance", "overdue_tolerance"}:
            report.error(path, "tolerance_currency", currency=home)
        elif ground.currencies is not None and money.currency not in ground.currencies:
            report.error(path, "no_rate", currency=money.currency)
        elif ground.currencies is None and money.currency not in told:
            told.add(money.currency)
            report.warn(path, RATE_NOT_KNOWN, currency=money.currency)


def check_inn(report: Report, path: Path, inn: str) -> None:
    """Doubt a tax number whose check digits do not fit."""
    if not has_right_check_digits(inn):
        report.warn(path, "inn_digits", inn=inn)


def check_period(report: Report, path: Path, starts: date | None, ends: date | None) -> None:
    """Refuse a period that ends before it begins."""
    if starts is not None and ends is not None and ends < starts:
        report.error((*path, "valid_to"), "ends_early")


def _refer_reason(sheet: Sheet, report: Report, path: Path, code: str | None, kind: ReasonKind) -> None:
    if code is None:
        return
    fitting = [row.kind for row in _reasons(sheet) if row.code == code]
    if not fitting:
        refer(sheet, report, path, code, "reasons")
    elif kind not in fitting:
        report.error(path, "reason_kind", code=code, kind=kind.value)


def _reasons(sheet: Sheet) -> Iterator[rows.ReasonRow]:
    return (row for _, row in sheet.rows("reasons", rows.ReasonRow))


CHECKS: Final[tuple[Check, ...]] = (
    check_repeated,
    check_defaults,
    check_ranks,
    check_scores,
    check_reasons,
    check_clients,
    check_deals,
    check_pools,
    check_currencies,
)
