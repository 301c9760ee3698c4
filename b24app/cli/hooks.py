"""Where 1C may push to, said to the integrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24app.services.hooks import PATH

if TYPE_CHECKING:
    from b24app.ports.records import PortalRecord
    from b24app.wiring import Services


def hook_lines(services: Services, portals: list[PortalRecord]) -> list[str]:
    """Say where 1C may push to; a sentence about what is missing while the hook is shut."""
    if services.config.onec.webhook_token is None:
        return ["Приём сообщений из 1С выключен: задайте [onec] webhook_token и запустите команду ещё раз."]
    base = services.config.server.base_url.rstrip("/")
    lines = [
        f"{portal.domain}: {base}{PATH}{services.front.hook.key_of(portal.member_id)}" for portal in portals
    ]
    return [*lines, "Заголовок X-B24App-Token: значение [onec] webhook_token."]
