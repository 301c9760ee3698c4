"""Events of company cards: somebody may have typed over a limit or a status."""

from __future__ import annotations

from typing import Final

from b24app.ports.records import MessageKind
from b24app.protocol.events import EventCall
from b24app.protocol.routing import Router
from b24app.services.reception import Reception

ROUTER: Final[Router[Reception]] = Router()


@ROUTER.on("ONCRMCOMPANYUPDATE")
def company_updated(event: EventCall, reception: Reception) -> None:
    """Compare the card with the terms our database accepted."""
    reception.event_arrived(event, MessageKind.COMPANY)
