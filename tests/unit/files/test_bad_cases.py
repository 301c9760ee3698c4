"""What a case file is refused for: everything at once, each with its place and its sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from b24app.files.case_file import read_case
from tests.unit.files.cases import GOOD
from tests.unit.files.cases import INN
from tests.unit.files.cases import OTHER
from tests.unit.files.cases import good
from tests.unit.files.cases import no_policy_file
from tests.unit.files.cases import put
from tests.unit.files.cases import read
from tests.unit.files.cases import told

DOCUMENT = "clients[1].contracts[1].documents[1].amount"
AT_DOCUMENT = "clients.0.contracts.0.documents.0.amount"
SECOND: dict[str, Any] = {"inn": OTHER, "contracts": [{"number": "В-1"}]}

FORM = [
    pytest.param("ratess", [], "ratess", "key_near", id="unknown key"),
    pytest.param("xyzzy", [], "xyzzy", "key", id="unknown key like no other"),
    pytest.param("clients.0.categry", "new", "clients[1].categry", "key_near", id="unknown key of a client"),
    pytest.param(
        "clients.0.contracts.0.documents.0.dew",
        "x",
        "clients[1].contracts[1].documents[1].dew",
        "key_near",
        id="deep",
    ),
    pytest.param(
        "deals.0.typed", {"limits": 1}, "deals[1].typed.limits", "key_near", id="unknown typed value"
    ),
    pytest.param(AT_DOCUMENT, 0.005, DOCUMENT, "money_places", id="half a kopeck"),
    pytest.param(AT_DOCUMENT, -1, DOCUMENT, "money_negative", id="negative number"),
    pytest.param(AT_DOCUMENT, "-1.00", DOCUMENT, "money_negative", id="negative text"),
    pytest.param(AT_DOCUMENT, "-1.00 RUB", DOCUMENT, "money_negative", id="negative with a currency"),
    pytest.param(AT_DOCUMENT, "1 000,50 RUB", DOCUMENT, "money_comma", id="comma"),
    pytest.param(AT_DOCUMENT, "1e3", DOCUMENT, "money", id="an exponent in a text"),
    pytest.param(AT_DOCUMENT, True, DOCUMENT, "money", id="true for money"),
    pytest.param(AT_DOCUMENT, None, DOCUMENT, "money", id="null for money"),
    pytest.param(AT_DOCUMENT, 10**13, DOCUMENT, "money_large", id="too much"),
    pytest.param(AT_DOCUMENT, "10000000000000", DOCUMENT, "money_large", id="too much as a text"),
    pytest.param("clients.0.limit", "none", "clients[1].limit", "money", id="another word for a limit"),
    pytest.param("clients.0.inn", "77070838", "clients[1].inn", "inn", id="a short tax number"),
    pytest.param("clients.0.inn", 7707083893, "clients[1].inn", "string", id="a tax number as a number"),
    pytest.param("clients.0.score", "high", "clients[1].score", "exact", id="score in words"),
    pytest.param("clients.0.score", True, "clients[1].score", "exact", id="score true"),
    pytest.param(
        "clients.0.limit_until", "31.12.2026", "clients[1].limit_until", "date", id="a Russian date"
    ),
    pytest.param("clients.0.limit_until", "2026-02-30", "clients[1].limit_until", "date", id="no such day"),
    pytest.param("as_of", "2026-11-24", "as_of", "moment", id="a day for a moment"),
    pytest.param("as_of", "2026-11-24T25:00", "as_of", "moment", id="no such hour"),
    pytest.param("timezone", "Europe/Moskow", "timezone", "zone", id="no such zone"),
    pytest.param("timezone", "../etc", "timezone", "zone", id="a path for a zone"),
    pytest.param("timezone", 3, "timezone", "zone", id="a number for a zone"),
    pytest.param(
        "rates", [{"currency": "usd", "value": 1}], "rates[1].currency", "currency", id="small letters"
    ),
    pytest.param(
        "rates", [{"currency": "USD", "value": 0}], "rates[1].value", "above", id="a rate of nothing"
    ),
    pytest.param("clients", [], "clients", "few", id="no clients"),
    pytest.param("deals", [], "deals", "few", id="no deals"),
    pytest.param("deals", {}, "deals", "list", id="an object for a list"),
    pytest.param("deals", ["x"], "deals[1]", "table", id="a text for a deal"),
    pytest.param("deals.0.id", 1.5, "deals[1].id", "integer", id="half a deal"),
    pytest.param("deals.0.id", True, "deals[1].id", "integer", id="true for a deal"),
    pytest.param("clients.0.strategic", "да", "clients[1].strategic", "boolean", id="yes in words"),
    pytest.param("clients.0.name", "a\u001b[31mb", "clients[1].name", "one_line", id="a control character"),
    pytest.param("policy", 5, "policy", "policy_kind", id="a number for a policy"),
    pytest.param("policy", "none.toml", "policy", "policy_file", id="a policy that is not there"),
    pytest.param(
        "policy.limits.warn_percnt", 5, "policy.limits.warn_percnt", "key_near", id="key of the policy"
    ),
    pytest.param("policy.limit", {}, "policy.limit", "section_near", id="section of the policy"),
    pytest.param("policy.statuses", {}, "policy.statuses", "rows", id="an object for rows of the policy"),
    pytest.param("policy.overdue", [], "policy.overdue", "table", id="a list for a table of the policy"),
]


@pytest.mark.parametrize(("path", "value", "field", "key"), FORM)
def test_a_wrong_form_is_told_at_its_place(path: str, value: object, field: str, key: str) -> None:
    assert (field, key) in told(put(path, value))


SENSE = [
    pytest.param("deals.0.client", OTHER, ("deals[1].client", "client_unknown"), id="unknown client"),
    pytest.param("deals.0.client", "7707083894", ("deals[1].client", "client_near"), id="nearly a client"),
    pytest.param("deals.0.contract", "Д-11", ("deals[1].contract", "contract_near"), id="nearly a contract"),
    pytest.param(
        "deals.0.contract", "купля", ("deals[1].contract", "contract_unknown"), id="unknown contract"
    ),
    pytest.param(
        "reserves",
        [{"deal": 9, "client": OTHER, "amount": 5}],
        ("reserves[1].client", "client_unknown"),
        id="a promise to nobody",
    ),
    pytest.param("clients.0.status", "shp", ("clients[1].status", "unknown_near"), id="nearly a status"),
    pytest.param("clients.0.category", "vip", ("clients[1].category", "unknown"), id="unknown category"),
    pytest.param("clients.0.risk", "high", ("clients[1].risk", "unknown"), id="unknown risk group"),
    pytest.param("clients.0.group", "dealers", ("clients[1].group", "unknown"), id="unknown group"),
    pytest.param(
        "deals.0.typed", {"status": "shp"}, ("deals[1].typed.status", "unknown_near"), id="typed status"
    ),
    pytest.param(
        "clients.0.contracts.0.limit", "5.00", ("clients[1].limit", "two_limits"), id="a limit said twice"
    ),
    pytest.param("now", "2026-11-24T10:14:59+03:00", ("now", "before_figures"), id="figures of the future"),
    pytest.param(
        "rates",
        [{"currency": "RUB", "value": 1}],
        ("rates[1].currency", "rate_of_base"),
        id="a rate to itself",
    ),
    pytest.param("clients.0.limit", "5.00 USD", ("clients[1].limit", "no_rate"), id="a limit without a rate"),
    pytest.param(AT_DOCUMENT, "5.00 USD", (DOCUMENT, "no_rate"), id="a document without a rate"),
    pytest.param("deals.0.amount", "5.00 USD", ("deals[1].amount", "no_rate"), id="a deal without a rate"),
    pytest.param(
        "deals.0.typed", {"limit": "5 USD"}, ("deals[1].typed.limit", "no_rate"), id="typed, no rate"
    ),
    pytest.param(
        "reserves",
        [{"deal": 9, "client": INN, "amount": "5 USD"}],
        ("reserves[1].amount", "no_rate"),
        id="a promise without a rate",
    ),
    pytest.param(
        "policy.limits.order_limit",
        "5.00 EUR",
        ("policy.limits.order_limit", "no_rate"),
        id="a threshold, no rate",
    ),
]


@pytest.mark.parametrize(("path", "value", "problem"), SENSE)
def test_what_makes_no_sense_is_told_alone(path: str, value: object, problem: tuple[str, str]) -> None:
    assert told(put(path, value)) == [problem]


def test_a_group_without_a_rate_is_told_at_its_member() -> None:
    document = good(rates=[])
    document["policy"]["credit_groups"] = [
        {"code": "h", "name": "Х", "limit": "1.00 RUB", "until": "2026-12-31", "members": [INN]}
    ]
    document["policy"]["limits"]["default_limit"] = "0.00 USD"
    assert ("policy.credit_groups[1].limit", "no_rate") in told(document)


def test_a_category_in_money_without_a_rate_is_told() -> None:
    document = put("clients.0.limit", None)
    document["policy"]["categories"] = [{"code": "big", "limit": "1.00 RUB"}]
    document["clients"][0]["category"] = "big"
    document["clients"][0]["contracts"][0]["documents"][0]["amount"] = "5 USD"
    assert told(document) == [(DOCUMENT, "no_rate")]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("unlimited", []), ("5.00 USD", []), (None, [("clients[1].inn", "no_rate")])],
    ids=["no limit", "a limit in it", "the company's limit"],
)
def test_one_currency_alone_needs_no_rate(limit: str | None, expected: list[tuple[str, str]]) -> None:
    document = put("clients.0.limit", limit)
    document["base_currency"] = "EUR"
    document["policy"]["limits"]["default_limit"] = "0.00 EUR" if limit is not None else "0.00 CNY"
    document["rates"] = [{"currency": "USD", "value": "1.1"}]
    document["clients"][0]["contracts"][0] |= {"currency": "USD", "documents": []}
    document["deals"][0] |= {"contract": "Д-1", "amount": "5.00"}
    assert told(document) == expected


def test_two_clients_of_one_tax_number_are_told_with_the_line_of_the_first() -> None:
    document = good(clients=[*GOOD["clients"], {"inn": INN}])
    [problem] = read(document).problems
    assert (problem.field, problem.key) == ("clients[2].inn", "repeated_inn")
    text = json.dumps(document, ensure_ascii=False, indent=1).split("\n")
    assert INN in text[int(problem.pieces["line"]) - 1]
    assert problem.line is not None
    assert text[problem.line - 1].strip() == f'"inn": "{INN}"'


def test_what_is_named_twice_is_told() -> None:
    document = good(
        rates=[{"currency": "USD", "value": 1}, {"currency": "USD", "value": 2}],
        reserves=[{"deal": 7, "client": INN, "amount": 1}, {"deal": 7, "client": INN, "amount": 1}],
    )
    document["clients"][0]["contracts"].append({"number": "Д-2", "ref": "k-1"})
    assert {field for field, key in told(document) if key == "repeated"} == {
        "clients[1].contracts[2]",
        "rates[2].currency",
        "reserves[2].deal",
    }


def test_two_contracts_of_one_number_want_the_key() -> None:
    document = put("deals.0.contract", "Д-1")
    document["clients"][0]["contracts"].append({"number": "Д-1", "ref": "k-2"})
    assert told(document) == [("deals[1].contract", "contract_unclear")]
    assert told(put("deals.0.contract", "k-2", document)) == []


def test_a_deal_is_of_one_client() -> None:
    document = good(clients=[*GOOD["clients"], SECOND])
    document["deals"].append({"id": 1, "client": OTHER, "amount": 5})
    assert told(document) == [("deals[2].client", "other_client")]


def test_what_only_may_be_a_mistake_is_a_warning() -> None:
    document = put("deals.0.terms", "net15")
    document["deals"][0]["discount"] = "huge"
    document["clients"][0]["inn"] = document["deals"][0]["client"] = "7707083894"
    document["policy"]["credit_groups"] = [
        {"code": "h", "name": "Х", "limit": 1, "until": "2026-12-31", "members": ["7707083894", OTHER]}
    ]
    document["policy"]["credit_groups"][0]["limit"] = "9.00 RUB"
    reading = read(document)
    assert reading.case is not None
    assert {(each.field, each.key) for each in reading.problems} == {
        ("clients[1].inn", "inn_digits"),
        ("deals[1].client", "member_missing"),
        ("deals[1].discount", "unknown"),
        ("deals[1].terms", "unknown_near"),
        ("policy.credit_groups[1].members[1]", "inn_digits"),
    }


def test_everything_is_told_at_once_and_in_the_order_of_the_file() -> None:
    document = put("clients.0.limit", -1, good(clients=[*GOOD["clients"], {**SECOND, "status": "shp"}]))
    document["deals"] += [
        {"id": 2, "client": "x", "amount": 1},
        {"id": 3, "client": OTHER, "contract": "Г", "amount": 1},
    ]
    problems = read(document).problems
    assert [(each.field, each.key) for each in problems] == [
        ("clients[1].limit", "money_negative"),
        ("clients[2].status", "unknown_near"),
        ("deals[2].client", "inn"),
        ("deals[3].contract", "contract_unknown"),
    ]
    lines = [each.line for each in problems]
    assert None not in lines
    assert lines == sorted(lines, key=lambda line: line or 0)


def test_a_key_twice_is_told_beside_the_rest() -> None:
    text = json.dumps(put("deals.0.id", 0), indent=1)
    text = text.replace('"deals": [', '"title": "a",\n "title": "b",\n "deals": [', 1)
    assert sorted(key for _, key in told(text)) == ["above", "json_twice"]


@pytest.mark.parametrize("text", ["[]", "5", "null", '"x"'])
def test_the_file_is_one_object(text: str) -> None:
    assert told(text) == [("", "json_object")]


def test_a_policy_file_is_told_of_under_its_own_name() -> None:
    text = json.dumps(good(policy="mine.toml"))
    reading = read_case(text, lambda name: f"# {name}\n[limits]\ndefault_limit = 5\n")
    assert (reading.case, reading.problems, reading.policy_file) == (None, (), "mine.toml")
    [problem] = [each for each in reading.policy_problems if each.is_error]
    assert (problem.line, problem.field) == (3, "limits.default_limit")
    assert "в кавычках" in problem.text()


@pytest.mark.parametrize(
    "error", [UnicodeDecodeError("utf-8", b"", 0, 1, ""), ValueError("embedded null byte")]
)
def test_a_policy_that_cannot_be_read_is_told(error: Exception) -> None:
    def refuse(name: str) -> str:
        del name
        raise error

    reading = read_case(json.dumps(good(policy="mine.toml")), refuse)
    assert [(each.field, each.key) for each in reading.problems] == [("policy", "policy_file")]


def test_no_sentence_of_json_speaks_of_toml() -> None:
    document = put("clients.0.limit", -1)
    for path, value in (("policy.limits.horizon_days", "x"), ("policy.limits.order_tolerance_percent", "x")):
        put(path, value, document)
    document["policy"]["credit_groups"] = [
        {"code": "h", "name": "Х", "limit": "1 RUB", "until": "x", "members": []}
    ]
    said = [each.text() for each in read_case(json.dumps(document), no_policy_file).problems]
    assert len(said) >= 4
    assert not [each for each in said if "без кавычек" in each or "[[" in each]
