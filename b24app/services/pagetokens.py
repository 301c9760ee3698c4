"""Short-lived signed tokens a page carries instead of a cookie (bitrix24 10.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from typing import Final
from typing import cast

from itsdangerous import BadData
from itsdangerous import URLSafeSerializer

from b24app.ports.clock import Clock
from b24app.protocol.calls import UntrustedCaller

LIFETIME: Final = timedelta(minutes=30)
_SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PagePass:
    """What a page may act for: this user, on this deal, of this portal, in this language."""

    member_id: str
    user_id: int
    deal_id: int
    language: str


@dataclass(frozen=True, slots=True)
class InstallPass:
    """What an install page may act for: the installation of this portal, its administrator being proved."""

    member_id: str
    language: str


class PageExpired(UntrustedCaller):
    """The page was open longer than its token lives; opening it again helps."""


class PageTokens:
    """Issue and read page tokens, valid for half an hour by our own clock."""

    def __init__(self, secret_key: str, clock: Clock) -> None:
        """Take the server's secret key, which only this and other signed things know."""
        self._deals = URLSafeSerializer(secret_key, salt="b24app.page")
        self._installs = URLSafeSerializer(secret_key, salt="b24app.install")
        self._clock = clock

    def issue(self, page: PagePass) -> str:
        """Return a signed token for a page that was just opened by a verified user."""
        return self._sign(self._deals, page.member_id, page.user_id, page.deal_id, page.language)

    def issue_install(self, page: InstallPass) -> str:
        """Return a signed token for an install page just opened by a verified administrator."""
        return self._sign(self._installs, page.member_id, page.language)

    def read(self, token: str, *, grace: timedelta = timedelta()) -> PagePass:
        """Return what a token stands for. Raises `UntrustedCaller` if not ours, `PageExpired` if old.

        `grace`: how long past its time a token still names its page, for a renewal that proves the person.
        """
        member_id, user_id, deal_id, language = self._opened(self._deals, token, 4, grace)
        return PagePass(member_id, user_id, deal_id, language)

    def read_install(self, token: str) -> InstallPass:
        """Return what a token of an install page stands for. Raises as `read` does."""
        member_id, language = self._opened(self._installs, token, 2, timedelta())
        return InstallPass(member_id, language)

    def _sign(self, signer: URLSafeSerializer, *parts: str | int) -> str:
        return signer.dumps([*parts, int(self._clock.now().timestamp())])

    def _opened(self, signer: URLSafeSerializer, token: str, size: int, grace: timedelta) -> list[Any]:
        try:
            *parts, moment = cast("list[Any]", signer.loads(token))
        except (BadData, ValueError, TypeError) as error:
            raise UntrustedCaller("a page token that is not ours") from error
        if len(parts) != size:
            raise UntrustedCaller("a page token of another make")
        age = timedelta(seconds=self._clock.now().timestamp() - moment)
        if not -_SKEW <= age <= LIFETIME + grace:
            raise PageExpired("a page token past its time")
        return parts
