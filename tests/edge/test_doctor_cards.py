"""`b24app doctor` with the app installed: cards of the portal beside the clients of 1C."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from b24app.config import load_config
from b24app.sandbox.seed import with_check_digits
from b24app.sandbox.server import Served
from b24app.sandbox.stand import Stand
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedContract
from b24app.sandbox.world import SeedSale
from b24app.storage.engine import migrate
from b24app.web.app import create_app
from b24app.wiring import build
from tests.contract import sides
from tests.edge.conftest import Run
from tests.edge.doctoring import Found
from tests.edge.standing import PACE


def inn(number: int) -> str:
    return with_check_digits(f"77055{number:04}0")


def seeded(key: str, number: int, debt: int = 0, *, in_accounting: bool = True, cards: int = 1) -> SeedClient:
    """Seed a client of one contract who owes so much."""
    contract = SeedContract(f"Д-{key}", Decimal(100_000), 30)
    sold, amount = sides.world().today - timedelta(days=400), Decimal(debt)
    sale = SeedSale("1", contract.number, sold, amount, ((sold + timedelta(days=30), amount),))
    return SeedClient(
        key=key,
        name=f"ООО «{key}»",
        full_name=f"ООО «{key}»",
        inn=inn(number),
        kpp="770101001",
        kind="test",
        manager=sides.MANAGER,
        contracts=(contract,),
        sales=(sale,) if debt else (),
        in_accounting=in_accounting,
        cards=cards,
    )


@contextmanager
def installed(folder: Path, family: str, *clients: SeedClient) -> Iterator[Stand]:
    """Install the app on a portal that has a card for each of these clients."""
    seed = replace(sides.world(), clients=clients, deals=())
    with Stand(folder / "stand", pace=PACE, seed=seed, family=family) as stand:
        services = build(load_config(stand.config, environ={}))
        migrate(services.database)
        services.intake.start()
        try:
            with Served(create_app(services.front), stand.app_port):
                stand.install()
        finally:
            services.intake.stop()
            services.database.close()
        yield stand


def look(run: Run, stand: Stand) -> Found:
    said = run("--config", stand.config, "doctor", "--json")
    return Found(said.code, json.loads(said.out))


@pytest.mark.parametrize("family", ["ut11", "bp30", "unf"])
def test_cards_and_clients_that_agree_are_no_complaint(run: Run, tmp_path: Path, family: str) -> None:
    clients = (seeded("alpha", 1, 500), seeded("beta", 2))
    with installed(tmp_path, family, *clients) as stand:
        found = look(run, stand)
    assert (found.code, found.complaints()) == (0, {})
    assert all(check["level"] == "ok" for check in found.whole["checks"])
    assert found.of("portal")["values"]["number"] == 2


@pytest.mark.parametrize("family", ["ut11", "bp30", "unf"])
def test_cards_nobody_knows_debtors_nobody_has_and_duplicates_are_named(
    run: Run, tmp_path: Path, family: str
) -> None:
    clients = (
        seeded("alpha", 1, 500),
        seeded("stranger", 2, in_accounting=False),
        seeded("twice", 3, cards=2),
    )
    with installed(tmp_path, family, *clients) as stand:
        stand.onec.add_client(seeded("debtor", 4, 700))
        stand.onec.add_client(seeded("quiet", 5))
        found = look(run, stand)
    assert found.code == 0
    assert found.complaints() == {"unknown_cards": "found", "debtors": "found", "same_cards": "found"}
    assert [item["values"]["inn"] for item in found.of("unknown_cards")["items"]] == [inn(2)]
    assert found.named("debtors") == [f"{inn(4)} ООО «debtor»: долг 700,00\u00a0₽"]
    (line,) = found.named("same_cards")
    assert line.startswith(f"{inn(3)} ООО «twice»")


def test_a_portal_that_refuses_us_is_named_and_1c_is_looked_at_all_the_same(run: Run, tmp_path: Path) -> None:
    with installed(tmp_path, "ut11", seeded("alpha", 1, 500)) as stand:
        stand.portal.revoke_tokens()
        found = look(run, stand)
    assert found.code == 1
    assert found.fact("portal") == ("wrong", "failed")
    assert "администратор портала" in found.of("portal")["text"]
    assert found.fact("balances") == ("ok", "equal")
    assert found.of("debtors")["fact"] == "no_cards"


def test_a_database_that_cannot_be_read_is_named(run: Run, tmp_path: Path) -> None:
    with installed(tmp_path, "ut11", seeded("alpha", 1)) as stand:
        (stand.folder / "b24app.sqlite3").unlink()
        for more in ("-wal", "-shm"):
            (stand.folder / f"b24app.sqlite3{more}").unlink(missing_ok=True)
        (stand.folder / "b24app.sqlite3").write_bytes(b"not a database at all" * 100)
        found = look(run, stand)
    assert found.fact("database") == ("wrong", "broken")
    assert found.fact("login") == ("ok", "accepted")
