"""Company cards with their requisites, read in pages by growing id."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from b24app.bitrix.encode import Reference
from b24app.bitrix.encode import reference
from b24app.bitrix.fields import TERMS_FIELDS
from b24app.bitrix.fields import Options
from b24app.bitrix.fields import parse_terms
from b24app.bitrix.rest import RestClient
from b24app.bitrix.rows import PAGE
from b24app.bitrix.rows import Row
from b24app.bitrix.rows import by_id
from b24app.bitrix.rows import pages
from b24app.bitrix.rows import rows_of
from b24app.bitrix.rows import wanted
from b24app.bitrix.rows import whole
from b24app.ports.portal import CompanyFacts
from b24app.ports.portal import Priority
from b24app.ports.portal import Requisite
from b24app.protocol.answers import BatchAnswer

COMPANY = 4
_CHAIN = 10

Command = tuple[str, dict[str, Any]]


def companies_command(ids: Sequence[int | Reference]) -> Command:
    """Read companies by ids or references to them."""
    return "crm.item.list", {
        "entityTypeId": COMPANY,
        "filter": {"@id": list(ids)},
        "select": ["id", "title", *TERMS_FIELDS],
        "order": {"id": "ASC"},
        "start": -1,
        "useOriginalUfNames": "Y",
    }


def requisites_command(company_ids: Sequence[int | Reference], *, after: int = 0) -> Command:
    """Read a page of these companies' requisites, those with a greater id than `after` (bitrix24 6.9)."""
    return "crm.requisite.list", {
        "filter": {"ENTITY_TYPE_ID": COMPANY, "@ENTITY_ID": list(company_ids), ">ID": after},
        "select": ["ID", "ENTITY_ID", "RQ_INN", "RQ_KPP"],
        "order": {"ID": "ASC"},
        "start": -1,
    }


def parse_company(item: Row, requisites: Iterable[Row], options: Options) -> CompanyFacts:
    """Join a card with those of the requisite rows that are its own."""
    number = whole(item.get("id"))
    own = sorted((row for row in requisites if whole(row.get("ENTITY_ID")) == number), key=_requisite_id)
    return CompanyFacts(
        id=number,
        title=str(item.get("title") or ""),
        requisites=tuple(
            Requisite(_requisite_id(row), _digits(row.get("RQ_INN")), _digits(row.get("RQ_KPP")))
            for row in own
        ),
        terms=parse_terms(item, options),
    )


class CompanyReader:
    """Read company cards; `options` gives the portal's enumeration option ids."""

    def __init__(self, client: RestClient, options: Callable[[], Options]) -> None:
        self._client = client
        self._options = options

    def fetch(self, ids: Sequence[int]) -> list[CompanyFacts]:
        """Read up to 50 cards in one request (more only for more than 50 requisites)."""
        if not ids:
            return []
        commands = {"companies": companies_command(ids), "requisites": requisites_command(ids)}
        answer = self._client.batch(commands)
        return self._joined(answer, [("companies", "requisites")])

    def of_requisites(self, ids: Sequence[int]) -> list[int]:
        """Return the distinct companies of requisites, in growing order."""
        found: set[int] = set()
        for page in pages(ids):
            params = {
                "filter": {"ENTITY_TYPE_ID": COMPANY, "@ID": list(page)},
                "select": ["ID", "ENTITY_ID"],
                "start": -1,
            }
            found |= set(by_id(rows_of(self._client.call("crm.requisite.list", params)), "ENTITY_ID"))
        return sorted(found)

    def stream(self) -> Iterator[CompanyFacts]:
        """Read every company by growing id, 500 cards a request and their requisites in another one."""
        last = 0
        while True:
            answer = self._client.batch(_chain(last), priority=Priority.BULK)
            cards, more = _grown(answer, last)
            groups = list(pages(card["id"] for card in cards.values()))
            if groups:
                commands = {f"r{index}": requisites_command(group) for index, group in enumerate(groups)}
                requisites = self._client.batch(commands, priority=Priority.BULK)
                for index, group in enumerate(groups):
                    rows = self.rest_of(rows_of(wanted(requisites, f"r{index}")), group, Priority.BULK)
                    yield from self._facts([cards[number] for number in group], rows)
            if not more:
                return
            last = max(cards)

    def rest_of(self, first: list[Row], company_ids: Sequence[int], priority: Priority) -> list[Row]:
        """Follow a first page of requisites to the end, each page starting behind the last id."""
        rows, page = list(first), first
        while len(page) >= PAGE:
            after = max(map(_requisite_id, page))
            method, params = requisites_command(company_ids, after=after)
            page = rows_of(self._client.call(method, params, priority=priority))
            rows += page
        return rows

    def _joined(self, answer: BatchAnswer, pairs: Iterable[tuple[str, str]]) -> list[CompanyFacts]:
        facts: list[CompanyFacts] = []
        for cards_key, requisites_key in pairs:
            cards = rows_of(wanted(answer, cards_key), "items")
            first = rows_of(wanted(answer, requisites_key))
            ids = list(by_id(cards, "id"))
            facts += self._facts(cards, self.rest_of(first, ids, Priority.NORMAL) if ids else [])
        return facts

    def _facts(self, cards: Iterable[Row], requisites: Sequence[Row]) -> list[CompanyFacts]:
        options = self._options()
        owners: dict[int, list[Row]] = {}
        for row in requisites:
            owners.setdefault(whole(row.get("ENTITY_ID")), []).append(row)
        return [parse_company(card, owners.get(whole(card.get("id")), []), options) for card in cards]


def _chain(last: int) -> Mapping[str, Command]:
    """Build pages that each begin behind the last row of the one before."""
    commands: dict[str, Command] = {}
    for index in range(_CHAIN):
        method, params = companies_command([])
        after = last if index == 0 else reference(f"c{index - 1}", "items", PAGE - 1, "id")
        commands[f"c{index}"] = (method, {**params, "filter": {">id": after}})
    return commands


def _grown(answer: BatchAnswer, last: int) -> tuple[dict[int, Row], bool]:
    """Collect the pages of a chain up to the first short one, and tell whether there may be more.

    Behind a short page the next command's reference did not resolve: whatever it answered is not read.
    """
    cards: dict[int, Row] = {}
    for index in range(_CHAIN):
        page = by_id(rows_of(wanted(answer, f"c{index}"), "items"), "id")
        fresh = {number: row for number, row in page.items() if number > last}
        cards.update(fresh)
        if len(fresh) < PAGE:
            return cards, False
        last = max(fresh)
    return cards, True


def _requisite_id(row: Row) -> int:
    return whole(row.get("ID"))


def _digits(value: Any) -> str:
    return str(value or "").strip()
