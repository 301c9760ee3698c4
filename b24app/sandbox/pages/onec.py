"""The offline 1C base in a browser: clients, documents, payments, shipments, troubles to switch on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from flask import Response
from flask import abort
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for

from b24app.sandbox.onec.core import Document
from b24app.sandbox.onec.extension import PostingRefusedError
from b24app.sandbox.onec.faults import Fault
from b24app.sandbox.pages import shown
from b24app.sandbox.pages.ledger_view import LedgerView
from b24app.sandbox.pages.refusals import tell_refusals
from b24app.sandbox.pages.typed import chosen
from b24app.sandbox.pages.typed import typed_amount
from b24app.sandbox.pages.typed import typed_days

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication
    from _typeshed.wsgi import WSGIEnvironment
    from flask.typing import ResponseReturnValue

    from b24app.sandbox.clock import SandboxClock
    from b24app.sandbox.onec.families import SeededBase
    from b24app.sandbox.world import World

HERE = Path(__file__).parent
PREFIX = "/ui"
HUNG_SECONDS = 60.0
MOST_AHEAD = 365


def with_pages(odata: WSGIApplication, pages: WSGIApplication) -> WSGIApplication:
    """Serve pages under /ui and everything else by OData, on one port."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        return (pages if path == PREFIX or path.startswith(f"{PREFIX}/") else odata)(environ, start_response)

    return app


def onec_pages(onec: SeededBase, world: World, *, clock: SandboxClock, portal_url: str) -> WSGIApplication:
    """Make the pages of one base."""
    app = Flask("b24app.sandbox.pages.onec", template_folder=str(HERE / "templates"), static_folder=None)
    view = LedgerView(onec, world)
    app.jinja_env.filters.update(money=shown.money, moment=shown.moment, typed=shown.typed)
    app.context_processor(lambda: {"base": view, "portal_url": portal_url})
    app.after_request(_harden)
    _clients(app, view)
    _documents(app, onec, view)
    _troubles(app, onec, clock)
    tell_refusals(app, "onec/refused.html")
    return app


def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _clients(app: Flask, view: LedgerView) -> None:
    @app.get(f"{PREFIX}/")
    def clients() -> str:
        return render_template("onec/clients.html", wanted=request.args.get("q", ""))

    @app.get(f"{PREFIX}/portal.css")
    def style() -> ResponseReturnValue:
        return Response((HERE / "static" / "portal.css").read_text(encoding="utf-8"), mimetype="text/css")

    @app.get(f"{PREFIX}/client/<key>/")
    def client(key: str) -> str:
        return render_template("onec/client.html", client=view.known(key), told=request.args.get("told", ""))


def _documents(app: Flask, onec: SeededBase, view: LedgerView) -> None:
    @app.post(f"{PREFIX}/client/<key>/payment")
    def payment(key: str) -> ResponseReturnValue:
        contract = chosen(_posted("contract"), view.numbers(key))
        amount = typed_amount(_posted("amount"), zero=False)
        onec.post_payment(key, amount, contract, confirmed="confirmed" in request.form)
        return _back(key, "Оплата проведена.")

    @app.post(f"{PREFIX}/client/<key>/sale")
    def sale(key: str) -> ResponseReturnValue:
        contract = chosen(_posted("contract"), view.numbers(key))
        amount = typed_amount(_posted("amount"), zero=False)
        days = typed_days(_posted("days"))
        try:
            onec.post_sale(key, amount, days, contract)
        except PostingRefusedError as refused:
            abort(409, str(refused))
        return _back(key, "Реализация проведена.")

    @app.post(f"{PREFIX}/client/<key>/limit")
    def limit(key: str) -> ResponseReturnValue:
        contract = chosen(_posted("contract"), view.numbers(key))
        if not view.has_limits:
            abort(400, "В этой конфигурации нет кредитных лимитов.")
        onec.set_limit(key, contract, typed_amount(_posted("amount")) if "limited" in request.form else None)
        return _back(key, "Договор записан.")

    @app.post(f"{PREFIX}/client/<key>/unpost")
    def unpost(key: str) -> ResponseReturnValue:
        ref = _posted("ref")
        document = next((row for row in view.documents(key) if row.ref == ref), None) or abort(404)
        onec.unpost(Document(document.kind, document.ref, document.number))
        return _back(key, "Проведение отменено.")


def _troubles(app: Flask, onec: SeededBase, clock: SandboxClock) -> None:
    @app.get(f"{PREFIX}/base/")
    def base_state() -> str:
        return render_template("onec/base_state.html", switches=onec.switches, now=clock.now())

    @app.post(f"{PREFIX}/base/")
    def switch() -> ResponseReturnValue:
        wish = request.form.get("wish", "")
        faults = {"off": Fault.OFF, "password": Fault.UNAUTHORIZED, "garbage": Fault.GARBAGE}
        if wish == "on":
            onec.switches.restore()
        elif wish in faults:
            onec.switches.fault = faults[wish]
        elif wish == "hang":
            onec.switches.hang = HUNG_SECONDS
        elif wish in {"extension", "no-extension"}:
            onec.switches.extension = wish == "extension"
        elif wish in {"new", "old"}:
            onec.set_architecture(new=wish == "new")
        elif wish == "clock":
            clock.advance(timedelta(days=typed_days(_posted("days"), most=MOST_AHEAD)))
        else:
            abort(400)
        return redirect(url_for("base_state"), 303)


def _posted(name: str) -> str:
    return request.form.get(name, "")


def _back(key: str, told: str) -> ResponseReturnValue:
    return redirect(url_for("client", key=key, told=told), 303)
