"""Proof of a first contact: who posted this, according to those who must know (bitrix24 1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from urllib.parse import urlsplit

from b24app.domain.errors import CreditControlError
from b24app.ports.errors import GatewayError
from b24app.ports.identity import ConfirmedInstall
from b24app.ports.identity import Identity
from b24app.protocol.calls import UntrustedCaller


@dataclass(frozen=True, slots=True)
class Contact:
    """What was posted; nothing of it is believed yet."""

    member_id: str
    domain: str
    server_endpoint: str
    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proved:
    """A portal and a user of it, as the authorization server and the portal name them."""

    install: ConfirmedInstall
    user_id: int
    administrator: bool

    @property
    def member_id(self) -> str:
        """The portal."""
        return self.install.member_id


class ForeignPortalError(CreditControlError):
    """A real portal, but not the one this installation is configured for."""


class NotAdministratorError(CreditControlError):
    """A proved user of the portal who may not install."""


def prove(contact: Contact, identity: Identity, *, client_id: str) -> Proved:
    """Have the posted token explained by the authorization server, then by the portal that server names.

    Raises `UntrustedCaller` when either refuses the token or says something else than was posted, and a
    retryable `GatewayError` when one of them could not be asked.
    """
    try:
        confirmed = identity.confirm(
            server_endpoint=contact.server_endpoint, access_token=contact.access_token
        )
        _compare(contact, confirmed, client_id)
        user = identity.whoami(client_endpoint=confirmed.client_endpoint, access_token=contact.access_token)
    except GatewayError as error:
        if error.retryable:
            raise
        raise UntrustedCaller(f"install from {contact.member_id}: {error}") from error
    if user.id != confirmed.user_id:
        raise UntrustedCaller(f"install from {contact.member_id}: the token belongs to two users")
    return Proved(confirmed, user.id, user.admin)


def host_of(address: str) -> str:
    """Return host and port of an address written with or without a scheme, in lower case."""
    return urlsplit(address if "//" in address else f"//{address}").netloc.lower()


def check_pin(proved: Proved, portal: str) -> None:
    """Raise `ForeignPortalError` unless the portal is the configured one; without one all are welcome."""
    if portal and host_of(proved.install.domain) != host_of(portal):
        raise ForeignPortalError(f"{proved.install.domain} is not {host_of(portal)}")


def _compare(contact: Contact, confirmed: ConfirmedInstall, client_id: str) -> None:
    pairs = {
        "portal": (contact.member_id, confirmed.member_id),
        "address": (host_of(contact.domain), host_of(confirmed.domain)),
        "application": (client_id, confirmed.client_id),
    }
    wrong = [name for name, (posted, true) in pairs.items() if posted != true]
    if wrong:
        raise UntrustedCaller(f"install from {contact.member_id}: not confirmed: {', '.join(wrong)}")
