"""Bases of БП 3.0 and УНФ against figures added up by hand, and what each refuses (onec_odata 3.2, 3.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec import objects_bp as bp
from b24app.sandbox.onec import objects_unf as unf
from b24app.sandbox.onec.accounting import SandboxAccounting
from b24app.sandbox.onec.families import BP30
from b24app.sandbox.onec.families import UNF
from b24app.sandbox.onec.families import SeededBase
from b24app.sandbox.onec.families import open_base
from b24app.sandbox.onec.http import Publication
from b24app.sandbox.onec.planting import Planted
from b24app.sandbox.onec.registers import Quoting
from b24app.sandbox.server import Served
from b24app.sandbox.stand import Stand
from tests.sandbox.onec.conftest import LOGIN
from tests.sandbox.onec.conftest import PASSWORD
from tests.sandbox.onec.conftest import Browser
from tests.sandbox.onec.conftest import world

BUYERS = "AccountCondition='Account/Code eq '62.01' or Account/Code eq '62.02''"


@contextmanager
def opened(
    family: str, clock: SandboxClock, publication: Publication | None = None
) -> Iterator[tuple[SeededBase, Browser]]:
    """Serve a base of a configuration with the two clients of the usual world."""
    base = open_base(
        family,
        world(),
        clock=clock,
        account=(LOGIN, PASSWORD),
        timezone="Europe/Moscow",
        publication=publication,
    )
    with Served(base.app) as served, requests.Session() as session:
        yield base, Browser(served.url + base.path, session)


@pytest.fixture
def accounting(clock: SandboxClock) -> Iterator[Browser]:
    with opened(BP30, clock) as (_, browser):
        yield browser


@pytest.fixture
def small_firm(clock: SandboxClock) -> Iterator[Browser]:
    with opened(UNF, clock) as (_, browser):
        yield browser


def code_of(browser: Browser) -> dict[str, str]:
    """Read the codes of accounts by their keys."""
    return {row["Ref_Key"]: row["Code"] for row in browser.rows(bp.CHART)}


def sums_of(browser: Browser, call: str) -> dict[str, Decimal]:
    """Add up debit less credit by account."""
    codes, found = code_of(browser), dict[str, Decimal]()
    for row in browser.rows(f"{bp.REGISTER}/{call}"):
        code = codes[row["Account_Key"]]
        net = Decimal(str(row["СуммаBalanceDr"])) - Decimal(str(row["СуммаBalanceCr"]))
        found[code] = found.get(code, Decimal(0)) + net
    return found


def test_a_receipt_pays_its_document_and_the_rest_is_an_advance(accounting: Browser) -> None:
    assert sums_of(accounting, f"Balance({BUYERS})") == {"62.01": Decimal("180.55"), "62.02": Decimal(-300)}


def test_a_passive_account_shows_its_balance_as_credit(accounting: Browser) -> None:
    rows = accounting.rows(f"{bp.REGISTER}/Balance(AccountCondition='Account/Code eq '62.02'')")
    assert [(row["СуммаBalance"], row["СуммаBalanceDr"], row["СуммаBalanceCr"]) for row in rows] == [
        (-300, 0, 300)
    ]


def test_an_account_may_be_asked_for_before_or_after_but_not_inside_the_condition(
    accounting: Browser,
) -> None:
    before = sums_of(accounting, "Balance(AccountCondition='Account/Code eq '62.01'')")
    rows = accounting.rows(f"{bp.REGISTER}/Balance", filter="Account/Code eq '62.01'")
    assert sum(Decimal(str(row["СуммаBalance"])) for row in rows) == before["62.01"]
    refused = f"{bp.REGISTER}/Balance(Condition='Account/Code eq '62.01'')"
    assert accounting.error(refused)[0] == 400


def test_a_shipment_takes_up_the_oldest_advance_of_its_contract(clock: SandboxClock) -> None:
    with opened(BP30, clock) as (base, browser):
        base.post_sale("beta", Decimal(120), 10)
        assert sums_of(browser, f"Balance({BUYERS})") == {"62.01": Decimal("180.55"), "62.02": Decimal(-180)}
        assert base.balance("beta").advance == 180


def test_due_days_and_primary_data_stand_in_their_registers(accounting: Browser) -> None:
    due = accounting.rows(bp.DUE_DAYS)
    assert sorted(row["СрокОплаты"][:10] for row in due) == ["2026-11-04", "2026-11-24", "2026-12-09"]
    assert {row["Документ_Type"] for row in due} == {f"StandardODATA.{bp.SALE}"}
    days = {row["Документ"]: row["ДатаРегистратора"] for row in accounting.rows(bp.PRIMARY)}
    assert {days[row["Документ"]] for row in due} == {"2026-10-25T10:00:00"}


def test_the_small_firm_keeps_debts_positive_and_advances_negative(small_firm: Browser) -> None:
    call = f"{unf.REGISTER}/Balance(Dimensions='ТипРасчетов,Контрагент')"
    found = {row["ТипРасчетов"]: row["СуммаВалBalance"] for row in small_firm.rows(call)}
    assert found == {"Долг": 180.55, "Аванс": -300}


def test_contracts_of_the_small_firm_have_an_owner_of_several_types(small_firm: Browser) -> None:
    (row,) = small_firm.rows(unf.CONTRACTS, filter="НомерДоговора eq 'Д-1'")
    assert row["Owner_Type"] == f"StandardODATA.{unf.COUNTERPARTIES}"
    assert small_firm.error(
        unf.CONTRACTS, filter="Owner_Key eq guid'00000000-0000-0000-0000-000000000000'"
    ) == (
        400,
        "6",
    )
    assert small_firm.rows(unf.CONTRACTS, filter=f"Owner eq guid'{row['Owner']}'") == []
    cast = f"Owner eq cast(guid'{row['Owner']}','{unf.COUNTERPARTIES}')"
    assert {each["НомерДоговора"] for each in small_firm.rows(unf.CONTRACTS, filter=cast)} == {"Д-1", "Д-2"}


def test_the_newest_rates_take_in_their_own_day_and_not_tomorrow(small_firm: Browser) -> None:
    rows = small_firm.rows(f"{unf.RATES}/SliceLast(Period=datetime'2026-11-24T00:00:00')")
    assert {row["Period"][:10] for row in rows} == {"2026-11-24"}
    assert sorted(row["Курс"] for row in rows) == [1, 92.5, 100.4]
    newest = small_firm.rows(f"{unf.RATES}/SliceLast")
    assert {row["Period"][:10] for row in newest} == {"2026-11-25"}


@pytest.mark.parametrize(("family", "register"), [(BP30, bp.REGISTER), (UNF, unf.REGISTER)])
def test_metadata_tells_the_objects_of_its_configuration_alone(
    clock: SandboxClock, family: str, register: str
) -> None:
    with opened(family, clock) as (_, browser):
        text = browser.get("$metadata").text
        published = {row["name"] for row in browser.rows("")}
    sets = set(re.findall(r'<EntitySet Name="([^"]+)"', text))
    assert sets == published
    assert register in sets
    assert not any("РасчетыСКлиентами" in name for name in sets)
    assert ("AccountCondition" in text) is (family == BP30)


def test_a_name_of_another_configuration_is_unknown(accounting: Browser, small_firm: Browser) -> None:
    assert accounting.error(unf.REGISTER + "/Balance") == (404, "8")
    assert small_firm.error(bp.REGISTER + "/Balance") == (404, "8")
    assert small_firm.error(f"{unf.REGISTER}/Balance(AccountCondition='a')") == (400, "21")


def test_rows_hidden_from_the_user_are_refused_or_left_out(clock: SandboxClock) -> None:
    with opened(UNF, clock) as (base, browser):
        base.hide("alpha")
        call = f"{unf.REGISTER}/Balance(Dimensions='Контрагент')"
        assert browser.error(call)[1] == "20"
        assert len(browser.get(call, raw="&$allowedOnly=true").json()["value"]) == 1


def test_a_base_that_takes_no_quoted_argument_refuses_account_conditions(clock: SandboxClock) -> None:
    with opened(BP30, clock, Publication(quoting=Quoting.NEITHER)) as (_, browser):
        assert browser.error(f"{bp.REGISTER}/Balance({BUYERS})") == (400, "14")


def test_a_planted_error_changes_the_answers_and_is_taken_out_again(clock: SandboxClock) -> None:
    call = f"Balance({BUYERS})"
    with opened(BP30, clock) as (base, browser):
        honest = sums_of(browser, call)
        base.plant(Planted.KOPECKS)
        assert sums_of(browser, call)["62.01"] == Decimal(180)
        base.plant(Planted.UNPOSTED)
        assert sums_of(browser, call)["62.01"] == Decimal("155.55")
        base.plant(None)
        assert sums_of(browser, call) == honest


def test_configurations_without_limits_refuse_one(clock: SandboxClock) -> None:
    base = open_base(BP30, world(), clock=clock, account=("l", "p"), timezone="Europe/Moscow")
    assert isinstance(base, SandboxAccounting)
    with pytest.raises(ValueError, match="no limits"):
        base.set_limit("alpha", None, Decimal(1))


@pytest.mark.parametrize("family", [BP30, UNF])
def test_a_stand_takes_any_configuration(tmp_path: Path, family: str) -> None:
    with Stand(tmp_path, family=family) as stand:
        told: Any = stand.onec.contract_cards(stand.world.clients[0].key)
        assert all(card.limit is None for card in told)
        stand._write_config()
    assert f'profile = "{family}"' in (tmp_path / "config.toml").read_text(encoding="utf-8")
