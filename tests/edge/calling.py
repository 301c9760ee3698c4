"""How tests call the web: posts as the portal sends them, pages as a browser opens them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from b24app.services.pagetokens import PagePass
from b24app.services.pagetokens import PageTokens
from tests.fakes_web import FORM
from tests.fakes_web import MEMBER
from tests.fakes_web import SECRET_KEY
from tests.fakes_web import Outside
from tests.fakes_web import page_post
from tests.fakes_web import php_form

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


TAB = "placement-crm-deal-detail-tab-post"
WAIT = "/robots/cc_check_wait"
TAB_PATH = "/placements/deal_tab"


def post(client: FlaskClient, path: str, form: dict[str, Any]) -> TestResponse:
    return client.post(path, data=php_form(form), content_type=FORM)


def open_page(client: FlaskClient, path: str, name: str = "install-page-post", **fields: str) -> TestResponse:
    query, body = page_post(name, **fields)
    return client.post(f"{path}?{query}", data=php_form(body), content_type=FORM)


def page_token(outside: Outside, member_id: str = MEMBER, language: str = "ru") -> dict[str, str]:
    token = PageTokens(SECRET_KEY, outside.clock).issue(PagePass(member_id, 7, 17, language))
    return {"X-B24App-Page": token}


def said_in(answer: TestResponse) -> dict[str, Any]:
    assert answer.is_json
    said: dict[str, Any] = answer.get_json()
    return said


def directives(answer: TestResponse) -> dict[str, str]:
    policy = answer.headers["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))
