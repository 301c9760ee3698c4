"""Names and rows of УТ 11: what a recording confirms, and what a row becomes."""

from __future__ import annotations

import ast
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from b24app.domain.limits import Granted
from b24app.domain.limits import NotSet
from b24app.ports.errors import LedgerMisconfigured
from sync_1c import mapping
from sync_1c import odata
from sync_1c import profiles
from sync_1c.odata import BadValueError
from tests.builders import rub

PAYLOADS = Path(__file__).parents[2] / "payloads" / "onec"
PARTY = "a348aa8c-d629-11e5-0a9b-000c295e30eb"
OWNER = "87fa6cc2-e901-11ea-8591-000c29b45b09"
OTHER = "b7569c10-f670-11ea-8591-000c29b45b09"
# No recording publishes these: they are named [C] or [I] in the docstring, and asked for at connect.
UNRECORDED = frozenset(
    {
        mapping.KEYS,
        mapping.CONTRACTS,
        mapping.CURRENCIES,
        mapping.ARCHITECTURE,
        mapping.OBJECTS,
        mapping.BANK_RECEIPTS,
        mapping.CASH_RECEIPTS,
        "РасчетыСКлиентамиПоСрокам",
        "РасчетыСКлиентами",
    }
)
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
        "Организация_Key": OWNER,
        "Статус": "Действует",
        "ТипДоговора": "СПокупателем",
        "ВалютаВзаиморасчетов_Key": ROUBLE,
        "ОграничиватьСуммуЗадолженности": True,
        "ДопустимаяСуммаЗадолженности": 500000.5,
        "УстановленСрокОплаты": True,
        "СрокОплаты": "30",
    } | changed


def test_the_names_of_a_counterparty_stand_in_a_recorded_metadata() -> None:
    published = (PAYLOADS / "catalog_kontragenty.edmx.xml").read_text(encoding="utf-8")
    names = set(re.findall(r'<Property Name="([^"]+)"', published))
    asked = set(mapping.counterparties().options["select"].split(","))
    assert asked <= names
    assert "IsFolder" not in names


def recorded() -> dict[str, set[str]]:
    """Read every type of the recordings of УТ 11.5 with the names of its properties."""
    found: dict[str, set[str]] = {}
    for file in sorted((PAYLOADS / "ut11_5").glob("*.edmx.xml")):
        for part in re.split("<(?:EntityType|ComplexType) ", file.read_text(encoding="utf-8"))[1:]:
            [name] = re.findall('^Name="([^"]+)"', part)[:1]
            found[name] = set(re.findall('<Property Name="([^"]+)"', part))
    return found


QUERIES = (
    mapping.counterparties(),
    mapping.keys(),
    mapping.contracts(),
    mapping.currencies(),
    mapping.architecture(),
    mapping.settlement_objects(),
    mapping.debts("", odata.Quoting.SINGLE),
    mapping.balances("", odata.Quoting.SINGLE, by_object=True),
    mapping.bank_receipts(date(2026, 1, 1)),
    mapping.cash_receipts(date(2026, 1, 1)),
)


def test_every_name_asked_of_a_recorded_object_is_recorded_and_the_rest_is_told_apart() -> None:
    types = recorded()
    confirmed = []
    for query in QUERIES:
        resource = re.split("[/(]", query.resource)[0]
        if resource not in types:
            assert resource.removeprefix("AccumulationRegister_") in UNRECORDED, resource
            continue
        asked = query.options["select"].split(",") + re.split(" desc,|,", query.options["orderby"])
        assert set(asked) <= types[resource]
        confirmed.append(resource)
    assert confirmed == [mapping.COUNTERPARTIES]


def test_the_form_of_a_balance_row_is_that_of_a_recorded_sister_register() -> None:
    published = (PAYLOADS / "ut11_5" / "metadata_fragment_settlements.edmx.xml").read_text(encoding="utf-8")
    row = published.split('ПланОплат_Balance">')[1].split("</ComplexType>")[0]
    names = set(re.findall(r'Name="([^"]+)"', row))
    asked = set(mapping.debts("", odata.Quoting.SINGLE).options["select"].split(","))
    assert {"АналитикаУчетаПоПартнерам_Key", "Валюта_Key", "ДатаПлановогоПогашения"} <= asked & names
    assert "КОплатеBalance" in names
    assert "ОбъектРасчетов_Key" in names


