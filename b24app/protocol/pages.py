"""The post that opens a page of ours in the portal's frame (bitrix24 1.3).

It comes from a person's browser: nothing is proven until the authorization server or the portal says so.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

from b24app.protocol.calls import BadCall
from b24app.protocol.calls import read_member
from b24app.protocol.calls import read_number
from b24app.protocol.calls import read_text
from b24app.protocol.calls import read_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24app.protocol.forms import Form

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*(?::[0-9]{{1,5}})?", re.ASCII)
_LONGEST_HOST = 259
_LIFETIME = 3600
_LONGEST_LIFETIME = 24 * 3600


@dataclass(frozen=True, slots=True)
class PageOpening:
    """One opening of a page, install page or placement by a person.

    `domain`: host of the portal in lower case, with a port if it has one; `protocol`: http or https.
    `expires`: seconds the access token has left. `server_endpoint` and `application_token` are missing in
    older payloads. `options`: the call's context; numbers in it are strings. Tokens never show in a repr.
    """

    domain: str
    protocol: str
    lang: str
    app_sid: str | None
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires: int
    server_endpoint: str | None
    application_token: str | None = field(repr=False)
    member_id: str
    placement: str
    options: Mapping[str, str]


def parse_page(query: Form, form: Form) -> PageOpening:
    """Read the post of a page from its query string and body; unknown keys are ignored.

    Raises `BadCall` when it does not name a portal and a person's access token.
    """
    access = read_token(form, "AUTH_ID")
    if access is None:
        raise BadCall("AUTH_ID: missing")
    return PageOpening(
        domain=parse_domain(query),
        protocol=_scheme(query),
        lang=(read_text(query, "LANG", longest=16) or "").lower(),
        app_sid=read_token(query, "APP_SID"),
        access_token=access,
        refresh_token=read_token(form, "REFRESH_ID"),
        expires=min(read_number(form, "AUTH_EXPIRES") or _LIFETIME, _LONGEST_LIFETIME),
        server_endpoint=read_text(form, "SERVER_ENDPOINT"),
        application_token=read_token(form, "APPLICATION_TOKEN"),
        member_id=read_member(form, "member_id"),
        placement=read_text(form, "PLACEMENT", longest=64) or "DEFAULT",
        options=_options(read_text(form, "PLACEMENT_OPTIONS", longest=16 * 1024)),
    )


def parse_domain(query: Form) -> str:
    """Return the portal's host. Raises `BadCall` when `DOMAIN` is no host name."""
    domain = (read_text(query, "DOMAIN", longest=_LONGEST_HOST) or "").lower()
    if _HOST.fullmatch(domain) is None:
        raise BadCall("DOMAIN: not a host name")
    return domain


def parse_origin(query: Form) -> str:
    """Return the portal's origin, as a frame rule names it (bitrix24 10.5); raises as `parse_domain`."""
    return f"{_scheme(query)}://{parse_domain(query)}"


def _scheme(query: Form) -> str:
    return "http" if read_text(query, "PROTOCOL") == "0" else "https"


def _options(text: str | None) -> dict[str, str]:
    """Read the options' JSON; an empty PHP array arrives as `[]`. Nested values are left out."""
    if text is None:
        return {}
    try:
        parsed = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise BadCall("PLACEMENT_OPTIONS: not JSON") from error
    if not isinstance(parsed, dict):
        return {}
    return {key: value for key, value in parsed.items() if isinstance(value, str)}
