"""Where a portal is: its REST base, which changes when the portal is renamed (bitrix24 2.6)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from b24app.bitrix.http import check_address


class PortalAddress:
    """The REST base of one portal. A new one is taken only from the authorization server's word."""

    def __init__(self, endpoint: str, *, allow_insecure: bool, renamed: Callable[[str], None]) -> None:
        self._allow_insecure = allow_insecure
        self._renamed = renamed
        self._endpoint = check_address(endpoint, allow_insecure=allow_insecure)

    @property
    def current(self) -> str:
        """REST base with a closing slash."""
        return self._endpoint

    @property
    def host(self) -> str:
        """Host and port of the portal."""
        return urlsplit(self._endpoint).netloc

    def adopt(self, endpoint: str) -> None:
        """Move to a proved address; nothing happens when it is the present or an empty one."""
        if not endpoint:
            return
        checked = check_address(endpoint, allow_insecure=self._allow_insecure)
        if checked != self._endpoint:
            self._endpoint = checked
            self._renamed(checked)
