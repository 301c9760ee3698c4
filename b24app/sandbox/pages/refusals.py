"""Errors of the pages in the look of the pages: what happened in words, and a way on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from typing import Final

from flask import render_template
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import default_exceptions

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

_WORDS: Final = {
    403: "Это может сделать только администратор.",
    404: "Такой страницы здесь нет.",
    405: "Так эта страница не открывается.",
}
_OTHERWISE: Final = "Запрос не получился."


def tell_refusals(app: Flask, template: str) -> None:
    """Show every HTTP error by a template with `text`; the server's own faults stay as they are."""
    app.register_error_handler(HTTPException, partial(_told, template))


def _told(template: str, error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code >= 500:
        return error.get_response()
    usual = default_exceptions[code].description if code in default_exceptions else None
    own = error.description if error.description != usual else None
    return render_template(template, text=own or _WORDS.get(code, _OTHERWISE)), code
