"""Addresses, literals, values and failures of the OData dialect."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from b24app.ports.errors import AuthLost
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.errors import NotFound
from b24app.ports.errors import Rejected
from b24app.ports.errors import TransportFailure
from sync_1c import odata
from sync_1c.odata import BadValueError
from sync_1c.odata import Quoting

PAYLOADS = Path(__file__).parents[2] / "payloads" / "onec"
REF = "b7569c10-f670-11ea-8591-000c29b45b09"


def test_spaces_are_percent_twenty_and_never_plus() -> None:
    url = odata.address("http://h/b/odata/standard.odata/", "Catalog_X", {"filter": "ИНН eq 'a+b c'"})
    assert "%20eq%20" in url
    assert "a%2Bb%20c" in url
    assert "+" not in url
    assert url.startswith(
        "http://h/b/odata/standard.odata/Catalog_X?$format=application/json;odata=nometadata&"
    )


def test_empty_options_are_left_out() -> None:
    assert odata.query_string({"filter": "", "top": "1"}).endswith("nometadata&$top=1")


def test_or_chains_stay_inside_the_budget_and_lose_nothing() -> None:
    parts = [f"Контрагент_Key eq {odata.guid_literal(REF)}" for _ in range(100)]
    chains = list(odata.or_chains(parts, spent=900))
    assert sum(count for _, count in chains) == 100
    assert all(odata.encoded_size(chain) + 900 <= odata.URL_BUDGET for chain, _ in chains)
    assert [part for chain, _ in chains for part in chain.split(" or ")] == parts


def test_a_condition_too_long_for_the_budget_still_goes_alone() -> None:
    assert list(odata.or_chains(["a" * 3000, "b"], spent=0)) == [("a" * 3000, 1), ("b", 1)]


@pytest.mark.parametrize(
    ("quoting", "expected"),
    [
        (Quoting.SINGLE, f"R/Balance(Dimensions='А,Б',Condition='К eq guid'{REF}'')"),
        (Quoting.DOUBLED, f"R/Balance(Dimensions='А,Б',Condition='К eq guid''{REF}''')"),
    ],
    ids=["single", "doubled"],
)
def test_a_condition_is_quoted_in_the_form_asked_for(quoting: Quoting, expected: str) -> None:
    condition = f"К eq {odata.guid_literal(REF)}"
    assert odata.virtual_table("R", dimensions=("А", "Б"), condition=condition, quoting=quoting) == expected


def test_a_balance_of_a_moment_names_it_without_a_zone() -> None:
    table = odata.virtual_table("R", dimensions=("А",), period=datetime(2026, 11, 25))  # noqa: DTZ001 - base's clock
    assert table == "R/Balance(Period=datetime'2026-11-25T00:00:00',Dimensions='А')"


def test_only_a_guid_becomes_a_guid_literal_and_quotes_in_text_are_doubled() -> None:
    with pytest.raises(BadValueError):
        odata.guid_literal("' or 1 eq 1 or '")
    assert odata.text_literal("О'Генри") == "'О''Генри'"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (7, "7"),
        ("10", "10"),
        (Decimal("-0.10"), "-0.10"),
        ("90071992547409.93", "90071992547409.93"),
        (None, "0"),
    ],
    ids=["number", "Int64 string", "negative", "large", "null"],
)
def test_amounts_are_exact_whatever_they_come_as(given: Any, expected: str) -> None:
    assert odata.amount({"С": given}, "С") == Decimal(expected)


@pytest.mark.parametrize("bad", ["", "x", True, "NaN", [], "Infinity"], ids=repr)
def test_what_is_no_number_is_refused(bad: Any) -> None:
    with pytest.raises(BadValueError):
        odata.amount({"С": bad}, "С")


def test_a_field_that_is_not_in_the_answer_is_refused_rather_than_taken_for_zero() -> None:
    for read in (odata.amount, odata.guid, odata.moment, odata.text, odata.flag):
        with pytest.raises(BadValueError, match="not in the answer"):
            read({}, "С")


def test_int64_strings_are_numbers_and_not_truth() -> None:
    assert odata.integer({"СрокОплаты": "0"}, "СрокОплаты") == 0
    with pytest.raises(BadValueError):
        odata.flag({"П": "0"}, "П")
    with pytest.raises(BadValueError):
        odata.integer({"П": "1.5"}, "П")


def test_empty_references_and_dates_are_nothing() -> None:
    assert odata.guid({"К": odata.EMPTY_GUID}, "К") is None
    assert odata.guid({"К": REF.upper()}, "К") == REF
    assert odata.moment({"Д": "0001-01-01T00:00:00"}, "Д") is None
    assert odata.moment({"Д": "2026-11-24T23:59:59"}, "Д") == datetime(2026, 11, 24, 23, 59, 59)  # noqa: DTZ001 - naive
    assert odata.composite({"К": "", "К_Type": "StandardODATA.Undefined"}, "К") is None
    assert odata.composite({"К": REF, "К_Type": "StandardODATA.Catalog_X"}, "К") == ("Catalog_X", REF)


@pytest.mark.parametrize("bad", ["вчера", "2026-11-24T00:00:00Z", 5], ids=repr)
def test_what_is_no_local_date_is_refused(bad: Any) -> None:
    with pytest.raises(BadValueError):
        odata.moment({"Д": bad}, "Д")


def recorded(name: str) -> bytes:
    """Read a recorded error."""
    return (PAYLOADS / "errors" / name).read_bytes()


def written(code: str, said: str = "…") -> bytes:
    """Write an error as 1C does."""
    return json.dumps({"odata.error": {"code": code, "message": {"lang": "ru", "value": said}}}).encode()


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, recorded("code_00_bad_parameter.json"), Rejected),
        (404, recorded("code_06_method_not_found.json"), Rejected),
        (400, recorded("code_06_path_segment.json"), Rejected),
        (404, recorded("code_08_entity_not_found.json"), LedgerMisconfigured),
        (404, recorded("code_09_instance_not_found.json"), NotFound),
        (400, recorded("code_13_tabular_row_insert.json"), Rejected),
        (400, recorded("code_14_bad_filter.json"), Rejected),
        (500, recorded("code_minus1_internal.json"), Rejected),
        (401, b"<html>401.1</html>", AuthLost),
        (401, b"", AuthLost),
        (401, written("20"), Forbidden),
        (500, b"<html>1C:Enterprise 8 application error</html>", TransportFailure),
        (500, json.dumps({"exception": {"descr": "ошибка"}}).encode(), TransportFailure),
        (500, written("1"), TransportFailure),
        (502, b"", TransportFailure),
        (503, b"<html>", TransportFailure),
        (504, b"", TransportFailure),
        (501, written("0"), Rejected),
        (404, b"<html>404</html>", LedgerMisconfigured),
        (400, b"<html>Bad Request</html>", BadAnswer),
        (302, b"", BadAnswer),
        (500, b"<m:error><m:code>-1</m:code><m:message>no</m:message></m:error>", Rejected),
    ],
)
def test_each_failure_has_one_type(status: int, body: bytes, kind: type[GatewayError]) -> None:
    assert type(odata.failure(status, body)) is kind


def test_success_is_no_failure_and_every_recorded_error_is_read() -> None:
    assert odata.failure(200, b"") is None
    assert len(list((PAYLOADS / "errors").glob("*.json"))) == 8


def test_an_object_outside_the_composition_is_named() -> None:
    error = odata.failure(404, recorded("code_08_entity_not_found.json"))
    assert "CatalogПоставщики" in str(error)


def test_a_refusal_keeps_code_and_text() -> None:
    error = odata.failure(500, written("-1", "закрытый период"))
    assert isinstance(error, Rejected)
    assert (error.code, error.text) == ("-1", "закрытый период")
    assert not error.retryable


@pytest.mark.parametrize(
    "body",
    [b"<html>login</html>", b"", b"[]", b"\xff\xfe", b"[" * 100_000, written("1"), b'{"exception": {}}'],
    ids=["html", "empty", "list", "not utf-8", "deep", "error with 200", "exception with 200"],
)
def test_a_success_that_is_no_document_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        odata.document(body)


def test_a_recorded_collection_and_a_bom_are_read() -> None:
    body = (PAYLOADS / "bp3" / "catalog_dogovory_list.json").read_bytes()
    rows = odata.values(odata.document(odata.BOM + body))
    assert rows[0]["СрокОплаты"] == "0"
    assert odata.guid(rows[0], "Owner_Key") == "b7569c0f-f670-11ea-8591-000c29b45b09"
    with pytest.raises(BadAnswer):
        odata.values({"value": {}})


def test_cyrillic_survives_the_way_out_and_back() -> None:
    url = odata.address("http://h", "Catalog_Контрагенты", {"select": "ИНН,КПП"})
    assert url.isascii()
    assert unquote(url).endswith(
        "Catalog_Контрагенты?$format=application/json;odata=nometadata&$select=ИНН,КПП"
    )
