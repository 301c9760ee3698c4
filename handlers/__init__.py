"""Live here: what we do about events of the portal: a file an event family, with a Router and functions.

The web dispatches to `ROUTER` and the installer binds `EVENTS`; they import services and protocol.
"""

from __future__ import annotations

from typing import Final

from b24app.protocol.routing import Router
from b24app.services.reception import Reception
from handlers import application
from handlers import companies
from handlers import deals
from handlers import requisites

ROUTER: Final[Router[Reception]] = Router(
    deals.ROUTER, companies.ROUTER, requisites.ROUTER, application.ROUTER
)
EVENTS: Final = ROUTER.names
