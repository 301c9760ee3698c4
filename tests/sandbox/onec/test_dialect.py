"""The OData dialect of 1C: filters, options, calls and refusals (onec_odata 1.3 to 1.9)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec.base import SandboxOneC
from b24app.sandbox.onec.http import Publication
from b24app.sandbox.onec.registers import Quoting
from b24app.sandbox.server import Served
from tests.sandbox.onec.conftest import LOGIN
from tests.sandbox.onec.conftest import PASSWORD
from tests.sandbox.onec.conftest import SETTLEMENTS
from tests.sandbox.onec.conftest import Browser
from tests.sandbox.onec.conftest import world

SAMPLES = Path(__file__).parents[2] / "payloads" / "onec" / "errors"
CONTRACTS = "Catalog_ДоговорыКонтрагентов"
CARDS = "Catalog_Контрагенты"
KEYS = "Catalog_КлючиАналитикиУчетаПоПартнерам"


def only(browser: Browser, resource: str, condition: str) -> dict[str, Any]:
    (row,) = browser.rows(resource, filter=condition)
    return row


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        ("Номер eq 'Д-1'", {"Д-1"}),
        ("Номер ne 'Д-1'", {"Д-2", "Б-1"}),
        ("ДопустимаяСуммаЗадолженности gt 0", {"Д-1"}),
        ("ДопустимаяСуммаЗадолженности ge 500000.00", {"Д-1"}),
        ("ДопустимаяСуммаЗадолженности lt 500000", {"Д-2", "Б-1"}),
        ("СрокОплаты le 29", {"Д-2", "Б-1"}),
        ("ОграничиватьСуммуЗадолженности eq true", {"Д-1", "Б-1"}),
        ("not (ОграничиватьСуммуЗадолженности eq true)", {"Д-2"}),
        ("Статус eq 'Закрыт' or Номер eq 'Б-1'", {"Д-2", "Б-1"}),
        ("Статус eq 'Действует' and ДопустимаяСуммаЗадолженности eq 0", {"Б-1"}),
        ("Номер eq 'Д-1' or Номер eq 'Д-2' and Статус eq 'Действует'", {"Д-1"}),
        ("(Номер eq 'Д-1' or Номер eq 'Д-2') and Статус eq 'Закрыт'", {"Д-2"}),
        ("startswith(Номер,'Д')", {"Д-1", "Д-2"}),
        ("endswith(Номер, '1')", {"Д-1", "Б-1"}),
        ("substringof('-2',Номер)", {"Д-2"}),
        ("Контрагент/ИНН eq '7701000010'", {"Д-1", "Д-2"}),
        ("Контрагент/Партнер/Description eq 'Бета ''Ъ'''", {"Б-1"}),
        ("Дата ge datetime'2026-01-01T00:00:00'", {"Д-1", "Д-2", "Б-1"}),
        ("Дата gt datetime'2026-01-01T00:00:00'", set()),
        ("Номер+eq+'Д-1'", None),
    ],
)
def test_filters(browser: Browser, condition: str, numbers: set[str] | None) -> None:
    if numbers is None:
        assert browser.error(CONTRACTS, filter=condition) == (400, "14")
        return
    assert {row["Номер"] for row in browser.rows(CONTRACTS, filter=condition)} == numbers


@pytest.mark.parametrize(
    ("condition", "refusal"),
    [
        ("Номер eq", (400, "14")),
        ("Номер = 'Д-1'", (400, "14")),
        ("Номер in ('Д-1','Д-2')", (400, "14")),
        ("Номер eq 'Д-1' and", (400, "14")),
        ("(Номер eq 'Д-1'", (400, "14")),
        ("Номер eq 5", (400, "14")),
        ("Ref_Key eq 'text'", (400, "14")),
        ("Ref_Key gt guid'00000000-0000-0000-0000-000000000000'", (400, "14")),
        ("Дата ge datetime'2026-13-01T00:00:00'", (400, "14")),
        ("tolower(Номер) eq 'д-1'", (400, "14")),
        ("НетТакого eq 1", (400, "6")),
        ("Контрагент/НетТакого eq '1'", (400, "6")),
        ("Номер/ИНН eq '1'", (400, "6")),
        ("СрокОплаты add 1 gt 5", (501, "0")),
    ],
)
def test_filters_that_are_refused(browser: Browser, condition: str, refusal: tuple[int, str]) -> None:
    assert browser.error(CONTRACTS, filter=condition) == refusal


def test_a_plus_sign_is_never_a_space(browser: Browser) -> None:
    raw = "&$filter=Description%20eq%20'Бета+''Ъ'''".replace("Бета", "%D0%91%D0%B5%D1%82%D0%B0")
    assert browser.get(CARDS, raw=raw.replace("Ъ", "%D0%AA")).json()["value"] == []


def test_a_composite_field_is_matched_by_cast_only(browser: Browser) -> None:
    card = only(browser, CARDS, "ИНН eq '7701000010'")["Ref_Key"]
    assert len(browser.rows(KEYS, filter=f"Контрагент eq cast(guid'{card}','Catalog_Контрагенты')")) == 2
    assert browser.rows(KEYS, filter=f"Контрагент eq guid'{card}'") == []
    assert browser.rows(KEYS, filter=f"Контрагент eq cast(guid'{card}','Catalog_Организации')") == []
    assert len(browser.rows(KEYS, filter="isof(Контрагент,'Catalog_Организации')")) == 1


def test_select_keeps_the_fields_asked_for(browser: Browser) -> None:
    rows = browser.rows(CONTRACTS, select="Номер,Контрагент/ИНН", orderby="Номер desc", top="1", skip="1")
    assert rows == [{"Номер": "Д-1", "Контрагент": {"ИНН": "7701000010"}}]


def test_inlinecount_makes_top_void(browser: Browser) -> None:
    body = browser.get(CONTRACTS, inlinecount="allpages", top="1", select="Номер").json()
    assert (body["odata.count"], len(body["value"])) == ("3", 3)


def test_count_is_a_text_with_a_mark(browser: Browser) -> None:
    answer = browser.get(f"{CONTRACTS}/$count", filter="Статус eq 'Закрыт'")
    assert answer.content.decode() == "\ufeff1"


def test_empty_things_and_whole_numbers_look_as_in_1c(browser: Browser) -> None:
    row = only(browser, CONTRACTS, "Номер eq 'Д-2'")
    assert row["СрокОплаты"] == "0"
    assert row["ДатаОкончанияДействия"] == "0001-01-01T00:00:00"
    assert row["Менеджер_Key"] == "00000000-0000-0000-0000-000000000000"
    own = only(browser, KEYS, "Description eq 'Между организациями'")
    assert (own["Договор"], own["Договор_Type"]) == ("", "StandardODATA.Undefined")


def test_minimal_metadata_adds_context_and_links(browser: Browser) -> None:
    body = browser.get("Catalog_Контрагенты", format="json").json()
    assert body["odata.metadata"].endswith("/$metadata#Catalog_Контрагенты")
    assert "Партнер@navigationLinkUrl" in body["value"][0]


@pytest.mark.parametrize(
    ("sample", "status", "resource", "option"),
    [
        ("code_00_bad_parameter", 400, "Catalog_Валюты", {"expan": "1"}),
        ("code_06_method_not_found", 400, f"{SETTLEMENTS}/Слово()", {}),
        ("code_06_path_segment", 400, "Catalog_Валюты", {"select": "Owner2"}),
        ("code_08_entity_not_found", 404, "CatalogПоставщики", {}),
        ("code_09_instance_not_found", 404, "Catalog_Валюты(guid'11111111-1111-1111-1111-111111111111')", {}),
        ("code_14_bad_filter", 400, "Catalog_Валюты", {"filter": "Code eq"}),
    ],
)
def test_refusals_equal_the_recorded_ones(
    browser: Browser, sample: str, status: int, resource: str, option: dict[str, str]
) -> None:
    answer = browser.get(resource, **option)
    assert answer.status_code == status
    assert answer.json() == json.loads((SAMPLES / f"{sample}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("call", "refusal"),
    [
        ("Dimensions='АналитикаУчетаПоПартнерам_Key'", (400, "10")),
        ("Measures='Сумма'", (400, "21")),
        ("Валюта", (400, "21")),
        ("Period='2026-11-24'", (400, "4")),
        ("Condition='Сумма gt 0'", (400, "6")),
        ("Condition='Валюта_Key eq'", (400, "14")),
    ],
)
def test_calls_of_balance_that_are_refused(browser: Browser, call: str, refusal: tuple[int, str]) -> None:
    assert browser.error(f"{SETTLEMENTS}/Balance({call})") == refusal


def test_a_result_may_be_filtered_by_its_own_fields_only(browser: Browser) -> None:
    call = f"{SETTLEMENTS}/Balance(Dimensions='Валюта')"
    assert browser.error(call, select="ОбъектРасчетов_Key") == (400, "6")
    assert browser.rows(call, filter="СуммаBalance lt 0") == []
    assert len(browser.rows(f"{SETTLEMENTS}/Balance")) > 1


@pytest.mark.parametrize(
    ("quoting", "text", "status"),
    [
        (Quoting.DOUBLED, "Валюта/Code eq ''643''", 200),
        (Quoting.DOUBLED, "Валюта/Code eq '643'", 400),
        (Quoting.SINGLE, "Валюта/Code eq ''643''", 400),
        (Quoting.SINGLE, "Валюта/Code eq '643'", 200),
        (Quoting.BOTH, "Валюта/Code eq ''643''", 200),
        (Quoting.BOTH, "Валюта/Code eq '643'", 200),
    ],
)
def test_quotes_in_a_condition(
    browser: Browser, clock: SandboxClock, quoting: Quoting, text: str, status: int
) -> None:
    about = Publication(quoting=quoting)
    base = SandboxOneC(
        world(), clock=clock, login=LOGIN, password=PASSWORD, timezone="Europe/Moscow", publication=about
    )
    with Served(base.app) as served:
        other = Browser(served.url + base.path, browser.session)
        answer = other.get(f"{SETTLEMENTS}/Balance(Condition='{text}',Dimensions='Валюта')")
    assert answer.status_code == status
    if status == 200:
        assert len(answer.json()["value"]) == 1


def test_an_object_outside_the_composition_takes_its_paths_with_it(
    onec: SandboxOneC, browser: Browser
) -> None:
    onec.switches.removed = {CARDS}
    assert browser.error(CARDS) == (404, "8")
    assert browser.error(CONTRACTS, filter="Контрагент/ИНН eq '1'") == (400, "6")
    assert "Контрагент_Key" in browser.rows(CONTRACTS)[0]
    assert CARDS not in {row["name"] for row in browser.rows("")}
