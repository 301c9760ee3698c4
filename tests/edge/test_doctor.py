"""`b24app doctor` before bases of every configuration: each trouble is named, and a healthy one has none."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from b24app.sandbox.onec.books import guid
from b24app.sandbox.onec.faults import Fault
from b24app.sandbox.onec.http import Publication
from b24app.sandbox.onec.registers import Quoting
from sync_1c import profiles
from sync_1c.profiles import shared
from sync_1c.profiles import ut11
from tests.contract.test_ledger import CLEAN_CLIENT
from tests.contract.test_ledger import LATE
from tests.contract.test_ledger import LATE_CLIENT
from tests.contract.test_ledger import LOGIN
from tests.edge.conftest import Run
from tests.edge.doctoring import FAMILIES
from tests.edge.doctoring import Practice
from tests.edge.doctoring import owing
from tests.edge.doctoring import practice


@pytest.fixture(params=FAMILIES)
def clinic(request: pytest.FixtureRequest, run: Run, tmp_path: Path) -> Iterator[Practice]:
    with practice(run, tmp_path, request.param, LATE_CLIENT, CLEAN_CLIENT) as opened:
        yield opened


class TestWell:
    """A healthy base."""

    def test_it_has_no_complaint_and_ends_with_0(self, clinic: Practice) -> None:
        found = clinic.found()
        assert (found.code, found.whole["ok"], found.complaints()) == (0, True, {})
        skipped = {each["check"] for each in found.whole["checks"] if each["level"] == "skipped"}
        assert skipped == {"portal", "unknown_cards", "debtors", "same_cards"}

    def test_a_person_reads_a_line_a_check_and_what_was_not_looked_at(self, clinic: Practice) -> None:
        said = clinic.look()
        assert (said.code, said.err) == (0, "")
        checks, _, end = said.out.rpartition("\n\n")
        told = [line for line in checks.splitlines() if not line.startswith("  ")]
        assert all(re.match(r"(норма|пропуск) +[А-Я][^:]+: [а-яa-z«]", line) for line in told)
        assert end.startswith("Всё в порядке.")
        assert "не смотрит" in end
        assert f"логин «{LOGIN}» принят" in said.out
        assert f"{LATE} ООО «late»: в 1С 140\u00a0000,25\u00a0₽, у нас 140\u00a0000,25\u00a0₽" in said.out

    def test_auto_tells_what_it_finds(self, clinic: Practice) -> None:
        found = clinic.found(profile="auto")
        assert found.fact("configuration") == ("ok", "auto")
        assert found.of("configuration")["values"]["name"] == clinic.family
        assert found.complaints() == {}

    def test_quick_reads_no_clients(self, clinic: Practice) -> None:
        found = clinic.found("--quick")
        assert found.code == 0
        assert found.of("balances")["fact"] == "quick"
        assert found.complaints() == {}

    def test_it_speaks_english_too(self, clinic: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("B24APP_SERVER__LANGUAGE", "en")
        said = clinic.look()
        assert said.code == 0
        assert "All is well." in said.out
        assert "ok        1C login: " in said.out

    def test_no_database_is_made(self, clinic: Practice) -> None:
        said = clinic.run("--config", clinic.config(), "doctor", "--quick")
        assert said.code == 0
        assert "b24app migrate" in said.out
        assert not (clinic.folder / "db.sqlite3").exists()

    def test_more_clients_take_no_more_requests(self, run: Run, tmp_path: Path) -> None:
        counts = []
        for number in (2, 40):
            many = [owing(each) for each in range(number)]
            with practice(run, tmp_path, "ut11", *many) as opened:
                assert opened.found().complaints() == {}
                counts.append(len(opened.base.log.requests))
        assert counts[0] == counts[1]


TROUBLES = [
    pytest.param(Fault.OFF, "address", "dropped", "обрывает соединение", id="drops"),
    pytest.param(Fault.UNAVAILABLE, "address", "busy", "Запустите сервер 1С", id="503"),
    pytest.param(Fault.GARBAGE, "published", "foreign", "страница входа", id="login page"),
    pytest.param(Fault.INTERNAL, "published", "broken", "HTTP 500", id="500"),
    pytest.param(Fault.UNAUTHORIZED, "login", "refused", "onec.password", id="401"),
]


class TestConnection:
    """Nothing behind a closed door is judged."""

    @pytest.mark.parametrize(("fault", "check", "fact", "words"), TROUBLES)
    def test_a_fault_is_named_and_the_rest_left_out(
        self, clinic: Practice, fault: Fault, check: str, fact: str, words: str
    ) -> None:
        clinic.base.switches.fault = fault
        found = clinic.found()
        assert (found.code, found.complaints()) == (1, {check: fact})
        assert words in found.of(check)["text"]
        assert found.of("balances")["fact"] == "before"

    def test_a_wrong_password(self, clinic: Practice) -> None:
        assert clinic.found(password="marker-other").complaints() == {"login": "refused"}

    def test_a_wrong_path(self, clinic: Practice) -> None:
        found = clinic.found(url=clinic.url.replace("/trade/", "/traid/"))
        assert found.complaints() == {"published": "missing"}
        assert "standardOdata" in found.of("published")["text"]

    def test_a_closed_port_and_no_part_of_the_address_that_is_secret(self, clinic: Practice) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        found = clinic.found(url=f"http://user:marker-in-url@127.0.0.1:{port}/ut")
        assert found.complaints() == {"address": "refused"}
        assert f"http://127.0.0.1:{port}/ut" in found.of("address")["text"]
        assert "marker-in-url" not in str(found.whole)

    def test_https_where_there_is_none(self, clinic: Practice) -> None:
        found = clinic.found(url=clinic.url.replace("http:", "https:"))
        assert found.complaints() == {"address": "tls"}

    def test_a_hung_base(self, clinic: Practice) -> None:
        clinic.base.switches.hang = 3.0
        assert clinic.found(timeout=0.3).complaints() == {"address": "silent"}
        clinic.base.switches.restore()

    def test_a_slow_first_request(self, clinic: Practice) -> None:
        clinic.base.switches.first = 0.8
        found = clinic.found("--quick", deadline=0.7)
        assert found.complaints() == {"speed": "slow_first"}
        assert "reuseSessions" in found.of("speed")["text"]

    @pytest.mark.parametrize(
        ("minutes", "fact"),
        [(5, ("warning", "ahead")), (-5, ("warning", "behind")), (180, ("wrong", "ahead"))],
    )
    def test_a_clock_that_differs(self, clinic: Practice, minutes: int, fact: tuple[str, str]) -> None:
        clinic.base.switches.skew = timedelta(minutes=minutes)
        found = clinic.found()
        assert found.fact("clock") == fact
        assert found.fact("balances") == ("ok", "equal")
        assert found.code == (1 if fact[0] == "wrong" else 0)

    @pytest.mark.parametrize("family", FAMILIES)
    def test_a_base_in_another_time_zone(self, run: Run, tmp_path: Path, family: str) -> None:
        with practice(run, tmp_path, family, LATE_CLIENT, zone="Asia/Vladivostok") as opened:
            opened.base.post_payment("late", Decimal(5))
            found = opened.found("--quick")
        assert found.complaints() == {"zone": "future"}
        assert "onec.timezone" in found.of("zone")["text"]


class TestObjects:
    """What is published and may be read."""

    def test_each_needed_object_is_named_when_it_is_missing(self, clinic: Practice) -> None:
        needed = profiles.named(clinic.family).NEEDED
        missing = set(needed[1::2])
        clinic.base.switches.removed = missing
        found = clinic.found()
        assert found.fact("composition") == ("wrong", "missing")
        assert found.named("composition") == [name for name in needed if name in missing]
        assert found.code == 1

    def test_an_empty_composition_lists_all_that_is_needed(self, clinic: Practice) -> None:
        clinic.base.switches.removed = _everything(clinic)
        found = clinic.found()
        assert found.fact("composition") == ("wrong", "empty")
        assert found.named("composition") == list(profiles.named(clinic.family).NEEDED)

    def test_an_empty_composition_of_an_unknown_base_asks_for_its_name(self, clinic: Practice) -> None:
        clinic.base.switches.removed = _everything(clinic)
        found = clinic.found(profile="auto")
        assert found.fact("configuration") == ("wrong", "nothing")
        assert "onec.profile" in found.of("composition")["text"]

    def test_rates_are_missed_without_an_error(self, clinic: Practice) -> None:
        useful = profiles.named(clinic.family).USEFUL
        clinic.base.switches.removed = set(useful)
        found = clinic.found()
        assert (found.code, found.complaints()) == (0, {"composition": "useful"})
        assert found.named("composition") == list(useful)

    def test_another_configuration_in_the_settings(self, clinic: Practice) -> None:
        other = "unf" if clinic.family != "unf" else "bp30"
        found = clinic.found(profile=other)
        assert found.fact("configuration") == ("wrong", "differs")
        assert f"onec.profile = {clinic.family}" in found.of("configuration")["text"]

    def test_the_register_by_due_day_is_needed_in_the_new_architecture(
        self, run: Run, tmp_path: Path
    ) -> None:
        with practice(run, tmp_path, "ut11", LATE_CLIENT) as opened:
            opened.base.switches.removed = {ut11.BY_DUE_DATE}
            assert opened.found().named("composition") == [ut11.BY_DUE_DATE]

    def test_the_old_architecture_is_told_and_read(self, run: Run, tmp_path: Path) -> None:
        about = Publication(new_architecture=False)
        with practice(run, tmp_path, "ut11", LATE_CLIENT, publication=about) as opened:
            found = opened.found()
        assert found.fact("architecture") == ("ok", "old")
        assert found.complaints() == {}

    @pytest.mark.parametrize("quoting", Quoting, ids=str)
    @pytest.mark.parametrize("family", FAMILIES)
    def test_every_way_a_base_takes_conditions_is_well(
        self, run: Run, tmp_path: Path, family: str, quoting: Quoting
    ) -> None:
        with practice(run, tmp_path, family, LATE_CLIENT, publication=Publication(quoting=quoting)) as opened:
            assert opened.found().complaints() == {}

    @pytest.mark.parametrize("which", range(4))
    def test_an_object_the_user_may_not_read_is_named(self, clinic: Practice, which: int) -> None:
        name = profiles.named(clinic.family).NEEDED[which]
        clinic.base.switches.forbidden = {name}
        found = clinic.found()
        assert found.fact("rights") == ("wrong", "refused")
        assert found.named("rights") == [name]
        assert found.fact("hidden") == ("ok", "unseen")

    @pytest.mark.parametrize(
        "about",
        [Publication(query_limit=300), Publication(query_limit=1500), Publication(line_limit=1000)],
        ids=["short query", "longer query", "short line"],
    )
    @pytest.mark.parametrize("family", FAMILIES)
    def test_a_web_server_that_refuses_long_addresses_is_named(
        self, run: Run, tmp_path: Path, family: str, about: Publication
    ) -> None:
        with practice(run, tmp_path, family, LATE_CLIENT, publication=about) as opened:
            found = opened.found()
        assert (found.code, found.complaints()) == (1, {"length": "long_address"})
        assert "maxQueryString" in found.of("length")["text"]

    @pytest.mark.parametrize(
        "name", [ut11.SETTLEMENTS, ut11.BY_DUE_DATE, ut11.BANK_RECEIPTS, ut11.ARCHITECTURE]
    )
    def test_a_register_the_user_may_not_read_is_named(self, run: Run, tmp_path: Path, name: str) -> None:
        with practice(run, tmp_path, "ut11", LATE_CLIENT) as opened:
            opened.base.switches.forbidden = {name}
            assert opened.found().named("rights") == [name]

    @pytest.mark.parametrize("family", FAMILIES)
    def test_rows_hidden_from_us_are_noticed_by_the_refusal(
        self, run: Run, tmp_path: Path, family: str
    ) -> None:
        with practice(run, tmp_path, family, LATE_CLIENT, CLEAN_CLIENT) as opened:
            opened.base.switches.hidden = {guid("partner", "late"), guid("counterparty", "late")}
            found = opened.found()
        assert found.fact("hidden") == ("wrong", "hidden")
        assert shared.COUNTERPARTIES in found.named("hidden")
        assert found.fact("rights") == ("ok", "enough")
        assert found.of("balances")["fact"] == "before"


def test_it_is_interrupted_at_once_and_says_so(run: Run, tmp_path: Path) -> None:
    with practice(run, tmp_path, "ut11", LATE_CLIENT) as opened:
        opened.base.switches.hang = 20.0
        file = opened.config(timeout=60)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("B24APP_")}
        command = [sys.executable, "-m", "b24app", "--config", str(file), "doctor"]
        with subprocess.Popen(  # noqa: S603 - our own program
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        ) as process:
            _until(lambda: opened.base.log.requests != ())
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=10)
        opened.base.switches.restore()
    assert process.returncode == 1
    assert "Прервано." in out
    assert "Traceback" not in err


def test_a_terminal_sees_what_is_being_done_and_a_pipe_does_not(run: Run, tmp_path: Path) -> None:
    with practice(run, tmp_path, "ut11", LATE_CLIENT) as opened:
        file, (ours, theirs) = opened.config(), os.openpty()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("B24APP_")}
        command = [sys.executable, "-m", "b24app", "--config", str(file), "doctor"]
        done = subprocess.run(  # noqa: S603 - our own program
            command, stdout=subprocess.PIPE, stderr=theirs, text=True, env=environment, check=False
        )
        os.close(theirs)
        shown = os.read(ours, 65536).decode()
        os.close(ours)
    assert done.returncode == 0
    assert "Соединяемся с 1С" in shown
    assert "Сверяем клиентов" in shown
    assert "Соединяемся" not in done.stdout


def test_a_wrong_configuration_ends_with_2(run: Run, tmp_path: Path) -> None:
    with practice(run, tmp_path, "ut11") as opened:
        said = run("--config", opened.config(profile="7.7"), "doctor")
    assert said.code == 2
    assert "onec.profile" in said.err


def _everything(clinic: Practice) -> set[str]:
    family = clinic.base._store.family
    return {*family.by_name, *family.register_by_name, *family.sections}


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)
