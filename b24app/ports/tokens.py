"""Secrets and shared limits of portals, kept in our database, used by the Bitrix24 gateway."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Protocol

from b24app.domain.errors import CreditControlError

if TYPE_CHECKING:
    from datetime import datetime

    from b24app.ports.portal import Priority


@dataclass(frozen=True, slots=True)
class TokenPair:
    """Access and refresh token of one portal user; neither ever shows in a repr."""

    user_id: int
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime


class SecretsUnreadableError(CreditControlError):
    """Stored secrets cannot be opened with the key of the configuration: it is another one."""


class TokenVault(Protocol):
    """Keep the service user's tokens, encrypted at rest. Every call is a short transaction of its own."""

    def pair(self, member_id: str) -> TokenPair | None:
        """Return the stored pair."""
        ...

    def save(self, member_id: str, pair: TokenPair) -> None:
        """Replace the pair and end any lease."""
        ...

    def replace(self, member_id: str, pair: TokenPair, *, refused: str) -> bool:
        """Replace the pair, but only one whose access token is the refused one; tell whether it was done.

        What was stored meanwhile by somebody else, or deleted, stays as it is.
        """
        ...

    def discard(self, member_id: str, *, refused: str) -> None:
        """Delete a pair that will never work again, if its access token is the refused one."""
        ...

    def lease(self, member_id: str, *, refused: str, now: datetime, seconds: float) -> bool:
        """Win the right to refresh if the refused token is still the stored one and nobody holds a lease."""
        ...

    def release(self, member_id: str, *, refused: str) -> None:
        """Give the lease back without new tokens, if the refused token is still the stored one."""
        ...

    def application_token(self, member_id: str) -> str | None:
        """Return the constant the portal signs its calls with."""
        ...

    def set_application_token(self, member_id: str, token: str) -> None: ...

    def forget(self, member_id: str) -> None:
        """Delete every secret of a portal (uninstall)."""
        ...


class RateBucket(Protocol):
    """The leaky bucket of a portal, one row shared by all processes, and its parked methods."""

    def take(self, member_id: str, priority: Priority, *, now: datetime) -> float:
        """Take one request's room and return 0.0, or take nothing and return how many seconds to wait."""
        ...

    def drain(self, member_id: str, *, now: datetime) -> None:
        """Note that the portal itself refused for speed: the bucket is full as of now."""
        ...

    def park(self, member_id: str, method: str, *, until: datetime) -> None:
        """Keep a method from being called until a moment."""
        ...

    def parked(self, member_id: str, *, now: datetime) -> dict[str, datetime]:
        """Return the methods parked at present and until when."""
        ...
