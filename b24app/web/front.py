"""What the web needs, as one value built by the wiring."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Protocol

if TYPE_CHECKING:
    from b24app.protocol.events import EventCall
    from b24app.protocol.pages import PageOpening
    from b24app.services.hooks import LedgerHook
    from b24app.services.pagetokens import InstallPass
    from b24app.services.pagetokens import PagePass
    from b24app.services.pagetokens import PageTokens
    from b24app.services.reception import Reception
    from b24app.services.views import DealTabView
    from b24app.services.views import InstallStep
    from b24app.services.views import InstallView

Probes = Callable[[], Mapping[str, bool]]
"""Readiness by the name of what is looked at (`database`, `worker`…); quick, and raises nothing."""


class Installer(Protocol):
    """Install the app on the portal that opens the install page."""

    def opened(self, page: PageOpening) -> InstallView:
        """Tell the person who opened the page what will be made; nothing is made yet.

        Nothing posted is believed before the authorization server confirms it. Raises `UntrustedCaller`; a
        `GatewayError` when it could not be asked.
        """
        ...

    def proceed(self, page: InstallPass) -> Iterator[InstallView | InstallStep]:
        """Install: yield the plan, each step as it ends, and what came of it at last; raises nothing."""
        ...

    def installed_event(self, event: EventCall) -> None:
        """Take in `ONAPPINSTALL`. Raises as `opened` does."""
        ...


class DealTab(Protocol):
    """What the credit tab of a deal shows."""

    def wants_check(self, member_id: str, deal_id: int) -> bool:
        """Tell whether opening the tab should start a check; no call to the outside."""
        ...

    def view(self, member_id: str, deal_id: int, user: PagePass) -> DealTabView:
        """Return the newest decision and the earlier ones in the page's language, without calling outside."""
        ...


class DealRights(Protocol):
    """Who may see a deal: asked of the portal with the person's own token (bitrix24 10.2)."""

    def sees_deal(self, *, client_endpoint: str, access_token: str, deal_id: int) -> bool:
        """Tell whether the token's owner can read the deal. Raises `GatewayError` if the portal is silent."""
        ...


@dataclass(frozen=True, slots=True)
class Front:
    """The parts behind the routes.

    `js_url`: address of the portal's script for frames (bitrix24 10.3). `language`: `ru` or `en`, for people
    whose own language is neither.
    """

    reception: Reception
    tokens: PageTokens
    rights: DealRights
    install: Installer
    hook: LedgerHook
    tab: DealTab
    probes: Probes
    js_url: str
    language: str = "ru"
