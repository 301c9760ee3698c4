"""`b24app policy backtest`: what is printed, for people and for programs, and how the command ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest

from b24app.cli import backtest
from b24app.cli import cli
from b24app.cli import policy
from b24app.config import load_config
from b24app.domain.case import AssessmentCase
from b24app.domain.limits import NOT_SET
from b24app.files.policy_seed import default_text
from b24app.ports.records import Weight
from b24app.wiring import build
from tests.builders import account
from tests.builders import case
from tests.builders import late
from tests.builders import position
from tests.edge.conftest import Run
from tests.edge.conftest import Said
from tests.edge.standing import Installed
from tests.edge.standing import standing
from tests.edge.test_cli import config_file
from tests.edge.test_cli_policy import MEMBER
from tests.edge.test_cli_policy import opened
from tests.edge.test_cli_policy import portal
from tests.unit.services.test_backtest import made

FIRST, LAST = datetime(2026, 11, 2, 9, 0, tzinfo=UTC), datetime(2026, 11, 24, 21, 30, tzinfo=UTC)
SOFTER = default_text().replace("\ngrace_days = 0", "\ngrace_days = 14", 1)
ROOMY = SOFTER.replace('default_limit = "0.00 RUB"', 'default_limit = "1 000 000.00 RUB"')

Try = Callable[..., Said]


def owing(wants: int, *, days: int = -5, amount: int = 500) -> AssessmentCase:
    """A client without a limit of his own; the recorded checks granted him a thousand."""
    return case(account(position(late(amount, days=days))), granted=NOT_SET, wants=wants)


@pytest.fixture
def attempt(run: Run, tmp_path: Path) -> Try:
    """Run the command with a policy file on an installation with five recorded checks."""
    config = config_file(tmp_path)
    records = (
        made(owing(100), 1, decided_at=FIRST),
        made(owing(1_000_000), 2, decided_at=FIRST, weight=Weight.OBSERVED),
        made(owing(600, days=8), 3, decided_at=LAST),
        made(None, 4, decided_at=LAST),
        made(owing(100), 5, decided_at=LAST, weight=Weight.ADVICE),
    )
    with opened(tmp_path) as book, book.write() as unit:
        unit.portals.save(portal(MEMBER, "company.bitrix24.ru"))
        for record in records:
            unit.checks.add(replace(record, member_id=MEMBER))

    def act(text: str, *options: str) -> Said:
        (tmp_path / "new.toml").write_text(text, "utf-8")
        said = run("--config", config, "policy", "backtest", tmp_path / "new.toml", *options)
        return Said(said.code, said.out.replace("\u00a0", " "), said.err)

    return act


def test_the_group_of_the_policy_has_it_and_it_explains_itself() -> None:
    policy.register(cli)
    backtest.register(cli)
    command = policy.policy.commands["backtest"]
    assert "политик" in (command.get_short_help_str() or "")


def test_it_tells_what_would_come_out_otherwise(attempt: Try) -> None:
    said = attempt(ROOMY)
    assert said.code == 0
    for words in (
        "Прошлые проверки по политике из new.toml",
        "Пересмотрено: 4 проверки, с 02.11.2026 по 25.11.2026.",
        "Решение было бы другим: 1 проверка, 1 сделка на 600,00 ₽.",
        "Без изменений: 2 проверки.",
        "была остановлена → будет разрешена: 1 проверка, 1 сделка на 600,00 ₽",
        "превышен лимит: 1 проверка, 1 сделка на 600,00 ₽",
        "Пересмотреть не удалось: 1 проверка",
        "данных 1С не было и тогда: 1",
        "Сделки, сначала новые:\n25.11.2026 00:30  сделка 3, ООО «Ромашка», 600,00 ₽",
        "было: Превышен кредитный лимит на 100,00 ₽",
    ):
        assert words in said.out
    assert "Проверки" in said.err


def test_the_list_is_as_long_as_asked_for_and_the_newest_stay(attempt: Try) -> None:
    said = attempt(default_text(), "--limit", "1")
    assert "Решение было бы другим: 2 проверки, 2 сделки" in said.out
    assert "Сделки, сначала новые (1 из 2; больше — с --limit):" in said.out
    assert "сделка 3," in said.out
    assert "сделка 1," not in said.out
    assert "сделка" not in attempt(default_text(), "--limit", "0").out.split("Причины")[-1].split("\n\n")[-1]


@pytest.mark.parametrize(
    ("day", "code", "examined"), [("2026-11-25", 0, 2), ("25.11.2026", 0, 2), ("26.11.2026", 0, 0)]
)
def test_it_begins_with_the_day_of_the_portals_clock(
    attempt: Try, day: str, code: int, examined: int
) -> None:
    said = attempt(ROOMY, "--since", day, "--json")
    assert (said.code, json.loads(said.out)["examined"]) == (code, examined)
    if not examined:
        assert "Записанных проверок за это время нет." in attempt(ROOMY, "--since", day).out


def test_nothing_changes_under_a_policy_that_decides_alike(attempt: Try) -> None:
    alike = SOFTER.replace('default_limit = "0.00 RUB"', 'default_limit = "1 000.00 RUB"')
    said = attempt(alike)
    assert said.code == 0
    assert "Ни одно решение не изменилось бы." in said.out


def test_programs_get_the_same_as_one_object(attempt: Try) -> None:
    told = json.loads(attempt(ROOMY, "--json").out)
    share = {"checks": 1, "deals": 1, "value": {"RUB": "600.00"}}
    assert (told["checks"], told["examined"], told["complete"], told["unchanged"]) == (4, 4, True, 2)
    assert told["changed"] == share
    assert told["changes"] == {"freed": share}
    assert told["reasons_gone"] == {"LIMIT": share}
    assert told["reasons_added"] == {}
    assert told["not_decided"] == {"no_facts": 1}
    [deal] = told["deals"]
    assert (deal["deal"], deal["amount"], deal["currency"], deal["change"]) == (3, "600.00", "RUB", "freed")
    assert [each["code"] for each in deal["before"]["reasons"]] == ["LIMIT"]
    assert deal["after"] == {"outcome": "allow", "reasons": []}


def test_a_file_with_errors_is_refused_with_line_and_field_before_anything(attempt: Try) -> None:
    said = attempt(default_text().replace("warn_percent = 80", "warn_percnt = 80"))
    assert said.code == 2
    assert said.out == ""
    assert "limits.warn_percnt: неизвестный ключ; ближайший: warn_percent" in said.err
    assert "new.toml:" in said.err
    assert "В файле ошибок: 1. Ничего не пересмотрено." in said.err


@pytest.mark.parametrize(
    "options", [["--since", "вчера"], ["--since", "2026-11-24", "--open"], ["--limit", "-1"]], ids=" ".join
)
def test_wrong_usage_ends_with_2(attempt: Try, options: list[str]) -> None:
    assert attempt(ROOMY, *options).code == 2


def test_before_the_installation_there_is_nothing_to_try(run: Run, tmp_path: Path) -> None:
    (tmp_path / "new.toml").write_text(ROOMY, "utf-8")
    said = run("--config", config_file(tmp_path), "policy", "backtest", tmp_path / "new.toml")
    assert said.code == 1
    assert "ещё не установлено" in said.err


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """A stand with three deals dragged into the check stage, and no app running."""
    with standing(tmp_path_factory.mktemp("stand")) as found:
        services = build(load_config(found.config, environ={}))
        check = services.portals()[0].stages
        services.database.close()
        assert check is not None
        for key in ("allow", "overdue", "nobody"):
            found.stand.portal.move_deal(found.deal(key), check.check, 1)
        yield found


class TestOpen:
    """The open deals of an installation that stands."""

    def attempt(self, run: Run, installed: Installed, text: str, *options: str) -> Said:
        file = installed.stand.folder / "new.toml"
        file.write_text(text, "utf-8")
        before = installed.contents()
        said = run("--config", installed.config, "policy", "backtest", file, "--open", *options)
        assert installed.contents() == before
        return Said(said.code, said.out.replace("\u00a0", " "), said.err)

    def test_it_says_what_each_deal_is_and_would_be(self, run: Run, installed: Installed) -> None:
        text = default_text().replace('order_limit = "off"', 'order_limit = "1 000.00 RUB"')
        said = self.attempt(run, installed, text)
        assert said.code == 0
        for words in (
            "Открытые сделки по политике из new.toml, по данным 1С на сейчас",
            "Ничего не записано.",
            "сейчас разрешена → будет остановлена:",
            "• Сумма сделки 300 000,00 ₽ больше допустимой за одну отгрузку 1 000,00 ₽",
            "сейчас остановлена → останется остановленной, но по другим причинам:",
            "Нет данных, чтобы решить: 1 сделка.",
        ):
            assert words in said.out, said.out
        assert "Показаны 1 из 2" in self.attempt(run, installed, text, "--limit", "1").out

    def test_nothing_changes_under_the_policy_in_force(self, run: Run, installed: Installed) -> None:
        said = self.attempt(run, installed, run("--config", installed.config, "policy", "export").out)
        assert said.code == 0
        assert "Ни у одной решение не изменится." in said.out

    def test_programs_get_one_object(self, run: Run, installed: Installed) -> None:
        softer = run("--config", installed.config, "policy", "export").out
        softer = softer.replace("grace_days = 0", "grace_days = 400", 1)
        told = json.loads(self.attempt(run, installed, softer, "--json").out)
        assert (told["examined"], told["undecided"], told["stale"]) == (3, 1, 0)
        [deal] = told["deals"]
        assert deal["deal"] == installed.deal("overdue")
        assert deal["change"] == "freed"
        assert deal["now"]["reasons"][0]["code"] == "OVERDUE_DAYS"
