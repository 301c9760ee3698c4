"""Every name of 1C's that a profile puts into its requests, as (object, field) pairs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from datetime import datetime

from sync_1c.odata import Quoting
from sync_1c.profile import DocumentedNames
from sync_1c.profile import KeyedNames
from sync_1c.profile import Profile
from sync_1c.profiles import bp30
from sync_1c.profiles import unf
from sync_1c.profiles import ut11
from sync_1c.query import Query

PROFILES: tuple[Profile, ...] = (ut11, bp30, unf)
KEYED: tuple[KeyedNames, ...] = (ut11,)
DOCUMENTED: tuple[DocumentedNames, ...] = (bp30, unf)
REF = "a348aa8c-d629-11e5-0a9b-000c295e30eb"
DAY = date(2026, 1, 1)
_WORDS = {"eq", "ge", "ne", "and", "or", "true", "cast", "guid", "datetime", "desc", "Account", "Code"}


def common(profile: Profile) -> Iterator[Query]:
    """Yield the requests that every profile makes."""
    yield profile.counterparties(profile.WITH_INN)
    yield profile.counterparties(profile.has_inn("1"))
    yield profile.currencies()
    yield profile.contracts(profile.contract_of(REF))
    yield profile.rates(DAY)
    for make in profile.receipts(DAY):
        yield make(profile.receipt_from(REF))


def keyed(names: KeyedNames) -> Iterator[Query]:
    """Yield the requests of settlements by key."""
    yield names.keys(names.key_of_counterparty(REF))
    yield names.debts(names.with_key(REF), Quoting.SINGLE)
    moment = datetime(2026, 1, 1)  # noqa: DTZ001 - the base's own clock
    for by_object in (False, True):
        yield names.balances(names.with_key(REF), Quoting.SINGLE, by_object=by_object, period=moment)
    yield names.settlement_objects(names.with_ref(REF))
    yield names.written_off()
    yield Query(names.architecture().resource, {"select": "Value"})


def documented(names: DocumentedNames) -> Iterator[Query]:
    """Yield the requests of settlements by document."""
    yield names.settled(names.settled_with(REF), Quoting.SINGLE, snapshot=True)
    plain = names.settled_plainly(names.settled_with(REF), snapshot=True)
    chart = names.accounts()
    yield from (each for each in (plain, chart) if each is not None)
    if names is bp30:
        yield names.planned(names.document_with("Document_РеализацияТоваровУслуг", REF))
        yield Query(bp30.DEFAULT_TERM, {"select": "Value"})
        yield Query(bp30.PLANNING, {"select": "Value"})
    kinds = (unf.SHIPMENT, unf.ORDER) if names is unf else ("Document_РеализацияТоваровУслуг",)
    for kind in kinds:
        yield names.documents(names.dated_in(kind), names.document_with(kind, REF))


def requests_of(profile: Profile) -> list[Query]:
    """List every request a profile makes."""
    more = [each for names in KEYED if names is profile for each in keyed(names)]
    more += [each for names in DOCUMENTED if names is profile for each in documented(names)]
    return [*common(profile), *more]


def names_of(profile: Profile) -> set[tuple[str, str]]:
    """List the names that must exist in a base for these requests to be answered."""
    return {name for query in requests_of(profile) for name in _names(query)}


def _names(query: Query) -> Iterator[tuple[str, str]]:
    table, _, arguments = query.resource.partition("(")
    for field in query.options.get("select", "").split(","):
        yield table, field
    texts = [query.options.get("filter", ""), query.options.get("orderby", "")]
    condition = re.search(r"[,(]Condition='(.*)'", arguments)
    texts += [condition.group(1)] if condition else []
    for text in texts:
        bare = re.sub(r"\w*'[^']*'", "", text)
        for word in re.findall(r"[^\W\d]\w*", bare):
            if word not in _WORDS:
                yield table, word
    dimensions = re.search(r"Dimensions='([^']*)'", arguments)
    for dimension in dimensions.group(1).split(",") if dimensions else ():
        if dimension and f"{dimension}_Key" not in query.options.get("select", ""):
            yield table, dimension
