"""The offline portal in a browser: people, deals, tasks, notifications, and the app in its frame."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from flask import Flask
from flask import Response
from flask import abort
from flask import g
from flask import jsonify
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for

from b24app.sandbox.pages import shown
from b24app.sandbox.pages.bbcode import render_bb
from b24app.sandbox.pages.look import Look
from b24app.sandbox.pages.processes import process_pages
from b24app.sandbox.pages.refusals import tell_refusals
from b24app.sandbox.pages.typed import chosen
from b24app.sandbox.pages.typed import typed_amount
from b24app.sandbox.portal.automation import Move
from b24app.sandbox.portal.store import COMPANY
from b24app.sandbox.portal.store import DEAL

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from flask.typing import ResponseReturnValue

    from b24app.sandbox.portal import SandboxPortal

HERE = Path(__file__).parent
COOKIE = "sandbox_user"
TAB = "CRM_DEAL_DETAIL_TAB"
MOVES = frozenset({"proceed:Y", "proceed:N"})


def portal_pages(portal: SandboxPortal, *, app_url: str, onec_url: str) -> WSGIApplication:
    """Make the pages of one portal; `app_url` is where the app answers, `onec_url` the pages of 1C."""
    app = Flask("b24app.sandbox.pages.portal", template_folder=str(HERE / "templates"), static_folder=None)
    look = Look(portal)
    app.before_request(partial(_who, portal))
    app.after_request(partial(_harden, app_url))
    app.context_processor(lambda: {"look": look, "me": g.me, "onec_url": onec_url})
    app.jinja_env.filters.update(bb=render_bb, money=shown.money, moment=shown.moment, typed=shown.typed)
    _people(app, portal)
    _deals(app, portal, look)
    _companies(app, portal, look)
    _inbox(app, portal)
    process_pages(app, portal, look)
    _applications(app, portal, app_url)
    _automation(app, portal, look)
    _frame(app, portal)
    _scripts(app)
    tell_refusals(app, "portal/refused.html")
    return app


def _who(portal: SandboxPortal) -> ResponseReturnValue | None:
    """Remember who looks; whoever has not chosen is asked to. Frames work on the portal's own name only."""
    g.me = None
    if request.host != portal.core.host:
        return redirect(f"{portal.url}{request.full_path.rstrip('?')}")
    number = request.cookies.get(COOKIE, "")
    g.me = portal.core.store.users.get(int(number)) if number.isdecimal() else None
    free = {"choose", "choose_person", "script", "style"}
    if g.me is None and request.endpoint not in free:
        return redirect(url_for("choose"))
    return None


