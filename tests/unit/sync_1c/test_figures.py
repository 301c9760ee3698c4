"""Rows of the registers into figures, in both settlement architectures."""

from __future__ import annotations

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Counterparty
from b24app.domain.receivable import Position
from b24app.ports.errors import BadAnswer
from b24app.ports.ledger import SyncIssue
from sync_1c.by_key import KeyedSettlements
from sync_1c.figures import build_account
from sync_1c.gathering import Gathering
from sync_1c.profile import Moment
from sync_1c.profiles import ut11
from sync_1c.rows import Key
from tests.builders import rub
from tests.builders import usd
from tests.unit.sync_1c.test_ut11 import contract_row

INN = "7701234567"
TODAY = date(2026, 11, 24)
AS_OF = datetime(2026, 11, 24, 7, tzinfo=UTC)
PARTY, ALIEN = (f"{n}0000000-0000-4000-8000-000000000000" for n in "1a")
KEY, LOOSE, OWN, STRANGE = (f"{n}0000000-0000-4000-8000-000000000000" for n in "234b")
CONTRACT, ITEM, ROUBLE, DOLLAR, OWNER = (f"{n}0000000-0000-4000-8000-000000000000" for n in "56789")


def gathering(*, new: bool = True) -> KeyedSettlements:
    """Start with a client's two keys (one without a contract) and an intercompany one."""
    gathered = Gathering(ut11, {ROUBLE: "RUB", DOLLAR: "USD"}, frozenset({PARTY}), 12)
    settled = KeyedSettlements(ut11, gathered, TODAY, new)
    keys = (Key(KEY, OWNER, PARTY, CONTRACT), Key(LOOSE, OWNER, PARTY, None), Key(OWN, OWNER, None, None))
    settled.use_keys({key.ref: key for key in keys})
    gathered.take_contracts(
        [contract_row(Ref_Key=CONTRACT, Контрагент_Key=PARTY, ВалютаВзаиморасчетов_Key=ROUBLE)]
    )
    return settled


def debt(
    owed: Any, due: str | None, *, prepaid: Any = 0, key: str = KEY, currency: str = ROUBLE
) -> dict[str, Any]:
    """Write a row of request A."""
    return {
        "АналитикаУчетаПоПартнерам_Key": key,
        "Валюта_Key": currency,
        "ДатаПлановогоПогашения": f"{due or '0001-01-01'}T00:00:00",
        "ДолгBalance": owed,
        "ПредоплатаBalance": prepaid,
    }


def balance(
    amount: Any, *, to_pay: Any = 0, pending: Any = 0, shipping: Any = 0, **more: Any
) -> dict[str, Any]:
    """Write a row of request B."""
    return {
        "АналитикаУчетаПоПартнерам_Key": more.get("key", KEY),
        "Валюта_Key": more.get("currency", ROUBLE),
        "ОбъектРасчетов_Key": more.get("item", ITEM),
        "СуммаBalance": amount,
        "КОплатеBalance": to_pay,
        "ОплачиваетсяBalance": pending,
        "ОтгружаетсяBalance": shipping,
    }


def outcome(settled: KeyedSettlements) -> AccountFigures | SyncIssue:
    """Build the client's account, or the issue instead of it."""
    parties = [Counterparty(PARTY, "А", INN, "")]
    return build_account(INN, parties, settled.gathered, settled, Moment(TODAY, AS_OF))


def build(settled: KeyedSettlements) -> AccountFigures:
    """Build the client's account."""
    built = outcome(settled)
    assert isinstance(built, AccountFigures)
    return built


def parts(position: Position) -> list[tuple[date | None, str]]:
    """Show due days and sums."""
    return [(part.due, str(part.open_amount.amount)) for part in position.instalments]


def test_debt_by_due_date_minus_prepayment_stays_apart_and_both_are_positive() -> None:
    gathered = gathering()
    gathered.take_debts([debt("100.50", "2026-11-01"), debt(20, "2026-12-01", prepaid=30)])
    gathered.take_balances([balance("90.50", pending=5, shipping=7)])
    (position,) = build(gathered).positions
    assert parts(position) == [(date(2026, 11, 1), "100.50"), (date(2026, 12, 1), "20.00")]
    assert (position.credit, position.pending, position.shipped_not_invoiced) == (rub(30), rub(5), rub(7))
    assert (position.contract, position.organisation) == (CONTRACT, OWNER)
    assert gathered.gathered.issues == []


