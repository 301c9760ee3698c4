"""Routes of whoever watches the process: is it alive, is it ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from flask import jsonify

from b24app.web.access import front

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Answer at all."""
    return jsonify(alive=True)


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Answer 200 when every probe is well, else 503; both name the probes."""
    found = dict(front().probes())
    return jsonify(found), 200 if all(found.values()) else 503
