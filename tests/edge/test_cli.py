"""The command line: what a person can put right is said in a sentence, and every answer has its exit code."""

from __future__ import annotations

import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from b24app.cli import cli
from b24app.config import load_config
from b24app.storage.engine import open_database
from b24app.storage.process_lock import ProcessLock
from tests.edge.conftest import Run

ROOT = Path(__file__).resolve().parents[2]
RUSSIAN = re.compile("[а-яё]")
KEY = "ключ-для-проверки-команд-длиннее-тридцати-двух"
NEW_KEY = "другой-ключ-для-проверки-длиннее-тридцати-двух"
CONFIG = f"""[server]
base_url = "https://credit.example.ru/"
secret_key = "{KEY}"

[bitrix24]
client_id = "local.1"
client_secret = "marker-client-secret"

[onec]
url = "http://127.0.0.1:9/ut"
username = "u"
password = "marker-password"

[people]
cfo = 7
administrator = 1
"""


def config_file(folder: Path, text: str = CONFIG) -> Path:
    file = folder / "config.toml"
    file.write_text(f'{text}\n[database]\nurl = "sqlite:///{(folder / "db.sqlite3").as_posix()}"\n', "utf-8")
    return file


class TestWithoutAnything:
    """Commands that need no installation."""

    def test_version(self, run: Run) -> None:
        said = run("version")
        assert said.code == 0
        assert re.fullmatch(r"\d+\.\d+\.\d+\n", said.out)

    def test_the_program_and_every_command_explain_themselves_in_russian(self, run: Run) -> None:
        said = run("--help")
        assert said.code == 0
        commands = {name: command.help for name, command in cli.commands.items()}
        assert set(commands) == {
            "version",
            "init",
            "check",
            "assess",
            "sync",
            "hook",
            "rotate-key",
            "serve",
            "migrate",
            "policy",
            "demo",
            "doctor",
        }
        for name, text in commands.items():
            assert RUSSIAN.search(text or ""), name

    def test_it_is_a_click_group_as_well(self) -> None:
        done = CliRunner().invoke(cli, ["version"])
        assert done.exit_code == 0

    @pytest.mark.parametrize(
        ("arguments", "named"),
        [
            (["chek"], "команды: chek"),
            (["check"], "Не хватает значения DEAL_ID"),
            (["check", "x"], "Не годится значение DEAL_ID"),
            (["version", "--loud"], "ключа: --loud"),
            (["version", "twice"], "набрана неверно"),
            (["policy", "backtest", __file__, "--open", "--since", "2026-11-01"], "не сочетается с --open"),
        ],
        ids=str,
    )
    def test_wrong_usage_is_told_in_russian_and_ends_with_2(
        self, run: Run, arguments: list[str], named: str
    ) -> None:
        said = run(*arguments)
        assert said.code == 2
        assert named in said.err
        assert "--help" in said.err


class TestInit:
    """A configuration written once."""

    def test_it_writes_the_example_with_a_key_of_its_own(self, run: Run, tmp_path: Path) -> None:
        keys = set()
        for name in ("one.toml", "two.toml"):
            assert run("init", name).code == 0
            config = load_config(tmp_path / name, environ={})
            keys.add(config.server.secret_key.get_secret_value())
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert len(keys) == 2
        assert min(map(len, keys)) >= 32
        assert "replace-this-with-a-long-random-phrase" not in keys

    def test_it_never_overwrites(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "config.toml").write_text("mine", "utf-8")
        said = run("init")
        assert said.code == 1
        assert "уже есть" in said.err
        assert (tmp_path / "config.toml").read_text("utf-8") == "mine"


BROKEN = [
    pytest.param("[server\n", ["не TOML", "line 1"], id="broken TOML"),
    pytest.param(
        CONFIG.replace("base_url", "base_ur"), ["base_ur", "Ближайший известный: base_url"], id="typo"
    ),
    pytest.param(CONFIG + "[peopel]\ncfo = 1\n", ["[peopel]", "people"], id="unknown section"),
    pytest.param("[people]\ncfo = 7\n", ["не хватает", "onec.url", "server.secret_key"], id="missing keys"),
    pytest.param(CONFIG.replace("http://127.0.0.1:9/ut", "1c"), ["onec.url", "https://"], id="wrong URL"),
    pytest.param(
        CONFIG + '[credit]\ntimezone = "Europe/Moskow"\n', ["credit.timezone", "Europe/Moscow"], id="zone"
    ),
    pytest.param(CONFIG.replace(KEY, "короткий"), ["server.secret_key", "не короче 32"], id="short key"),
    pytest.param(CONFIG + "[credit]\ndefault_limit = 1.5\n", ["credit.default_limit", "кавычках"], id="sum"),
]


@pytest.mark.parametrize(("text", "words"), BROKEN)
@pytest.mark.parametrize(
    "command", [["serve"], ["migrate"], ["check", "1"], ["sync"], ["rotate-key", NEW_KEY]], ids=" ".join
)
def test_a_wrong_configuration_is_told_in_a_sentence(
    run: Run, tmp_path: Path, text: str, words: list[str], command: list[str]
) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(text, "utf-8")
    said = run("--config", file, *command)
    assert said.code == 2
    assert said.out == ""
    assert RUSSIAN.search(said.err)
    for word in words:
        assert word in said.err
    assert "marker-" not in said.err
    assert list(tmp_path.glob("*.sqlite3")) == []


