"""Headers of every answer: what may run in our pages and who may frame them (bitrix24 10.5)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import g

from b24app.web.access import front

if TYPE_CHECKING:
    from flask import Response


def new_nonce() -> None:
    """Make this answer's nonce, for its own scripts and styles."""
    g.nonce = secrets.token_urlsafe(16)


def harden(response: Response) -> Response:
    """Add the security headers. No `X-Frame-Options`: it would empty the portal's frame."""
    response.headers["Content-Security-Policy"] = _policy()
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _policy() -> str:
    nonce = f"'nonce-{g.nonce}'"
    origin = g.get("origin")
    framed_by = f"'self' {origin}" if origin else "'self'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {nonce} {_script_host()}",
            f"style-src {nonce}",
            "img-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {framed_by}",
        )
    )


def _script_host() -> str:
    """Return the host of the portal's script as a source; an address without a scheme counts as https."""
    address = urlsplit(front().js_url)
    return f"{address.scheme or 'https'}://{address.netloc}"
