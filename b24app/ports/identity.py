"""Who is calling: first contact and page openings, proved by the vendor before they are believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ConfirmedInstall:
    """What the authorization server says about an access token (bitrix24 1.4).

    `domain` is the portal's host; `client_endpoint` the base of its REST calls, ending with a slash;
    `user_id` whose token it was; `client_id` the application it was made for; `status` L, F, D, T or P;
    `scope` the granted permissions.
    """

    member_id: str
    domain: str
    client_endpoint: str
    server_endpoint: str
    user_id: int
    client_id: str
    status: str
    installed: bool
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageUser:
    """The portal user who opened a page, as the portal itself names him."""

    id: int
    admin: bool
    name: str


class Identity(Protocol):
    """Turn posted tokens into proved facts. Every method raises `GatewayError` subclasses only."""

    def confirm(self, *, server_endpoint: str, access_token: str) -> ConfirmedInstall:
        """Ask the authorization server whose token this is.

        Raises `Forbidden` for a server that is not on the allow-list or a token of another application, and
        `AuthLost` for a token that is refused.
        """
        ...

    def whoami(self, *, client_endpoint: str, access_token: str) -> PageUser:
        """Ask the portal who a page's token belongs to.

        `client_endpoint` must come from our own record of the portal, never from the request. Raises
        `AuthLost` for a token that is refused or expired.
        """
        ...
