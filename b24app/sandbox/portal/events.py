"""From what a hit left behind to form-encoded posts (bitrix24 7.2)."""

from __future__ import annotations

import random
from collections.abc import Callable

from b24app.sandbox.portal.core import Core
from b24app.sandbox.portal.core import EventDraft
from b24app.sandbox.portal.core import Hit
from b24app.sandbox.portal.outbox import SentEvent
from b24app.sandbox.portal.outbox import jitter
from b24app.sandbox.portal.store import Binding
from b24app.sandbox.portal.store import Record

KNOWN = frozenset(
    {
        *(f"ONCRM{kind}{what}" for kind in ("DEAL", "COMPANY") for what in ("ADD", "UPDATE", "DELETE")),
        *(f"ONCRMREQUISITE{what}" for what in ("ADD", "UPDATE", "DELETE")),
        "ONCRMDEALMOVETOCATEGORY",
        "ONAPPINSTALL",
        "ONAPPUPDATE",
        "ONAPPUNINSTALL",
        "ONAPPTEST",
    }
)


def finish(core: Core, hit: Hit) -> None:
    """End a hit: hand its events and robot calls to the sender, then run its background jobs."""
    with core.store.lock:
        _send_drafts(core, hit)
        for call in hit.calls:
            call()
        for job in hit.jobs:
            job()
        hit.jobs.clear()
        hit.calls.clear()


def _send_drafts(core: Core, hit: Hit) -> None:
    """Hand the hit's events to the sender for every subscription; before `installFinish` none is sent."""
    drafts = list(hit.events.values())
    hit.events.clear()
    if not core.app.install_finished:
        return
    if core.switches.shuffle:
        random.shuffle(drafts)
    for draft in drafts:
        for binding in core.app.bindings:
            if binding.event == draft.event and draft.event not in core.switches.drop:
                _send(core, hit, draft, binding)


def _send(core: Core, hit: Hit, draft: EventDraft, binding: Binding) -> None:
    timestamp = str(int(core.now().timestamp()))
    user = None if draft.automatic or not hit.user_id else binding.auth_type or hit.user_id
    for _copy in range(core.switches.copies):
        record = SentEvent(draft.event, draft.data, binding.handler, with_tokens=user is not None)
        core.sent_events.append(record)
        core.outbox.put(record, _body(core, draft, binding, (timestamp, user)), jitter(core.switches))


def _body(
    core: Core, draft: EventDraft, binding: Binding, stamp: tuple[str, int | None]
) -> Callable[[], Record]:
    timestamp, user = stamp

    def body() -> Record:
        with core.store.lock:
            pair = None if user is None else core.tokens.issue(user, core.now())
            auth = core.auth_block(pair)
        return {
            "event": draft.event,
            "event_handler_id": str(binding.id),
            "data": draft.data,
            "ts": timestamp,
            "auth": auth,
        }

    return body


def send_app_event(core: Core, event: str, data: Record, handler: str, user_id: int | None) -> SentEvent:
    """Send `ONAPPINSTALL`, `ONAPPUPDATE` (with both tokens) or `ONAPPUNINSTALL` (with none)."""
    record = SentEvent(event, data, handler, with_tokens=user_id is not None)
    core.sent_events.append(record)
    pair = None if user_id is None else core.tokens.issue(user_id, core.now())
    auth = core.auth_block(pair, refresh=True)
    body = {"event": event, "data": data, "ts": str(int(core.now().timestamp())), "auth": auth}
    core.outbox.put(record, lambda: body)
    return record
