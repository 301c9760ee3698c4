"""Calls of our robots by the portal's automation (bitrix24 4.5, bizproc 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

from b24app.protocol.calls import BadCall
from b24app.protocol.calls import CallAuth
from b24app.protocol.calls import items
from b24app.protocol.calls import parse_auth
from b24app.protocol.calls import read_text
from b24app.protocol.calls import read_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24app.protocol.forms import Form
    from b24app.protocol.forms import Node

_CODE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_DEAL_CLASS = "CCrmDocumentDeal"
_DEAL = re.compile(r"DEAL_([1-9][0-9]{0,17})", re.ASCII)
_ADDRESS_PARTS = 3


@dataclass(frozen=True, slots=True)
class RobotCall:
    """A robot met on a deal's way. `event_token` is the key of the answer, so it is a secret of the step.

    `waiting`: the process stands still until we answer. `properties`: inputs as configured, single values
    only, in the formats of the portal.
    """

    code: str
    deal_id: int
    event_token: str = field(repr=False)
    waiting: bool
    auth: CallAuth
    properties: Mapping[str, str] = field(default_factory=dict)


def parse_robot_call(form: Form, *, waits_by_default: bool) -> RobotCall:
    """Read a robot call; `waits_by_default` decides when `use_subscription` was dropped on the way.

    Raises `BadCall` for what cannot be one, and for a robot placed on anything but a deal.
    """
    code = read_text(form, "code")
    token = read_token(form, "event_token")
    if code is None or _CODE.fullmatch(code) is None:
        raise BadCall("code: not the code of a robot")
    if token is None:
        raise BadCall(f"robot {code}: no event_token")
    subscription = read_text(form, "use_subscription")
    return RobotCall(
        code=code,
        deal_id=_deal_id(items(form.get("document_id"))),
        event_token=token,
        waiting=waits_by_default if subscription is None else subscription.upper() == "Y",
        auth=parse_auth(form),
        properties=_single_values(form.get("properties")),
    )


def _deal_id(address: list[Node]) -> int:
    """Return the deal of a document address `crm / CCrmDocumentDeal / DEAL_17`."""
    if len(address) != _ADDRESS_PARTS or address[1] != _DEAL_CLASS or not isinstance(address[2], str):
        raise BadCall("document_id: not a deal")
    found = _DEAL.fullmatch(address[2])
    if found is None:
        raise BadCall("document_id: not the address of a deal")
    return int(found[1])


def _single_values(node: Node | None) -> dict[str, str]:
    if not isinstance(node, dict):
        return {}
    return {key: value for key, value in node.items() if isinstance(value, str)}
