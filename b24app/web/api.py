"""Routes our own pages call, with the page token in a header instead of a cookie (bitrix24 10.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from flask import jsonify
from flask import render_template

from b24app.web.access import front
from b24app.web.access import page_pass
from b24app.web.access import say

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("api", __name__, url_prefix="/api")


@blueprint.post("/recheck")
def recheck() -> ResponseReturnValue:
    """Queue another check of the page's deal."""
    front().reception.button_pressed(page_pass())
    return jsonify(message=say("recheck.accepted")), 202


@blueprint.get("/deal")
def deal() -> ResponseReturnValue:
    """Return the present view of the page's deal as a fragment, and what the page decides by."""
    page = page_pass()
    view = front().tab.view(page.member_id, page.deal_id, page)
    html = render_template("deal_view.html", view=view)
    return jsonify(html=html, revision=view.revision, checking=view.checking)
