"""What no single value of a case file shows: who is named, what is named twice, what has no rate."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING
from typing import Any

from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.files import case_rows as rows
from b24app.files.case_money import Purse
from b24app.files.case_money import named_so
from b24app.files.policy_checks import check_inn

if TYPE_CHECKING:
    from b24app.domain.money import Money
    from b24app.domain.policy import Policy
    from b24app.files.case_rows import StandingForm
    from b24app.files.case_sheet import CaseSheet
    from b24app.files.locator import Path
    from b24app.files.problems import Report


@dataclass(frozen=True, slots=True)
class _Known:
    """Every contract's names by ИНН, of rows that could not be read as well."""

    contracts: Mapping[str, set[str]]

    @classmethod
    def of(cls, sheet: CaseSheet) -> _Known:
        found: dict[str, set[str]] = {}
        for _, client in sheet.raw("clients"):
            inn = client.get("inn")
            if isinstance(inn, str):
                found.setdefault(inn, set()).update(_names(client.get("contracts")))
        return cls(found)


def check_case(sheet: CaseSheet, report: Report, policy: Policy | None) -> None:
    """Check everything that could be read; `policy` None: it is refused itself."""
    known = _Known.of(sheet)
    _check_repeated(sheet, report)
    for path, client in sheet.rows("clients", rows.ClientForm):
        check_inn(report, (*path, "inn"), client.inn)
        _check_limits(report, path, client)
        if policy is not None:
            _check_standing(report, path, client, policy)
    for path, reserve in sheet.rows("reserves", rows.ReserveForm):
        _check_owner(report, path, reserve, known)
    _check_deals(sheet, report, known, policy)
    _check_moments(sheet, report)
    if policy is not None:
        _check_rates(sheet, report, policy)
        _check_pools(sheet, report, known, policy)


def _check_repeated(sheet: CaseSheet, report: Report) -> None:
    """A client stands once, and so do a currency, a promise to a deal, and a key of a contract."""
    _once(report, "clients", [(n, row.get("inn")) for n, row in sheet.raw("clients")], "inn", "repeated_inn")
    for section, key in (("rates", "currency"), ("reserves", "deal")):
        _once(report, section, [(n, row.get(key)) for n, row in sheet.raw(section)], key, "repeated")
    for path, client in sheet.rows("clients", rows.ClientForm):
        seen: dict[str, Path] = {}
        for number, contract in enumerate(client.contracts):
            place = (*path, "contracts", number)
            if contract.key in seen:
                line = report.line(seen[contract.key])
                report.error(place, "repeated", code=contract.key, line=line)
            seen.setdefault(contract.key, place)


def _once(report: Report, section: str, found: list[tuple[int, Any]], key: str, sentence: str) -> None:
    seen: dict[object, Path] = {}
    for number, name in found:
        path: Path = (section, number, key)
        if not isinstance(name, str | int):
            continue
        if name in seen:
            report.error(path, sentence, code=str(name), line=report.line(seen[name]))
        seen.setdefault(name, path)


def _check_limits(report: Report, path: Path, client: rows.ClientForm) -> None:
    """One place says the limit of a client, or nobody could tell which counts."""
    if client.limit is not None and any(each.limit is not None for each in client.contracts):
        report.error((*path, "limit"), "two_limits")


def _check_standing(report: Report, path: Path, found: StandingForm, policy: Policy) -> None:
    """The codes of a card lead somewhere: one that does not would loosen a decision in silence."""
    sections = {
        "category": ("categories", [each.code for each in policy.categories]),
        "status": ("statuses", [each.code for each in policy.statuses]),
        "group": ("groups", [each.code for each in policy.groups]),
        "risk": ("risks", [each.code for each in policy.risks]),
    }
    for key, (section, names) in sections.items():
        code = getattr(found, key)
        if code is not None and code not in names:
            sentence, near = _nearest("unknown", code, names)
            report.error((*path, key), sentence, code=code, section=section, near=near)


def _check_owner(report: Report, path: Path, row: rows.DealForm | rows.ReserveForm, known: _Known) -> None:
    """A deal is of a client there is, under a contract he has."""
    names = known.contracts.get(row.client)
    if names is None:
        sentence, near = _nearest("client", row.client, known.contracts, unknown="client_unknown")
        report.error((*path, "client"), sentence, inn=row.client, near=near)
        return
    if row.contract is not None and row.contract not in names:
        sentence, near = _nearest("contract", row.contract, names, unknown="contract_unknown")
        report.error((*path, "contract"), sentence, contract=row.contract, near=near)


