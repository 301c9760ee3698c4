"""Events of requisites: a changed tax number is reported here, not with the company (bitrix24 7.3)."""

from __future__ import annotations

from typing import Final

from b24app.ports.records import MessageKind
from b24app.protocol.events import EventCall
from b24app.protocol.routing import Router
from b24app.services.reception import Reception

ROUTER: Final[Router[Reception]] = Router()


@ROUTER.on("ONCRMREQUISITEADD")
def requisite_added(event: EventCall, reception: Reception) -> None:
    """Find out which credit account the company belongs to now."""
    reception.event_arrived(event, MessageKind.REQUISITE)


@ROUTER.on("ONCRMREQUISITEUPDATE")
def requisite_updated(event: EventCall, reception: Reception) -> None:
    """Find out whether the company has changed its credit account."""
    reception.event_arrived(event, MessageKind.REQUISITE)
