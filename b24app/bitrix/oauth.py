"""The authorization server, and the stored pair of tokens kept fresh by one refresh at a time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from urllib.parse import urlsplit

from b24app.bitrix.http import HttpCall
from b24app.bitrix.http import exchange
from b24app.bitrix.http import open_session
from b24app.ports.clock import Clock
from b24app.ports.errors import AuthLost
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import NotReached
from b24app.ports.errors import TokensDead
from b24app.ports.tokens import TokenPair
from b24app.ports.tokens import TokenVault
from b24app.protocol.answers import RawAnswer
from b24app.protocol.answers import TokenGrant
from b24app.protocol.answers import parse_grant

ALLOWED_HOSTS = frozenset({"oauth.bitrix.info", "oauth.bitrix24.tech"})
_TIMEOUT = (10.0, 30.0)
_LEASE_SECONDS = 45.0
_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.05
_LONGEST_SECONDS = 86_400
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Application:
    """The keys of our application. `oauth_url` overrides the authorization server of every portal."""

    client_id: str
    client_secret: str = field(repr=False)
    oauth_url: str | None = None


class AuthorizationServer:
    """Calls to the server that issues tokens; the secret is sent nowhere else (bitrix24 2.1)."""

    def __init__(self, application: Application) -> None:
        self.application = application
        # At DEBUG urllib3 writes whole addresses, and a refresh carries the secret in its address.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

    def refresh(self, server_endpoint: str, refresh_token: str) -> TokenGrant:
        """Exchange a refresh token for a new pair (bitrix24 2.2)."""
        query = {
            "grant_type": "refresh_token",
            "client_id": self.application.client_id,
            "client_secret": self.application.client_secret,
            "refresh_token": refresh_token,
        }
        url = f"{self._root(server_endpoint)}/oauth/token/"
        return parse_grant(_get("oauth/token", url, query))

    def app_info(self, server_endpoint: str, access_token: str) -> RawAnswer:
        """Ask what installation an access token belongs to (bitrix24 1.4)."""
        root = self._root(server_endpoint)
        own_base = urlsplit(server_endpoint).netloc == urlsplit(root).netloc
        base = server_endpoint.rstrip("/") if own_base else f"{root}/rest"
        return _get("app.info", f"{base}/app.info", {"auth": access_token})

    def _root(self, server_endpoint: str) -> str:
        override = self.application.oauth_url
        if override:
            return override.rstrip("/").removesuffix("/oauth/token")
        parts = urlsplit(server_endpoint)
        if parts.scheme != "https" or parts.netloc not in ALLOWED_HOSTS:
            raise Forbidden(f"not an authorization server of Bitrix24: {parts.scheme}://{parts.netloc}")
        return f"https://{parts.netloc}"


class TokenKeeper:
    """Give out the access token of a portal's service user and renew it once for all who were refused.

    `refresh` exchanges a refresh token; `granted` hears of every new pair after it has been saved.
    """

    def __init__(
        self,
        member_id: str,
        vault: TokenVault,
        *,
        clock: Clock,
        refresh: Callable[[str], TokenGrant],
        granted: Callable[[TokenGrant], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._member_id = member_id
        self._vault = vault
        self._clock = clock
        self._refresh_by = refresh
        self._granted = granted
        self._sleep = sleep

    def access(self) -> str:
        """Return the stored access token; raises `AuthLost` when there is none."""
        return self._pair().access

    def renew(self, refused: str) -> None:
        """See to it that the stored access token is another one than the refused.

        1. Somebody has changed it already: done. 2. We win the lease: refresh, with no transaction open.
        3. Another one holds it: wait for his pair. Raises `AuthLost` when the refresh is refused for good and
        `NotReached` when it failed otherwise: the call that was refused has certainly not been carried out.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            pair = self._pair()
            if pair.access != refused:
                return
            now = self._clock.now()
            if self._vault.lease(self._member_id, refused=refused, now=now, seconds=_LEASE_SECONDS):
                self._refresh(pair)
                return
            if time.monotonic() > deadline:
                raise NotReached(f"{self._member_id}: another process has been refreshing for too long")
            self._sleep(_POLL_SECONDS)

    def lost(self, access: str, error: AuthLost) -> None:
        """Let go of tokens that will never work again, so that the next proved call may bring others."""
        if isinstance(error, TokensDead):
            _log.warning("the tokens of %s are refused for good: %s", self._member_id, error)
            self._vault.discard(self._member_id, refused=access)

    def _refresh(self, pair: TokenPair) -> None:
        grant = self._exchange(pair)
        if grant is None:
            return
        fresh = TokenPair(
            user_id=grant.user_id or pair.user_id,
            access=grant.access,
            refresh=grant.refresh,
            expires_at=self._clock.now() + timedelta(seconds=min(grant.expires_in, _LONGEST_SECONDS)),
        )
        if self._vault.replace(self._member_id, fresh, refused=pair.access):
            self._granted(grant)

    def _exchange(self, pair: TokenPair) -> TokenGrant | None:
        """Return the grant, or None when a newer pair has been stored meanwhile."""
        try:
            grant = self._refresh_by(pair.refresh)
            if grant.member_id not in {"", self._member_id}:
                raise BadAnswer(f"{self._member_id}: the refresh answered for another portal")
        except AuthLost as error:
            self._vault.release(self._member_id, refused=pair.access)
            if self._pair().access != pair.access:
                return None
            self.lost(pair.access, error)
            raise
        except GatewayError as error:
            self._vault.release(self._member_id, refused=pair.access)
            if not error.retryable:
                raise
            raise NotReached(f"{self._member_id}: refresh failed ({error})") from error
        return grant

    def _pair(self) -> TokenPair:
        pair = self._vault.pair(self._member_id)
        if pair is None:
            raise AuthLost(f"{self._member_id}: no tokens are stored")
        return pair


def _get(subject: str, url: str, query: dict[str, str]) -> RawAnswer:
    with open_session(url) as session:
        return exchange(session, HttpCall(subject, url, query), _TIMEOUT)
