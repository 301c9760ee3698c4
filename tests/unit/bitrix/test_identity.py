"""First contact and page openings: what the authorization server and the portal must say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import responses

from b24app.bitrix.identity import BitrixIdentity
from b24app.bitrix.oauth import Application
from b24app.bitrix.oauth import AuthorizationServer
from b24app.ports.errors import AuthLost
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.identity import PageUser
from tests.fakes_bitrix import MEMBER
from tests.fakes_bitrix import PORTAL
from tests.fakes_bitrix import SERVER

INSTALL = {
    "installed": True,
    "version": 1,
    "status": "L",
    "scope": "crm",
    "domain": "portal.bitrix24.com",
    "client_endpoint": PORTAL,
    "member_id": MEMBER,
}
INFO = {"client_id": "local.abc.1", "scope": "crm,task", "user_id": "7", "install": INSTALL}


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


def identity(oauth_url: str | None = None) -> BitrixIdentity:
    return BitrixIdentity(AuthorizationServer(Application("local.abc.1", "the-client-secret", oauth_url)))


def test_the_authorization_server_names_the_portal(mock: responses.RequestsMock) -> None:
    mock.get(SERVER + "app.info", json={"result": INFO})
    found = identity().confirm(server_endpoint=SERVER, access_token="t")
    assert (found.member_id, found.domain, found.user_id) == (MEMBER, "portal.bitrix24.com", 7)
    assert (found.scope, found.installed, found.client_endpoint) == (("crm", "task"), True, PORTAL)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/rest/",
        "http://oauth.bitrix.info/rest/",
        "https://oauth.bitrix.info.evil.example/",
    ],
)
def test_a_posted_server_off_the_list_is_never_asked(endpoint: str) -> None:
    with responses.RequestsMock(), pytest.raises(Forbidden):
        identity().confirm(server_endpoint=endpoint, access_token="t")


def test_an_override_is_asked_whatever_was_posted(mock: responses.RequestsMock) -> None:
    asked = mock.get("http://127.0.0.1:9/rest/app.info", json={"result": INFO})
    identity("http://127.0.0.1:9/oauth/token/").confirm(server_endpoint=SERVER, access_token="t")
    assert asked.call_count == 1


@pytest.mark.parametrize(
    ("payload", "status", "kind"),
    [
        pytest.param({"result": INFO | {"client_id": "local.other.2"}}, 200, Forbidden, id="another app"),
        pytest.param({"result": {"client_id": "local.abc.1"}}, 200, BadAnswer, id="no installation"),
        pytest.param({"result": INFO | {"install": {"member_id": "x"}}}, 200, BadAnswer, id="no endpoint"),
        pytest.param({"result": []}, 200, BadAnswer, id="an empty map"),
        pytest.param({"error": "expired_token"}, 401, AuthLost, id="expired"),
        pytest.param({"error": "NO_AUTH_FOUND"}, 401, AuthLost, id="unknown token"),
        pytest.param({"error": "wrong_client"}, 200, AuthLost, id="an error with 200"),
    ],
)
def test_what_is_not_confirmed_is_not_believed(
    mock: responses.RequestsMock, payload: dict[str, Any], status: int, kind: type[GatewayError]
) -> None:
    mock.get(SERVER + "app.info", json=payload, status=status)
    with pytest.raises(kind):
        identity().confirm(server_endpoint=SERVER, access_token="t")


@pytest.mark.parametrize(
    ("flag", "admin"), [(True, True), ("Y", True), (False, False), (None, False), ("N", False)]
)
def test_the_portal_names_the_page_s_user(mock: responses.RequestsMock, flag: Any, *, admin: bool) -> None:
    profile = {"ID": "7", "ADMIN": flag, "NAME": "Анна", "LAST_NAME": "Котова"}
    mock.post(PORTAL + "profile", json={"result": profile})
    found = identity().whoami(client_endpoint=PORTAL, access_token="t")
    assert found == PageUser(7, admin, "Анна Котова")


@pytest.mark.parametrize(
    ("payload", "kind"), [({"result": []}, BadAnswer), ({"error": "expired_token"}, AuthLost)]
)
def test_a_page_of_nobody_is_refused(
    mock: responses.RequestsMock, payload: dict[str, Any], kind: type[GatewayError]
) -> None:
    mock.post(PORTAL + "profile", json=payload)
    with pytest.raises(kind):
        identity().whoami(client_endpoint=PORTAL, access_token="t")


def test_secrets_never_show() -> None:
    assert "the-client-secret" not in repr(Application("id", "the-client-secret"))
