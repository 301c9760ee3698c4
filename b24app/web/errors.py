"""The one table from errors to answers: a status and a plain sentence, never a traceback, never a secret."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from typing import Final

import structlog
from flask import jsonify
from flask import render_template
from flask import request
from werkzeug.exceptions import HTTPException

from b24app.messages.exchange_texts import exchange_text
from b24app.ports.errors import AuthLost
from b24app.ports.errors import GatewayError
from b24app.protocol.calls import BadCall
from b24app.protocol.calls import CallError
from b24app.protocol.calls import TooLarge
from b24app.protocol.calls import UnknownAddress
from b24app.protocol.calls import UntrustedCaller
from b24app.protocol.pushes import PushRefused
from b24app.services.pagetokens import PageExpired
from b24app.web.access import language
from b24app.web.access import say

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

log = structlog.get_logger(__name__)

_PAGES: Final = frozenset({"/", "/install", "/placements/deal_tab"})


class NoRight(CallError):
    """A proved person of the portal who may not see what he asks for."""

    status = 403


_SENTENCES: Final[tuple[tuple[type[CallError], str], ...]] = (
    (NoRight, "error.no_right"),
    (PageExpired, "error.page_expired"),
    (UntrustedCaller, "error.untrusted"),
    (TooLarge, "error.too_large"),
    (UnknownAddress, "error.unknown_address"),
    (BadCall, "error.bad_call"),
)
_BY_STATUS: Final = {
    404: "error.unknown_address",
    405: "error.wrong_method",
    413: "error.too_large",
}


def register(app: Flask) -> None:
    """Make the table the app's way to answer every error."""
    app.register_error_handler(CallError, _refused)
    app.register_error_handler(PushRefused, _push_refused)
    app.register_error_handler(AuthLost, _tokens_ended)
    app.register_error_handler(GatewayError, _outside_failed)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def _refused(error: CallError) -> ResponseReturnValue:
    key = next(key for kind, key in _SENTENCES if isinstance(error, kind))
    log.info("call refused", path=request.path, status=error.status, why=str(error))
    return _answer(error.status, say(key))


def _push_refused(error: PushRefused) -> ResponseReturnValue:
    log.info("push refused", path="/hooks/1c/…", status=error.status, why=str(error))
    return _answer(error.status, exchange_text(error.key, language(), named=error.named))


def _tokens_ended(error: AuthLost) -> ResponseReturnValue:
    log.info("tokens of a caller not accepted", path=request.path, why=str(error))
    return _answer(403, say("error.untrusted"))


def _outside_failed(error: GatewayError) -> ResponseReturnValue:
    log.warning("call failed outside", path=request.path, error=type(error).__name__, why=str(error))
    return _answer(503, say("error.outside"))


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    return _answer(status, say(_BY_STATUS.get(status, "error.bad_call")))


def _broken(error: Exception) -> ResponseReturnValue:
    number = secrets.token_hex(4)
    log.error("call broke", path=request.path, number=number, exc_info=error)
    return _answer(500, say("error.ours", number=number))


def _answer(status: int, sentence: str) -> ResponseReturnValue:
    if request.path in _PAGES:
        return render_template("message.html", title=say("error.title"), text=sentence), status
    return jsonify(error=sentence), status
