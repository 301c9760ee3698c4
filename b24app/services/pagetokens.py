"""Short-lived signed tokens a page carries instead of a cookie (bitrix24 10.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

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


class PageExpired(UntrustedCaller):
    """The page was open longer than its token lives; opening it again helps."""


class PageTokens:
    """Issue and read page tokens, valid for half an hour by our own clock."""

    def __init__(self, secret_key: str, clock: Clock) -> None:
        """Take the server's secret key, which only this and other signed things know."""
        self._signer = URLSafeSerializer(secret_key, salt="b24app.page")
        self._clock = clock

    def issue(self, page: PagePass) -> str:
        """Return a signed token for a page that was just opened by a verified user."""
        moment = int(self._clock.now().timestamp())
        return self._signer.dumps([page.member_id, page.user_id, page.deal_id, page.language, moment])

    def read(self, token: str, *, grace: timedelta = timedelta()) -> PagePass:
        """Return what a token stands for. Raises `UntrustedCaller` if not ours, `PageExpired` if old.

        `grace`: how long past its time a token still names its page, for a renewal that proves the person.
        """
        try:
            member_id, user_id, deal_id, language, moment = self._signer.loads(token)
        except (BadData, ValueError, TypeError) as error:
            raise UntrustedCaller("a page token that is not ours") from error
        age = timedelta(seconds=self._clock.now().timestamp() - moment)
        if not -_SKEW <= age <= LIFETIME + grace:
            raise PageExpired("a page token past its time")
        return PagePass(member_id, user_id, deal_id, language)
