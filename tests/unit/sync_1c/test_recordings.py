"""Real answers of real bases, read by the code that will read them again."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from sync_1c import odata
from sync_1c.profiles import bp30
from sync_1c.profiles import shared
from tests.unit.sync_1c.recorded import PAYLOADS

ROUBLE = "d190f831-8857-11e5-a85a-3085a93ddca2"
DATA = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"


def answer(name: str) -> dict[str, Any]:
    """Decode a recorded answer as a live one is decoded."""
    return odata.document((PAYLOADS / "bp3" / name).read_bytes())


def test_a_counterparty_and_a_currency_of_bp() -> None:
    party = shared.parse_counterparty(answer("catalog_kontragenty_entity.json"))
    assert party is not None
    assert (party.inn, party.kpp, party.name) == ("5024089920", "501701001", 'ООО "ТЕХНО-ЛОГИСТИК"')
    assert shared.parse_currency(answer("catalog_valyuty_entity.json")) == (ROUBLE, "RUB")


def test_a_contract_of_bp_whose_release_does_not_know_closed_contracts() -> None:
    row = odata.values(answer("catalog_dogovory_list.json"))[0]
    found = bp30.parse_contract(row, {row["ВалютаВзаиморасчетов_Key"]: "RUB"})
    assert row["ВидДоговора"] == "СПокупателем"
    assert "ДоговорЗакрыт" not in row
    assert found is not None
    assert (found.counterparty, found.contract.active) == (row["Owner_Key"], True)
    assert (found.contract.deferral_days, found.terms.day) == (None, None)
    assert found.contract.organisation == row["Организация_Key"]


def test_a_goods_document_of_bp_has_exact_money_and_whole_numbers_as_strings() -> None:
    documents = odata.values(answer("document_realizatsiya_list.json"))
    for document in documents:
        lines = [*document["Товары"], *document["Услуги"]]
        assert sum(odata.amount(line, "Сумма") for line in lines) == odata.amount(document, "СуммаДокумента")
        assert [odata.integer(line, "LineNumber") for line in document["Товары"]] == list(
            range(1, len(document["Товары"]) + 1)
        )
        assert odata.moment(document, "Date") is not None
        assert odata.guid(document, "Контрагент_Key") is not None


def test_composite_values_of_bp_are_told_with_their_type_or_as_empty() -> None:
    document = answer("document_postuplenie_entity.json")
    composites = [
        odata.composite(line, name.removesuffix("_Type"))
        for line in document["Услуги"]
        for name in line
        if name.endswith("_Type")
    ]
    assert any(found is None for found in composites)
    assert any(found is not None and found[0].startswith("Catalog_") for found in composites)


@pytest.mark.parametrize("name", ["catalog_nomenklatura_list.json", "catalog_sklady_entity.json"])
def test_other_catalogs_of_bp_decode(name: str) -> None:
    found = answer(name)
    rows = found.get("value", [found])
    assert all(odata.guid(row, "Ref_Key") for row in rows)


def test_counterparties_of_ut_are_read_from_what_the_exchange_sends() -> None:
    root = ET.parse(PAYLOADS / "ut11_5" / "selectchanges_kontragenty.atom.xml")  # noqa: S314 - our own
    rows: list[dict[str, Any]] = []
    for entry in root.iter("{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}properties"):
        row: dict[str, Any] = {each.tag.removeprefix(DATA): each.text or "" for each in entry}
        rows.append(row | {"DeletionMark": row["DeletionMark"] == "true"})
    found = [shared.parse_counterparty(row) for row in rows]
    assert [party.kpp for party in found if party is not None][:1] == ["482201001"]
    assert all(party is None or len(party.inn) in (10, 12) for party in found)


def test_the_due_day_of_a_posted_shipment_of_ut_is_a_day_of_its_schedule() -> None:
    root = ET.parse(PAYLOADS / "ut11_5" / "selectchanges_realizatsiya_posted.atom.xml")  # noqa: S314
    stages = [each for each in root.iter(f"{DATA}ЭтапыГрафикаОплаты") if len(each)]
    days = [part.text for stage in stages for part in stage.iter(f"{DATA}ДатаПлатежа")]
    due = odata.moment({"due": days[0]}, "due")
    assert due is not None
    assert due.date() > date(2000, 1, 1)
    sums = [Decimal(part.text or "") for stage in stages for part in stage.iter(f"{DATA}СуммаПлатежа")]
    assert all(amount > 0 for amount in sums)


def test_the_balance_of_a_sister_register_of_ut_has_the_shape_that_is_read() -> None:
    text = (PAYLOADS / "ut11_5" / "metadata_fragment_settlements.edmx.xml").read_text(encoding="utf-8")
    row = text.split('ПланОплат_Balance">')[1].split("</ComplexType>")[0]
    for name in ("АналитикаУчетаПоПартнерам_Key", "ОбъектРасчетов_Key", "Валюта_Key", "КОплатеBalance"):
        assert f'Name="{name}"' in row


def test_recorded_json_is_json() -> None:
    for path in sorted((PAYLOADS / "errors").glob("*.json")):
        assert json.loads(path.read_bytes())["odata.error"]["code"]
