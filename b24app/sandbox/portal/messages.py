"""Notifications (bitrix24 8.2): one visible per TAG."""

from __future__ import annotations

import json
from datetime import datetime

from b24app.sandbox.portal.core import Call
from b24app.sandbox.portal.core import method
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import Store

_ATTACH_LIMIT = 60_000


def _add(call: Call, kind: str) -> int | bool:
    user = call.text("USER_ID")
    if not user.isdecimal() or int(user) < 1:
        raise RestError("USER_ID_EMPTY", "User ID can't be empty")
    text = call.text("MESSAGE")
    if not text:
        raise RestError("MESSAGE_EMPTY", "Message can't be empty")
    attach = call.value("ATTACH")
    if attach is not None and len(json.dumps(attach, ensure_ascii=False)) > _ATTACH_LIMIT:
        raise RestError("ATTACH_OVERSIZE", "You have exceeded the maximum allowable size of attach")
    if int(user) not in call.store.users:
        return False
    said = {
        "user_id": int(user),
        "from": call.user_id if kind == "personal" else 0,
        "message": text,
        "tag": call.text("TAG"),
        "sub_tag": call.text("SUB_TAG"),
        "attach": attach,
    }
    return leave(call.store, call.core.now(), said)


def leave(store: Store, now: datetime, said: Record) -> int:
    """Show a notification to its `user_id`; an older one of the same tag goes."""
    if tag := said.get("tag"):
        store.notifications[:] = [row for row in store.notifications if row["tag"] != tag]
    number = store.number("notification")
    row = {"tag": "", "sub_tag": "", "attach": None} | said | {"id": number, "at": now}
    store.notifications.append(row)
    return number


@method("im.notify.personal.add", "im")
def notify_personal(call: Call) -> int | bool:
    """A notification from the token's user; false if the addressee does not exist."""
    return _add(call, "personal")


@method("im.notify.system.add", "im")
def notify_system(call: Call) -> int | bool:
    """A notification from the system; false if the addressee does not exist."""
    return _add(call, "system")
