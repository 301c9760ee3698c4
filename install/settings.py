"""What the configuration says about the pinned portal, and how it gets into the portal's record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import datetime

from b24app.config import Config
from b24app.ports.admin import StageRole
from b24app.ports.records import Mode
from b24app.ports.records import People
from b24app.ports.records import PortalRecord
from b24app.ports.records import Stages

_USUAL_SERVER = "https://oauth.bitrix24.tech/rest/"


@dataclass(frozen=True, slots=True)
class InstallSettings:
    """What the configuration says about the pinned portal.

    `portal`: its address or host, empty when any portal that has our `client_id` is welcome. `base_url`: our
    public address. `server_endpoint`: the authorization server of payloads that name none, and of all when
    `pinned_server`. `chosen`: stages by STATUS_ID; a role left out is found or made.
    """

    client_id: str
    portal: str
    base_url: str
    server_endpoint: str
    people: People
    pinned_server: bool = False
    mode: Mode = Mode.OBSERVE
    language: str = "ru"
    category: int = 0
    chosen: Mapping[StageRole, str] = field(default_factory=dict)


def settings_of(config: Config) -> InstallSettings:
    """Take out of the configuration what concerns the installation."""
    people = config.people
    named = {
        StageRole.CHECK: config.pipeline.check,
        StageRole.ALLOWED: config.pipeline.allowed,
        StageRole.APPROVAL: config.pipeline.approval,
    }
    oauth = config.bitrix24.oauth_url
    return InstallSettings(
        client_id=config.bitrix24.client_id,
        portal=config.bitrix24.portal or "",
        base_url=config.server.base_url,
        server_endpoint=f"{oauth}rest/" if oauth else _USUAL_SERVER,
        pinned_server=oauth is not None,
        people=People(people.cfo, people.substitutes, people.sales_heads, people.administrator),
        mode=Mode(config.credit.mode),
        language=config.server.language,
        category=config.pipeline.category,
        chosen={role: status_id for role, status_id in named.items() if status_id},
    )


def seed(record: PortalRecord, settings: InstallSettings, *, now: datetime) -> PortalRecord:
    """Put what the configuration says into a portal's record; `now` stamps the switch to enforcing."""
    enforcing = settings.mode is Mode.ENFORCE
    stages = _seeded_stages(record.stages, settings)
    return replace(
        record,
        people=settings.people,
        mode=settings.mode,
        enforce_since=(record.enforce_since or now) if enforcing else None,
        stages=stages,
        installed=record.installed and stages is not None,
    )


def _seeded_stages(known: Stages | None, settings: InstallSettings) -> Stages | None:
    """Overlay the chosen stages; those of another funnel are forgotten."""
    base = known if known is not None and known.category == settings.category else None
    check = settings.chosen.get(StageRole.CHECK) or (base.check if base else None)
    allowed = settings.chosen.get(StageRole.ALLOWED) or (base.allowed if base else None)
    approval = settings.chosen.get(StageRole.APPROVAL) or (base.approval if base else None)
    if check is None or allowed is None or approval is None:
        return None
    beyond = base.beyond if base else ()
    return Stages(settings.category, check, allowed, approval, beyond)
