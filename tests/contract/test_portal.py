"""One suite over the Portal port: the fake the services are tested with, and the gateway over a real wire."""

from __future__ import annotations

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from b24app.domain.card import CardTerms
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.ports.errors import GatewayError
from b24app.ports.portal import AddComment
from b24app.ports.portal import AddTask
from b24app.ports.portal import AnswerRobot
from b24app.ports.portal import CloseTask
from b24app.ports.portal import DealFields
from b24app.ports.portal import Guard
from b24app.ports.portal import MirrorFields
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Notify
from b24app.ports.portal import Outcome
from b24app.ports.portal import Result
from b24app.ports.portal import WriteCompany
from b24app.ports.portal import WriteDealFields
from b24app.ports.portal import WriteDealPaper
from tests.builders import rub
from tests.contract.sides import CLIENTS
from tests.contract.sides import MANAGER
from tests.contract.sides import MANY
from tests.contract.sides import tax_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24app.ports.portal import Action
    from tests.contract.sides import Side

SOON = datetime(2026, 11, 25, 20, 59, 59, tzinfo=UTC)
FIELDS = DealFields("hold", "Превышен лимит", rub(100), rub(150), None)
FIGURES = MirrorFields(rub(1), rub(2), None, 3, date(2026, 11, 20), "ref-1", SOON)
MARK = "СО-000001"


def task(side: Side) -> AddTask:
    return AddTask(side.deals["one"], MARK, "Получить оплату", "Текст", MANAGER, SOON)


def close(side: Side, number: int | None = None) -> CloseTask:
    return CloseTask(side.deals["one"], MARK, number)


def move(side: Side) -> MoveDeal:
    return MoveDeal(side.deals["one"], Guard("NEW", side.companies["first"], rub(1000)), "EXECUTING", FIELDS)


def comment(side: Side) -> AddComment:
    return AddComment(side.deals["one"], "КК-0000002", "Отгрузка остановлена КК-0000002")


def notice(_side: Side) -> Notify:
    return Notify(MANAGER, "cc:1", "Сделка остановлена")


def write_deal(side: Side) -> WriteDealFields:
    return WriteDealFields(side.deals["one"], FIELDS)


def write_company(side: Side) -> WriteCompany:
    return WriteCompany(side.companies["first"], None, FIGURES)


def answer(token: str) -> AnswerRobot:
    return AnswerRobot(token, "hold", proceed=False, reason="Долг", excess=rub(5), to_pay=None)


def only(side: Side, action: Action) -> Outcome:
    (outcome,) = side.portal.perform([action])
    return outcome


