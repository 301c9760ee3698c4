"""The figures of all clients beside register and cards, and the order of the checks, over fakes."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from b24app.domain.card import CardTerms
from b24app.domain.contracts import LimitClarity
from b24app.domain.contracts import limit_clarity
from b24app.domain.limits import Granted
from b24app.domain.limits import NotSet
from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Contract
from b24app.domain.receivable import Counterparty
from b24app.messages.briefs import Reader
from b24app.messages.doctor_lines import as_object
from b24app.messages.doctor_lines import lines
from b24app.ports.diagnosis import OF_FIGURES
from b24app.ports.diagnosis import Check
from b24app.ports.diagnosis import Fact
from b24app.ports.diagnosis import Finding
from b24app.ports.diagnosis import Level
from b24app.ports.diagnosis import RawBalance
from b24app.ports.errors import AuthLost
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.errors import TransportFailure
from b24app.ports.ledger import SyncIssue
from b24app.ports.portal import CompanyFacts
from b24app.ports.portal import Requisite
from b24app.sandbox.clock import SandboxClock
from b24app.services.checkup import CardSource
from b24app.services.checkup import Checkup
from b24app.services.survey import DOUBTS
from b24app.services.wording import ledger_failure
from b24app.services.wording import portal_failure
from tests.builders import account
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.builders import usd
from tests.fakes_ledger import FakeLedger

ONE, TWO, THREE = "7701234567", "7702345678", "7703456789"
READERS = (Reader(ZoneInfo("Europe/Moscow"), "ru"), Reader(ZoneInfo("Europe/Moscow"), "en"))


@dataclass
class FakeExaminer:
    """A base that says what it is told; `registers` are read in their order, the last for ever."""

    registers: list[dict[str, RawBalance]] = field(default_factory=lambda: [{}])
    named: dict[str, tuple[str, str]] = field(default_factory=dict)
    readable: bool = True
    keeps_limits: bool = True
    failure: GatewayError | None = None

    def examine(self) -> Iterator[Finding]:
        yield Finding(Check.ADDRESS, Level.OK, Fact("answers", {"address": "x"}))

    def raw_balances(self) -> Mapping[str, RawBalance]:
        if self.failure is not None:
            raise self.failure
        return self.registers.pop(0) if len(self.registers) > 1 else self.registers[0]

    def names_of(self, refs: list[str]) -> Mapping[str, tuple[str, str]]:
        return {ref: self.named[ref] for ref in refs if ref in self.named}


def owing(inn: str, amount: str, *, ref: str | None = None) -> AccountFigures:
    """A client who owes so much, known by a counterparty named after his ИНН."""
    party = Counterparty(ref or f"ref-{inn}", f"ООО {inn}", inn, "1")
    return replace(account(position(not_due(amount))), inn=inn, counterparties=(party,), contracts=())


def card(number: int, *inns: str) -> CompanyFacts:
    rows = tuple(Requisite(number * 10 + place, inn, "") for place, inn in enumerate(inns))
    return CompanyFacts(number, f"Компания [{number}]", rows, CardTerms())


def run(
    examiner: FakeExaminer,
    *accounts: AccountFigures,
    cards: list[CompanyFacts] | None = None,
    issues: tuple[SyncIssue, ...] = (),
    quick: bool = False,
) -> dict[Check, Finding]:
    ledger = FakeLedger(*accounts)
    ledger.issues = list(issues)
    portals = [] if cards is None else [CardSource("p.bitrix24.ru", lambda: cards)]
    return made(Checkup(examiner, ledger, SandboxClock(), _silent), portals, quick=quick)


def made(checkup: Checkup, portals: list[CardSource], *, quick: bool = False) -> dict[Check, Finding]:
    """Run it, and put every finding into the words of both languages."""
    found: dict[Check, Finding] = {}
    for finding in checkup.run(portals, quick=quick):
        assert finding.check not in found
        found[finding.check] = finding
        for reader in READERS:
            assert all("{" not in line for line in lines(finding, reader, why="…"))
            assert as_object(finding, reader)["check"] == finding.check.value
    assert set(found) >= {*OF_FIGURES, Check.PORTAL}
    return found


def _silent(what: str, done: int = 0) -> None:
    del what, done


def fact(finding: Finding) -> tuple[str, str]:
    return finding.level.value, finding.fact.name


def test_clients_that_agree_with_register_and_cards_are_well() -> None:
    examiner = FakeExaminer([{f"ref-{ONE}": RawBalance(Decimal(100)), f"ref-{TWO}": RawBalance(Decimal(7))}])
    found = run(examiner, owing(ONE, "100"), owing(TWO, "7"), cards=[card(1, ONE), card(2, TWO)])
    assert {finding.level for finding in found.values()} == {Level.OK}
    assert fact(found[Check.BALANCES]) == ("ok", "equal")


def test_a_sum_that_differs_is_wrong_and_read_again_first() -> None:
    before = {f"ref-{ONE}": RawBalance(Decimal(90))}
    differs = run(FakeExaminer([dict(before)]), owing(ONE, "100"))[Check.BALANCES]
    assert fact(differs) == ("wrong", "differ")
    assert differs.items[0].pieces["register"] == rub("90")
    moved = FakeExaminer([dict(before), {f"ref-{ONE}": RawBalance(Decimal(100))}])
    assert fact(run(moved, owing(ONE, "100"))[Check.BALANCES]) == ("ok", "equal")


def test_of_many_clients_that_agree_the_largest_are_shown() -> None:
    clients = [owing(f"77{number:08}", str(number)) for number in range(1, 260)]
    register = {f"ref-{one.inn}": RawBalance(Decimal(number)) for number, one in enumerate(clients, 1)}
    found = run(FakeExaminer([register]), *clients)[Check.BALANCES]
    assert found.fact.pieces["number"] == 259
    assert [item.pieces["ours"] for item in found.items] == [rub(number) for number in range(259, 254, -1)]


def test_nothing_to_compare_is_said() -> None:
    dollars = replace(
        owing(ONE, "1"),
        positions=(position(not_due(usd("5")), currency="USD"),),
    )
    found = run(FakeExaminer([{f"ref-{ONE}": RawBalance(Decimal(0), foreign=True)}]), dollars)
    assert fact(found[Check.BALANCES]) == ("ok", "none")
    assert found[Check.BALANCES].fact.pieces["foreign"] == 1


def test_sums_of_counterparties_we_leave_out_are_named_by_why() -> None:
    register = {
        "a": RawBalance(Decimal(1)),
        "b": RawBalance(Decimal(2)),
        "c": RawBalance(Decimal(-3)),
        "spoiled": RawBalance(Decimal(4)),
        "empty": RawBalance(),
    }
    examiner = FakeExaminer([register], named={"a": ("А", ""), "b": ("Б", TWO), "spoiled": ("В", THREE)})
    spoiled = SyncIssue(THREE, "a contract cannot be read: x")
    found = run(examiner, issues=(spoiled,))
    assert [item.name for item in found[Check.NOBODY].items] == [
        "nobody.unseen",
        "nobody.marked",
        "nobody.no_inn",
    ]
    assert [item.name for item in found[Check.FIGURES].items] == ["doubt.unread"]


@pytest.mark.parametrize(("told", "name"), DOUBTS)
def test_every_doubt_of_the_reading_has_words(told: str, name: str) -> None:
    found = run(FakeExaminer(), issues=(SyncIssue(ONE, f"{told}: x"),))
    assert fact(found[Check.FIGURES]) == ("warning", "doubts")
    assert found[Check.FIGURES].items[0].name == f"doubt.{name}"


def test_cards_are_compared_both_ways() -> None:
    examiner = FakeExaminer([{f"ref-{TWO}": RawBalance(Decimal(5))}])
    cards = [card(1, ONE), card(2, ONE, THREE), card(3)]
    found = run(examiner, owing(TWO, "5"), owing(THREE, "0"), cards=cards)
    assert fact(found[Check.UNKNOWN_CARDS]) == ("warning", "found")
    assert [item.pieces["id"] for item in found[Check.UNKNOWN_CARDS].items] == [1, 2]
    assert [item.pieces["inn"] for item in found[Check.DEBTORS].items] == [TWO]
    assert [item.pieces["ids"] for item in found[Check.SAME_CARDS].items] == ["1, 2"]
    assert found[Check.PORTAL].fact.pieces == {"domain": "p.bitrix24.ru", "number": 3, "bare": 1, "mixed": 1}
    assert "Компания (1)" in lines(found[Check.UNKNOWN_CARDS], READERS[0])[1]


def test_the_largest_debtors_come_first_and_ten_are_named() -> None:
    clients = [owing(f"77{number:08}", str(number)) for number in range(1, 14)]
    register = {f"ref-{one.inn}": RawBalance(Decimal(number)) for number, one in enumerate(clients, 1)}
    found = run(FakeExaminer([register]), *clients, cards=[])[Check.DEBTORS]
    assert [item.pieces["debt"] for item in found.items] == [rub(number) for number in range(13, 3, -1)]
    assert found.more == 3
    assert "и ещё 3" in lines(found, READERS[0])[-1]


def test_a_debt_in_foreign_money_counts_as_one() -> None:
    dollars = replace(owing(ONE, "1"), positions=(position(not_due(usd("5")), currency="USD"),))
    found = run(FakeExaminer(), dollars, cards=[])
    assert [item.pieces["debt"] for item in found[Check.DEBTORS].items] == [usd("5")]


def test_counterparties_alike_and_branches() -> None:
    def parties(inn: str, *kpps: str) -> AccountFigures:
        rows = tuple(Counterparty(f"{inn}{n}", "ООО", inn, kpp) for n, kpp in enumerate(kpps))
        return replace(owing(inn, "0"), counterparties=rows)

    found = run(FakeExaminer(), parties(ONE, "1", "1"), parties(TWO, "1", "2"), parties(THREE))
    assert [item.pieces["inn"] for item in found[Check.SAME_PARTIES].items] == [ONE]
    assert found[Check.SAME_PARTIES].fact.pieces["branches"] == 1


def contract(amount: str | None, *, currency: str = "RUB", active: bool = True) -> Contract:
    money = None if amount is None else (usd(amount) if currency == "USD" else rub(amount))
    limit = NotSet() if money is None else Granted(money)
    return Contract(f"{amount}{currency}", f"Д-{amount}", currency, active=active, limit=limit)


@pytest.mark.parametrize(
    ("contracts", "clarity"),
    [
        ([], LimitClarity.NONE),
        ([contract(None)], LimitClarity.NONE),
        ([contract("5", active=False)], LimitClarity.NONE),
        ([contract("5"), contract(None), contract("7", active=False)], LimitClarity.ONE),
        ([contract("0")], LimitClarity.ONE),
        ([contract("5"), contract("7")], LimitClarity.SEVERAL),
        ([contract("5"), contract("7", currency="USD")], LimitClarity.CURRENCIES),
    ],
)
def test_one_clear_limit_stands_in_one_active_contract(
    contracts: list[Contract], clarity: LimitClarity
) -> None:
    assert limit_clarity(contracts) is clarity
    found = run(FakeExaminer(), replace(owing(ONE, "0"), contracts=tuple(contracts)))[Check.LIMITS]
    clear = clarity in (LimitClarity.NONE, LimitClarity.ONE)
    assert fact(found) == (("ok", "clear") if clear else ("warning", "unclear"))
    assert [item.name for item in found.items] == ([] if clear else [f"limits.{clarity.value}"])
    assert found.fact.pieces["unset"] == (clarity is LimitClarity.NONE)


def test_a_base_without_limits_is_not_asked_for_them() -> None:
    two = replace(owing(ONE, "0"), contracts=(contract("5"), contract("7")))
    assert fact(run(FakeExaminer(keeps_limits=False), two)[Check.LIMITS]) == ("ok", "not_kept")


def test_a_base_that_cannot_be_read_leaves_the_cards_to_be_compared() -> None:
    found = run(FakeExaminer(readable=False), cards=[card(1, ONE), card(2, ONE)])
    assert fact(found[Check.SAME_CARDS]) == ("warning", "found")
    assert fact(found[Check.BALANCES]) == ("skipped", "before")
    assert fact(found[Check.DEBTORS]) == ("skipped", "before")


def test_without_a_portal_what_needs_cards_is_left_out() -> None:
    found = run(FakeExaminer())
    assert fact(found[Check.PORTAL]) == ("skipped", "not_installed")
    for check in (Check.UNKNOWN_CARDS, Check.DEBTORS, Check.SAME_CARDS):
        assert fact(found[check]) == ("skipped", "no_cards")


def test_quick_leaves_out_what_reads_every_client() -> None:
    found = run(FakeExaminer(failure=TransportFailure("x")), cards=[], quick=True)
    assert {fact(found[check]) for check in (Check.PORTAL, *OF_FIGURES)} == {("skipped", "quick")}


@pytest.mark.parametrize(
    ("failure", "name"),
    [
        (Forbidden("code 20"), "hidden"),
        (TransportFailure("hung"), "failed"),
        (LedgerMisconfigured("404"), "long_address"),
        (LedgerMisconfigured("404", missing=("X",)), "failed"),
    ],
)
def test_a_register_that_is_refused_or_silent(failure: GatewayError, name: str) -> None:
    found = run(FakeExaminer(failure=failure))
    assert fact(found[Check.FIGURES]) == ("wrong", name)
    assert fact(found[Check.BALANCES]) == ("skipped", "before")


def test_a_portal_that_fails_in_the_middle_makes_no_false_debtors() -> None:
    def broken() -> Iterator[CompanyFacts]:
        yield card(1, ONE)
        raise AuthLost("gone")

    checkup = Checkup(FakeExaminer(), FakeLedger(owing(TWO, "5")), SandboxClock(), _silent)
    found = made(checkup, [CardSource("p", broken)])
    assert fact(found[Check.PORTAL]) == ("wrong", "failed")
    assert fact(found[Check.DEBTORS]) == ("skipped", "no_cards")


def test_it_tells_what_it_does_and_how_far_it_is() -> None:
    heard: list[tuple[str, int]] = []
    many = [card(number, f"77{number:08}") for number in range(1000)]
    clients = [owing(f"77{number:08}", "0") for number in range(501)]
    checkup = Checkup(
        FakeExaminer(), FakeLedger(*clients), SandboxClock(), lambda what, done=0: heard.append((what, done))
    )
    made(checkup, [CardSource("p", lambda: many)])
    assert heard == [
        ("cards", 0),
        ("cards", 500),
        ("cards", 1000),
        ("clients", 0),
        ("clients", 0),
        ("clients", 500),
    ]


@pytest.mark.parametrize("tell", [ledger_failure, portal_failure])
@pytest.mark.parametrize("error", [AuthLost("x"), Forbidden("x"), TransportFailure("x")])
def test_every_failure_is_said_in_a_sentence(
    tell: Callable[[GatewayError, str], str], error: GatewayError
) -> None:
    assert tell(error, "ru").endswith((".", "!"))
    assert tell(error, "en") != tell(error, "ru")
