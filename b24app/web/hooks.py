"""The route accounting calls when a document is posted or taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from flask import jsonify
from flask import request

from b24app.protocol.pushes import parse_push
from b24app.web.access import front

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("hooks", __name__)
TOKEN_HEADER = "X-B24App-Token"  # noqa: S105 - the name of a header


@blueprint.post("/hooks/1c/<key>")
def pushed(key: str) -> ResponseReturnValue:
    """Take in a push; the caller is proved before his body is looked at."""
    member_id = front().hook.portal_of(key, request.headers.get(TOKEN_HEADER, ""))
    front().hook.pushed(member_id, parse_push(request.get_data()))
    return jsonify(accepted=True), 200
