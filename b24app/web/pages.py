"""Routes a person's browser opens in a frame of the portal. Each is a POST; a plain GET cannot be proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from flask import render_template

from b24app.protocol.calls import BadCall
from b24app.protocol.calls import read_id
from b24app.protocol.events import parse_event
from b24app.services.pagetokens import InstallPass
from b24app.services.pagetokens import PagePass
from b24app.web.access import front
from b24app.web.access import language
from b24app.web.access import posted
from b24app.web.access import posted_page
from b24app.web.access import say
from b24app.web.errors import NoRight

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from b24app.protocol.pages import PageOpening
    from b24app.services.reception import Visitor

blueprint = Blueprint("pages", __name__)


@blueprint.post("/install")
def install() -> ResponseReturnValue:
    """Install: the page an administrator opens, or the event of an app without pages (bitrix24 1.2)."""
    form = posted()
    if "event" not in form:
        page = posted_page()
        view = front().install.opened(page)
        seen = InstallPass(page.member_id, language())
        token = front().tokens.issue_install(seen) if view.startable else ""
        return render_template("install.html", view=view, token=token)
    event = parse_event(form)
    if event.name != "ONAPPINSTALL":
        raise BadCall(f"{event.name}: not an installation")
    front().install.installed_event(event)
    return "", 200


@blueprint.post("/")
def application() -> ResponseReturnValue:
    """Show the app's own page: how it stands and where its parts are."""
    page = posted_page()
    visitor = front().reception.page_opened(page)
    return render_template("app.html", visitor=visitor, origin=f"{page.protocol}://{page.domain}")


@blueprint.post("/placements/deal_tab")
def deal_tab() -> ResponseReturnValue:
    """Show the credit tab of a deal to somebody who may see the deal."""
    page = posted_page()
    visitor = front().reception.page_opened(page)
    seen = _seen_deal(page, visitor)
    token = front().tokens.issue(seen)
    if front().tab.wants_check(seen.member_id, seen.deal_id):
        front().reception.button_pressed(seen)
    view = front().tab.view(seen.member_id, seen.deal_id, seen)
    return render_template("deal_tab.html", view=view, token=token)


@blueprint.get("/install")
@blueprint.get("/")
@blueprint.get("/placements/deal_tab")
def reopen() -> ResponseReturnValue:
    """Say why a reload shows nothing: the tokens came with the POST only (bitrix24 10.4)."""
    return render_template("message.html", title=say("reopen.title"), text=say("reopen.text"))


def _seen_deal(page: PageOpening, visitor: Visitor) -> PagePass:
    """Return the pass for the deal of a tab, once the portal showed the deal to this very person."""
    deal_id = read_id(dict(page.options), "ID")
    if page.placement != "CRM_DEAL_DETAIL_TAB" or deal_id is None:
        raise BadCall(f"placement {page.placement}: no deal named")
    endpoint = visitor.portal.client_endpoint
    if not front().rights.sees_deal(
        client_endpoint=endpoint, access_token=page.access_token, deal_id=deal_id
    ):
        raise NoRight(f"user {visitor.user.id} of portal {page.member_id} may not see deal {deal_id}")
    return PagePass(page.member_id, visitor.user.id, deal_id, language())
