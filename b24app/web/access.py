"""What a route takes from Flask: the front, the call's parsed bytes, the language, the page token."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from flask import current_app
from flask import g
from flask import request

from b24app.messages.pages import page_text
from b24app.messages.pages import spoken
from b24app.protocol.calls import CallError
from b24app.protocol.calls import UntrustedCaller
from b24app.protocol.calls import read_text
from b24app.protocol.forms import Form
from b24app.protocol.forms import parse_body
from b24app.protocol.forms import parse_query
from b24app.protocol.pages import PageOpening
from b24app.protocol.pages import parse_origin
from b24app.protocol.pages import parse_page
from b24app.services.pagetokens import InstallPass
from b24app.services.pagetokens import PagePass
from b24app.web.front import Front

TOKEN_HEADER = "X-B24App-Page"  # noqa: S105 - the name of a header


def front() -> Front:
    """Return the parts behind the routes."""
    return cast("Front", current_app.extensions["b24app"])


def posted() -> Form:
    """Parse the body of the current request."""
    return parse_body(request.get_data(cache=True), request.content_type or "")


def posted_page() -> PageOpening:
    """Parse the current request as the opening of a page."""
    return parse_page(parse_query(request.query_string), posted())


def look_at_frame() -> None:
    """Note who frames this page and in which language he reads; a call that does not say so is no error here.

    The origin is only the posted one: what a page shows is decided by who was proved, not by who frames it.
    """
    g.origin, g.language = None, front().language
    try:
        query = parse_query(request.query_string)
        g.language = spoken((read_text(query, "LANG") or "").lower(), front().language)
        g.origin = parse_origin(query)
    except CallError:
        return


def page_pass(*, grace: timedelta = timedelta()) -> PagePass:
    """Read the token a page of ours sends in its header. Raises `UntrustedCaller` when there is none."""
    token = request.headers.get(TOKEN_HEADER)
    if token is None:
        raise UntrustedCaller("no page token")
    page = front().tokens.read(token, grace=grace)
    g.language = page.language
    return page


def install_pass() -> InstallPass:
    """Read the token the install page sends in its header. Raises `UntrustedCaller` when there is none."""
    token = request.headers.get(TOKEN_HEADER)
    if token is None:
        raise UntrustedCaller("no page token")
    page = front().tokens.read_install(token)
    g.language = page.language
    return page


def language() -> str:
    """Return the language of the person behind the current request."""
    return cast("str", g.get("language", front().language))


def say(key: str, **figures: str) -> str:
    """Return a text of the pages in the language of the current request."""
    return page_text(key, language(), **figures)
