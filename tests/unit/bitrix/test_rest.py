"""The REST client: turns, tokens, repeats, parked methods, a portal that has moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses
from urllib3.exceptions import MaxRetryError
from urllib3.exceptions import NewConnectionError

from b24app.bitrix.encode import reference
from b24app.bitrix.http import HttpCall
from b24app.bitrix.http import exchange
from b24app.bitrix.http import open_session
from b24app.bitrix.rest import is_read
from b24app.ports.errors import AuthLost
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import MethodParked
from b24app.ports.errors import NotReached
from b24app.ports.errors import RateLimited
from b24app.ports.errors import Rejected
from b24app.ports.errors import TransportFailure
from b24app.ports.portal import Priority
from tests.fakes_bitrix import MEMBER
from tests.fakes_bitrix import NOON
from tests.fakes_bitrix import PORTAL
from tests.fakes_bitrix import SERVER
from tests.fakes_bitrix import Asked
from tests.fakes_bitrix import Reply
from tests.fakes_bitrix import Rig
from tests.fakes_bitrix import ScriptedPortal
from tests.fakes_bitrix import batch
from tests.fakes_bitrix import failure
from tests.fakes_bitrix import result
from tests.fakes_bitrix import rig

TOKEN_URL = "https://oauth.bitrix.info/oauth/token/"
GRANT = f'{{"access_token": "access-2", "refresh_token": "refresh-2", "member_id": "{MEMBER}"}}'
UNREACHED = requests.ConnectionError(
    MaxRetryError(None, "/", NewConnectionError(None, "refused"))  # type: ignore[arg-type]
)


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


def grant(mock: responses.RequestsMock, number: int = 2, endpoint: str = PORTAL) -> None:
    payload = {
        "access_token": f"access-{number}",
        "refresh_token": f"refresh-{number}",
        "expires_in": 3600,
        "member_id": MEMBER,
        "user_id": 1,
        "domain": "oauth.bitrix.info",
        "client_endpoint": endpoint,
    }
    mock.get(TOKEN_URL, json=payload)


def app_info(mock: responses.RequestsMock, endpoint: str, member_id: str = MEMBER) -> None:
    install = {"installed": True, "status": "L", "client_endpoint": endpoint, "member_id": member_id}
    payload = {"client_id": "local.abc.1", "scope": "crm,task", "user_id": 7, "install": install}
    mock.get(SERVER + "app.info", json={"result": payload})


def call(setup: Rig, method: str = "crm.item.list", **params: Any) -> Any:
    return setup.portals.client(MEMBER).call(method, params)


def test_a_call_sends_json_with_the_token_in_the_body(mock: responses.RequestsMock) -> None:
    portal = ScriptedPortal(mock, result({"items": []}))
    assert call(rig(), filter={"id": 5}) == {"items": []}
    assert portal.asked == [Asked("crm.item.list", {"filter": {"id": 5}, "auth": "access-1"})]


def test_a_turn_is_waited_for_and_asked_again(mock: responses.RequestsMock) -> None:
    ScriptedPortal(mock, result(1))
    setup = rig()
    setup.bucket.waits = [0.5, 1.5]
    setup.portals.client(MEMBER).call("profile", {}, priority=Priority.URGENT)
    assert setup.clock.slept == [0.5, 1.5]
    assert setup.bucket.taken == [Priority.URGENT]


def test_nobody_waits_for_a_turn_for_ever(mock: responses.RequestsMock) -> None:
    portal = ScriptedPortal(mock, result(1))
    setup = rig()
    setup.bucket.waits = [1000.0]
    with pytest.raises(RateLimited):
        call(setup)
    assert portal.asked == []


@pytest.mark.parametrize("method", ["crm.item.list", "crm.item.update"])
def test_too_fast_drains_the_bucket_and_even_a_write_is_repeated(
    mock: responses.RequestsMock, method: str
) -> None:
    portal = ScriptedPortal(mock, *[failure("QUERY_LIMIT_EXCEEDED", 503)] * 2, result(1))
    setup = rig()
    assert call(setup, method) == 1
    assert (setup.bucket.drained, len(portal.asked), len(setup.bucket.taken)) == (2, 3, 3)
    assert setup.clock.slept == sorted(setup.clock.slept)
    assert setup.clock.slept[0] > 0


def test_a_portal_that_stays_too_busy_is_given_up(mock: responses.RequestsMock) -> None:
    portal = ScriptedPortal(mock, failure("QUERY_LIMIT_EXCEEDED", 503))
    with pytest.raises(RateLimited):
        call(rig())
    assert len(portal.asked) == 6


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(Reply(raises=requests.ReadTimeout("token=access-1")), id="silence"),
        pytest.param(Reply(raises=requests.ConnectionError("dropped")), id="drop"),
        pytest.param(failure("INTERNAL_SERVER_ERROR", 500), id="500"),
        pytest.param(Reply(502, "<html>bad gateway</html>"), id="502"),
        pytest.param(Reply(200, "<html>log in</html>"), id="login page"),
    ],
)
def test_reads_are_repeated_and_writes_are_not(mock: responses.RequestsMock, trouble: Reply) -> None:
    portal = ScriptedPortal(mock, trouble, result(1))
    assert call(rig(), "crm.item.list") == 1
    portal.replies = [trouble, result(1)]
    with pytest.raises(GatewayError) as caught:
        call(rig(), "crm.item.update")
    assert caught.value.uncertain
    assert "access-1" not in f"{caught.value}{caught.value.__cause__}"
    assert len(portal.asked) == 3


def test_a_batch_with_one_write_is_not_repeated(mock: responses.RequestsMock) -> None:
    portal = ScriptedPortal(mock, Reply(raises=requests.ReadTimeout()), batch())
    with pytest.raises(TransportFailure):
        rig().portals.client(MEMBER).batch({"a": ("user.get", {}), "b": ("tasks.task.add", {})})
    assert len(portal.asked) == 1


@pytest.mark.parametrize(
    ("raised", "kind", "uncertain"),
    [
        pytest.param(UNREACHED, NotReached, False, id="refused"),
        pytest.param(requests.ConnectTimeout(), NotReached, False, id="no answer to a connect"),
        pytest.param(requests.ReadTimeout(), TransportFailure, True, id="no answer to a request"),
        pytest.param(requests.exceptions.ChunkedEncodingError(), TransportFailure, True, id="cut off"),
    ],
)
def test_a_connection_never_made_is_told_apart(
    mock: responses.RequestsMock, raised: Exception, kind: type[GatewayError], *, uncertain: bool
) -> None:
    ScriptedPortal(mock, Reply(raises=raised))
    with pytest.raises(TransportFailure) as caught:
        call(rig(), "crm.item.update")
    assert type(caught.value) is kind
    assert caught.value.uncertain is uncertain


def test_a_real_refused_connection_is_never_reached() -> None:
    with open_session("http://127.0.0.1:1/") as session, pytest.raises(NotReached):
        exchange(session, HttpCall("m", "http://127.0.0.1:1/rest/m", body={}), (1, 1))


def test_a_parked_method_is_remembered_and_refused_here(mock: responses.RequestsMock) -> None:
    reset = int((NOON + timedelta(minutes=4)).timestamp())
    portal = ScriptedPortal(
        mock,
        result({}, time={"duration": 2.5, "operating_reset_at": reset}),
        failure("OPERATION_TIME_LIMIT", 429),
    )
    setup = rig()
    call(setup)
    for _ in range(2):
        with pytest.raises(MethodParked) as caught:
            call(setup)
        assert caught.value.until == NOON + timedelta(minutes=4)
    assert len(portal.asked) == 2
    assert setup.portals.client(MEMBER).meter.expected("crm.item.list") == 2.5


def test_commands_of_a_parked_method_and_those_behind_them_stay_here(mock: responses.RequestsMock) -> None:
    portal = ScriptedPortal(mock, batch({"free": 1}))
    setup = rig()
    setup.bucket.park(MEMBER, "crm.item.list", until=NOON + timedelta(minutes=1))
    answer = setup.portals.client(MEMBER).batch(
        {
            "chk": ("crm.item.list", {}),
            "mv": ("crm.item.update", {"id": reference("chk", "items", 0, "id")}),
            "free": ("im.notify.system.add", {}),
        }
    )
    assert {key: type(error) for key, error in answer.errors.items()} == {
        "chk": MethodParked,
        "mv": MethodParked,
    }
    assert answer.results == {"free": 1}
    assert list(portal.asked[0].commands) == ["free"]


def test_a_command_parked_by_the_portal_is_parked_here_too(mock: responses.RequestsMock) -> None:
    ScriptedPortal(mock, batch(errors={"a": "OPERATION_TIME_LIMIT", "b": "NOT_FOUND"}))
    setup = rig()
    answer = setup.portals.client(MEMBER).batch({"a": ("crm.item.update", {}), "b": ("crm.item.update", {})})
    assert set(answer.errors) == {"a", "b"}
    assert set(setup.bucket.parked_methods) == {"crm.item.update"}


def test_a_batch_is_never_longer_than_the_portal_takes() -> None:
    with pytest.raises(ValueError, match="51 commands"):
        rig().portals.client(MEMBER).batch({str(n): ("profile", {}) for n in range(51)})


def test_a_renamed_portal_is_followed_once_it_is_proved(mock: responses.RequestsMock) -> None:
    ScriptedPortal(mock, Reply(302, "", {"Location": "https://new.bitrix24.com/rest/crm.item.update"}))
    moved = ScriptedPortal(mock, result(1), base="https://new.bitrix24.com/rest/")
    app_info(mock, "https://new.bitrix24.com/rest/")
    setup = rig()
    assert call(setup, "crm.item.update", id=5) == 1
    assert moved.asked[0].body == {"id": 5, "auth": "access-1"}
    assert setup.renamed == [(MEMBER, "https://new.bitrix24.com/rest/")]


@pytest.mark.parametrize(
    ("endpoint", "member_id"),
    [
        pytest.param("https://new.bitrix24.com/rest/", "another", id="another member"),
        pytest.param(PORTAL, MEMBER, id="the server knows of no move"),
    ],
)
def test_a_redirect_that_nobody_proves_gets_no_token(
    mock: responses.RequestsMock, endpoint: str, member_id: str
) -> None:
    ScriptedPortal(mock, Reply(302, "", {"Location": "https://new.bitrix24.com/rest/m"}))
    stranger = ScriptedPortal(mock, result(1), base="https://new.bitrix24.com/rest/")
    app_info(mock, endpoint, member_id)
    with pytest.raises(BadAnswer):
        call(rig(), "crm.item.update")
    assert stranger.asked == []


def test_a_move_named_by_a_refresh_is_adopted(mock: responses.RequestsMock) -> None:
    ScriptedPortal(mock, failure("expired_token", 401))
    ScriptedPortal(mock, result(1), base="https://new.bitrix24.com/rest/")
    grant(mock, endpoint="https://new.bitrix24.com/rest/")
    setup = rig()
    assert call(setup) == 1
    assert setup.renamed == [(MEMBER, "https://new.bitrix24.com/rest/")]


@pytest.mark.parametrize("endpoint", ["http://portal.bitrix24.com/rest/", "ftp://x/rest/", "portal"])
def test_a_portal_without_https_is_refused_outside_this_machine(endpoint: str) -> None:
    with pytest.raises(Forbidden):
        rig(endpoint=endpoint).portals.client(MEMBER)


def test_an_unknown_or_unfinished_installation_is_not_opened() -> None:
    with pytest.raises(AuthLost):
        rig().portals.open("somebody")


def test_a_server_that_is_not_bitrix24s_never_sees_the_secret(mock: responses.RequestsMock) -> None:
    ScriptedPortal(mock, failure("expired_token", 401))
    evil = mock.get("https://evil.example/oauth/token/", json={})
    with pytest.raises(Forbidden):
        call(rig(server="https://evil.example/rest/"))
    assert evil.call_count == 0


def test_a_refusal_is_not_repeated(mock: responses.RequestsMock) -> None:
    portal = ScriptedPortal(mock, failure("OVERLOAD_LIMIT", 503))
    with pytest.raises(Rejected):
        call(rig())
    assert len(portal.asked) == 1


@pytest.mark.parametrize(
    ("method", "read"),
    [
        ("crm.item.list", True),
        ("profile", True),
        ("bizproc.workflow.instances", True),
        ("crm.item.update", False),
        ("event.offline.get", False),
        ("bizproc.event.send", False),
    ],
)
def test_a_read_is_known_by_its_name(method: str, *, read: bool) -> None:
    assert is_read(method) is read
