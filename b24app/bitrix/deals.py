"""Deals with everything a check needs, list-shaped: many of them in one request (bitrix24 3.3, 6.2)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Any

from b24app.bitrix.companies import Command
from b24app.bitrix.companies import CompanyReader
from b24app.bitrix.companies import companies_command
from b24app.bitrix.companies import parse_company
from b24app.bitrix.companies import requisites_command
from b24app.bitrix.encode import Reference
from b24app.bitrix.encode import reference
from b24app.bitrix.fields import DEAL_INPUTS
from b24app.bitrix.fields import Options
from b24app.bitrix.fields import code
from b24app.bitrix.fields import read_amount
from b24app.bitrix.fields import read_moment
from b24app.bitrix.fields import read_text
from b24app.bitrix.rest import RestClient
from b24app.bitrix.rows import PAGE
from b24app.bitrix.rows import Row
from b24app.bitrix.rows import by_id
from b24app.bitrix.rows import rows_of
from b24app.bitrix.rows import wanted
from b24app.bitrix.rows import whole
from b24app.ports.errors import BadAnswer
from b24app.ports.fields import DealField
from b24app.ports.portal import CompanyFacts
from b24app.ports.portal import DealFacts
from b24app.ports.portal import Priority
from b24app.ports.portal import StandingDeal
from b24app.protocol.answers import BatchAnswer

DEAL = 2
AT_ONCE = 200
_SELECT = (
    "id",
    "title",
    "stageId",
    "categoryId",
    "opportunity",
    "currencyId",
    "companyId",
    "assignedById",
    "movedTime",
    "movedBy",
    "createdTime",
    "closed",
)

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Around:
    """Rows found around the deals, each under its own id."""

    companies: dict[int, Row] = field(default_factory=dict)
    requisites: list[Row] = field(default_factory=list)
    links: dict[int, int] = field(default_factory=dict)
    users: dict[int, Row] = field(default_factory=dict)


class DealReader:
    """Read deals; `options` gives the portal's enumeration option ids."""

    def __init__(self, client: RestClient, companies: CompanyReader, options: Callable[[], Options]) -> None:
        self._client = client
        self._companies = companies
        self._options = options

    def fetch(self, deal_ids: Sequence[int], priority: Priority) -> list[DealFacts]:
        """Read up to 200 deals in one request, in the order asked for.

        1. One batch: for every 50 deals five commands, the deals and what hangs on them by references.
        2. Rows are matched by their own ids. 3. Where references did not resolve (a deal is gone or has no
        company) and a command failed or rows are missing, or a page of requisites was full, a second request
        asks with explicit ids.
        """
        ids = list(dict.fromkeys(deal_ids))
        if not ids:
            return []
        if len(ids) > AT_ONCE:
            raise ValueError(f"{len(ids)} deals at once, at most {AT_ONCE}")
        pages = {_mark(start): ids[start : start + PAGE] for start in range(0, len(ids), PAGE)}
        commands = {
            f"{key}{mark}": command
            for mark, page in pages.items()
            for key, command in _first_commands(page, mark).items()
        }
        answer = self._client.batch(commands, priority=priority)
        return [
            deal for mark, page in pages.items() for deal in self._digest(page, _part(answer, mark), priority)
        ]

    def _digest(self, ids: list[int], answer: BatchAnswer, priority: Priority) -> list[DealFacts]:
        deals = by_id(rows_of(wanted(answer, "deals"), "items"), "id")
        deals = {number: deals[number] for number in ids if number in deals}
        around = _collect(answer)
        clean = len(deals) == len(ids) and all(deal.get("companyId") is not None for deal in deals.values())
        self._complete(deals, around, answer, clean=clean, priority=priority)
        return self._joined(deals, around)

    def standing(self, stage_ids: Sequence[str], moved_since: datetime | None) -> Iterator[StandingDeal]:
        """List deals on stages by growing id, a page a request."""
        last = 0
        while stage_ids:
            filters: dict[str, Any] = {"@stageId": list(stage_ids), ">id": last}
            if moved_since is not None:
                filters[">=movedTime"] = moved_since.isoformat(timespec="seconds")
            params = {
                "entityTypeId": DEAL,
                "filter": filters,
                "select": ["id", "stageId", "movedTime", "createdTime"],
                "order": {"id": "ASC"},
                "start": -1,
            }
            page = rows_of(self._client.call("crm.item.list", params), "items")
            for row in page:
                yield StandingDeal(whole(row.get("id")), str(row.get("stageId") or ""), _moved_at(row))
            if len(page) < PAGE:
                return
            last = max(whole(row.get("id")) for row in page)

    def _complete(
        self,
        deals: dict[int, Row],
        around: _Around,
        answer: BatchAnswer,
        *,
        clean: bool,
        priority: Priority,
    ) -> None:
        again = _gaps(deals, around, answer, clean=clean)
        company_ids = _ids(deals, "companyId")
        if again:
            second = self._client.batch(again, priority=priority)
            for key in again:
                if key != "users":
                    wanted(second, key)
            _merge(around, _collect(second))
        last_page = rows_of(answer.results.get("requisites", []))
        if "requisites" in again or len(last_page) < PAGE:
            last_page = rows_of(second.results["requisites"]) if again and "requisites" in again else []
        around.requisites += self._companies.rest_of(last_page, company_ids, priority)
        missing = set(_ids(deals, "assignedById")) - set(around.users)
        if missing:
            _log.info("%d responsible users cannot be read; their names stay empty", len(missing))

    def _joined(self, deals: dict[int, Row], around: _Around) -> list[DealFacts]:
        options = self._options()
        rows = {whole(row.get("ID")): row for row in around.requisites}
        owners: dict[int, list[Row]] = {}
        for row in rows.values():
            owners.setdefault(whole(row.get("ENTITY_ID")), []).append(row)
        companies = {
            number: parse_company(card, owners.get(number, []), options)
            for number, card in around.companies.items()
        }
        return [_parse_deal(deal, companies, around) for deal in deals.values()]


