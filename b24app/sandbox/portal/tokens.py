"""Token pairs of users and the authorization server's two addresses (bitrix24 1.4, 2)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Any

from b24app.sandbox.portal import php
from b24app.sandbox.portal.errors import RestError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

    from b24app.sandbox.portal.core import Core

ACCESS_SECONDS = 3600
_REFRESH_LIFE = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Pair:
    """What a user's page, a robot call or a refresh hands out."""

    user_id: int
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires: datetime


@dataclass(slots=True)
class _Refresh:
    user_id: int
    dies: datetime
    used: bool = False


class TokenBook:
    """All tokens ever issued. `tolerate_used` True: a used refresh token still works (bitrix24 2.2)."""

    def __init__(self) -> None:
        self.tolerate_used = False
        self._access: dict[str, Pair] = {}
        self._refresh: dict[str, _Refresh] = {}

    def issue(self, user_id: int, now: datetime) -> Pair:
        """A new pair; the access token lives an hour, the refresh token 180 days."""
        expires = now + timedelta(seconds=ACCESS_SECONDS)
        pair = Pair(user_id, secrets.token_hex(16), secrets.token_hex(16), expires)
        self._access[pair.access] = pair
        self._refresh[pair.refresh] = _Refresh(user_id, now + _REFRESH_LIFE)
        return pair

    def rotate(self, refresh: str, now: datetime) -> Pair | None:
        """Trade a refresh token for a new pair; None if it is unknown, dead or used."""
        known = self._refresh.get(refresh)
        if known is None or known.dies <= now or (known.used and not self.tolerate_used):
            return None
        known.used = True
        return self.issue(known.user_id, now)

    def find(self, access: str) -> Pair | None:
        """The pair of an access token, expired or not."""
        return self._access.get(access)

    def expire_all(self, now: datetime) -> None:
        """Let every access token be past its hour."""
        past = now - timedelta(seconds=1)
        self._access = {key: Pair(old.user_id, key, old.refresh, past) for key, old in self._access.items()}

    def revoke_all(self) -> None:
        """Forget every token."""
        self._access.clear()
        self._refresh.clear()


class AuthServer:
    """The authorization server as a WSGI application: `/oauth/token/` and `/rest/app.info`."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.requests = 0

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request as WSGI."""
        self.requests += 1
        params = php.decode(environ["QUERY_STRING"])
        if environ["REQUEST_METHOD"] == "POST":
            params = php.merge(params, php.decode(environ["wsgi.input"].read().decode()))
        routes = {"/oauth/token": self._token, "/rest/app.info": self._app_info}
        route = routes.get(environ["PATH_INFO"].rstrip("/").removesuffix(".json"))
        try:
            if route is None:
                raise RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)  # noqa: TRY301 - one way out
            with self._core.store.lock:
                status, body = 200, route(params)
        except RestError as error:
            status, body = error.status, error.body()
        start_response(f"{status} .", [("Content-Type", "application/json; charset=utf-8")])
        return [json.dumps(body).encode()]

    def _token(self, params: dict[str, Any]) -> dict[str, Any]:
        core = self._core
        names = ("grant_type", "client_id", "client_secret", "refresh_token")
        if any(not isinstance(params.get(name), str) for name in names):
            raise RestError("invalid_request", "A required parameter is missing")
        if params["client_id"] != core.app.client_id:
            raise RestError("wrong_client", "Wrong client", 200)
        if params["client_secret"] != core.app.client_secret:
            raise RestError("invalid_client", "Invalid client credentials")
        if params["grant_type"] != "refresh_token":
            raise RestError("invalid_request", "Unsupported grant type")
        if not core.app.installed:
            raise RestError("NOT_INSTALLED", "Application not installed", 401)
        pair = core.tokens.rotate(params["refresh_token"], core.now())
        if pair is None:
            raise RestError("invalid_grant", "Invalid or expired refresh token")
        return self._pair(pair)

    def _pair(self, pair: Pair) -> dict[str, Any]:
        core = self._core
        return {
            "access_token": pair.access,
            "client_endpoint": core.client_endpoint,
            "domain": core.auth_host,
            "expires": int(pair.expires.timestamp()),
            "expires_in": ACCESS_SECONDS,
            "member_id": core.member_id,
            "refresh_token": pair.refresh,
            "scope": ",".join(core.app.scope),
            "server_endpoint": core.server_endpoint,
            "status": "L",
            "user_id": pair.user_id,
        }

    def _app_info(self, params: dict[str, Any]) -> dict[str, Any]:
        core = self._core
        pair = core.checked_token(str(params.get("auth") or params.get("access_token") or ""))
        scope = ",".join(core.app.scope)
        result = {
            "client_id": core.app.client_id,
            "scope": scope,
            "expires": pair.expires.astimezone(UTC).replace(microsecond=0).isoformat(),
            "user_id": pair.user_id,
            "install": {
                "installed": core.app.install_finished,
                "version": str(core.app.version),
                "status": "L",
                "scope": scope,
                "domain": core.host,
                "uri": core.url,
                "client_endpoint": core.client_endpoint,
                "member_id": core.member_id,
                "member_type": "",
            },
        }
        return {"result": result}
