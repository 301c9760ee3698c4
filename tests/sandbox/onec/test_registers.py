"""Settlement registers against figures added up by hand (onec_odata 3.1, 1.6)."""

from __future__ import annotations

from datetime import date
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec.base import SandboxOneC
from b24app.sandbox.onec.books import BY_CONTRACT
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedContract
from tests.sandbox.onec.conftest import SETTLEMENTS
from tests.sandbox.onec.conftest import TERMS
from tests.sandbox.onec.conftest import Browser
from tests.sandbox.onec.conftest import day


def key_of(browser: Browser, contract: str) -> str:
    (row,) = browser.rows("Catalog_КлючиАналитикиУчетаПоПартнерам", filter=f"Description eq '{contract}'")
    return str(row["Ref_Key"])


def balance(
    browser: Browser, contract: str, *, register: str = SETTLEMENTS, period: str = ""
) -> dict[str, Any]:
    condition = f"Condition='АналитикаУчетаПоПартнерам_Key eq guid'{key_of(browser, contract)}''"
    extra = f",Period=datetime'{period}'" if period else ""
    dimensions = "Dimensions='АналитикаУчетаПоПартнерам,Валюта'"
    found = browser.rows(f"{register}/Balance({condition},{dimensions}{extra})")
    return found[0] if found else {}


def ageing(browser: Browser, contract: str) -> dict[date, Decimal]:
    condition = f"Condition='АналитикаУчетаПоПартнерам_Key eq guid'{key_of(browser, contract)}''"
    call = f"{TERMS}/Balance({condition},Dimensions='АналитикаУчетаПоПартнерам,ДатаПлановогоПогашения')"
    return {
        date.fromisoformat(row["ДатаПлановогоПогашения"][:10]): Decimal(str(row["ДолгBalance"]))
        for row in browser.rows(call)
        if row["ДолгBalance"]
    }


def test_totals_are_receipts_less_confirmed_payments_and_pending_money_waits_apart(browser: Browser) -> None:
    row = balance(browser, "Д-1")
    assert row["СуммаBalance"] == 180.55
    assert row["КОплатеBalance"] == 180.55
    assert row["ОплачиваетсяBalance"] == 25
    assert row["ОтгружаетсяBalance"] == 10


def test_planned_sums_fall_due_at_the_start_of_their_day(browser: Browser) -> None:
    assert balance(browser, "Д-1", period="2026-11-24T00:00:00")["КОплатеBalance"] == 60
    assert balance(browser, "Д-1", period="2026-11-25T00:00:00")["КОплатеBalance"] == 110


def test_a_moment_does_not_take_in_the_records_of_its_own_second(browser: Browser) -> None:
    assert not balance(browser, "Д-1", period="2026-10-25T10:00:00")
    assert balance(browser, "Д-1", period="2026-10-25T10:00:01")["СуммаBalance"] == 220.55


def test_payments_close_the_earliest_instalment_first(browser: Browser) -> None:
    assert ageing(browser, "Д-1") == {
        day(-20): Decimal(60),
        day(0): Decimal(50),
        day(15): Decimal("70.55"),
    }


def test_an_advance_is_a_negative_sum_and_a_positive_prepayment(browser: Browser) -> None:
    assert balance(browser, "Б-1")["СуммаBalance"] == -300
    terms = balance(browser, "Б-1", register=TERMS)
    assert (terms["ДолгBalance"], terms["ПредоплатаBalance"], terms["ПредоплатаРеглBalance"]) == (0, 300, 300)


def test_the_inspector_agrees_with_the_registers(onec: SandboxOneC) -> None:
    found = onec.balance("alpha")
    assert found.debt == Decimal("180.55")
    assert found.overdue == Decimal(35)
    assert (found.pending, found.shipping, found.advance) == (Decimal(25), Decimal(10), Decimal(0))


def test_a_confirmed_payment_reduces_debt_and_due_sums(onec: SandboxOneC, browser: Browser) -> None:
    onec.post_payment("alpha", Decimal("100.55"))
    row = balance(browser, "Д-1")
    assert row["СуммаBalance"] == 80
    assert ageing(browser, "Д-1") == {day(0): Decimal("9.45"), day(15): Decimal("70.55")}


def test_what_is_paid_over_the_debt_becomes_an_advance_under_the_contract(
    onec: SandboxOneC, browser: Browser
) -> None:
    onec.post_payment("alpha", Decimal(1000))
    terms = balance(browser, "Д-1", register=TERMS)
    assert (terms["ДолгBalance"], terms["ПредоплатаBalance"]) == (25, 844.45)
    assert balance(browser, "Д-1")["СуммаBalance"] == -819.45


def test_a_payment_the_bank_confirms_another_day_moves_at_the_end_of_that_day(
    onec: SandboxOneC, browser: Browser, clock: SandboxClock
) -> None:
    document = onec.post_payment("alpha", Decimal(80), confirmed=False)
    assert balance(browser, "Д-1")["ОплачиваетсяBalance"] == 105
    clock.advance(timedelta(days=1))
    onec.confirm(document)
    assert balance(browser, "Д-1", period="2026-11-25T23:59:59")["СуммаBalance"] == 180.55
    assert balance(browser, "Д-1", period="2026-11-26T00:00:00")["СуммаBalance"] == 100.55
    assert balance(browser, "Д-1")["ОплачиваетсяBalance"] == 25


def test_unposting_takes_movements_away_and_changes_the_version(onec: SandboxOneC, browser: Browser) -> None:
    sale = onec.post_sale("alpha", Decimal(1000), due_days=10)
    one = f"{sale.kind}(guid'{sale.ref}')"
    before = browser.get(one).json()
    assert balance(browser, "Д-1")["СуммаBalance"] == 1180.55
    onec.unpost(sale)
    after = browser.get(one).json()
    assert balance(browser, "Д-1")["СуммаBalance"] == 180.55
    assert (before["Posted"], after["Posted"]) == (True, False)
    assert before["DataVersion"] != after["DataVersion"]