class TestReading:
    """Deals come with everything a check needs, matched by ids."""

    def test_a_deal_brings_its_company_its_tax_number_and_its_manager(self, side: Side) -> None:
        (deal,) = side.portal.fetch_deals([side.deals["two"]])
        assert (deal.id, deal.title, deal.stage_id) == (side.deals["two"], "Вторая", "NEW")
        assert deal.amount.amount == Decimal("2000.50")
        assert deal.company is not None
        assert deal.company.title == "ООО «second»"
        assert [row.inn for row in deal.company.requisites] == [tax_number("second")]
        assert (deal.manager_id, deal.manager_name) == (MANAGER, "Иван Петров")
        assert deal.requisite_id is None
        assert not deal.closed

    def test_missing_deals_and_deals_without_a_company_mix_nothing_up(self, side: Side) -> None:
        side.delete("two")
        keys = ("two", "one", "orphan", "bare")
        found = {deal.id: deal for deal in side.portal.fetch_deals([side.deals[key] for key in keys])}
        assert set(found) == {side.deals[key] for key in ("one", "orphan", "bare")}
        assert found[side.deals["orphan"]].company is None
        one, bare = found[side.deals["one"]].company, found[side.deals["bare"]].company
        assert one is not None
        assert one.id == side.companies["first"]
        assert bare is not None
        assert (bare.id, bare.requisites) == (side.companies["bare"], ())

    def test_the_second_requisite_and_the_one_chosen_in_the_deal_are_seen(self, side: Side) -> None:
        side.add_requisite("first", "7701999990")
        (card,) = side.portal.fetch_companies([side.companies["first"]])
        assert [row.inn for row in card.requisites] == [tax_number("first"), "7701999990"]
        chosen = card.requisites[1].id
        side.link("one", chosen)
        one, other = side.portal.fetch_deals([side.deals["one"], side.deals["n0"]])
        assert (one.requisite_id, other.requisite_id) == (chosen, None)
        assert one.company is not None
        assert one.company.requisites == card.requisites
        assert side.portal.companies_of_requisites([row.id for row in card.requisites]) == [card.id]

    def test_more_than_a_page_of_deals_keeps_its_order_and_says_nothing_twice(self, side: Side) -> None:
        ids = [side.deals[f"n{number}"] for number in range(MANY)][::-1]
        found = side.portal.fetch_deals([*ids, ids[0]])
        assert [deal.id for deal in found] == ids
        assert all(deal.company and deal.company.id == side.companies["first"] for deal in found)

    def test_companies_are_read_by_id_by_requisite_and_all(self, side: Side) -> None:
        asked = [side.companies[key] for key in ("bare", "second", "first")]
        cards = side.portal.fetch_companies([*asked, 987654])
        assert [card.id for card in cards] == sorted(asked)
        requisite = next(card.requisites[0].id for card in cards if card.id == side.companies["second"])
        assert side.portal.companies_of_requisites([requisite]) == [side.companies["second"]]
        assert side.portal.companies_of_requisites([987654]) == []

    def test_more_than_a_page_of_companies_is_streamed_with_its_requisites(self, side: Side) -> None:
        cards = list(side.portal.stream_companies())
        assert [card.id for card in cards] == sorted(side.companies[key] for key in CLIENTS)
        inns = {card.id: [row.inn for row in card.requisites] for card in cards if card.requisites}
        assert inns == {side.companies[key]: [tax_number(key)] for key in ("first", "second")}

    def test_standing_deals_are_listed_by_stage_and_by_the_moment_they_came(self, side: Side) -> None:
        everywhere = list(side.portal.standing_deals(["NEW"], moved_since=None))
        assert [row.id for row in everywhere] == sorted(side.deals.values())
        side.drag("two", "EXECUTING")
        (moved,) = side.portal.standing_deals(["EXECUTING"], moved_since=None)
        assert (moved.id, moved.stage_id) == (side.deals["two"], "EXECUTING")
        stages = ["NEW", "EXECUTING"]
        assert list(side.portal.standing_deals(stages, moved_since=moved.moved_at)) == [moved]
        later = moved.moved_at + timedelta(seconds=5)
        assert not list(side.portal.standing_deals(stages, moved_since=later))
        assert not list(side.portal.standing_deals([], moved_since=None))