def deals_command(ids: Sequence[int], select: Sequence[str]) -> Command:
    """Read deals by ids."""
    return "crm.item.list", {
        "entityTypeId": DEAL,
        "filter": {"@id": list(ids)},
        "select": list(select),
        "order": {"id": "ASC"},
        "start": -1,
        "useOriginalUfNames": "Y",
    }


def _mark(start: int) -> str:
    """Name a page of deals among the commands of a batch; the first needs no name."""
    return f"_{start // PAGE}" if start else ""


def _part(answer: BatchAnswer, mark: str) -> BatchAnswer:
    """Take the answers of one page of deals out of a batch's answers."""

    def of(found: Mapping[str, Any]) -> dict[str, Any]:
        return {key.partition("_")[0]: found[key] for key in found if key.partition("_")[2] == mark[1:]}

    return BatchAnswer(results=of(answer.results), errors=of(answer.errors), nexts=of(answer.nexts))


def _first_commands(ids: Sequence[int], mark: str) -> dict[str, Command]:
    deals = f"deals{mark}"
    companies = [reference(deals, "items", index, "companyId") for index in range(len(ids))]
    managers = [reference(deals, "items", index, "assignedById") for index in range(len(ids))]
    return {
        "deals": deals_command(ids, [*_SELECT, *DEAL_INPUTS]),
        "companies": companies_command(companies),
        "requisites": requisites_command(companies),
        "links": _links_command(ids),
        "users": _users_command(managers),
    }


def _links_command(deal_ids: Sequence[int]) -> Command:
    return "crm.requisite.link.list", {
        "filter": {"ENTITY_TYPE_ID": DEAL, "@ENTITY_ID": list(deal_ids)},
        "select": ["ENTITY_ID", "REQUISITE_ID"],
        "start": -1,
    }


def _users_command(user_ids: Sequence[int | Reference]) -> Command:
    return "user.get", {"FILTER": {"ID": list(user_ids)}}


def _gaps(deals: dict[int, Row], around: _Around, answer: BatchAnswer, *, clean: bool) -> dict[str, Command]:
    """Name what must be asked for again with explicit ids; a clean answer lacks only what cannot be read."""
    company_ids, managers = _ids(deals, "companyId"), _ids(deals, "assignedById")
    with_requisites = {whole(row.get("ENTITY_ID")) for row in around.requisites}
    lacking = {
        "companies": not set(company_ids) <= set(around.companies),
        "requisites": not set(company_ids) <= with_requisites,
        "links": False,
        "users": not set(managers) <= set(around.users),
    }
    commands: dict[str, Command] = {}
    if company_ids:
        commands["companies"] = companies_command(company_ids)
        commands["requisites"] = requisites_command(company_ids)
    if deals:
        commands["links"] = _links_command(list(deals))
    if managers:
        commands["users"] = _users_command(managers)
    return {
        key: command
        for key, command in commands.items()
        if key not in answer.results or (not clean and lacking[key])
    }


def _collect(answer: BatchAnswer) -> _Around:
    results = answer.results
    links = rows_of(results.get("links", []))
    return _Around(
        companies=by_id(rows_of(results.get("companies", []), "items"), "id"),
        requisites=rows_of(results.get("requisites", [])),
        links={whole(row.get("ENTITY_ID")): whole(row.get("REQUISITE_ID")) for row in links},
        users=by_id(rows_of(results.get("users", [])), "ID"),
    )


def _merge(around: _Around, more: _Around) -> None:
    around.companies.update(more.companies)
    around.requisites += more.requisites
    around.links.update(more.links)
    around.users.update(more.users)


def _ids(deals: dict[int, Row], key: str) -> list[int]:
    return sorted({whole(deal.get(key)) for deal in deals.values()} - {0})


def _parse_deal(deal: Row, companies: dict[int, CompanyFacts], around: _Around) -> DealFacts:
    number, company_id, manager = (whole(deal.get(key)) for key in ("id", "companyId", "assignedById"))
    user = around.users.get(manager, {})
    return DealFacts(
        id=number,
        title=str(deal.get("title") or ""),
        stage_id=str(deal.get("stageId") or ""),
        category_id=whole(deal.get("categoryId")),
        amount=read_amount(deal),
        company_id=company_id or None,
        company=companies.get(company_id),
        requisite_id=around.links.get(number) or None,
        contract=read_text(deal.get(code(DealField.CONTRACT))),
        terms=read_text(deal.get(code(DealField.TERMS))),
        discount=read_text(deal.get(code(DealField.DISCOUNT))),
        manager_id=manager,
        manager_name=f"{user.get('NAME') or ''} {user.get('LAST_NAME') or ''}".strip(),
        moved_at=_moved_at(deal),
        moved_by=whole(deal.get("movedBy")),
        closed=deal.get("closed") in ("Y", True),
    )


def _moved_at(deal: Row) -> datetime:
    """Return when a deal entered its stage; a deal never moved entered it when it was made."""
    value = deal.get("movedTime") or deal.get("createdTime")
    try:
        return read_moment(value)
    except ValueError as error:
        raise BadAnswer(f"deal {deal.get('id')}: no moment of its stage") from error
