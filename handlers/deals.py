"""Events of deals: each says only that something happened; the check reads the deal (bitrix24 7.2)."""

from __future__ import annotations

from typing import Final

from b24app.ports.records import MessageKind
from b24app.protocol.events import EventCall
from b24app.protocol.routing import Router
from b24app.services.reception import Reception

ROUTER: Final[Router[Reception]] = Router()


@ROUTER.on("ONCRMDEALADD")
def deal_added(event: EventCall, reception: Reception) -> None:
    """Look at the new deal: it may have been made right on a stage of ours."""
    reception.event_arrived(event, MessageKind.DEAL)


@ROUTER.on("ONCRMDEALUPDATE")
def deal_updated(event: EventCall, reception: Reception) -> None:
    """Look at the deal: stage, company, contract or amount may have changed."""
    reception.event_arrived(event, MessageKind.DEAL)


@ROUTER.on("ONCRMDEALMOVETOCATEGORY")
def deal_moved_to_category(event: EventCall, reception: Reception) -> None:
    """Look at the deal: it came into our funnel or left it."""
    reception.event_arrived(event, MessageKind.DEAL)


@ROUTER.on("ONCRMDEALDELETE")
def deal_deleted(event: EventCall, reception: Reception) -> None:
    """Look for the deal: it is gone, and what it reserved becomes free."""
    reception.event_arrived(event, MessageKind.DEAL)