def test_the_old_architecture_leaves_terms_behind_and_totals_exact(
    onec: SandboxOneC, browser: Browser
) -> None:
    onec.set_architecture(new=False)
    onec.post_sale("alpha", Decimal(1000), due_days=-3)
    assert browser.rows("Constant_НоваяАрхитектураВзаиморасчетов")[0]["Value"] is False
    assert day(-3) not in ageing(browser, "Д-1")
    assert balance(browser, "Д-1")["СуммаBalance"] == 1180.55
    onec.set_architecture(new=True)
    assert ageing(browser, "Д-1")[day(-3)] == 1000


def test_old_rule_by_settlement_object(onec: SandboxOneC, browser: Browser) -> None:
    onec.set_architecture(new=False)
    onec.post_sale("alpha", Decimal(1000), due_days=5)
    call = (
        f"{SETTLEMENTS}/Balance(Dimensions='АналитикаУчетаПоПартнерам,ОбъектРасчетов,Валюта',"
        "Period=datetime'2026-11-25T00:00:00')"
    )
    late = [
        min(row["СуммаBalance"], row["КОплатеBalance"] - row["ОплачиваетсяBalance"])
        for row in browser.rows(call, filter="СуммаBalance gt 0 and КОплатеBalance gt 0")
        if row["АналитикаУчетаПоПартнерам_Key"] == key_of(browser, "Д-1")
    ]
    assert late == [85]  # 100 + 50 due, 40 paid, 25 at the bank; the new sale is not due


def test_settlement_by_contract_offsets_an_advance_with_a_later_sale(
    onec: SandboxOneC, browser: Browser
) -> None:
    client = SeedClient(
        "gamma", "Г", "Г", "7701000011", "770101001", "x", 7, (SeedContract("Г-1", None, 10),)
    )
    onec.add_client(client, settlement=BY_CONTRACT)
    onec.post_payment("gamma", Decimal(70))
    onec.post_sale("gamma", Decimal(100), due_days=10)
    assert ageing(browser, "Г-1") == {day(10): Decimal(30)}
    assert balance(browser, "Г-1", register=TERMS)["ПредоплатаBalance"] == 0


def test_dollars_are_kept_apart_and_restated_in_roubles(onec: SandboxOneC, browser: Browser) -> None:
    contract = SeedContract("В-1", None, 10, currency="USD")
    onec.add_client(SeedClient("usd", "В", "В", "7701000012", "770101001", "x", 7, (contract,)))
    onec.post_sale("usd", Decimal(10), due_days=10)
    terms = balance(browser, "В-1", register=TERMS)
    assert (terms["ДолгBalance"], terms["ДолгРеглBalance"]) == (10, 925)
    assert (onec.balance("usd").debt, onec.balance("usd", "USD").debt) == (Decimal(0), Decimal(10))


def test_a_contract_of_our_other_company_is_its_own_in_every_object(
    onec: SandboxOneC, browser: Browser
) -> None:
    contracts = (SeedContract("О-1", None, 10), SeedContract("О-2", None, 10, company="sister"))
    onec.add_client(SeedClient("both", "О", "О", "7701000013", "770101001", "x", 7, contracts))
    onec.post_sale("both", Decimal(10), 10, "О-1")
    sale = onec.post_sale("both", Decimal(20), 10, "О-2")
    names = {row["Ref_Key"]: row["Description"] for row in browser.rows("Catalog_Организации")}
    sister = "ООО «СтройОптТорг-Склад»"
    (contract,) = browser.rows("Catalog_ДоговорыКонтрагентов", filter="Номер eq 'О-2'")
    (key,) = browser.rows("Catalog_КлючиАналитикиУчетаПоПартнерам", filter="Description eq 'О-2'")
    document = browser.get(f"{sale.kind}(guid'{sale.ref}')").json()
    assert {names[row["Организация_Key"]] for row in (contract, key, document)} == {sister}
    assert (balance(browser, "О-1")["СуммаBalance"], balance(browser, "О-2")["СуммаBalance"]) == (10, 20)
    with pytest.raises(KeyError):
        onec.add_client(
            SeedClient("odd", "?", "?", "", "", "x", 7, (SeedContract("?", None, 1, company="nobody"),))
        )


def test_rows_between_own_companies_are_there_to_be_ignored(browser: Browser) -> None:
    kind = "StandardODATA.Catalog_Организации"
    (key,) = browser.rows("Catalog_КлючиАналитикиУчетаПоПартнерам", filter=f"Контрагент_Type eq '{kind}'")
    owners = {row["АналитикаУчетаПоПартнерам_Key"] for row in browser.rows(f"{SETTLEMENTS}/Balance")}
    assert key["Ref_Key"] in owners


@pytest.mark.parametrize(
    ("amount", "switch", "limit"),
    [
        pytest.param(Decimal(900), True, 900, id="a sum"),
        pytest.param(None, False, 500_000, id="switched off"),
    ],
)
def test_setting_a_limit(
    onec: SandboxOneC, browser: Browser, amount: Decimal | None, limit: int, *, switch: bool
) -> None:
    onec.set_limit("alpha", "Д-1", amount)
    (row,) = browser.rows("Catalog_ДоговорыКонтрагентов", filter="Номер eq 'Д-1'")
    assert (row["ОграничиватьСуммуЗадолженности"], row["ДопустимаяСуммаЗадолженности"]) == (switch, limit)
    assert row["СрокОплаты"] == "30"