class TestActing:
    """Actions do what they say once, and say how they ended."""

    def test_a_move_happens_with_its_fields(self, side: Side) -> None:
        outcome = only(side, move(side))
        assert (outcome.result, outcome.ref) == (Result.DONE, str(side.deals["one"]))
        assert (side.stage("one"), side.reason("one")) == ("EXECUTING", "Превышен лимит")

    @pytest.mark.parametrize("broken", ["stage", "company", "amount", "gone"])
    def test_a_move_decided_for_something_else_does_not_happen(self, side: Side, broken: str) -> None:
        guard = {
            "stage": Guard("WON"),
            "company": Guard("NEW", side.companies["second"]),
            "amount": Guard("NEW", None, rub(999)),
            "gone": Guard("NEW"),
        }[broken]
        key = "bare" if broken == "gone" else "one"
        if broken == "gone":
            side.delete("bare")
        moves = [
            MoveDeal(side.deals[key], guard, "EXECUTING", FIELDS),
            MoveDeal(side.deals["two"], Guard("NEW"), "EXECUTING", None),
        ]
        outcomes = side.portal.perform(moves)
        assert [outcome.result for outcome in outcomes] == [Result.GUARD_FAILED, Result.DONE]
        assert (side.stage("one"), side.stage("two")) == ("NEW", "EXECUTING")
        assert side.reason("one") is None

    def test_what_is_gone_is_said_to_be_gone(self, side: Side) -> None:
        side.delete("two")
        writes: list[Action] = [
            write_deal(side),
            WriteDealFields(side.deals["two"], FIELDS),
            WriteDealPaper(side.deals["one"], "№ УТ-1: проведена"),
            WriteDealPaper(side.deals["two"], "№ УТ-1: проведена"),
            WriteCompany(987654, CardTerms(), None),
        ]
        found = [outcome.result for outcome in side.portal.perform(writes)]
        assert found == [Result.DONE, Result.GONE, Result.DONE, Result.GONE, Result.GONE]
        assert side.reason("one") == "Превышен лимит"

    def test_a_comment_on_a_deal_that_is_gone_ends_for_good(self, side: Side) -> None:
        side.delete("one")
        assert only(side, comment(side)).result in {Result.GONE, Result.REFUSED}

    @pytest.mark.parametrize(
        "terms",
        [
            CardTerms(
                limit=Granted(rub("300000.00")),
                limit_until=date(2026, 12, 31),
                terms_days=14,
                category="large",
                status="ship",
                group="Холдинг",
                strategic=True,
            ),
            CardTerms(limit=Unlimited()),
            CardTerms(),
        ],
        ids=["everything", "unlimited", "nothing"],
    )
    def test_credit_terms_written_to_a_card_are_read_back(self, side: Side, terms: CardTerms) -> None:
        company = side.companies["first"]
        filled = WriteCompany(company, CardTerms(limit=Granted(rub(5)), terms_days=3, strategic=True), None)
        assert only(side, filled).result is Result.DONE
        assert only(side, WriteCompany(company, terms, FIGURES)).result is Result.DONE
        (card,) = side.portal.fetch_companies([company])
        assert card.terms == terms
        assert side.accounting_id("first") == "ref-1"

    def test_figures_alone_leave_the_terms_as_they_are(self, side: Side) -> None:
        terms = CardTerms(limit=Granted(rub(5)), terms_days=3)
        only(side, WriteCompany(side.companies["first"], terms, None))
        assert side.accounting_id("first") is None
        only(side, write_company(side))
        (card,) = side.portal.fetch_companies([side.companies["first"]])
        assert (card.terms, side.accounting_id("first")) == (terms, "ref-1")

    @pytest.mark.parametrize("known", [True, False], ids=["by id", "by its mark"])
    def test_a_task_carries_its_mark_and_is_closed(self, side: Side, known: bool) -> None:
        made = only(side, task(side))
        assert made.result is Result.DONE
        assert made.ref is not None
        assert side.open_tasks() == [f"Получить оплату {MARK}"]
        number = int(made.ref) if known else None
        assert only(side, close(side, number)) == Outcome(Result.DONE, ref=made.ref)
        assert side.open_tasks() == []

    @pytest.mark.parametrize("known", [True, False], ids=["by id", "by its mark"])
    @pytest.mark.parametrize("fate", ["closed", "removed"])
    def test_a_task_closed_or_removed_already_needs_nothing(self, side: Side, fate: str, known: bool) -> None:
        number = int(only(side, task(side)).ref or 0)
        if fate == "closed":
            only(side, close(side, number))
        else:
            side.remove_task(number)
        assert only(side, close(side, number if known else None)).result is Result.DONE

    def test_a_notification_with_the_same_tag_replaces_the_first(self, side: Side) -> None:
        notes = [Notify(MANAGER, tag, text) for tag, text in (("a", "Раз"), ("b", "Два"), ("a", "Три"))]
        assert {outcome.result for outcome in side.portal.perform(notes)} == {Result.DONE}
        assert sorted(side.notices()) == ["Два", "Три"]

    def test_a_comment_stands_on_its_deal_alone(self, side: Side) -> None:
        made = only(side, comment(side))
        assert made.result is Result.DONE
        assert side.comments("one") == ["Отгрузка остановлена КК-0000002"]
        assert side.comments("two") == []

    def test_a_waiting_robot_hears_the_first_answer_only(self, side: Side) -> None:
        token = side.waiting_token("one")
        assert only(side, answer(token)).result is Result.DONE
        assert side.robot_answer() == ("hold", False)
        again = AnswerRobot(token, "allow", proceed=True, reason="", excess=None, to_pay=None)
        assert only(side, again).result is Result.DONE
        assert side.robot_answer() == ("hold", False)

    def test_outcomes_come_in_the_order_of_the_actions(self, side: Side) -> None:
        actions: list[Action] = [close(side), comment(side), task(side), notice(side), move(side)]
        outcomes = side.portal.perform(actions)
        assert [outcome.result for outcome in outcomes] == [Result.DONE] * 5
        assert outcomes[4].ref == str(side.deals["one"])
        assert side.portal.perform([]) == []

    def test_a_conditional_move_costs_two_commands_and_the_others_one(self, side: Side) -> None:
        actions: list[Action] = [move(side), task(side), notice(side), comment(side), answer("t")]
        costs = [side.portal.cost(action) for action in actions]
        assert [cost.commands for cost in costs] == [2, 1, 1, 1, 1]
        assert all(cost.seconds > 0 for cost in costs)