def test_what_the_exact_register_has_above_the_dated_one_is_owed_without_a_date_and_reported() -> None:
    gathered = gathering()
    gathered.take_debts([debt(100, "2026-12-01")])
    gathered.take_balances([balance(130)])
    (position,) = build(gathered).positions
    assert parts(position) == [(date(2026, 12, 1), "100.00"), (None, "30.00")]
    assert [issue.subject for issue in gathered.gathered.issues] == [INN]


def test_negative_sums_change_sides_instead_of_vanishing() -> None:
    gathered = gathering()
    gathered.take_debts([debt(-10, "2026-12-01", prepaid=-4)])
    gathered.take_balances([balance(-6)])
    (position,) = build(gathered).positions
    assert parts(position) == [(None, "4.00")]
    assert position.credit == rub(10)


def test_currencies_and_rows_without_a_contract_are_positions_of_their_own() -> None:
    gathered = gathering()
    rows = [debt(1, None), debt(2, "2026-12-01", currency=DOLLAR), debt(3, None, key=LOOSE)]
    gathered.take_debts(rows)
    gathered.take_debts([debt(999, None, key=OWN)])
    found = {(position.contract, position.currency): position for position in build(gathered).positions}
    assert set(found) == {(CONTRACT, "RUB"), (CONTRACT, "USD"), (None, "RUB")}
    assert found[CONTRACT, "USD"].credit == usd(0)
    assert gathered.strangers == []


def test_debts_to_two_of_our_companies_are_positions_of_their_own() -> None:
    gathered = gathering()
    theirs = Key(STRANGE, "other", PARTY, CONTRACT)
    alone = Key(ALIEN, "", PARTY, None)
    gathered.use_keys({**gathered.keys, STRANGE: theirs, ALIEN: alone})
    gathered.take_debts([debt(1, None), debt(2, None, key=STRANGE), debt(4, None, key=STRANGE)])
    gathered.take_debts([debt(8, None, key=LOOSE), debt(16, None, key=ALIEN)])
    found = {
        (each.organisation, each.contract): sum(part.open_amount.amount for part in each.instalments)
        for each in build(gathered).positions
    }
    assert found == {(OWNER, CONTRACT): 1, ("other", CONTRACT): 6, (OWNER, None): 8, (None, None): 16}


def test_a_row_of_an_unknown_key_waits_for_the_keys_and_is_counted_then() -> None:
    gathered = gathering()
    gathered.take_debts([debt(50, None, key=STRANGE)])
    gathered.use_keys({**gathered.keys, STRANGE: Key(STRANGE, OWNER, PARTY, CONTRACT)})
    gathered.readmit_strangers()
    assert parts(build(gathered).positions[0]) == [(None, "50.00")]


def test_a_row_of_a_key_that_1c_does_not_list_is_an_issue() -> None:
    gathered = gathering()
    gathered.take_balances([balance(50, key=STRANGE)])
    gathered.readmit_strangers()
    assert [issue.subject for issue in gathered.gathered.issues] == [STRANGE]


@pytest.mark.parametrize(
    ("row", "why"),
    [(debt("много", None), "not a number"), (debt(1, None, currency=ITEM), "unknown")],
    ids=["bad sum", "unknown currency"],
)
def test_a_client_with_money_that_cannot_be_read_gets_an_issue_and_no_figures(
    row: dict[str, Any], why: str
) -> None:
    gathered = gathering()
    gathered.take_debts([debt(100, None), row])
    built = outcome(gathered)
    assert isinstance(built, SyncIssue)
    assert why in built.why


def test_money_that_cannot_be_attributed_ends_the_read() -> None:
    with pytest.raises(BadAnswer):
        gathering().take_debts([debt("много", None, key=STRANGE)])
    with pytest.raises(BadAnswer):
        gathering().gathered.take_contracts([contract_row(Контрагент_Key="?", СрокОплаты="x")])


def test_a_bad_row_of_somebody_else_spoils_nobody_here() -> None:
    gathered = gathering()
    gathered.gathered.take_contracts([contract_row(Контрагент_Key=ALIEN, СрокОплаты="x")])
    assert build(gathered).positions == ()


def test_a_contract_that_cannot_be_read_spoils_its_client() -> None:
    gathered = gathering()
    gathered.gathered.take_contracts([contract_row(Контрагент_Key=PARTY, ДопустимаяСуммаЗадолженности="x")])
    built = outcome(gathered)
    assert isinstance(built, SyncIssue)


