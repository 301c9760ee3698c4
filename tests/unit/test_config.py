"""The configuration: what is read, what is refused, and in which words."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from b24app.config import Config
from b24app.config import ConfigError
from b24app.config import known_keys
from b24app.config import load_config

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
MINIMAL = """
[server]
base_url = "https://credit.example.ru"
secret_key = "a-very-secret-phrase-of-many-letters"
[bitrix24]
client_id = "local.1"
client_secret = "hush-hush"
[onec]
url = "http://1c.local/ut"
username = "robot"
password = "pa55word"
[people]
cfo = 7
administrator = 1
"""
SECRETS = ("a-very-secret-phrase-of-many-letters", "hush-hush", "pa55word")


def load(tmp_path: Path, text: str, **environ: str) -> Config:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    return load_config(file, environ=environ)


def refusal(tmp_path: Path, text: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, **environ)
    assert not any(secret in str(caught.value) for secret in SECRETS)
    assert caught.value.__cause__ is None
    return str(caught.value)


def whole_example() -> str:
    """Return the example with its optional keys switched on."""
    return re.sub(r"^# (\w+ = )", r"\1", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_the_example_loads_as_it_stands() -> None:
    assert load_config(EXAMPLE, environ={}).people.cfo == 7


def test_the_example_loads_with_every_optional_key(tmp_path: Path) -> None:
    config = load(tmp_path, whole_example())
    assert config.pipeline.check == "PREPARE_SHIPMENT"
    assert config.credit.holidays == (date(2027, 1, 1), date(2027, 1, 7))


def test_the_example_names_exactly_the_keys_there_are() -> None:
    shown: dict[str, Any] = tomllib.loads(whole_example())
    assert {name: set(keys) for name, keys in shown.items()} == {
        name: set(keys) for name, keys in known_keys().items()
    }


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    defaults = load(tmp_path, MINIMAL)
    example = load_config(EXAMPLE, environ={})
    assert (example.credit, example.sync, example.database, example.pipeline) == (
        defaults.credit,
        defaults.sync,
        defaults.database,
        defaults.pipeline,
    )


def test_the_required_keys_are_enough(tmp_path: Path) -> None:
    config = load(tmp_path, MINIMAL)
    assert config.credit.mode == "observe"
    assert config.credit.default_limit == Decimal(0)
    assert config.bitrix24.settle > config.bitrix24.timeout > 60


def test_everything_missing_is_named_in_one_sentence(tmp_path: Path) -> None:
    sentence = refusal(tmp_path, "[server]\nport = 80\n[people]\ncfo = 7\n")
    assert sentence.count("\n") == 0
    for key in (
        "server.base_url",
        "server.secret_key",
        "bitrix24.client_id",
        "bitrix24.client_secret",
        "onec.url",
        "onec.username",
        "onec.password",
        "people.administrator",
    ):
        assert key in sentence
    assert "people.cfo" not in sentence


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        MINIMAL,
        B24APP_ONEC__PASSWORD="from-outside",
        B24APP_PEOPLE__SALES_HEADS="12, 13",
        B24APP_CREDIT__HOLIDAYS='["2027-01-01"]',
        B24APP_SERVER__PORT="8080",
        B24APP_CREDIT__DEFAULT_LIMIT="150 000.50",
        B24APP_BITRIX24__ALLOW_INSECURE="true",
    )
    assert config.onec.password.get_secret_value() == "from-outside"
    assert config.people.sales_heads == (12, 13)
    assert config.credit.holidays == (date(2027, 1, 1),)
    assert config.server.port == 8080
    assert config.credit.default_limit == Decimal("150000.50")
    assert config.bitrix24.allow_insecure


def test_the_path_comes_from_the_environment_when_no_argument_is_given(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.toml"
    file.write_text(MINIMAL, encoding="utf-8")
    assert load_config(environ={"B24APP_CONFIG": str(file)}).people.cfo == 7


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"не найден: .*nowhere\.toml"):
        load_config(tmp_path / "nowhere.toml", environ={})


def test_broken_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    assert "line 3" in refusal(tmp_path, "[server]\nport = 80\nhost = \n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[sever]\nport = 1", "[sever]. Ближайший известный: [server]", id="a section"),
        pytest.param(
            "[sync]\nsweep_second = 1",
            "sweep_second в разделе [sync]. Ближайший известный: sweep_seconds",
            id="a key",
        ),
        pytest.param("[sync]\nqqq = 1", "Неизвестный ключ qqq в разделе [sync]. Пере", id="nothing near"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_known(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in refusal(tmp_path, MINIMAL + text)


def test_an_unknown_name_in_the_environment_is_refused_too(tmp_path: Path) -> None:
    assert "Ближайший известный: port" in refusal(tmp_path, MINIMAL, B24APP_SERVER__PORTS="1")


@pytest.mark.parametrize(
    ("section", "line", "expected"),
    [
        ("people", "substitutes = [0]", "people.substitutes: нужно число больше 0"),
        ("credit", 'timezone = "Moscow"', "credit.timezone: нет такого часового пояса"),
        ("credit", "default_limit = 10.5", "credit.default_limit: сумму пишите в кавычках"),
        ("credit", 'default_limit = "много"', "credit.default_limit: нужна сумма"),
        ("credit", 'default_limit = "0.001"', "credit.default_limit: не больше 2 знаков"),
        ("credit", 'mode = "watch"', "credit.mode: допустимо 'observe' или 'enforce'"),
        ("credit", 'net_scope = "all"', "credit.net_scope: допустимо 'contract'"),
        ("credit", "workdays = [8]", "credit.workdays: нужно число не больше 7"),
        ("credit", 'currency = "rub"', "credit.currency: нужен трёхбуквенный код"),
        ("credit", 'holidays = ["завтра"]', "credit.holidays: нужна дата"),
        ("sync", 'sweep_seconds = "часто"', "sync.sweep_seconds: нужно целое число"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(
    tmp_path: Path, section: str, line: str, expected: str
) -> None:
    text = f"[{section}]\n{line}\n"
    merged = MINIMAL.replace("[people]\n", text) if section == "people" else MINIMAL + text
    assert expected in refusal(tmp_path, merged)


@pytest.mark.parametrize("url", ["ftp://portal", "https://", "http://portal.example.ru"])
def test_a_portal_address_that_is_unsafe_or_no_address_is_refused(tmp_path: Path, url: str) -> None:
    assert "bitrix24" in refusal(tmp_path, MINIMAL, B24APP_BITRIX24__PORTAL=url)


@pytest.mark.parametrize(
    "url", ["http://[", "http://1c:99999/ut", "http://1c:port/ut", "http://1c:0/ut", "http://1 c/ut"]
)
def test_an_address_nobody_could_call_is_refused_in_russian(tmp_path: Path, url: str) -> None:
    said = refusal(tmp_path, MINIMAL, B24APP_ONEC__URL=url)
    assert said == "Неверное значение onec.url: нужен адрес вида https://сервер/путь."


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SYNC__SNAPSHOT_MINUTES", "999999999999"),
        ("SYNC__INBOX_DAYS", "999999999"),
        ("CREDIT__OVERDUE_GRACE_DAYS", "999999999"),
        ("CREDIT__ALLOW_TTL_DAYS", "999999999"),
        ("BITRIX24__REQUESTS_PER_SECOND", "inf"),
        ("BITRIX24__SETTLE", "nan"),
        ("PEOPLE__CFO", "99999999999999999999"),
    ],
)
def test_a_number_no_calendar_and_no_database_holds_is_refused(tmp_path: Path, key: str, value: str) -> None:
    assert "нужно число" in refusal(tmp_path, MINIMAL, **{f"B24APP_{key}": value})


@pytest.mark.parametrize(
    "text",
    [b"a = " + b"[" * 100_000, b"\xff\xfe", b"x = "],
    ids=["nested without end", "not UTF-8", "cut off"],
)
def test_a_file_that_is_no_toml_is_refused_in_words(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(text)
    with pytest.raises(ConfigError, match=r"^Файл настроек .* (не читается|не TOML)"):
        load_config(file, environ={})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("company.bitrix24.ru", "https://company.bitrix24.ru"),
        ("https://company.bitrix24.ru/crm/", "https://company.bitrix24.ru"),
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("http://localhost:8081/", "http://localhost:8081"),
    ],
)
def test_a_portal_address_is_brought_to_one_form(tmp_path: Path, written: str, read: str) -> None:
    assert load(tmp_path, MINIMAL, B24APP_BITRIX24__PORTAL=written).bitrix24.portal == read


@pytest.mark.parametrize("keys", ["", "too-short-a-key", "x" * 40 + ",short"])
def test_a_short_encryption_key_is_refused(tmp_path: Path, keys: str) -> None:
    sentence = refusal(tmp_path, MINIMAL, B24APP_SERVER__SECRET_KEY=keys)
    assert "server.secret_key: каждый ключ" in sentence
    assert "short" not in sentence


def test_a_section_that_is_no_table_is_refused(tmp_path: Path) -> None:
    assert "sync: здесь должен быть раздел" in refusal(
        tmp_path, "sync = 5\n" + MINIMAL, B24APP_SYNC__INBOX_DAYS="3"
    )


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="не читается"):
        load_config(tmp_path, environ={})


def test_secrets_are_never_printed(tmp_path: Path) -> None:
    printed = repr(load(tmp_path, MINIMAL))
    assert "local.1" in printed
    assert not any(secret in printed for secret in SECRETS)


def test_a_wrong_value_of_a_secret_is_not_quoted(tmp_path: Path) -> None:
    text = MINIMAL.replace('"pa55word"', "55100500")
    assert "55100500" not in refusal(tmp_path, text)