FINDABLE: list[Callable[[Side], Action]] = [move, task, comment]
HARMLESS: list[Callable[[Side], Action]] = [write_deal, write_company, notice]


class TestUncertainty:
    """A lost request is never taken for done, and a look tells what became of it."""

    @pytest.mark.parametrize("make", FINDABLE + HARMLESS, ids=lambda make: make.__name__)
    def test_what_was_carried_out_unheard_is_uncertain_and_found_if_it_can_be(
        self, side: Side, make: Callable[[Side], Action]
    ) -> None:
        action = make(side)
        side.lose_answer()
        assert only(side, action).result is Result.UNCERTAIN
        (seen,) = side.portal.look([action])
        if make in HARMLESS:
            assert seen is None
        else:
            assert seen is not None
            assert (seen.result, bool(seen.ref)) == (Result.DONE, True)
        traces = (
            side.stage("one") == "EXECUTING",
            len(side.open_tasks()) == 1,
            len(side.comments("one")) == 1,
            side.reason("one") is not None and side.stage("one") == "NEW",
            side.accounting_id("first") is not None,
            len(side.notices()) == 1,
        )
        assert [make for make, trace in zip(FINDABLE + HARMLESS, traces, strict=True) if trace] == [make]

    @pytest.mark.parametrize("make", FINDABLE + HARMLESS, ids=lambda make: make.__name__)
    def test_what_never_arrived_is_uncertain_not_found_and_done_once_by_a_repeat(
        self, side: Side, make: Callable[[Side], Action]
    ) -> None:
        action = make(side)
        side.drop_request()
        assert only(side, action).result is Result.UNCERTAIN
        assert side.portal.look([action]) == [None]
        assert only(side, action).result is Result.DONE
        assert len(side.open_tasks()) + len(side.comments("one")) + len(side.notices()) <= 1

    def test_a_closing_is_found_when_nothing_is_left_to_close(self, side: Side) -> None:
        (nothing,) = side.portal.look([close(side)])
        assert nothing is not None
        assert nothing.result is Result.DONE
        number = int(only(side, task(side)).ref or 0)
        assert side.portal.look([close(side), close(side, number)]) == [None, None]
        side.lose_answer()
        assert only(side, close(side, number)).result is Result.UNCERTAIN
        (seen,) = side.portal.look([close(side, number)])
        assert seen is not None
        assert seen.result is Result.DONE

    def test_a_robot_s_answer_is_never_looked_for(self, side: Side) -> None:
        token = side.waiting_token("one")
        side.lose_answer()
        assert only(side, answer(token)).result is Result.UNCERTAIN
        assert side.portal.look([answer(token)]) == [None]
        assert side.robot_answer() == ("hold", False)

    def test_marks_of_others_are_not_taken_for_ours(self, side: Side) -> None:
        mine: list[Action] = [task(side), comment(side)]
        assert {outcome.result for outcome in side.portal.perform(mine)} == {Result.DONE}
        others: list[Action] = [
            AddTask(side.deals["two"], MARK, "", "", MANAGER, SOON),
            AddTask(side.deals["one"], "СО-000002", "", "", MANAGER, SOON),
            AddComment(side.deals["two"], "КК-0000002", ""),
            AddComment(side.deals["one"], "КК-0000003", ""),
        ]
        assert side.portal.look(others) == [None] * 4

    def test_lost_tokens_leave_everything_undone_and_to_be_repeated(self, side: Side) -> None:
        side.lose_tokens()
        outcomes = side.portal.perform([write_deal(side), task(side)])
        assert [outcome.result for outcome in outcomes] == [Result.RETRY] * 2
        assert (side.reason("one"), side.open_tasks()) == (None, [])

    def test_a_read_says_that_the_tokens_are_lost(self, side: Side) -> None:
        side.lose_tokens()
        with pytest.raises(GatewayError) as caught:
            side.portal.fetch_deals([side.deals["one"]])
        assert not caught.value.retryable
