"""The wanted state: everything of ours that has to stand on a portal."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import handlers
import robots
from b24app.messages import install as words
from b24app.ports.admin import EventBinding
from b24app.ports.admin import OptionText
from b24app.ports.admin import PlacementBinding
from b24app.ports.admin import RobotRegistration
from b24app.ports.admin import StageRole
from b24app.ports.admin import Subject
from b24app.ports.admin import Words
from b24app.ports.fields import FIELD_KINDS
from b24app.ports.fields import FieldKind
from b24app.ports.records import Stages
from robots.spec import RobotSpec

STAGE_CODES: Mapping[StageRole, str] = {
    StageRole.CHECK: "CC_PREPARE",
    StageRole.ALLOWED: "CC_ALLOWED",
    StageRole.APPROVAL: "CC_APPROVAL",
}
"""Codes of the stages we make; with a funnel's prefix they stay under the limit of 22 (bitrix24 6.6)."""

DEAL_TAB = "CRM_DEAL_DETAIL_TAB"
_FIELD_STEP = 10
_FINGERPRINT_BYTES = 6


@dataclass(frozen=True, slots=True)
class WantedField:
    """A user field as it has to be."""

    subject: Subject
    kind: FieldKind
    labels: Words
    options: tuple[OptionText, ...]
    sort: int


@dataclass(frozen=True, slots=True)
class WantedPlacement:
    """A page of ours in a place of the portal."""

    binding: PlacementBinding
    titles: Words


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything of ours on a portal.

    `chosen`: stages an administrator named by STATUS_ID; they are never made. `remembered`: stages found or
    made before; made anew when they are gone. `registered`: fingerprints of the robots as last registered,
    because the portal lists codes only (bitrix24 4.2).
    """

    category: int
    language: str
    chosen: Mapping[StageRole, str]
    remembered: Mapping[StageRole, str]
    fields: tuple[WantedField, ...]
    robots: tuple[RobotRegistration, ...]
    registered: Mapping[str, int]
    events: tuple[EventBinding, ...]
    placements: tuple[WantedPlacement, ...]


def build_manifest(
    *,
    base_url: str,
    language: str,
    category: int,
    chosen: Mapping[StageRole, str],
    remembered: Stages | None,
    registered: Mapping[str, int],
) -> Wanted:
    """Describe what has to stand on the portal when our public address is `base_url`."""
    base = base_url.rstrip("/")
    return Wanted(
        category=category,
        language=language,
        chosen=chosen,
        remembered=_remembered(remembered, category),
        fields=tuple(_field(subject, place, language) for place, subject in enumerate(FIELD_KINDS, start=1)),
        robots=tuple(_robot(robot.SPEC, base) for robot in robots.ALL.values()),
        registered=registered,
        events=tuple(EventBinding(event.upper(), f"{base}/events") for event in sorted(handlers.EVENTS)),
        placements=(
            WantedPlacement(PlacementBinding(DEAL_TAB, f"{base}/placements/deal_tab"), words.DEAL_TAB),
        ),
    )


def fingerprint(robot: RobotRegistration) -> int:
    """Condense a registration to a number that changes when anything the portal was told changes."""
    return int.from_bytes(hashlib.sha256(repr(robot).encode()).digest()[:_FINGERPRINT_BYTES], "big")


def _remembered(stages: Stages | None, category: int) -> Mapping[StageRole, str]:
    if stages is None or stages.category != category:
        return {}
    return {
        StageRole.CHECK: stages.check,
        StageRole.ALLOWED: stages.allowed,
        StageRole.APPROVAL: stages.approval,
    }


def _field(subject: Subject, place: int, language: str) -> WantedField:
    options = words.OPTION_LABELS.get(subject, {})
    return WantedField(
        subject=subject,
        kind=FIELD_KINDS[subject],
        labels=words.FIELD_LABELS[subject],
        options=tuple(OptionText(xml_id, words.pick(text, language)) for xml_id, text in options.items()),
        sort=place * _FIELD_STEP,
    )


def _robot(spec: RobotSpec, base: str) -> RobotRegistration:
    return RobotRegistration(
        code=spec.code,
        handler=f"{base}/robots/{spec.code}",
        waits=spec.use_subscription,
        names=spec.names,
        descriptions=spec.descriptions,
        properties=spec.properties,
        results=spec.return_properties,
    )
