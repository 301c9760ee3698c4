"""Deals and companies read list-shaped, with references that do and do not resolve."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest
import responses

from b24app.ports.errors import BadAnswer
from b24app.ports.errors import Forbidden
from b24app.ports.errors import MethodParked
from b24app.ports.portal import Priority
from b24app.ports.portal import Requisite
from tests.builders import rub
from tests.fakes_bitrix import MEMBER
from tests.fakes_bitrix import Asked
from tests.fakes_bitrix import Reply
from tests.fakes_bitrix import ScriptedPortal
from tests.fakes_bitrix import batch
from tests.fakes_bitrix import result
from tests.fakes_bitrix import rig


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


def deal(number: int, company: Any = 0, manager: int = 6, **values: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"Deal {number}",
        "stageId": "C5:CHECK",
        "categoryId": 5,
        "opportunity": 1000,
        "currencyId": "RUB",
        "companyId": company,
        "assignedById": manager,
        "movedTime": "2026-03-02T14:00:00+03:00",
        "movedBy": 6,
        "closed": "N",
        **values,
    }


def company(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "title": f"Company {number}",
        "UF_CRM_CC_LIMIT_MODE": 12,
        "UF_CRM_CC_LIMIT": "5|RUB",
    }


def requisite(number: int, owner: int) -> dict[str, str]:
    return {"ID": str(number), "ENTITY_ID": str(owner), "RQ_INN": f"77{owner:08d}", "RQ_KPP": ""}


def user(number: int) -> dict[str, str]:
    return {"ID": str(number), "NAME": "Анна", "LAST_NAME": "Котова"}


def full(**parts: Any) -> Reply:
    blank: dict[str, Any] = {"deals": {"items": []}, "companies": {"items": []}}
    return batch({**blank, "requisites": [], "links": [], "users": [], **parts})


def test_a_check_reads_everything_in_one_request(mock: responses.RequestsMock) -> None:
    link = {"ENTITY_ID": "17", "REQUISITE_ID": "71"}
    portal = ScriptedPortal(
        mock,
        full(
            deals={"items": [deal(17, 5, UF_CRM_CC_CONTRACT=" Д-1 ", UF_CRM_CC_TERMS="")]},
            companies={"items": [company(5)]},
            requisites=[requisite(71, 5), requisite(70, 5)],
            links=[link],
            users=[user(6)],
        ),
    )
    (found,) = rig().portals.open(MEMBER).fetch_deals([17], priority=Priority.URGENT)
    assert len(portal.asked) == 1
    commands = portal.asked[0].commands
    assert list(commands) == ["deals", "companies", "requisites", "links", "users"]
    assert "$result[deals][items][0][companyId]" in portal.asked[0].body["cmd"]["companies"]
    assert commands["deals"][1]["useOriginalUfNames"] == "Y"
    assert found.company is not None
    assert found.company.requisites == (Requisite(70, "7700000005", ""), Requisite(71, "7700000005", ""))
    assert (found.company_id, found.requisite_id, found.amount) == (5, 71, rub(1000))
    assert (found.contract, found.terms, found.manager_name) == ("Д-1", None, "Анна Котова")
    assert found.moved_at == datetime(2026, 3, 2, 11, tzinfo=UTC)


def test_rows_are_matched_by_their_own_ids_and_strangers_are_ignored(mock: responses.RequestsMock) -> None:
    ScriptedPortal(
        mock,
        full(
            deals={"items": [deal(2, 20), deal(1, 10), deal(99, 1)]},
            companies={"items": [company(1), company(20), company(10)]},
            requisites=[requisite(3, 1), requisite(4, 20), requisite(5, 10)],
            users=[user(6)],
        ),
    )
    found = rig().portals.open(MEMBER).fetch_deals([1, 2])
    assert [one.id for one in found] == [1, 2]
    assert [one.company.id for one in found if one.company] == [10, 20]
    assert [one.company.requisites[0].id for one in found if one.company] == [5, 4]


def explicit(asked: Asked) -> Reply:
    """Answer a second request the way the portal would: by the ids in it."""
    answers = {
        "companies": {"items": [company(10)]},
        "requisites": [requisite(5, 10)],
        "links": [],
        "users": [user(6)],
    }
    assert all("$result" not in text for text in asked.body["cmd"].values())
    return batch({key: answers[key] for key in asked.commands})


def test_a_deleted_deal_leaves_the_others_whole(mock: responses.RequestsMock) -> None:
    errors = dict.fromkeys(("companies", "requisites", "users"), "INVALID_ARG_VALUE")
    portal = ScriptedPortal(mock, batch({"deals": {"items": [deal(1, 10)]}, "links": []}, errors), explicit)
    (found,) = rig().portals.open(MEMBER).fetch_deals([1, 2])
    assert set(portal.asked[1].commands) == {"companies", "requisites", "users"}
    assert found.company is not None
    assert (found.company.id, found.company.requisites[0].id, found.manager_name) == (10, 5, "Анна Котова")


def test_a_deal_without_a_company_does_not_take_anothers(mock: responses.RequestsMock) -> None:
    wrong = full(
        deals={"items": [deal(1, 10), deal(2, None)]},
        companies={"items": [company(2), company(1)]},
        requisites=[requisite(8, 2)],
        users=[],
    )
    portal = ScriptedPortal(mock, wrong, explicit)
    first, second = rig().portals.open(MEMBER).fetch_deals([1, 2])
    assert len(portal.asked) == 2
    assert first.company is not None
    assert (first.company.id, len(first.company.requisites)) == (10, 1)
    assert (second.company_id, second.company) == (None, None)


def test_a_company_that_cannot_be_read_is_no_reason_to_ask_twice(mock: responses.RequestsMock) -> None:
    portal = ScriptedPortal(mock, full(deals={"items": [deal(1, 10)]}))
    (found,) = rig().portals.open(MEMBER).fetch_deals([1])
    assert (found.company_id, found.company, found.manager_name) == (10, None, "")
    assert len(portal.asked) == 1


def test_all_deals_gone_is_an_empty_answer(mock: responses.RequestsMock) -> None:
    errors = dict.fromkeys(("companies", "requisites", "users"), "INVALID_ARG_VALUE")
    portal = ScriptedPortal(mock, batch({"deals": {"items": []}, "links": []}, errors))
    assert rig().portals.open(MEMBER).fetch_deals([1]) == []
    assert len(portal.asked) == 1


def test_a_command_that_fails_twice_is_an_error_not_an_empty_company(mock: responses.RequestsMock) -> None:
    ScriptedPortal(
        mock,
        batch({"deals": {"items": [deal(1, 10)]}, "links": []}, {"companies": "ACCESS_DENIED"}),
        batch(errors={"companies": "ACCESS_DENIED"}),
    )
    with pytest.raises(Forbidden):
        rig().portals.open(MEMBER).fetch_deals([1])


def test_a_parked_read_is_an_error(mock: responses.RequestsMock) -> None:
    ScriptedPortal(mock, batch(errors=dict.fromkeys(("deals", "companies"), "OPERATION_TIME_LIMIT")))
    with pytest.raises(MethodParked):
        rig().portals.open(MEMBER).fetch_deals([1])


def test_a_batch_cut_short_is_not_taken_for_no_deals(mock: responses.RequestsMock) -> None:
    ScriptedPortal(mock, batch())
    with pytest.raises(BadAnswer):
        rig().portals.open(MEMBER).fetch_deals([1])


def test_requisites_beyond_a_page_are_followed(mock: responses.RequestsMock) -> None:
    page = [requisite(number, 10) for number in range(1, 51)]
    portal = ScriptedPortal(
        mock,
        full(
            deals={"items": [deal(1, 10)]},
            companies={"items": [company(10)]},
            requisites=page,
            users=[user(6)],
        ),
        result([requisite(51, 10)]),
    )
    (found,) = rig().portals.open(MEMBER).fetch_deals([1])
    assert found.company is not None
    assert len(found.company.requisites) == 51
    assert portal.asked[1].body["filter"] == {"ENTITY_TYPE_ID": 4, "@ENTITY_ID": [10], ">ID": 50}


def test_companies_are_read_with_their_requisites(mock: responses.RequestsMock) -> None:
    ScriptedPortal(
        mock, batch({"companies": {"items": [company(5), company(6)]}, "requisites": [requisite(1, 6)]})
    )
    found = rig().portals.open(MEMBER).fetch_companies([5, 6])
    assert [(one.id, len(one.requisites)) for one in found] == [(5, 0), (6, 1)]


def test_companies_of_requisites_are_distinct(mock: responses.RequestsMock) -> None:
    ScriptedPortal(mock, result([requisite(1, 6), requisite(2, 6), requisite(3, 4)]))
    assert rig().portals.open(MEMBER).companies_of_requisites([1, 2, 3]) == [4, 6]


def test_all_companies_are_streamed_once_and_garbage_behind_a_short_page_is_not_read(
    mock: responses.RequestsMock,
) -> None:
    pages = [[company(number) for number in range(start, start + 50)] for start in (1, 51)]
    short = [company(101)]

    def cards(asked: Asked) -> Reply:
        assert "[c0][items][49][id]" in asked.body["cmd"]["c1"]
        chain = [*pages, short, pages[0], pages[1]]
        return batch({f"c{n}": {"items": rows} for n, rows in enumerate(chain)}, {"c5": "INVALID_ARG_VALUE"})

    full_page = [requisite(number, 1) for number in range(1, 51)]
    portal = ScriptedPortal(
        mock,
        cards,
        batch({"r0": full_page, "r1": [], "r2": [requisite(900, 101)]}),
        result([requisite(60, 50)]),
    )
    setup = rig()
    found = list(setup.portals.open(MEMBER).stream_companies())
    assert [one.id for one in found] == list(range(1, 102))
    assert [len(found[index].requisites) for index in (0, 49, 100)] == [50, 1, 1]
    assert len(portal.asked) == 3
    assert set(setup.bucket.taken) == {Priority.BULK}


def test_a_failed_page_of_the_stream_is_an_error(mock: responses.RequestsMock) -> None:
    page = [company(number) for number in range(1, 51)]
    ScriptedPortal(mock, batch({"c0": {"items": page}}, {"c1": "ACCESS_DENIED"}))
    with pytest.raises(Forbidden):
        list(rig().portals.open(MEMBER).stream_companies())


def test_standing_deals_are_paged_by_id(mock: responses.RequestsMock) -> None:
    page = [deal(number) for number in range(1, 51)]
    portal = ScriptedPortal(
        mock,
        result({"items": page}),
        result({"items": [deal(51, movedTime=None, createdTime="2026-03-01T00:00:00+00:00")]}),
    )
    since = datetime(2026, 3, 1, tzinfo=UTC)
    found = list(rig().portals.open(MEMBER).standing_deals(["C5:CHECK"], moved_since=since))
    assert [one.id for one in found] == list(range(1, 52))
    assert found[-1].moved_at == since
    assert portal.asked[1].body["filter"][">id"] == 50
    assert portal.asked[1].body["filter"][">=movedTime"] == "2026-03-01T00:00:00+00:00"


def test_nothing_asked_is_nothing_sent(mock: responses.RequestsMock) -> None:
    portal = ScriptedPortal(mock, batch())
    opened = rig().portals.open(MEMBER)
    assert opened.fetch_deals([]) == []
    assert opened.fetch_companies([]) == []
    assert opened.companies_of_requisites([]) == []
    assert list(opened.standing_deals([], moved_since=None)) == []
    assert opened.perform([]) == []
    assert opened.look([]) == []
    assert portal.asked == []


def test_a_deal_without_a_moment_is_not_guessed(mock: responses.RequestsMock) -> None:
    ScriptedPortal(mock, full(deals={"items": [deal(1, movedTime=None)]}))
    with pytest.raises(BadAnswer):
        rig().portals.open(MEMBER).fetch_deals([1])