@pytest.mark.parametrize(
    ("evening", "morning_to_pay", "overdue", "rest"),
    [
        (balance(100, to_pay=80), 60, "60.00", "40.00"),
        (balance(100, to_pay=80, pending=50), 60, "30.00", "70.00"),
        (balance(40, to_pay=80), 60, "40.00", None),
        (balance(100, to_pay=80), 0, None, "100.00"),
        (balance(100, to_pay=30, pending=50), 60, None, "100.00"),
    ],
    ids=["due before today", "less what waits for the bank", "not above the debt", "due today", "all waits"],
)
def test_old_architecture_overdue_is_the_smallest_of_three(
    evening: dict[str, Any], morning_to_pay: int, overdue: str | None, rest: str | None
) -> None:
    gathered = gathering(new=False)
    gathered.take_morning([balance(0, to_pay=morning_to_pay)])
    gathered.take_balances([evening], by_object=True)
    (position,) = build(gathered).positions
    yesterday = TODAY - timedelta(days=1)
    expected = [(yesterday, overdue)] if overdue else []
    assert parts(position) == expected + ([(None, rest)] if rest else [])
    assert position.pending == rub(0)
    assert gathered.overdue_objects() == ({ITEM} if overdue else set())


@pytest.mark.parametrize(
    ("dated", "due"),
    [
        ("2026-10-01", date(2026, 10, 31)),
        ("2026-11-20", date(2026, 11, 23)),
        ("0001-01-01", date(2026, 11, 23)),
    ],
    ids=["day plus term", "never later than yesterday", "no day"],
)
def test_old_architecture_due_day_is_the_objects_day_plus_the_term(dated: str, due: date) -> None:
    gathered = gathering(new=False)
    gathered.take_morning([balance(0, to_pay=60)])
    gathered.take_balances([balance(60, to_pay=60)], by_object=True)
    row = {"Ref_Key": ITEM, "Номер": "УТ-7", "Дата": f"{dated}T10:00:00"}
    gathered.take_objects([row], {ITEM})
    (part,) = build(gathered).positions[0].instalments
    assert (part.due, part.document) == (due, "УТ-7")


def test_old_architecture_money_on_an_object_that_owes_nothing_is_credit() -> None:
    gathered = gathering(new=False)
    gathered.take_balances([balance(-15, shipping=3), balance(10, item=CONTRACT)], by_object=True)
    (position,) = build(gathered).positions
    assert (position.credit, position.shipped_not_invoiced) == (rub(15), rub(3))
    assert parts(position) == [(None, "10.00")]


def test_payments_are_the_newest_first_and_a_bad_one_is_only_an_issue() -> None:
    gathered = gathering()
    good = {
        "Date": "2026-11-20T09:00:00",
        "Контрагент_Key": PARTY,
        "СуммаДокумента": 10,
        "Валюта_Key": ROUBLE,
    }
    gathered.gathered.take_receipts([good | {"СуммаДокумента": "x"}, good])
    gathered.gathered.take_receipts([good | {"Date": "2026-11-22T09:00:00", "СуммаДокумента": 7}])
    account = build(gathered)
    assert [str(payment.amount.amount) for payment in account.payments] == ["7.00", "10.00"]
    assert account.last_payment is not None
    assert len(gathered.gathered.issues) == 1


def test_the_newest_payment_is_by_the_day_of_the_bank_in_whatever_order_documents_were_written() -> None:
    gathered = gathering()
    gathered.gathered.receipts_kept = 1
    late, soon = (
        {
            "Date": f"2026-11-{written}T09:00:00",
            "ДатаПроведенияБанком": f"2026-11-{moved}T00:00:00",
            "Контрагент_Key": PARTY,
            "СуммаДокумента": int(moved),
            "Валюта_Key": ROUBLE,
        }
        for written, moved in (("10", "18"), ("12", "12"))
    )
    gathered.gathered.take_receipts([soon, late])
    (payment,) = build(gathered).payments
    assert (payment.paid_on, payment.amount) == (date(2026, 11, 18), rub(18))


def test_no_money_is_invented_or_lost_between_rows_and_positions() -> None:
    gathered = gathering()
    rows = [debt(Decimal(n), None if n % 3 else "2026-11-01", prepaid=Decimal(n % 5)) for n in range(1, 40)]
    gathered.take_debts(rows)
    (position,) = build(gathered).positions
    owed = sum(part.open_amount.amount for part in position.instalments)
    assert owed - position.credit.amount == sum(row["ДолгBalance"] - row["ПредоплатаBalance"] for row in rows)