def test_every_object_that_no_recording_confirms_is_named_in_the_docstring() -> None:
    told = mapping.__doc__ or ""
    for name in (
        mapping.CONTRACTS,
        mapping.KEYS,
        mapping.OBJECTS,
        mapping.CURRENCIES,
        mapping.COUNTERPARTIES,
    ):
        assert name in told
    assert "[I]" in told


def test_no_other_file_of_the_adapter_holds_a_name_of_1c() -> None:
    folder = Path(mapping.__file__).parent
    names = re.compile(r"Catalog_|Register_|Document_|Constant_|_Key\b|[А-Яа-я]{3,}Balance")
    for path in sorted(folder.glob("*.py")):
        if path.name in {"mapping.py", "shipment_names.py", "permit_names.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not names.search(node.value), f"{path.name}:{node.lineno}"


def test_a_recorded_counterparty_and_a_recorded_currency_are_read() -> None:
    party = mapping.parse_counterparty(
        json.loads((PAYLOADS / "catalog_kontragenty_entity.json").read_bytes())
    )
    assert party is not None
    assert (party.inn, party.kpp, party.name) == ("5024089920", "501701001", 'ООО "ТЕХНО-ЛОГИСТИК"')
    row = json.loads((PAYLOADS / "catalog_valyuty_entity.json").read_bytes())
    assert mapping.parse_currency(row) == (ROUBLE, "RUB")


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
    found = mapping.parse_currency({"Ref_Key": ROUBLE, "Code": code, "Description": name})
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
    assert mapping.parse_counterparty(row) is not None
    assert mapping.parse_counterparty(row | changed) is None


def test_a_contract_in_force_with_the_switch_on_carries_its_limit_and_term() -> None:
    found = mapping.parse_contract(contract_row(), CURRENCIES)
    assert found is not None
    assert found.contract.limit == Granted(rub("500000.50"))
    assert (found.contract.number, found.contract.deferral_days, found.counterparty) == ("Д-1", 30, PARTY)


@pytest.mark.parametrize(
    "changed",
    [{"ОграничиватьСуммуЗадолженности": False}, {"Статус": "Закрыт"}, {"Статус": "НеСогласован"}],
    ids=["switch off", "closed", "not agreed"],
)
def test_a_limit_that_does_not_count_is_not_set(changed: dict[str, Any]) -> None:
    found = mapping.parse_contract(contract_row(**changed), CURRENCIES)
    assert found is not None
    assert found.contract.limit == NotSet()
    assert found.contract.active is (found.contract.active and "Статус" not in changed)


@pytest.mark.parametrize(
    "changed",
    [{"DeletionMark": True}, {"Контрагент_Key": odata.EMPTY_GUID}, {"ТипДоговора": "СПоставщиком"}],
    ids=["deleted", "nobody's", "a supplier's"],
)
def test_contracts_that_are_no_customers_are_left_out(changed: dict[str, Any]) -> None:
    assert mapping.parse_contract(contract_row(**changed), CURRENCIES) is None


def test_a_contract_names_the_own_company_it_is_with() -> None:
    found = mapping.parse_contract(contract_row(), CURRENCIES)
    assert found is not None
    assert found.contract.organisation == OWNER
    nobody = mapping.parse_contract(contract_row(Организация_Key=odata.EMPTY_GUID), CURRENCIES)
    assert nobody is not None
    assert nobody.contract.organisation is None
    with pytest.raises(BadValueError, match="Организация_Key"):
        mapping.parse_contract(contract_row(Организация_Key="наша"), CURRENCIES)


def test_the_own_company_is_named_as_every_recording_names_it() -> None:
    """The catalog of contracts of УТ is in no recording; its neighbours in УТ and its sister in БП are."""
    name = "Организация_Key"
    assert name in mapping.contracts().options["select"].split(",")
    assert name in mapping.keys().options["select"].split(",")
    types = recorded()
    for document in ("Document_РеализацияТоваровУслуг", "Document_ЗаказКлиента"):
        assert name in types[document]
    (row,) = json.loads((PAYLOADS / "catalog_dogovory_list.json").read_bytes())["value"][:1]
    assert odata.guid(row, name) == OWNER


def test_a_term_counts_only_with_its_switch_and_an_unknown_currency_is_an_error() -> None:
    found = mapping.parse_contract(contract_row(УстановленСрокОплаты=False), CURRENCIES)
    assert found is not None
    assert found.contract.deferral_days is None
    with pytest.raises(BadValueError, match="unknown"):
        mapping.parse_contract(contract_row(), {})


def test_an_intercompany_key_has_no_counterparty() -> None:
    row = {
        "Ref_Key": OTHER,
        "Организация_Key": OTHER,
        "Контрагент": PARTY,
        "Контрагент_Type": "StandardODATA.Catalog_Организации",
        "Договор": "",
        "Договор_Type": "StandardODATA.Undefined",
    }
    key = mapping.parse_key(row)
    assert (key.counterparty, key.contract) == (None, None)
    theirs = mapping.parse_key(row | {"Контрагент_Type": "StandardODATA.Catalog_Контрагенты"})
    assert theirs.counterparty == PARTY


def test_a_payment_is_dated_by_the_bank_when_the_bank_is_told() -> None:
    row = {
        "Date": "2026-11-20T09:00:00",
        "ДатаПроведенияБанком": "2026-11-21T23:59:59",
        "Контрагент_Key": PARTY,
        "СуммаДокумента": 10,
        "Валюта_Key": ROUBLE,
    }
    paid = mapping.parse_receipt(row)
    assert paid is not None
    assert (paid.paid_on, paid.amount) == (date(2026, 11, 21), Decimal(10))
    unconfirmed = mapping.parse_receipt(row | {"ДатаПроведенияБанком": "0001-01-01T00:00:00"})
    assert unconfirmed is not None
    assert unconfirmed.paid_on == date(2026, 11, 20)


@pytest.mark.parametrize(
    "query",
    [
        mapping.counterparties(),
        mapping.keys(),
        mapping.contracts(),
        mapping.settlement_objects(),
        mapping.currencies(),
        mapping.bank_receipts(date(2026, 1, 1)),
        mapping.cash_receipts(date(2026, 1, 1)),
    ],
    ids=lambda query: query.resource,
)
def test_every_paged_request_has_an_order_and_room_for_conditions(query: mapping.Query) -> None:
    assert query.options["orderby"]
    assert query.size < odata.URL_BUDGET - 300


def test_a_counterparty_of_a_composite_field_is_asked_for_with_a_cast() -> None:
    assert mapping.key_of_counterparty(PARTY) == f"Контрагент eq cast(guid'{PARTY}','Catalog_Контрагенты')"


@pytest.mark.parametrize("name", ["ut11", "ka2", "erp2"])
def test_the_names_of_one_family_are_one_profile(name: str) -> None:
    assert profiles.settle(name) == profiles.UT11


@pytest.mark.parametrize("name", ["bp30", "unf", "7.7"])
def test_a_profile_we_cannot_read_is_refused(name: str) -> None:
    with pytest.raises(LedgerMisconfigured, match=r"supported|unknown"):
        profiles.settle(name)


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        ((), "empty"),
        ((mapping.UNF_MARK,), "unf"),
        ((mapping.BP_MARK,), "bp30"),
        (("Catalog_X",), mapping.SETTLEMENTS),
        (tuple(set(mapping.NEEDED) - {mapping.KEYS}), mapping.KEYS),
    ],
    ids=["nothing", "УНФ", "БП", "something else", "УТ with a gap"],
)
def test_a_base_we_cannot_read_is_told_what_it_lacks(sets: tuple[str, ...], said: str) -> None:
    with pytest.raises(LedgerMisconfigured, match=said):
        profiles.recognise(sets)


def test_ut_is_recognised_before_bp() -> None:
    assert profiles.recognise((*mapping.NEEDED, mapping.BP_MARK)) == profiles.UT11
