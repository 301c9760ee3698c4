"""The Flask application, made of parts that are already built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask
from flask import g

from b24app.protocol.forms import MAX_BYTES
from b24app.web import access
from b24app.web import api
from b24app.web import calls
from b24app.web import errors
from b24app.web import health
from b24app.web import hooks
from b24app.web import pages
from b24app.web import security

if TYPE_CHECKING:
    from b24app.web.front import Front


def create_app(front: Front) -> Flask:
    """Return the WSGI application over the parts given. It sets no cookie and keeps no session."""
    app = Flask("b24app.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
    app.extensions["b24app"] = front
    app.before_request(security.new_nonce)
    app.before_request(access.look_at_frame)
    app.after_request(security.harden)
    app.context_processor(_for_templates)
    errors.register(app)
    for module in (pages, calls, hooks, api, health):
        app.register_blueprint(module.blueprint)
    return app


def _for_templates() -> dict[str, object]:
    return {
        "say": access.say,
        "language": access.language(),
        "nonce": g.nonce,
        "js_url": access.front().js_url,
        "token_header": access.TOKEN_HEADER,
    }
