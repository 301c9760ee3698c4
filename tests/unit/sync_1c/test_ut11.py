"""Rows of УТ 11: what each becomes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from b24app.domain.limits import Granted
from b24app.domain.limits import NotSet
from sync_1c import odata
from sync_1c.odata import BadValueError
from sync_1c.profiles import shared
from sync_1c.profiles import ut11
from sync_1c.query import Query
from tests.builders import rub
from tests.unit.sync_1c.recorded import names

PARTY = "a348aa8c-d629-11e5-0a9b-000c295e30eb"
OTHER = "b7569c10-f670-11ea-8591-000c29b45b09"
OWNER = "33333333-0000-4000-8000-000000000000"
ROUBLE = "d190f831-8857-11e5-a85a-3085a93ddca2"
CURRENCIES = {ROUBLE: "RUB"}


def contract_row(**changed: Any) -> dict[str, Any]:
    """Write a contract row as its types are in УТ 11.5."""
    return {
        "Ref_Key": OTHER,
        "DeletionMark": False,
        "Номер": "Д-1",
        "Description": "Договор Д-1",
        "Контрагент_Key": PARTY,
        "Статус": "Действует",
        "ТипДоговора": "СПокупателем",
        "ВалютаВзаиморасчетов_Key": ROUBLE,
        "ОграничиватьСуммуЗадолженности": True,
        "ДопустимаяСуммаЗадолженности": 500000.5,
        "УстановленСрокОплаты": True,
        "СрокОплаты": "30",
        "Организация_Key": OWNER,
    } | changed


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("840", "доллар", "USD"),
        ("", "EUR", "EUR"),
        ("000", "RUR", "RUB"),
        ("051", "", "AMD"),
        ("999", "у.е.", None),
    ],
)
def test_a_currency_is_known_by_number_or_by_name(code: str, name: str, expected: str | None) -> None:
    found = shared.parse_currency({"Ref_Key": ROUBLE, "Code": code, "Description": name})
    assert (found[1] if found else None) == expected


@pytest.mark.parametrize("changed", [{"DeletionMark": True}, {"ИНН": " "}], ids=["deleted", "no ИНН"])
def test_deleted_and_nameless_counterparties_are_left_out(changed: dict[str, Any]) -> None:
    row = {
        "Ref_Key": PARTY,
        "DeletionMark": False,
        "Description": "А",
        "НаименованиеПолное": "",
        "ИНН": "1",
        "КПП": "",
    }
    assert shared.parse_counterparty(row) is not None
    assert shared.parse_counterparty(row | changed) is None


def test_a_contract_in_force_with_the_switch_on_carries_its_limit_and_term() -> None:
    found = ut11.parse_contract(contract_row(), CURRENCIES)
    assert found is not None
    assert found.contract.limit == Granted(rub("500000.50"))
    assert (found.contract.number, found.contract.deferral_days, found.counterparty) == ("Д-1", 30, PARTY)
    assert found.contract.organisation == OWNER


@pytest.mark.parametrize(
    "changed",
    [{"ОграничиватьСуммуЗадолженности": False}, {"Статус": "Закрыт"}, {"Статус": "НеСогласован"}],
    ids=["switch off", "closed", "not agreed"],
)
def test_a_limit_that_does_not_count_is_not_set(changed: dict[str, Any]) -> None:
    found = ut11.parse_contract(contract_row(**changed), CURRENCIES)
    assert found is not None
    assert found.contract.limit == NotSet()
    assert found.contract.active is (found.contract.active and "Статус" not in changed)


@pytest.mark.parametrize(
    "changed",
    [{"DeletionMark": True}, {"Контрагент_Key": odata.EMPTY_GUID}, {"ТипДоговора": "СПоставщиком"}],
    ids=["deleted", "nobody's", "a supplier's"],
)
def test_contracts_that_are_no_customers_are_left_out(changed: dict[str, Any]) -> None:
    assert ut11.parse_contract(contract_row(**changed), CURRENCIES) is None


def test_a_contract_without_an_own_company_is_with_none_and_a_word_for_one_is_an_error() -> None:
    nobody = ut11.parse_contract(contract_row(Организация_Key=odata.EMPTY_GUID), CURRENCIES)
    assert nobody is not None
    assert nobody.contract.organisation is None
    with pytest.raises(BadValueError, match="Организация_Key"):
        ut11.parse_contract(contract_row(Организация_Key="наша"), CURRENCIES)


def test_the_own_company_is_named_as_every_recording_names_it() -> None:
    """The catalog of contracts of УТ is in no recording; its neighbours in УТ and its sister in БП are."""
    name = "Организация_Key"
    assert all(name in query.options["select"].split(",") for query in (ut11.contracts(), ut11.keys()))
    documents = ("Document_РеализацияТоваровУслуг", "Document_ЗаказКлиента")
    assert {(document, name) for document in documents} <= names("ut11")
    assert (shared.CONTRACTS, name) in names("bp30")


def test_a_term_counts_only_with_its_switch_and_an_unknown_currency_is_an_error() -> None:
    found = ut11.parse_contract(contract_row(УстановленСрокОплаты=False), CURRENCIES)
    assert found is not None
    assert found.contract.deferral_days is None
    with pytest.raises(BadValueError, match="unknown"):
        ut11.parse_contract(contract_row(), {})


def test_an_intercompany_key_has_no_counterparty() -> None:
    row = {
        "Ref_Key": OTHER,
        "Организация_Key": OTHER,
        "Контрагент": PARTY,
        "Контрагент_Type": "StandardODATA.Catalog_Организации",
        "Договор": "",
        "Договор_Type": "StandardODATA.Undefined",
    }
    key = ut11.parse_key(row)
    assert (key.counterparty, key.contract) == (None, None)
    theirs = ut11.parse_key(row | {"Контрагент_Type": "StandardODATA.Catalog_Контрагенты"})
    assert theirs.counterparty == PARTY


def test_a_payment_is_dated_by_the_bank_when_the_bank_is_told() -> None:
    row = {
        "Date": "2026-11-20T09:00:00",
        "ДатаПроведенияБанком": "2026-11-21T23:59:59",
        "Контрагент_Key": PARTY,
        "СуммаДокумента": 10,
        "Валюта_Key": ROUBLE,
    }
    paid = ut11.parse_receipt(row)
    assert paid is not None
    assert (paid.paid_on, paid.amount) == (date(2026, 11, 21), Decimal(10))
    unconfirmed = ut11.parse_receipt(row | {"ДатаПроведенияБанком": "0001-01-01T00:00:00"})
    assert unconfirmed is not None
    assert unconfirmed.paid_on == date(2026, 11, 20)


@pytest.mark.parametrize(
    "query",
    [
        ut11.counterparties(),
        ut11.keys(),
        ut11.contracts(),
        ut11.settlement_objects(),
        ut11.currencies(),
        ut11.bank_receipts(date(2026, 1, 1)),
        ut11.cash_receipts(date(2026, 1, 1)),
    ],
    ids=lambda query: query.resource,
)
def test_every_paged_request_has_an_order_and_room_for_conditions(query: Query) -> None:
    assert query.options["orderby"]
    assert query.size < odata.URL_BUDGET - 300


def test_a_counterparty_of_a_composite_field_is_asked_for_with_a_cast() -> None:
    assert ut11.key_of_counterparty(PARTY) == f"Контрагент eq cast(guid'{PARTY}','Catalog_Контрагенты')"
