"""Events of the application itself: a new version, the end."""

from __future__ import annotations

from typing import Final

from b24app.protocol.events import EventCall
from b24app.protocol.routing import Router
from b24app.services.reception import Reception

ROUTER: Final[Router[Reception]] = Router()


@ROUTER.on("ONAPPUPDATE")
def application_updated(event: EventCall, reception: Reception) -> None:
    """Take over the portal's new `application_token`."""
    reception.updated(event)


@ROUTER.on("ONAPPUNINSTALL")
def application_uninstalled(event: EventCall, reception: Reception) -> None:
    """Forget the portal's secrets and keep its data."""
    reception.uninstalled(event)
