"""`b24app assess`: what is printed, for people and for programs, and how the command ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from click.testing import Result

from b24app.cli.assess import LARGEST
from b24app.cli.assess import assess
from tests.unit.files.cases import CASES
from tests.unit.files.cases import GOOD
from tests.unit.files.cases import INN
from tests.unit.files.cases import good
from tests.unit.files.cases import put

Run = Callable[..., Result]
NBSP = "\u00a0"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command over a document, a text, or bytes written into an empty folder."""

    def act(document: Any, *options: str) -> Result:
        text = json.dumps(document, ensure_ascii=False, indent=1) if isinstance(document, dict) else document
        file = tmp_path / "case.json"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        result = CliRunner().invoke(assess, [str(file), *options])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert [each.name for each in tmp_path.iterdir() if each.suffix != ".toml"] == ["case.json"]
        return result

    return act


def heard(result: Result) -> str:
    return result.stdout.replace(NBSP, " ")


ENDS = [
    pytest.param("60 000.00 RUB", 0, ["ОТГРУЗКА РАЗРЕШЕНА", "разрешено: 1, остановлено: 0"], id="allowed"),
    pytest.param("60 000.01 RUB", 1, ["ОТГРУЗКА ОСТАНОВЛЕНА", "лимит на 0,01 ₽"], id="held"),
]


@pytest.mark.parametrize(("amount", "code", "words"), ENDS)
def test_the_exit_code_is_the_answer(run: Run, amount: str, code: int, words: list[str]) -> None:
    result = run(put("deals.0.amount", amount))
    assert (result.exit_code, result.stderr) == (code, "")
    for word in (*words, "ООО «Ромашка», ИНН 7707083893", "Договор: Д-1", "Политика: inline@"):
        assert word in heard(result)
    assert "[b]" not in result.stdout


def test_no_decision_is_no_permission(run: Run) -> None:
    result = run(good(now="2026-11-24T11:00:00+03:00"))
    assert result.exit_code == 1
    assert "Данные 1С устарели" in result.stdout
    assert "без решения: 1" in result.stdout


def test_an_old_rate_decides_nothing(run: Run) -> None:
    document = good(rates=[{"currency": "USD", "value": "100", "on": "2026-11-01"}])
    put("clients.0.contracts.0.documents.0.amount", "5.00 USD", document)
    assert run(document).exit_code == 1
    assert "без решения: 1" in run(document).stdout
    document["rates"][0]["on"] = "2026-11-17"
    assert run(document).exit_code == 0


def test_without_a_policy_the_packaged_one_decides(run: Run) -> None:
    document = good(policy=None)
    result = run(put("clients.0.category", "large", document))
    assert result.exit_code == 0
    assert "Политика: default@" in result.stdout


def test_a_policy_file_stands_beside_the_case(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        '[limits]\ndefault_limit = "0.00 RUB"\norder_limit = "5.00 RUB"\n', "utf-8"
    )
    result = run(good(policy="mine.toml"))
    assert result.exit_code == 1
    assert "Политика: mine.toml@" in result.stdout
    assert "больше допустимой за одну отгрузку" in result.stdout
    assert "mine.toml  reasons: предупреждение" in result.stderr


def test_a_bad_policy_file_is_refused_under_its_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[limits]\ndefault_limit = "-1.00 RUB"\n', "utf-8")
    result = run(put("clients.0.limit", -1, good(policy="mine.toml")))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "mine.toml:2  limits.default_limit: сумма не может быть отрицательной" in result.stderr
    assert "clients[1].limit" in result.stderr


def test_standard_input_is_read_for_a_dash() -> None:
    result = CliRunner().invoke(assess, ["-"], input=json.dumps(GOOD))
    assert result.exit_code == 0
    assert "ОТГРУЗКА РАЗРЕШЕНА" in result.stdout
    refused = CliRunner().invoke(assess, ["-"], input="{")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("stdin:1  столбец 2: ")


def test_another_language_is_spoken(run: Run) -> None:
    result = run(put("deals.0.amount", "60 000.01 RUB"), "--language", "en")
    assert "SHIPMENT HELD" in result.stdout
    assert "60,000.01" in result.stdout
    assert "is wanted" in run(put("clients.0.limit", "x"), "--language", "en").stderr


def test_a_changed_deal_is_said_to_be_checked_again() -> None:
    result = CliRunner().invoke(assess, [str(CASES / "e01-at-the-limit.json")])
    assert result.stdout.count("проверка ещё раз") == 1


