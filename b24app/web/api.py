"""Routes our own pages call, with the page token in a header instead of a cookie (bitrix24 10.6)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint
from flask import Response
from flask import jsonify
from flask import render_template
from flask import stream_with_context

from b24app.protocol.calls import BadCall
from b24app.protocol.calls import read_token
from b24app.services.views import InstallStep
from b24app.web.access import front
from b24app.web.access import install_pass
from b24app.web.access import page_pass
from b24app.web.access import posted
from b24app.web.access import say
from b24app.web.errors import NoRight

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from b24app.services.views import InstallView

RENEWABLE = timedelta(days=1)

blueprint = Blueprint("api", __name__, url_prefix="/api")


@blueprint.post("/recheck")
def recheck() -> ResponseReturnValue:
    """Queue another check of the page's deal."""
    front().reception.button_pressed(page_pass())
    return jsonify(message=say("recheck.accepted")), 202


@blueprint.post("/renew")
def renew() -> ResponseReturnValue:
    """Give the page a new token for a fresh access token of the same person, who still sees the deal.

    The page token may be past its time, by a day at most: what is proved anew is the person.
    """
    page = page_pass(grace=RENEWABLE)
    access = read_token(posted(), "access_token")
    if access is None:
        raise BadCall("renew: no access token")
    portal = front().reception.portal_of(page, access)
    if not front().rights.sees_deal(
        client_endpoint=portal.client_endpoint, access_token=access, deal_id=page.deal_id
    ):
        raise NoRight(f"user {page.user_id} of portal {page.member_id} may not see deal {page.deal_id}")
    return jsonify(token=front().tokens.issue(page))


@blueprint.post("/install")
def install() -> ResponseReturnValue:
    """Install on the page's portal; each line of the answer is JSON, written as soon as it is known.

    A line has `html` (the whole page part: the plan at first, the outcome at last) or the `state`, `label`
    and `note` of the next step of the plan.
    """
    page = install_pass()
    lines = stream_with_context(f"{json.dumps(_told(each))}\n" for each in front().install.proceed(page))
    return Response(lines, mimetype="application/x-ndjson", headers={"X-Accel-Buffering": "no"})


def _told(each: InstallView | InstallStep) -> dict[str, str | None]:
    if isinstance(each, InstallStep):
        label = say(f"install.step.{each.state.value}")
        return {"state": each.state.value, "label": label, "note": each.note}
    return {"html": render_template("install_view.html", view=each)}


@blueprint.get("/deal")
def deal() -> ResponseReturnValue:
    """Return the present view of the page's deal as a fragment, and what the page decides by."""
    page = page_pass()
    view = front().tab.view(page.member_id, page.deal_id, page)
    html = render_template("deal_view.html", view=view)
    return jsonify(html=html, revision=view.revision, checking=view.checking)
