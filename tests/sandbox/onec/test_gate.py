"""The web server in front of the base, its limits and its troubles (onec_odata 1.2, 1.5, 1.9)."""

from __future__ import annotations

import json
import threading
import time
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from werkzeug.test import create_environ
from werkzeug.test import run_wsgi_app

from b24app.sandbox.onec.base import SandboxOneC
from b24app.sandbox.onec.faults import Fault
from b24app.sandbox.onec.objects import ENTITIES
from b24app.sandbox.onec.objects import PERMITS
from tests.sandbox.onec.conftest import LOGIN
from tests.sandbox.onec.conftest import SETTLEMENTS
from tests.sandbox.onec.conftest import Browser
from tests.sandbox.onec.conftest import header

METADATA = Path(__file__).parents[2] / "payloads" / "onec" / "ut11_5"
EDM = "{http://schemas.microsoft.com/ado/2009/11/edm}"
CARDS = "Catalog_Контрагенты"
JSON = {"Accept": "application/json"}


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({}, id="nothing"),
        pytest.param(header(password="иной"), id="wrong password"),
        pytest.param(header(encoding="cp1251"), id="cp1251"),
        pytest.param({"Authorization": "Basic ???"}, id="rubbish"),
    ],
)
def test_a_bad_login_gets_a_page_and_no_odata(browser: Browser, sent: dict[str, str]) -> None:
    answer = browser.get(CARDS, headers={**JSON, **sent})
    assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (401, True)
    assert "odata" not in answer.text


def test_missing_rights_are_a_401_of_another_kind(onec: SandboxOneC, browser: Browser) -> None:
    onec.switches.forbidden = {CARDS}
    assert browser.error(CARDS) == (401, "20")


def test_hidden_rows_refuse_the_set_and_go_missing_when_told_so(onec: SandboxOneC, browser: Browser) -> None:
    onec.hide("alpha")
    assert browser.error(CARDS) == (401, "20")
    assert browser.error(f"{SETTLEMENTS}/Balance") == (401, "20")
    assert len(browser.get(CARDS, raw="&allowedOnly=true").json()["value"]) == 1
    assert len(browser.rows(CARDS, filter="Description eq 'Бета ''Ъ'''")) == 1


def test_json_must_be_asked_for(browser: Browser) -> None:
    answer = browser.get(CARDS, headers=header())
    assert answer.status_code == 406
    assert answer.headers["Content-Type"].startswith("application/xml")


def test_a_long_query_string_meets_the_web_server(browser: Browser) -> None:
    answer = browser.get(CARDS, filter=" or ".join(["ИНН eq '7701000010'"] * 90))
    assert (answer.status_code, "404.15" in answer.text) == (404, True)


def test_a_long_address_is_refused(browser: Browser) -> None:
    condition = " or ".join(["Валюта/Code eq ''643''"] * 400)
    assert browser.get(f"{SETTLEMENTS}/Balance(Condition='{condition}')").status_code == 414


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_nothing_is_written_over_odata(browser: Browser, method: str) -> None:
    answer = requests.request(method, f"{browser.url}/{CARDS}", headers={**JSON, **header()}, timeout=5)
    assert (answer.status_code, answer.json()["odata.error"]["code"]) == (405, "19")


def test_an_absent_base_drops_the_line(onec: SandboxOneC, browser: Browser) -> None:
    onec.switches.fault = Fault.OFF
    with pytest.raises(requests.ConnectionError):
        browser.get(CARDS)
    onec.switches.restore()
    assert browser.rows(CARDS)


@pytest.mark.parametrize(
    ("fault", "status", "json_body"),
    [
        (Fault.INTERNAL, 500, True),
        (Fault.UNAUTHORIZED, 401, False),
        (Fault.GARBAGE, 200, False),
        (Fault.UNAVAILABLE, 503, False),
    ],
)
def test_faults_strike_as_often_as_told(
    onec: SandboxOneC, browser: Browser, fault: Fault, status: int, *, json_body: bool
) -> None:
    onec.switches.fault, onec.switches.remaining = fault, 1
    answer = browser.get(CARDS)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/json") is json_body
    assert browser.get(CARDS).status_code == 200