def test_a_missing_configuration_says_how_to_make_one(run: Run) -> None:
    said = run("serve")
    assert said.code == 2
    assert "b24app init" in said.err


class TestDatabase:
    """The schema, and one process on it."""

    def test_migrate_makes_a_fresh_database_and_changes_nothing_again(self, run: Run, tmp_path: Path) -> None:
        file = config_file(tmp_path)
        for _ in range(2):
            said = run("--config", file, "migrate")
            assert (said.code, said.err) == (0, "")
            assert "готова" in said.out
        database = open_database(f"sqlite:///{tmp_path / 'db.sqlite3'}")
        with database.read() as connection:
            names = connection.exec_driver_sql("select name from sqlite_master where type = 'table'")
            tables = {row[0] for row in names}
        database.close()
        assert tables >= {"inbox", "effects", "checks", "holds", "reserves"}

    @pytest.mark.parametrize("command", [["migrate"], ["rotate-key", NEW_KEY]], ids=" ".join)
    def test_a_database_in_use_is_left_alone(self, run: Run, tmp_path: Path, command: list[str]) -> None:
        file = config_file(tmp_path)
        with ProcessLock(tmp_path / "db.sqlite3"):
            said = run("--config", file, *command)
        assert said.code == 1
        assert said.err.startswith("Не получилось")
        assert not (tmp_path / "db.sqlite3").exists()

    def test_serve_refuses_to_be_the_second_process(self, tmp_path: Path) -> None:
        file = config_file(tmp_path)
        with ProcessLock(tmp_path / "db.sqlite3"):
            done = serve(file)
        assert done.returncode == 1
        assert done.stderr.startswith("Не получилось")
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "db.sqlite3").exists()

    @pytest.mark.parametrize("command", [["check", "1"]], ids=" ".join)
    def test_before_the_installation_there_is_nothing_to_check(
        self, run: Run, tmp_path: Path, command: list[str]
    ) -> None:
        said = run("--config", config_file(tmp_path), *command)
        assert said.code == 1
        assert "не установлено" in said.err


TROUBLE = [
    pytest.param("init", "no/such/folder/config.toml", None, id="init into a folder that is not there"),
    pytest.param("migrate", None, "sqlite:////proc/nowhere/db.sqlite3", id="database in no folder"),
    pytest.param("check", "1", "sqlite:////proc/nowhere/db.sqlite3", id="check without a database"),
    pytest.param("migrate", None, "mysqlx://server/base", id="a database nobody knows"),
    pytest.param("migrate", None, "sqlite:///{folder}/config.toml", id="a file that is no database"),
    pytest.param("rotate-key", NEW_KEY, "sqlite:///{folder}/new.sqlite3", id="rotate before migrate"),
]


@pytest.mark.parametrize(("command", "argument", "url"), TROUBLE)
def test_trouble_with_files_and_databases_is_told_in_a_sentence(
    run: Run, tmp_path: Path, command: str, argument: str | None, url: str | None
) -> None:
    text = config_file(tmp_path).read_text("utf-8")
    if url is not None:
        text = text.replace(f"sqlite:///{tmp_path.as_posix()}/db.sqlite3", url.format(folder=tmp_path))
    file = tmp_path / "config.toml"
    file.write_text(text, "utf-8")
    said = run("--config", file, command, *([argument] if argument else []))
    assert said.code in {1, 2}
    assert RUSSIAN.search(said.err)


def serve(config: Path) -> subprocess.CompletedProcess[str]:
    """Run `serve` in a process of its own until it ends."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("B24APP_")}
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "b24app", "--config", str(config), "serve"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_an_address_in_use_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = serve(config_file(tmp_path, CONFIG.replace("[server]", f"[server]\nport = {port}")))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


SENTENCE = re.compile(r"^Не получилось: [^A-Za-z]*[А-Яа-я]")


@pytest.mark.parametrize(
    "arguments", [["rotate-key", "short"], ["migrate"]], ids=["short key", "database in use"]
)
def test_what_went_wrong_is_said_in_russian(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    file = config_file(tmp_path)
    if arguments == ["migrate"]:
        with ProcessLock(tmp_path / "db.sqlite3"):
            said = run("--config", file, *arguments)
    else:
        said = run("--config", file, *arguments)
    assert SENTENCE.match(said.err)


def test_a_configuration_of_1c_nobody_knows_is_refused_with_those_there_are(run: Run, tmp_path: Path) -> None:
    file = config_file(tmp_path, CONFIG.replace("[onec]", '[onec]\nprofile = "ut10"'))
    said = run("--config", file, "sync")
    assert said.code == 2
    assert "«ut10»" in said.err
    assert "ut11, ka2, erp2, unf, bp30" in said.err


def test_sync_before_the_installation_says_so(run: Run, tmp_path: Path) -> None:
    said = run("--config", config_file(tmp_path), "sync")
    assert RUSSIAN.search(said.out + said.err)