def _check_deals(sheet: CaseSheet, report: Report, known: _Known, policy: Policy | None) -> None:
    clients = {client.inn: client for _, client in sheet.rows("clients", rows.ClientForm)}
    seen: dict[int, tuple[Path, str]] = {}
    for path, deal in sheet.rows("deals", rows.DealForm):
        _check_owner(report, path, deal, known)
        owner = clients.get(deal.client)
        if owner is not None and deal.contract is not None and len(named_so(owner, deal.contract)) > 1:
            report.error((*path, "contract"), "contract_unclear")
        first, client = seen.setdefault(deal.id, (path, deal.client))
        if client != deal.client:
            report.error((*path, "client"), "other_client", id=str(deal.id), line=report.line(first))
        if policy is not None:
            if deal.typed is not None:
                _check_standing(report, (*path, "typed"), deal.typed, policy)
            _doubt(report, (*path, "terms"), deal.terms, [each.code for each in policy.payment_terms])
            _doubt(report, (*path, "discount"), deal.discount, [each.code for each in policy.discounts])


def _doubt(report: Report, path: Path, code: str | None, known: list[str]) -> None:
    """Warn of a term nobody ranked: the deal is held for it, so nothing is loosened (D2)."""
    if code is not None and code not in known:
        section = "payment_terms" if path[-1] == "terms" else "discounts"
        sentence, near = _nearest("unknown", code, known)
        report.warn(path, sentence, code=code, section=section, near=near)


def _check_moments(sheet: CaseSheet, report: Report) -> None:
    """Nobody decides by figures of the future."""
    whole = sheet.whole
    if whole is None or whole.now is None:
        return
    now, as_of = (each.replace(tzinfo=each.tzinfo or whole.timezone) for each in (whole.now, whole.as_of))
    if now < as_of:
        report.error(("now",), "before_figures")


def _check_rates(sheet: CaseSheet, report: Report, policy: Policy) -> None:
    """Wherever currencies meet, the price of each is known (N8, D14)."""
    base = sheet.says("base_currency")
    base = base if isinstance(base, str) else policy.currency
    known = {row.get("currency") for _, row in sheet.raw("rates")} | {base}
    for path, rate in sheet.rows("rates", rows.RateForm):
        if rate.currency == base:
            report.error((*path, "currency"), "rate_of_base")
    clients = {client.inn: client for _, client in sheet.rows("clients", rows.ClientForm)}
    purse = Purse(policy.currency, clients)
    for path, client in sheet.rows("clients", rows.ClientForm):
        met: dict[str, Path] = {}
        for where, money in _money_of(sheet, purse, path, client):
            if money or where[-1] == "limit":
                met.setdefault(money.currency, where)
        for implied in _implied(client, policy):
            met.setdefault(implied, (*path, "inn"))
        if len(met) > 1:
            for currency in met.keys() - known:
                report.error(met[currency], "no_rate", currency=currency, base=base)


def _money_of(
    sheet: CaseSheet, purse: Purse, path: Path, client: rows.ClientForm
) -> Iterator[tuple[Path, Money]]:
    yield from purse.met(path, client)
    for where, deal in sheet.rows("deals", rows.DealForm):
        if deal.client == client.inn:
            yield (*where, "amount"), purse.asked(deal)
            typed = purse.limit(deal.typed.limit) if deal.typed is not None else None
            if isinstance(typed, Granted):
                yield (*where, "typed", "limit"), typed.amount
    for where, reserve in sheet.rows("reserves", rows.ReserveForm):
        if reserve.client == client.inn:
            yield (*where, "amount"), purse.asked(reserve)


def _implied(client: rows.ClientForm, policy: Policy) -> Iterator[str]:
    """Name the currencies of limits that do not stand with the client: the group's, the category's."""
    pool = policy.pool_of(client.inn)
    if pool is not None:
        yield pool.limit.currency
    if client.limit is None and all(each.limit is None for each in client.contracts):
        category = policy.category(client.category).limit
        if isinstance(category, Granted):
            yield category.amount.currency
        elif not isinstance(category, Unlimited):
            yield policy.currency


def _check_pools(sheet: CaseSheet, report: Report, known: _Known, policy: Policy) -> None:
    """Warn of a deal whose credit group has a member nobody described: it cannot be decided (D19)."""
    for path, deal in sheet.rows("deals", rows.DealForm):
        pool = policy.pool_of(deal.client)
        missing = sorted(pool.members - known.contracts.keys()) if pool is not None else []
        if pool is not None and missing:
            report.warn((*path, "client"), "member_missing", group=pool.name, inn=", ".join(missing))


def _nearest(key: str, wanted: str, known: Collection[str], *, unknown: str | None = None) -> tuple[str, str]:
    near = get_close_matches(wanted, sorted(known), n=1, cutoff=0.6)
    return (f"{key}_near", near[0]) if near else (unknown or key, "")


def _names(contracts: object) -> Iterator[str]:
    for contract in contracts if isinstance(contracts, list) else ():
        if isinstance(contract, dict):
            yield from (name for key in ("number", "ref") if isinstance(name := contract.get(key), str))
