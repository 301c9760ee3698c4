"""Open portals for the installer: the real `ports.admin.PortalAdmins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24app.bitrix.admin import BitrixAdmin

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24app.bitrix.rest import RestClient


class BitrixAdmins:
    """Wrap the REST client of a portal, installed to the end or not."""

    def __init__(self, client: Callable[[str], RestClient]) -> None:
        self._client = client

    def open(self, member_id: str) -> BitrixAdmin:
        """Return the portal for administration; raises `AuthLost` when it is not known."""
        return BitrixAdmin(self._client(member_id))
