"""`b24app policy`: what is shown, taken out and brought in, and how each command ends."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from click.testing import Result

from b24app.cli import cli
from b24app.cli import policy
from b24app.files.policy_file import read_policy
from b24app.files.policy_seed import default_text
from b24app.files.policy_sheet import SECTIONS
from b24app.ports.records import Mode
from b24app.ports.records import People
from b24app.ports.records import PolicyRecord
from b24app.ports.records import PortalRecord
from b24app.storage.book import SqlBook
from b24app.storage.engine import migrate
from b24app.storage.engine import open_database
from tests.contract.rows import hold
from tests.edge.test_cli import CONFIG
from tests.edge.test_cli import config_file

MEMBER, SECOND = "portal-a", "portal-b"
NBSP = "\u00a0"
STRICTER = default_text().replace("days = 90", "days = 60")
BAD = default_text().replace("days = 90", "day = 90").replace("warn_percent = 80", 'warn_percent = "x"')
LATER = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)

Run = Callable[..., Result]


@contextmanager
def opened(folder: Path) -> Iterator[SqlBook]:
    database = open_database(f"sqlite:///{folder / 'db.sqlite3'}")
    migrate(database)
    try:
        yield SqlBook(database)
    finally:
        database.close()


def portal(member_id: str, domain: str) -> PortalRecord:
    return PortalRecord(
        member_id=member_id,
        client_endpoint=f"https://{domain}/rest/",
        server_endpoint="https://oauth.bitrix24.tech/rest/",
        service_user_id=1,
        installed=True,
        mode=Mode.OBSERVE,
        enforce_since=None,
        stages=None,
        people=People(7, (), (), 1),
    )


@pytest.fixture
def bare(tmp_path: Path) -> Run:
    """Run `b24app policy ...` where the app is configured and on no portal yet."""
    config = config_file(tmp_path)
    policy.register(cli)

    def act(*arguments: str | Path) -> Result:
        return CliRunner().invoke(cli, ["--config", str(config), "policy", *map(str, arguments)])

    return act


@pytest.fixture
def run(bare: Run, tmp_path: Path) -> Run:
    """The same, installed on one portal."""
    with opened(tmp_path) as book, book.write() as unit:
        unit.portals.save(portal(MEMBER, "company.bitrix24.ru"))
    return bare


def file_of(folder: Path, text: str | bytes) -> Path:
    file = folder / "policy.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def records(folder: Path, member_id: str = MEMBER) -> list[PolicyRecord]:
    with opened(folder) as book, book.read() as unit:
        return unit.policies.all(member_id)


class TestShow:
    """Lists for a reader."""

    def test_before_anything_is_stored_it_shows_what_a_fresh_start_has(self, run: Run) -> None:
        done = run("show")
        assert done.exit_code == 0
        assert "начальная политика" in done.output
        for words in ("Лимит и нагрузка", "Категории клиентов", "5 000 000,00 ₽", "overdue-90"):
            assert words in done.output.replace(NBSP, " ")

    @pytest.mark.parametrize("section", SECTIONS)
    def test_one_section_alone(self, run: Run, section: str) -> None:
        done = run("show", "--section", section)
        assert done.exit_code == 0
        assert ("Лимит и нагрузка" in done.output) == (section == "limits")

    def test_it_names_the_version_its_author_and_who_changed_a_rule(self, run: Run, tmp_path: Path) -> None:
        run("import", file_of(tmp_path, STRICTER), "--author", "ivanov", "--note", "Строже с ноября")
        done = run("show", "--section", "rules")
        assert "Версия 2 от " in done.output
        assert "автор ivanov" in done.output
        assert "Строже с ноября" in done.output
        line = next(line for line in done.output.splitlines() if "overdue-90" in line)
        assert "версия 2, " in line
        assert line.endswith(", ivanov")

    def test_it_works_before_the_installation(self, bare: Run) -> None:
        assert bare("show", "--section", "limits").exit_code == 0


class TestExport:
    """A file to edit."""

    def test_what_is_exported_may_be_imported_and_changes_nothing(self, run: Run, tmp_path: Path) -> None:
        done = run("export")
        assert done.exit_code == 0
        assert read_policy(done.output).problems == ()
        again = run("import", file_of(tmp_path, done.output))
        assert again.exit_code == 0
        assert "ничего не меняет" in again.output
        assert records(tmp_path) == []

    def test_it_may_be_had_as_it_was_given(self, run: Run, tmp_path: Path) -> None:
        text = "# Строже, так решил совет\n" + STRICTER
        run("import", file_of(tmp_path, text))
        assert "совет" not in run("export").output
        assert run("export", "--as-given").output == text

    def test_it_works_before_the_installation(self, bare: Run) -> None:
        assert read_policy(bare("export").output).problems == ()


class TestImport:
    """A changed file put into force."""

    def test_it_shows_the_difference_and_says_the_new_version(self, run: Run, tmp_path: Path) -> None:
        with opened(tmp_path) as book, book.write() as unit:
            unit.holds.add(hold(1, MEMBER))
        done = run("import", file_of(tmp_path, STRICTER), "--author", "ivanov", "--note", "Строже")
        assert done.exit_code == 0
        assert "Правило «overdue-90»: Дней: 90 → 60" in done.output
        assert "Введена версия 2. Сделок на повторную проверку: 1." in done.output
        first, second = records(tmp_path)
        assert (first.version, first.author) == (1, "b24app")
        assert (second.version, second.author, second.note) == (2, "ivanov", "Строже")
        assert second.document == STRICTER

    def test_the_author_is_whoever_runs_it(self, run: Run, tmp_path: Path) -> None:
        run("import", file_of(tmp_path, STRICTER))
        assert records(tmp_path)[-1].author

    def test_a_trial_writes_nothing(self, run: Run, tmp_path: Path) -> None:
        done = run("import", file_of(tmp_path, STRICTER), "--dry-run")
        assert done.exit_code == 0
        assert "90 → 60" in done.output
        assert "ничего не записано" in done.output
        assert records(tmp_path) == []

    def test_a_trial_needs_no_portal(self, bare: Run, tmp_path: Path) -> None:
        file = file_of(tmp_path, STRICTER)
        assert bare("import", file, "--dry-run").exit_code == 0
        done = bare("import", file)
        assert done.exit_code == 1
        assert "не установлено" in done.output

    @pytest.mark.parametrize("trial", [[], ["--dry-run"]], ids=["import", "trial"])
    def test_a_bad_file_is_refused_with_every_line(self, run: Run, tmp_path: Path, trial: list[str]) -> None:
        done = run("import", file_of(tmp_path, BAD), *trial)
        assert done.exit_code == 1
        assert done.stdout == ""
        lines = BAD.splitlines()
        for wrong, said in (
            ('warn_percent = "x"', "limits.warn_percent: нужно число без кавычек"),
            ("day = 90", "rules[1].day: неизвестный ключ; ближайший: days"),
        ):
            assert f"policy.toml:{lines.index(wrong) + 1}  {said}" in done.stderr
        assert "Файл не принят, прежняя политика в силе" in done.stderr
        assert records(tmp_path) == []

    def test_a_doubtful_file_is_taken_with_a_warning(self, run: Run, tmp_path: Path) -> None:
        done = run("import", file_of(tmp_path, default_text() + '[[discounts]]\ncode = "more"\n'))
        assert done.exit_code == 0
        assert "discounts[4]: предупреждение: у «more» нет ранга" in done.stderr
        assert len(records(tmp_path)) == 2

    @pytest.mark.parametrize(
        ("text", "words"),
        [("[limits", "policy.toml:1  заголовок"), ("а".encode("cp1251"), "не в кодировке UTF-8")],
        ids=["no TOML", "no UTF-8"],
    )
    def test_what_cannot_be_read_is_said_so(
        self, run: Run, tmp_path: Path, text: str | bytes, words: str
    ) -> None:
        done = run("import", file_of(tmp_path, text))
        assert done.exit_code == 1
        assert words in done.stderr

    @pytest.mark.parametrize(
        "arguments",
        [["import"], ["import", "no/such.toml"], ["show", "--section", "x"], ["--portal", "x.ru", "show"]],
        ids=" ".join,
    )
    def test_wrong_usage_ends_with_2(self, run: Run, arguments: list[str]) -> None:
        assert run(*arguments).exit_code == 2

    def test_english_is_the_second_language(self, run: Run, tmp_path: Path) -> None:
        config_file(tmp_path, CONFIG.replace("[server]", '[server]\nlanguage = "en"'))
        done = run("import", file_of(tmp_path, STRICTER))
        assert "Rule “overdue-90”: Days: 90 → 60" in done.output
        assert "Version 2 is in force" in done.output
        assert run("export").output.startswith("# The credit policy.")


def test_of_several_portals_one_is_named(run: Run, tmp_path: Path) -> None:
    with opened(tmp_path) as book, book.write() as unit:
        unit.portals.save(portal(SECOND, "other.bitrix24.ru"))
    file = file_of(tmp_path, STRICTER)
    done = run("import", file)
    assert done.exit_code == 2
    assert "company.bitrix24.ru, other.bitrix24.ru" in done.output
    assert run("--portal", "other.bitrix24.ru", "import", file).exit_code == 0
    assert records(tmp_path) == []
    assert [record.version for record in records(tmp_path, SECOND)] == [1, 2]


def test_a_stored_policy_nobody_can_read_is_not_shown(run: Run, tmp_path: Path) -> None:
    with opened(tmp_path) as book, book.write() as unit:
        unit.policies.add(PolicyRecord(MEMBER, 1, "[limits]\nnew = 1\n", "x", LATER))
    assert run("show").exit_code == 1
