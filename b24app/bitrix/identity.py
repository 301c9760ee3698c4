"""The real `ports.identity.Identity`: tokens proved by the authorization server and by the portal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from b24app.bitrix.http import HttpCall
from b24app.bitrix.http import check_address
from b24app.bitrix.http import exchange
from b24app.bitrix.http import open_session
from b24app.bitrix.oauth import AuthorizationServer
from b24app.ports.errors import AuthLost
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import Forbidden
from b24app.ports.identity import ConfirmedInstall
from b24app.ports.identity import PageUser
from b24app.protocol.answers import TokenExpired
from b24app.protocol.answers import parse_answer

_TIMEOUT = (5.0, 15.0)


class BitrixIdentity:
    """Ask Bitrix24 who is calling."""

    def __init__(self, server: AuthorizationServer, *, allow_insecure: bool = False) -> None:
        self._server = server
        self._allow_insecure = allow_insecure

    def confirm(self, *, server_endpoint: str, access_token: str) -> ConfirmedInstall:
        """Ask the authorization server (bitrix24 1.4); an expired token is `AuthLost` too."""
        raw = self._server.app_info(server_endpoint, access_token)
        try:
            result = parse_answer("app.info", raw).result
        except TokenExpired as error:
            raise AuthLost("app.info: the access token has expired") from error
        install = parse_install(result, server_endpoint)
        if install.client_id != self._server.application.client_id:
            raise Forbidden(f"a token of another application, for portal {install.member_id}")
        return install

    def whoami(self, *, client_endpoint: str, access_token: str) -> PageUser:
        """Ask the portal by `profile`, which needs no permission (bitrix24 9)."""
        base = check_address(client_endpoint, allow_insecure=self._allow_insecure)
        call = HttpCall("profile", f"{base}profile", body={"auth": access_token})
        with open_session(base) as session:
            raw = exchange(session, call, _TIMEOUT)
        try:
            result = parse_answer("profile", raw).result
        except TokenExpired as error:
            raise AuthLost("profile: the access token has expired") from error
        return parse_profile(result)


def parse_install(result: Any, server_endpoint: str) -> ConfirmedInstall:
    """Read the `app.info` of the authorization server; raises `BadAnswer` for missing parts."""
    install = result.get("install") if isinstance(result, Mapping) else None
    if not isinstance(install, Mapping):
        raise BadAnswer("app.info: no installation in the answer")
    try:
        endpoint = str(install["client_endpoint"])
        return ConfirmedInstall(
            member_id=str(install["member_id"]),
            domain=urlsplit(endpoint).netloc or str(install.get("domain", "")),
            client_endpoint=endpoint if endpoint.endswith("/") else f"{endpoint}/",
            server_endpoint=server_endpoint,
            user_id=int(result["user_id"]),
            client_id=str(result["client_id"]),
            status=str(install.get("status", "")),
            installed=install.get("installed") in {True, "Y", "1"},
            scope=_scope(result.get("scope") or install.get("scope")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer("app.info: the installation is incomplete") from error


def parse_profile(result: Any) -> PageUser:
    """Read the answer of `profile`; raises `BadAnswer` when it names nobody."""
    if not isinstance(result, Mapping):
        raise BadAnswer("profile: no user in the answer")
    try:
        number = int(result["ID"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadAnswer("profile: no user in the answer") from error
    name = f"{result.get('NAME') or ''} {result.get('LAST_NAME') or ''}".strip()
    return PageUser(id=number, admin=result.get("ADMIN") in {True, "Y"}, name=name)


def _scope(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return tuple(str(part) for part in value) if isinstance(value, list) else ()
