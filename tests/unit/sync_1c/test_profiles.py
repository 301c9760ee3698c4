"""Profiles as a whole: found by their names, recognised by what a base publishes, true to the recordings."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import sync_1c
from b24app.ports.errors import ConfigurationUnknown
from b24app.ports.errors import LedgerMisconfigured
from sync_1c import odata
from sync_1c import profiles
from sync_1c.profile import Profile
from sync_1c.profiles import bp30
from sync_1c.profiles import unf
from sync_1c.profiles import ut11
from tests.unit.sync_1c.asked import PROFILES
from tests.unit.sync_1c.asked import names_of
from tests.unit.sync_1c.asked import requests_of
from tests.unit.sync_1c.recorded import PAYLOADS
from tests.unit.sync_1c.recorded import names


def own_name(profile: Profile) -> str:
    """Name a case by its profile."""
    return profile.NAMES[0]


def unconfirmed(profile: Profile) -> set[tuple[str, str]]:
    """Read the names that are known otherwise than by a recording."""
    listed: dict[str, Any] = tomllib.loads((PAYLOADS / "unconfirmed.toml").read_text(encoding="utf-8"))
    return {(each["object"], field) for each in listed[profile.NAMES[0]] for field in each["fields"]}


@pytest.mark.parametrize("profile", PROFILES, ids=own_name)
def test_every_name_a_profile_asks_for_is_recorded_or_marked_unconfirmed(profile: Profile) -> None:
    asked, recorded = names_of(profile), names(profile.NAMES[0])
    assert asked - recorded == unconfirmed(profile)


@pytest.mark.parametrize("profile", PROFILES, ids=own_name)
def test_every_object_no_recording_confirms_is_marked_in_the_docstring(profile: Profile) -> None:
    told = profile.__doc__ or ""
    assert all(f"[{mark}]" in told for mark in ("C", "I"))


@pytest.mark.parametrize("profile", PROFILES, ids=own_name)
def test_every_object_asked_for_is_needed_or_read_only_when_it_must_be(profile: Profile) -> None:
    objects = {query.resource.partition("/")[0].removesuffix("_RecordType") for query in requests_of(profile)}
    optional = {"InformationRegister_КурсыВалют", ut11.RELATIVE_RATES, ut11.BY_DUE_DATE, ut11.OBJECTS}
    assert objects - optional == set(profile.NEEDED) - {"Document_РеализацияТоваровУслуг"}


@pytest.mark.parametrize(
    "query", [q for p in PROFILES for q in requests_of(p)], ids=lambda query: query.resource
)
def test_a_request_leaves_room_for_conditions(query: Any) -> None:
    assert query.size < odata.URL_BUDGET


def test_no_other_file_of_the_adapter_holds_a_name_of_1c() -> None:
    folder = Path(sync_1c.__file__).parent
    named = re.compile(r"Catalog_|Register_|Document_|Constant_|_Key\b|[А-Яа-я]{3,}(?<!ИНН)")
    for path in sorted([*folder.glob("*.py"), *folder.glob("checkup/*.py")]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                assert not named.search(node.value), f"{path.name}:{node.lineno}"


def test_profiles_are_found_by_being_there_and_every_name_leads_to_one() -> None:
    assert set(profiles.known()) == set(PROFILES)
    assert profiles.names() == ("auto", "ut11", "ka2", "erp2", "unf", "bp30")
    assert {profiles.named(name) for name in ("ut11", "ka2", "erp2")} == {ut11}


def test_a_profile_nobody_wrote_is_refused_with_those_there_are() -> None:
    with pytest.raises(LedgerMisconfigured, match="unf"):
        profiles.named("7.7")


@pytest.mark.parametrize("profile", PROFILES, ids=own_name)
def test_a_base_is_recognised_by_what_it_publishes(profile: Profile) -> None:
    assert profiles.recognise(profile.NEEDED) is profile


def test_ut_is_recognised_before_bp_because_erp_keeps_accounts_too() -> None:
    assert profiles.recognise((*ut11.NEEDED, bp30.REGISTER)) is ut11


@pytest.mark.parametrize(
    ("sets", "lacks"),
    [
        (tuple(set(ut11.NEEDED) - {ut11.KEYS}), ut11.KEYS),
        ((ut11.PARTNERS, bp30.REGISTER), ut11.SETTLEMENTS),
        ((unf.SHIPMENT,), unf.REGISTER),
        ((bp30.REGISTER,), bp30.ACCOUNTS),
    ],
    ids=["УТ with a gap", "КА without its register", "УНФ without its register", "БП with gaps"],
)
def test_a_base_that_hides_something_is_told_exactly_what_to_add(sets: tuple[str, ...], lacks: str) -> None:
    with pytest.raises(LedgerMisconfigured, match="add to the OData composition") as raised:
        profiles.recognise(sets)
    assert lacks in raised.value.missing


@pytest.mark.parametrize(
    ("sets", "published"), [((), 0), (("Catalog_X",), 1)], ids=["nothing", "something else"]
)
def test_a_base_that_cannot_be_told_names_what_would_have_told_it(
    sets: tuple[str, ...], published: int
) -> None:
    with pytest.raises(ConfigurationUnknown) as raised:
        profiles.recognise(sets)
    assert raised.value.looked_for == (ut11.SETTLEMENTS, unf.REGISTER, bp30.REGISTER)
    assert raised.value.published == published