class TestForPrograms:
    """`--json`: one object, every amount a text."""

    def test_everything_of_a_hold_is_there(self, run: Run) -> None:
        document = put("deals.0.amount", "70 000.00 RUB")
        document["clients"][0]["contracts"][0]["documents"][0]["due"] = "2026-11-20"
        result = run(document, "--json")
        assert (result.exit_code, result.stderr) == (1, "")
        found = json.loads(result.stdout)
        assert found["allowed"] is False
        [deal] = found["deals"]
        assert {name: deal[name] for name in ("id", "client", "contract", "outcome")} == {
            "id": 1,
            "client": INN,
            "contract": "k-1",
            "outcome": "hold",
        }
        assert [each["code"] for each in deal["reasons"]] == ["LIMIT", "OVERDUE_DAYS"]
        assert deal["reasons"][0]["excess"] == {"amount": "10000.00", "currency": "RUB"}
        assert deal["reasons"][1]["days"] == 4
        assert deal["exposure"]["after"]["amount"] == "110000.00"
        assert deal["limit"]["amount"]["amount"] == "100000.00"
        assert deal["limit"]["source"] == "customer"
        assert deal["overdue"]["items"][0]["due"] == "2026-11-20"
        assert deal["to_release"] == [
            {"contract": "k-1", "amount": {"amount": "40000.00", "currency": "RUB"}}
        ]
        assert deal["policy_version"] == found["policy_version"]
        assert deal["as_of"] == "2026-11-24T07:15:00+00:00"

    def test_what_does_not_apply_is_null(self, run: Run) -> None:
        document = good(clients=[{"inn": INN, "limit": "unlimited"}])
        [deal] = json.loads(run(document, "--json").stdout)["deals"]
        assert deal["limit"]["amount"] == "unlimited"
        assert (deal["contract"], deal["skipped"], deal["pool"]) == (None, None, None)
        stale = good(now="2026-11-24T11:00:00+03:00")
        [deal] = json.loads(run(stale, "--json").stdout)["deals"]
        assert (deal["outcome"], deal["exposure"], deal["limit"], deal["overdue"]) == (
            "technical",
            None,
            None,
            None,
        )
        assert deal["reasons"] == [{"code": "TECHNICAL", "cause": "data_stale"}]

    def test_doubts_are_part_of_the_answer(self, run: Run) -> None:
        result = run(put("deals.0.terms", "net15"), "--json")
        assert result.stderr == ""
        [warning] = json.loads(result.stdout)["warnings"]
        assert (warning["field"], warning["code"]) == ("deals[1].terms", "unknown_near")
        assert "net14" in warning["text"]

    @pytest.mark.parametrize("file", sorted(CASES.glob("*.json")), ids=lambda file: file.stem)
    def test_every_example_answers_with_the_same_keys(self, file: Path) -> None:
        result = CliRunner().invoke(assess, [str(file), "--json"])
        found = json.loads(result.stdout)
        assert found["format"] == 1
        assert (result.exit_code == 0) is found["allowed"]
        assert len({tuple(deal) for deal in found["deals"]}) == 1
        assert not _floats(found)


def _floats(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [each for inner in value.values() for each in _floats(inner)]
    if isinstance(value, list):
        return [each for inner in value for each in _floats(inner)]
    return [value] if isinstance(value, float) else []


REFUSED = [
    pytest.param(b"\xff\xfe{", "case.json:1  файл не в кодировке UTF-8", id="another encoding"),
    pytest.param("", "файл пуст", id="nothing"),
    pytest.param('{\n "as_of": 1,\n}', "case.json:3  столбец 1: нужен ключ", id="broken"),
    pytest.param("[" * 1_000_000, "вложенность больше", id="nested bomb"),
    pytest.param('{"as_of": "' + "x" * LARGEST + '"}', "файл больше 8 МБ", id="huge"),
    pytest.param('{"deals": [' + "{}," * 3_000 + "{}]}", "и ещё замечаний: ", id="very many mistakes"),
    pytest.param('{"\\ud800": 1}', "половина знака", id="half a character in a key"),
    pytest.param('{"\\u001b[31mred": 1}', "неизвестный ключ", id="a key a terminal obeys"),
    pytest.param('{"' + "k" * 100_000 + '": 1}', "…", id="a very long key"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
@pytest.mark.parametrize("option", [[], ["--json"]], ids=["people", "programs"])
def test_a_bad_file_is_refused_in_words(run: Run, text: str | bytes, words: str, option: list[str]) -> None:
    result = run(text, *option)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr.replace(NBSP, " ")
    lines = result.stderr.splitlines()
    assert len(lines) <= 101
    assert all(len(line) <= 600 for line in lines)
    assert "\x1b" not in result.stderr


def test_a_file_with_a_mark_of_its_encoding_is_read(run: Run) -> None:
    assert run("\ufeff" + json.dumps(GOOD)).exit_code == 0


@pytest.mark.parametrize("name", ["nothing.json", "."])
def test_a_file_that_is_not_there_is_said_so(name: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(assess, [str(tmp_path / name)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Файл не открывается" in result.stderr


def test_a_large_case_is_decided(run: Run) -> None:
    documents = [
        {"document": f"УТ-{number}", "due": "2026-12-24", "amount": "1.00"} for number in range(1_000)
    ]
    document = put("clients.0.contracts.0.documents", documents)
    document["deals"] = [{"id": number, "client": INN, "amount": 1} for number in range(1, 11)]
    result = run(document)
    assert result.exit_code == 0
    assert "разрешено: 10" in result.stdout
