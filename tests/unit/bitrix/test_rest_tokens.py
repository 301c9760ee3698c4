"""Tokens of the gateway: refreshed once, replaced by nobody, let go when they are dead."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses

from b24app.ports.errors import AuthLost
from b24app.ports.errors import NotReached
from b24app.ports.tokens import TokenPair
from tests.fakes_bitrix import MEMBER
from tests.fakes_bitrix import NOON
from tests.fakes_bitrix import Asked
from tests.fakes_bitrix import Reply
from tests.fakes_bitrix import ScriptedPortal
from tests.fakes_bitrix import failure
from tests.fakes_bitrix import result
from tests.fakes_bitrix import rig
from tests.unit.bitrix.test_rest import GRANT
from tests.unit.bitrix.test_rest import TOKEN_URL
from tests.unit.bitrix.test_rest import call
from tests.unit.bitrix.test_rest import grant


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


def test_an_expired_token_is_refreshed_once_and_the_call_repeated(mock: responses.RequestsMock) -> None:
    portal = ScriptedPortal(mock, failure("expired_token", 401), result(1))
    grant(mock)
    setup = rig()
    assert call(setup, "crm.item.update") == 1
    assert [asked.body["auth"] for asked in portal.asked] == ["access-1", "access-2"]
    pair = setup.vault.pair(MEMBER)
    assert pair is not None
    assert (pair.refresh, pair.expires_at) == ("refresh-2", NOON + timedelta(hours=1))
    assert setup.renamed == []


def test_a_pair_changed_by_somebody_else_is_adopted_without_a_refresh(mock: responses.RequestsMock) -> None:
    setup = rig()

    def expired(asked: Asked) -> Reply:
        setup.vault.save(MEMBER, TokenPair(1, "access-9", "refresh-9", NOON))
        assert asked.body["auth"] == "access-1"
        return failure("expired_token", 401)

    portal = ScriptedPortal(mock, expired, result(1))
    assert call(setup) == 1
    assert portal.asked[-1].body["auth"] == "access-9"


def test_eight_threads_on_one_expired_token_make_one_refresh(mock: responses.RequestsMock) -> None:
    barrier = threading.Barrier(8)
    refreshes: list[str] = []

    def answer(asked: Asked) -> Reply:
        return result(1) if asked.body["auth"] == "access-2" else failure("expired_token", 401)

    def token(request: Any) -> tuple[int, dict[str, str], str]:
        refreshes.append(request.params["refresh_token"])
        return 200, {}, GRANT

    portal = ScriptedPortal(mock, answer)
    mock.add_callback(responses.GET, TOKEN_URL, callback=token)
    client, answers = rig(sleep=time.sleep).portals.client(MEMBER), list[Any]()

    def run() -> None:
        barrier.wait()
        answers.append(client.call("profile", {}))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [1] * 8
    assert refreshes == ["refresh-1"]
    assert len(portal.asked) <= 16


def test_a_pair_that_cannot_be_refreshed_any_more_makes_room_for_another(
    mock: responses.RequestsMock,
) -> None:
    ScriptedPortal(mock, failure("expired_token", 401))
    mock.get(TOKEN_URL, status=400, json={"error": "invalid_grant"})
    setup = rig()
    with pytest.raises(AuthLost):
        call(setup)
    assert setup.vault.pair(MEMBER) is None


@pytest.mark.parametrize("code", ["no_auth_found", "invalid_token", "authorization_error"])
def test_a_pair_the_portal_refuses_for_good_makes_room_for_another(
    mock: responses.RequestsMock, code: str
) -> None:
    ScriptedPortal(mock, failure(code, 401))
    setup = rig()
    with pytest.raises(AuthLost):
        call(setup)
    assert setup.vault.pair(MEMBER) is None


@pytest.mark.parametrize("code", ["payment_required", "portal_deleted", "application_not_found"])
def test_a_portal_that_is_closed_keeps_its_pair(mock: responses.RequestsMock, code: str) -> None:
    ScriptedPortal(mock, failure("expired_token", 401))
    mock.get(TOKEN_URL, status=400, json={"error": code})
    setup = rig()
    with pytest.raises(AuthLost):
        call(setup)
    assert setup.vault.pair(MEMBER) is not None
    assert setup.vault.lease(MEMBER, refused="access-1", now=NOON, seconds=1), "the lease was given back"


def test_a_pair_stored_during_the_refresh_is_not_overwritten(mock: responses.RequestsMock) -> None:
    setup = rig()
    brought = TokenPair(9, "brought", "brought-r", NOON)

    def granted(_request: Any) -> tuple[int, dict[str, str], str]:
        setup.vault.save(MEMBER, brought)
        return 200, {}, GRANT

    ScriptedPortal(mock, failure("expired_token", 401), result(1))
    mock.add_callback(responses.GET, TOKEN_URL, callback=granted)
    call(setup)
    assert setup.vault.pair(MEMBER) == brought


def test_an_uninstall_during_the_refresh_stays_an_uninstall(mock: responses.RequestsMock) -> None:
    setup = rig()

    def granted(_request: Any) -> tuple[int, dict[str, str], str]:
        setup.vault.forget(MEMBER)
        return 200, {}, GRANT

    ScriptedPortal(mock, failure("expired_token", 401))
    mock.add_callback(responses.GET, TOKEN_URL, callback=granted)
    with pytest.raises(AuthLost):
        call(setup)
    assert setup.vault.pair(MEMBER) is None


@pytest.mark.parametrize("body", [requests.ReadTimeout(), b"<html>"])
def test_a_refresh_that_fails_otherwise_leaves_the_call_certainly_undone(
    mock: responses.RequestsMock, body: Any
) -> None:
    ScriptedPortal(mock, failure("expired_token", 401))
    mock.get(TOKEN_URL, body=body)
    setup = rig()
    with pytest.raises(NotReached):
        call(setup, "crm.item.update")
    assert setup.vault.lease(MEMBER, refused="access-1", now=setup.clock.now(), seconds=1)


def test_tokens_refused_again_and_again_are_given_up(mock: responses.RequestsMock) -> None:
    portal = ScriptedPortal(mock, failure("expired_token", 401))
    for number in range(2, 9):
        grant(mock, number)
    with pytest.raises(AuthLost):
        call(rig())
    assert len(portal.asked) == 3


def test_a_portal_without_tokens_is_lost(mock: responses.RequestsMock) -> None:
    ScriptedPortal(mock, result(1))
    setup = rig()
    setup.vault.forget(MEMBER)
    with pytest.raises(AuthLost):
        call(setup)