def _harden(app_url: str, response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"frame-src {app_url}; form-action 'self' {app_url}; base-uri 'none'"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _people(app: Flask, portal: SandboxPortal) -> None:
    @app.get("/")
    def choose() -> str:
        return render_template("portal/choose.html")

    @app.post("/choose/<int:user_id>")
    def choose_person(user_id: int) -> ResponseReturnValue:
        if user_id not in portal.core.store.users:
            abort(404)
        answer = redirect(url_for("kanban"), 303)
        answer.set_cookie(COOKIE, str(user_id), httponly=True, samesite="Lax")
        return answer


def _deals(app: Flask, portal: SandboxPortal, look: Look) -> None:
    @app.get("/crm/deal/")
    def deals() -> ResponseReturnValue:
        return redirect(url_for("kanban"))

    @app.get("/crm/deal/kanban/")
    def kanban() -> str:
        return render_template("portal/kanban.html", columns=look.board())

    @app.get("/crm/deal/kanban/board")
    def board() -> ResponseReturnValue:
        html = render_template("portal/board.html", columns=look.board())
        return jsonify(html=html, revision=hashlib.sha256(html.encode()).hexdigest()[:16], **_counts(look))

    @app.post("/crm/deal/<int:deal_id>/move")
    def move(deal_id: int) -> ResponseReturnValue:
        look.known(DEAL, deal_id)
        portal.move_deal(deal_id, chosen(request.form.get("stage", ""), look.stages()), g.me.id)
        return "", 204

    @app.get("/crm/deal/details/<int:deal_id>/")
    def deal(deal_id: int) -> str:
        record = look.known(DEAL, deal_id)
        frame = None
        if request.args.get("tab") == "credit" and look.has_tab(TAB):
            frame = portal.placement_post(TAB, g.me.id, {"ID": str(deal_id)})
        return render_template("portal/deal.html", deal=record, frame=frame)

    @app.post("/crm/deal/details/<int:deal_id>/")
    def save_deal(deal_id: int) -> ResponseReturnValue:
        look.known(DEAL, deal_id)
        amount = request.form.get("opportunity", "").strip()
        values: dict[str, Any] = {"opportunity": str(typed_amount(amount))} if amount else {}
        if title := request.form.get("title", "").strip():
            values["title"] = title
        portal.edit_deal(deal_id, g.me.id, values)
        return redirect(url_for("deal", deal_id=deal_id), 303)


def _companies(app: Flask, portal: SandboxPortal, look: Look) -> None:
    @app.get("/crm/company/details/<int:company_id>/")
    def company(company_id: int) -> str:
        return render_template("portal/company.html", company=look.known(COMPANY, company_id))

    @app.post("/crm/company/details/<int:company_id>/")
    def save_company(company_id: int) -> ResponseReturnValue:
        look.known(COMPANY, company_id)
        portal.edit_company(company_id, g.me.id, look.typed(request.form))
        return redirect(url_for("company", company_id=company_id), 303)


def _inbox(app: Flask, portal: SandboxPortal) -> None:
    @app.get("/tasks/")
    def tasks() -> str:
        return render_template("portal/tasks.html")

    @app.post("/tasks/<int:task_id>/complete")
    def complete(task_id: int) -> ResponseReturnValue:
        if task_id not in portal.core.store.tasks:
            abort(404)
        portal.complete_task(task_id, g.me.id)
        return redirect(url_for("tasks"), 303)

    @app.get("/notifications/")
    def notifications() -> str:
        return render_template("portal/notifications.html")


def _applications(app: Flask, portal: SandboxPortal, app_url: str) -> None:
    @app.get("/apps/")
    def apps() -> str:
        state = portal.core.app
        if state.install_finished:
            frame = portal.placement_post("DEFAULT", g.me.id)
        elif g.me.admin and (state.installed or request.args.get("install")):
            frame = portal.install_post(app_url, g.me.id)
        else:
            frame = None
        return render_template("portal/apps.html", frame=frame, state=state)


def _automation(app: Flask, portal: SandboxPortal, look: Look) -> None:
    @app.get("/automation/")
    @app.get("/crm/deal/automation/<int:category>/")
    def automation(category: int = 0) -> str:
        del category
        return render_template("portal/automation.html")

    @app.post("/automation/")
    def place() -> ResponseReturnValue:
        if not g.me.admin:
            abort(403)
        stage = chosen(request.form.get("stage", ""), look.stages())
        code = request.form.get("code", "")
        if code == "clear":
            portal.clear_robots(stage)
        elif code in portal.core.app.robots:
            portal.place_robot(stage, code)
        else:
            rule, _, target = code.rpartition(":")
            proceed = chosen(rule, MOVES).removeprefix("proceed:")
            move = Move(chosen(target, look.stages()), ("cc_check_wait", "proceed", proceed))
            portal.core.automation.place(0, stage, move)
        return redirect(url_for("automation"), 303)


def _frame(app: Flask, portal: SandboxPortal) -> None:
    @app.get("/frame/auth")
    def frame_auth() -> ResponseReturnValue:
        access, refresh = portal.tokens_for(g.me.id)
        return jsonify(
            access_token=access,
            refresh_token=refresh,
            expires_in=3600,
            domain=portal.core.host,
            member_id=portal.member_id,
            is_admin=g.me.admin,
        )

    @app.post("/frame/install-finish")
    def install_finish() -> ResponseReturnValue:
        if not g.me.admin:
            abort(403)
        portal.finish_install()
        return "", 204


def _scripts(app: Flask) -> None:
    @app.get("/<any('bx24.js', 'kanban.js', 'frame.js', 'live.js'):name>")
    def script(name: str) -> ResponseReturnValue:
        return Response((HERE / "static" / name).read_text(encoding="utf-8"), mimetype="text/javascript")

    @app.get("/portal.css")
    def style() -> ResponseReturnValue:
        return Response((HERE / "static" / "portal.css").read_text(encoding="utf-8"), mimetype="text/css")


def _counts(look: Look) -> dict[str, int]:
    return {
        "tasks": look.open_tasks(g.me.id),
        "notes": len(look.notifications(g.me.id)),
        "processes": look.processes.waiting(g.me.id),
    }
