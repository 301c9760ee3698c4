"""Events of the portal, as posted to us (bitrix24 1.5, 7.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24app.protocol.calls import BadCall
from b24app.protocol.calls import CallAuth
from b24app.protocol.calls import parse_auth
from b24app.protocol.calls import read_id
from b24app.protocol.calls import read_number
from b24app.protocol.calls import read_text

if TYPE_CHECKING:
    from b24app.protocol.forms import Form

_NAME = re.compile(r"[A-Z0-9_]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class EventCall:
    """One event: it names what happened and the object's id, never what changed (bitrix24 7.2).

    `name` is in upper case. `subject_id` is None for events about no object. `category` and `stage` come only
    with a move to another funnel. `clean`: an uninstall that asks for the app's data to be deleted.
    """

    name: str
    subject_id: int | None
    auth: CallAuth
    category: int | None = None
    stage: str | None = None
    clean: bool = False


def parse_event(form: Form) -> EventCall:
    """Read an event; unknown keys are ignored. Raises `BadCall` for what cannot be one."""
    name = (read_text(form, "event") or "").upper()
    if _NAME.fullmatch(name) is None:
        raise BadCall("event: not the name of an event")
    facts = _nested(form, "data")
    fields = _nested(facts, "FIELDS")
    return EventCall(
        name=name,
        subject_id=read_id(fields, "ID"),
        auth=parse_auth(form),
        category=read_number(fields, "CATEGORY_ID"),
        stage=read_text(fields, "STAGE_ID"),
        clean=read_text(facts, "CLEAN") == "1",
    )


def _nested(form: Form, key: str) -> Form:
    """Return a nested part, empty when missing: PHP drops empty arrays and JSON shows them as `[]`."""
    node = form.get(key)
    return node if isinstance(node, dict) else {}