def test_restoring_wakes_a_hanging_request(onec: SandboxOneC, browser: Browser) -> None:
    onec.switches.hang = 60.0
    began = time.monotonic()
    threading.Timer(0.1, onec.switches.restore).start()
    assert browser.rows(CARDS)
    assert 0.05 < time.monotonic() - began < 30


def test_the_first_request_may_be_slow(onec: SandboxOneC, browser: Browser) -> None:
    onec.switches.first = 0.15
    began = time.monotonic()
    browser.rows(CARDS)
    first = time.monotonic()
    browser.rows(CARDS)
    assert first - began > 0.1 > time.monotonic() - first


def test_requests_are_counted_and_carry_no_credentials(onec: SandboxOneC, browser: Browser) -> None:
    browser.rows(CARDS)
    browser.rows(f"{SETTLEMENTS}/Balance(Dimensions='Валюта')")
    assert (onec.log.count(), onec.log.count(SETTLEMENTS)) == (2, 1)
    assert LOGIN not in repr(onec.log.requests)
    onec.log.reset()
    assert onec.log.requests == ()


def test_long_answers_leave_the_base_in_pieces(onec: SandboxOneC) -> None:
    for number in range(60):
        onec.post_sale("alpha", Decimal(10 + number), due_days=3)
    environ = create_environ(f"{onec.path}/Document_РеализацияТоваровУслуг", headers={**JSON, **header()})
    body, status, _ = run_wsgi_app(onec.app, environ)
    pieces = list(body)
    assert status == "200 OK"
    assert max(map(len, pieces)) < 100_000
    assert len(pieces) > 3
    assert len(json.loads(b"".join(pieces))["value"]) == 61


def properties(text: str) -> dict[str, dict[str, str]]:
    root = ET.fromstring(text)  # noqa: S314 - our own file and our own server
    return {
        str(one.get("Name")): {str(x.get("Name")): str(x.get("Type")) for x in one.iter(f"{EDM}Property")}
        for one in [*root.iter(f"{EDM}EntityType"), *root.iter(f"{EDM}ComplexType")]
    }


def test_metadata_describes_what_is_served(browser: Browser) -> None:
    served = properties(browser.get("$metadata").text)
    assert PERMITS not in served, "our extension is not installed"
    for entity in ENTITIES:
        if entity.name != PERMITS:
            assert set(served[entity.name]) == set(entity.fields)
    assert served[f"{SETTLEMENTS}_Balance"]["СуммаBalance"] == "Edm.Double"
    assert set(browser.rows(f"{SETTLEMENTS}/Balance")[0]) == set(served[f"{SETTLEMENTS}_Balance"])


def test_names_and_types_agree_with_a_real_base(browser: Browser) -> None:
    real = properties((METADATA / "metadata_subset.edmx.xml").read_text(encoding="utf-8"))
    served = properties(browser.get("$metadata").text)
    compared = set(real) & set(served)
    assert {CARDS, "Document_РеализацияТоваровУслуг", "Document_ЗаказКлиента"} <= compared
    for name in compared:
        assert {key: real[name].get(key) for key in served[name]} == served[name], name


def test_the_own_company_is_typed_as_a_real_base_types_it(browser: Browser) -> None:
    text = (METADATA / "metadata_subset.edmx.xml").read_text(encoding="utf-8")
    real = {fields[name] for fields in properties(text).values() if (name := "Организация_Key") in fields}
    served = properties(browser.get("$metadata").text)
    for owner in ("Catalog_ДоговорыКонтрагентов", "Catalog_КлючиАналитикиУчетаПоПартнерам"):
        assert {served[owner]["Организация_Key"]} == real == {"Edm.Guid"}


def test_settlement_dimensions_agree_with_a_real_register(browser: Browser) -> None:
    text = (METADATA / "metadata_fragment_settlements.edmx.xml").read_text(encoding="utf-8")
    (real,) = [fields for name, fields in properties(text).items() if name.endswith("ПланОплат_Balance")]
    served = properties(browser.get("$metadata").text)[
        "AccumulationRegister_РасчетыСКлиентамиПоСрокам_Balance"
    ]
    for name in (
        "АналитикаУчетаПоПартнерам_Key",
        "ОбъектРасчетов_Key",
        "Валюта_Key",
        "ДатаПлановогоПогашения",
    ):
        assert served[name] == real[name]
