"""The application itself: information, events, placements, options (bitrix24 7.1, 10.1, 11)."""

from __future__ import annotations

from typing import Any

from b24app.sandbox.portal import events
from b24app.sandbox.portal.bizproc import check_handler
from b24app.sandbox.portal.core import METHODS
from b24app.sandbox.portal.core import Call
from b24app.sandbox.portal.core import method
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.errors import access_denied
from b24app.sandbox.portal.errors import missing
from b24app.sandbox.portal.errors import wrong_value
from b24app.sandbox.portal.fields import ZONE
from b24app.sandbox.portal.store import Binding
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import iso

PLACEMENTS = frozenset(
    [
        "CRM_DEAL_DETAIL_TAB",
        "CRM_COMPANY_DETAIL_TAB",
        "CRM_DEAL_LIST_MENU",
        "CRM_COMPANY_LIST_MENU",
        "CRM_DEAL_DETAIL_TOOLBAR",
        "CRM_DEAL_DETAIL_ACTIVITY",
        "CRM_COMPANY_DETAIL_TOOLBAR",
        "LEFT_MENU",
        "REST_APP_URI",
        "USERFIELD_TYPE",
    ]
)
APP_ID = 5
_FEATURES = {"rest_offline_extended": "N"}


@method("app.info")
def app_info(call: Call) -> Record:
    """The installation as the portal sees it."""
    app = call.core.app
    return {
        "ID": APP_ID,
        "CODE": app.client_id,
        "VERSION": app.version,
        "STATUS": "L",
        "INSTALLED": app.install_finished,
        "PAYMENT_EXPIRED": "N",
        "DAYS": None,
        "LANGUAGE_ID": "ru",
        "LICENSE": "ru_pro100",
        "LICENSE_TYPE": "pro100",
        "LICENSE_FAMILY": "pro",
    }


@method("server.time")
def server_time(call: Call) -> str:
    """The portal's moment."""
    return iso(call.core.now(), ZONE)


@method("scope")
def scopes(call: Call) -> list[str]:
    """Scopes of the app."""
    return list(call.core.app.scope)


@method("method.get")
def method_exists(call: Call) -> Record:
    """Whether a method exists and the app's scopes allow it."""
    found = METHODS.get(call.text("name"))
    available = found is not None and (not found.scopes or bool(set(found.scopes) & set(call.core.app.scope)))
    return {"isExisting": found is not None, "isAvailable": available}


@method("feature.get")
def feature(call: Call) -> Record:
    """Whether the plan has a feature."""
    if not call.text("CODE"):
        raise missing("CODE")
    return {"value": _FEATURES.get(call.text("CODE"), "N")}


@method("event.bind")
def bind_event(call: Call) -> bool:
    """Subscribe to an event; offline queues are not offered here."""
    name = call.text("event").upper()
    if name not in events.KNOWN:
        raise RestError("ERROR_EVENT_NOT_FOUND", "Event not found")
    if call.text("event_type") == "offline":
        raise RestError("WRONG_LICENSE", "The feature is not available on this plan", 403)
    auth_type = call.text("auth_type") or "0"
    if not auth_type.isdecimal():
        raise wrong_value("auth_type", "int")
    if not call.store.users[call.user_id].admin:
        raise access_denied()
    handler = check_handler(call.value("handler"))
    if any((row.event, row.handler) == (name, handler) for row in call.core.app.bindings):
        raise RestError("ERROR_CORE", "Unable to set event handler: Handler already binded")
    call.core.app.bindings.append(Binding(call.store.number("binding"), name, handler, int(auth_type)))
    return True


@method("event.get")
def list_events(call: Call) -> list[Record]:
    """The app's subscriptions."""
    return [
        {"event": row.event, "handler": row.handler, "auth_type": str(row.auth_type), "offline": 0}
        for row in call.core.app.bindings
    ]


@method("event.unbind")
def unbind_event(call: Call) -> Record:
    """Drop subscriptions of an event and handler; both are required."""
    name, handler = call.text("event").upper(), call.text("handler")
    if not name or not handler:
        raise missing("event" if not name else "handler")
    call.core.require_admin(call.user_id)
    kept = [row for row in call.core.app.bindings if (row.event, row.handler) != (name, handler)]
    count = len(call.core.app.bindings) - len(kept)
    call.core.app.bindings[:] = kept
    return {"count": count}


@method("placement.bind", "placement", admin=True)
def bind_placement(call: Call) -> bool:
    """Put the app into a place; a bad argument is answered with HTTP 200 (bitrix24 10.1)."""
    code = call.text("PLACEMENT").upper()
    if code not in PLACEMENTS:
        raise RestError("ERROR_ARGUMENT", "Argument 'PLACEMENT' is null or empty", 200, argument="PLACEMENT")
    handler = check_handler(call.value("HANDLER"))
    if any((row["placement"], row["handler"]) == (code, handler) for row in call.core.app.placements):
        raise RestError("ERROR_CORE", "Unable to set placement handler: Handler already binded")
    if code == "REST_APP_URI" and any(row["placement"] == code for row in call.core.app.placements):
        raise RestError("ERROR_PLACEMENT_MAX_COUNT", "Placement max count", 200)
    call.core.app.placements.append(
        {
            "placement": code,
            "userId": 0,
            "handler": handler,
            "options": call.mapping("OPTIONS") or [],
            "title": call.text("TITLE"),
            "description": call.text("DESCRIPTION"),
            "langAll": call.mapping("LANG_ALL") or [],
        }
    )
    return True


@method("placement.get", "placement", admin=True)
def list_placements(call: Call) -> list[Record]:
    """Where the app is."""
    return list(call.core.app.placements)


@method("placement.unbind", "placement", admin=True)
def unbind_placement(call: Call) -> Record:
    """Take the app out of a place; without HANDLER out of all of that code."""
    code, handler = call.text("PLACEMENT").upper(), call.text("HANDLER")
    if not code:
        raise missing("PLACEMENT")
    rows = call.core.app.placements
    kept = [row for row in rows if row["placement"] != code or handler not in {"", row["handler"]}]
    count = len(rows) - len(kept)
    rows[:] = kept
    return {"count": count}


@method("app.option.get")
def get_option(call: Call) -> Any:
    """All options, or one by name."""
    options = call.core.app.options
    name = call.text("option")
    return options.get(name, "") if name else dict(options) or []


@method("app.option.set", admin=True)
def set_options(call: Call) -> bool:
    """Keep options."""
    values = call.mapping("options")
    if not values:
        raise RestError("ERROR_ARGUMENT", "Argument 'options' is null or empty", argument="options")
    call.core.app.options.update(values)
    return True
