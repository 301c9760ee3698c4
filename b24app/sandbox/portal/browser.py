"""What a person's browser posts to the app: the install page, the app's page, placements (bitrix24 1.3)."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from urllib.parse import urlencode

import requests

from b24app.sandbox.portal.core import Core
from b24app.sandbox.portal.tokens import ACCESS_SECONDS

_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class PagePost:
    """A form post that opens a page: `query` belongs to the address, `body` carries the tokens."""

    url: str
    query: dict[str, str]
    body: dict[str, str] = field(repr=False)

    @property
    def address(self) -> str:
        """The address with its query."""
        return f"{self.url}{'&' if '?' in self.url else '?'}{urlencode(self.query)}"


@dataclass(frozen=True, slots=True)
class Page:
    """What the app answered."""

    status: int
    text: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)


def page_post(core: Core, url: str, user_id: int, placement: str, options: dict[str, Any] | None) -> PagePost:
    """The post for one opening by one user; a fresh token pair each time."""
    pair = core.tokens.issue(user_id, core.now())
    query = {"DOMAIN": core.host, "PROTOCOL": "0", "LANG": "ru", "APP_SID": secrets.token_hex(16)}
    body = {
        "AUTH_ID": pair.access,
        "AUTH_EXPIRES": str(ACCESS_SECONDS),
        "REFRESH_ID": pair.refresh,
        "SERVER_ENDPOINT": core.server_endpoint,
        "APPLICATION_TOKEN": core.app.application_token,
        "APPLICATION_SCOPE": ",".join(core.app.scope),
        "member_id": core.member_id,
        "status": "L",
        "PLACEMENT": placement,
    }
    if options is not None:
        body["PLACEMENT_OPTIONS"] = json.dumps(options, ensure_ascii=False)
    return PagePost(url, query, body)


def perform(post: PagePost) -> Page:
    """Send the post as a browser does, redirects not followed."""
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(post.address, data=post.body, timeout=_TIMEOUT_SECONDS, allow_redirects=False)
        return Page(answer.status_code, answer.text, dict(answer.headers))
