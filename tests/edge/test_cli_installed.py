"""The commands that look at a portal and at 1C, on an installation that stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from b24app.config import load_config
from b24app.sandbox.stand import PASSWORD
from tests.edge.conftest import Run
from tests.edge.standing import Installed
from tests.edge.standing import standing

NEW_KEY = "другой-ключ-для-проверки-длиннее-тридцати-двух"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """One stand for the tests of this file: each looks, or puts back what it changed."""
    with standing(tmp_path_factory.mktemp("stand")) as found:
        yield found


class TestCheck:
    """Decide a deal, print the arithmetic, write nothing."""

    @pytest.mark.parametrize(
        ("key", "code", "words"),
        [
            pytest.param("allow", 0, ["Отгрузка: ООО «Альфа-Строй»", "1 000 000,00 ₽"], id="fits"),
            pytest.param("limit", 1, ["Монолит-Сервис", "150 000,00 ₽"], id="over the limit"),
            pytest.param("overdue", 1, ["Кровельный Двор", "180 000,00 ₽"], id="overdue"),
            pytest.param("nobody", 1, ["Заявка с сайта без компании"], id="no company"),
        ],
    )
    def test_the_exit_code_is_the_answer(
        self, run: Run, installed: Installed, key: str, code: int, words: list[str]
    ) -> None:
        before, deal = installed.contents(), installed.stand.portal.deal(installed.deal(key))
        said = run("--config", installed.config, "check", str(installed.deal(key)))
        assert said.code == code
        assert said.err == ""
        text = said.out.replace("\u00a0", " ")
        for word in words:
            assert word in text
        assert "[b]" not in text
        assert installed.contents() == before
        assert installed.stand.portal.deal(installed.deal(key)) == deal

    def test_an_unknown_deal_is_said_to_be_unknown(self, run: Run, installed: Installed) -> None:
        said = run("--config", installed.config, "check", "999999")
        assert said.code == 1
        assert said.err.startswith("Не получилось")
        assert "999999" in said.err

    def test_an_unreachable_1c_holds_with_a_reason(self, run: Run, installed: Installed) -> None:
        text = installed.config.read_text("utf-8").replace(installed.stand.onec_url, "http://127.0.0.1:9/x")
        file = installed.stand.folder / "no1c.toml"
        file.write_text(text, "utf-8")
        said = run("--config", file, "check", str(installed.deal("allow")))
        assert said.code == 1
        assert "С сервером 1С не удаётся соединиться" in said.out


@contextmanager
def portal_away(installed: Installed) -> Iterator[None]:
    """Have the app look for its portal where nobody answers."""
    with installed.services() as services:
        [portal] = services.portals()
        with services.book.write() as unit:
            unit.portals.save(replace(portal, client_endpoint="http://127.0.0.1:9/rest/"))
        try:
            yield
        finally:
            with services.book.write() as unit:
                unit.portals.save(portal)


@pytest.mark.parametrize("command", [["check", "1"], ["sync"]], ids=" ".join)
def test_an_unreachable_portal_is_said_so(run: Run, installed: Installed, command: list[str]) -> None:
    with portal_away(installed):
        said = run("--config", installed.config, *command)
    assert said.code == 1
    assert said.err == "Не получилось: не удаётся соединиться: проверьте адреса в настройках и сеть.\n"


def test_sync_tells_how_many_clients_there_are(run: Run, installed: Installed) -> None:
    said = run("--config", installed.config, "sync")
    assert said.code == 0
    found = re.search(r"клиентов (\d+), изменилось (\d+)", said.out)
    assert found is not None
    assert int(found[1]) >= 40
    again = re.search(r"клиентов (\d+), изменилось (\d+)", run("--config", installed.config, "sync").out)
    assert again is not None
    assert (again[1], again[2]) == (found[1], "0")


def test_a_rehearsal_of_sync_writes_nothing(run: Run, installed: Installed) -> None:
    before = installed.contents()
    said = run("--config", installed.config, "sync", "balances", "--dry-run")
    assert said.code == 0
    assert "изменилось бы" in said.out
    assert installed.contents() == before


def test_the_recorded_runs_are_shown(run: Run, installed: Installed) -> None:
    run("--config", installed.config, "sync", "balances")
    said = run("--config", installed.config, "sync", "--runs")
    assert said.code == 0
    assert re.search(r"лимиты, условия и балансы: готово, прочитано \d+, изменилось \d+", said.out)


def test_the_hook_says_what_is_missing_while_it_is_shut(run: Run, installed: Installed) -> None:
    assert "webhook_token" in run("--config", installed.config, "hook").out


def test_the_hook_tells_its_address_and_never_the_token(run: Run, installed: Installed) -> None:
    text = installed.config.read_text("utf-8").replace("[onec]", '[onec]\nwebhook_token = "marker-hook"')
    file = installed.stand.folder / "hook.toml"
    file.write_text(text, "utf-8")
    said = run("--config", file, "hook")
    assert re.search(r"/hooks/1c/[0-9a-f]{32}\n", said.out)
    assert "marker-hook" not in said.out


@pytest.mark.parametrize(
    ("was", "is_now", "words"),
    [
        pytest.param(
            "{onec}", "http://127.0.0.1:9/x", "С сервером 1С не удаётся соединиться", id="closed port"
        ),
        pytest.param("{onec}", "{onec}x", "Публикация 1С не та", id="wrong address"),
        pytest.param("{onec}", "{portal}", "отвечает не 1С", id="the portal's address"),
        pytest.param(f'"{PASSWORD}"', '"другой"', "1С не принимает логин или пароль", id="wrong password"),
    ],
)
@pytest.mark.parametrize("command", ["sync", "check"])
def test_what_is_wrong_with_1c_is_said_in_words(
    run: Run, installed: Installed, command: str, was: str, is_now: str, words: str
) -> None:
    stand = installed.stand
    found, put = (text.format(onec=stand.onec_url, portal=stand.portal.url) for text in (was, is_now))
    file = stand.folder / "wrong1c.toml"
    file.write_text(installed.config.read_text("utf-8").replace(found, put), "utf-8")
    said = run("--config", file, command, *([str(installed.deal("allow"))] if command == "check" else []))
    assert said.code == 1
    assert words in said.out + said.err
    assert not re.search("AuthLost|NotReached|Misconfigured|BadAnswer|login", said.out + said.err)


def test_a_rotated_key_opens_what_the_old_one_sealed(run: Run, installed: Installed, tmp_path: Path) -> None:
    text = installed.config.read_text("utf-8")
    old = load_config(installed.config, environ={}).server.secret_key.get_secret_value()
    fresh = tmp_path / "fresh.toml"
    fresh.write_text(text.replace(old, NEW_KEY), "utf-8")
    locked = run("--config", fresh, "check", str(installed.deal("allow")))
    assert (locked.code, "другим ключом" in locked.err) == (1, True)
    said = run("--config", installed.config, "rotate-key", NEW_KEY)
    assert said.code == 0
    assert "порталов: 1" in said.out
    assert NEW_KEY not in said.out
    assert run("--config", fresh, "check", str(installed.deal("allow"))).code == 0
    assert run("--config", installed.config, "check", str(installed.deal("allow"))).code == 1
    assert run("--config", fresh, "rotate-key", old).code == 0
    assert run("--config", installed.config, "check", str(installed.deal("allow"))).code == 0
