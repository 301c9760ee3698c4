"""`b24app doctor` about the clients of a base: balances, cards it leaves out, duplicates, limits."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from b24app.sandbox.onec.planting import Planted
from b24app.sandbox.world import SeedContract
from sync_1c.profiles import shared
from tests.contract.test_ledger import CLEAN_CLIENT
from tests.contract.test_ledger import LATE
from tests.contract.test_ledger import LATE_CLIENT
from tests.contract.test_ledger import client
from tests.contract.test_ledger import sale
from tests.edge.conftest import Run
from tests.edge.doctoring import FAMILIES
from tests.edge.doctoring import owing
from tests.edge.doctoring import practice


@pytest.mark.parametrize("planted", [Planted.LOST, Planted.SIGN, Planted.CONTRACT], ids=str)
def test_registers_that_differ_are_shown_side_by_side(run: Run, tmp_path: Path, planted: Planted) -> None:
    many = [owing(number) for number in range(40)]
    with practice(run, tmp_path, "ut11", *many) as opened:
        opened.base.plant(planted)
        found = opened.found()
    assert (found.code, found.fact("balances")) == (1, ("wrong", "differ"))
    assert re.search(r"в 1С .+₽, у нас .+₽", found.named("balances")[0])
    assert "enforce" in found.of("balances")["text"]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", ["no_inn", "marked"])
def test_debts_of_cards_we_leave_out_are_named(run: Run, tmp_path: Path, family: str, kind: str) -> None:
    lost = client("lost", "" if kind == "no_inn" else LATE, sales=(sale("1", "Д-lost", "70", sold=9, due=1),))
    with practice(run, tmp_path, family, lost, CLEAN_CLIENT) as opened:
        if kind == "marked":
            (row,) = [x for x in opened.base.documents(shared.COUNTERPARTIES) if x["ИНН"] == LATE]
            opened.base.write(shared.COUNTERPARTIES, str(row["Ref_Key"]), {"DeletionMark": True})
        found = opened.found()
    assert (found.code, found.complaints()) == (0, {"nobody": "found"})
    assert found.of("nobody")["items"][0]["fact"] == f"nobody.{kind}"
    assert "ООО «lost»: 70,00\u00a0₽" in found.named("nobody")[0]


@pytest.mark.parametrize("family", FAMILIES)
def test_counterparties_alike_are_named_and_branches_are_not(run: Run, tmp_path: Path, family: str) -> None:
    twin, branch = client("twin", LATE), client("branch", CLEAN_CLIENT.inn, "770245001")
    with practice(run, tmp_path, family, LATE_CLIENT, twin, CLEAN_CLIENT, branch) as opened:
        found = opened.found()
    assert found.fact("same_parties") == ("warning", "found")
    assert len(found.named("same_parties")) == 1
    assert found.of("same_parties")["values"] == {"number": 1, "branches": 1}


def test_a_list_is_cut_at_ten(run: Run, tmp_path: Path) -> None:
    pairs = [client(f"{side}{n}", f"77{n:08}") for n in range(12) for side in "ab"]
    with practice(run, tmp_path, "ut11", *pairs) as opened:
        found, said = opened.found(), opened.look()
    assert (len(found.named("same_parties")), found.of("same_parties")["more"]) == (10, 2)
    assert "и ещё 2" in said.out


@pytest.mark.parametrize(
    ("second", "fact"),
    [
        (SeedContract("Д-2", Decimal(5), 30), "limits.several"),
        (SeedContract("Д-2", Decimal(5), 30, currency="USD"), "limits.currencies"),
        (SeedContract("Д-2", None, 30), None),
        (SeedContract("Д-2", Decimal(5), 30, active=False), None),
    ],
)
def test_limits_in_several_contracts_are_named(
    run: Run, tmp_path: Path, second: SeedContract, fact: str | None
) -> None:
    both = client("both", LATE, contracts=(SeedContract("Д-1", Decimal(100), 30), second))
    with practice(run, tmp_path, "ut11", both) as opened:
        found = opened.found()
    assert found.fact("limits")[0] == ("warning" if fact else "ok")
    assert [item["fact"] for item in found.of("limits")["items"]] == ([fact] if fact else [])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_client_in_foreign_money_is_counted_and_not_compared(run: Run, tmp_path: Path, family: str) -> None:
    contract = SeedContract("Д-usd", None, 10, currency="USD")
    usd = client("usd", LATE, contracts=(contract,), sales=(sale("U", "Д-usd", "7", sold=20, due=10),))
    with practice(run, tmp_path, family, usd) as opened:
        found = opened.found()
    assert found.complaints() == {}
    assert found.of("balances")["values"]["foreign"] == 1
