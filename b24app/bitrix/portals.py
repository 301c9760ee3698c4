"""Open portals by member id: the real `ports.portal.Portals`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from b24app.bitrix.address import PortalAddress
from b24app.bitrix.fields import Options
from b24app.bitrix.oauth import Application
from b24app.bitrix.oauth import AuthorizationServer
from b24app.bitrix.oauth import TokenKeeper
from b24app.bitrix.portal import BitrixPortal
from b24app.bitrix.rest import Link
from b24app.bitrix.rest import RestClient
from b24app.bitrix.rest import RestOptions
from b24app.ports.clock import Clock
from b24app.ports.errors import AuthLost
from b24app.ports.records import PortalRecord
from b24app.ports.tokens import RateBucket
from b24app.ports.tokens import TokenVault
from b24app.protocol.answers import TokenGrant


@dataclass(frozen=True, slots=True)
class Collaborators:
    """What the gateway needs of the rest of the program.

    `record` loads an installation; `renamed` stores the new REST base of a portal that has moved.
    """

    vault: TokenVault
    bucket: RateBucket
    clock: Clock
    record: Callable[[str], PortalRecord | None]
    renamed: Callable[[str, str], None]


class BitrixPortals:
    """Keep one client a portal, so that sessions, mean times and parked methods are shared by its callers."""

    def __init__(
        self, application: Application, parts: Collaborators, *, options: RestOptions | None = None
    ) -> None:
        self._server = AuthorizationServer(application)
        self._parts = parts
        self._options = options or RestOptions()
        self._lock = threading.Lock()
        self._open: dict[str, tuple[str, RestClient]] = {}

    def open(self, member_id: str) -> BitrixPortal:
        """Return the portal; raises `AuthLost` when it is not installed."""
        if not self._record(member_id).installed:
            raise AuthLost(f"{member_id}: the installation is not finished")
        client = self.client(member_id)
        return BitrixPortal(client, options=partial(self._enumerations, member_id), clock=self._parts.clock)

    def client(self, member_id: str) -> RestClient:
        """Return the REST client of a portal, installed to the end or not; raises `AuthLost` when unknown."""
        endpoint = self._record(member_id).client_endpoint
        with self._lock:
            known = self._open.get(member_id)
            if known is None or known[0] != endpoint:
                self._open[member_id] = known = (endpoint, self._connect(member_id, endpoint))
        return known[1]

    def _connect(self, member_id: str, endpoint: str) -> RestClient:
        parts = self._parts
        address = PortalAddress(
            endpoint,
            allow_insecure=self._options.allow_insecure,
            renamed=partial(parts.renamed, member_id),
        )

        def granted(grant: TokenGrant) -> None:
            address.adopt(grant.client_endpoint)

        def refresh(token: str) -> TokenGrant:
            return self._server.refresh(self._record(member_id).server_endpoint, token)

        keeper = TokenKeeper(
            member_id,
            parts.vault,
            clock=parts.clock,
            refresh=refresh,
            granted=granted,
            sleep=self._options.sleep,
        )
        link = Link(member_id, address, keeper, self._server, partial(self._server_endpoint, member_id))
        return RestClient(link, bucket=parts.bucket, clock=parts.clock, options=self._options)

    def _record(self, member_id: str) -> PortalRecord:
        record = self._parts.record(member_id)
        if record is None:
            raise AuthLost(f"{member_id}: not installed")
        return record

    def _server_endpoint(self, member_id: str) -> str:
        return self._record(member_id).server_endpoint

    def _enumerations(self, member_id: str) -> Options:
        return self._record(member_id).options
