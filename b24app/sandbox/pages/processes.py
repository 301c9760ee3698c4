"""Pages of business processes: start one from a deal's card, answer its task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort
from flask import g
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for

from b24app.sandbox.pages.typed import chosen
from b24app.sandbox.portal.store import DEAL
from b24app.sandbox.portal.workflow.tasks import AnswerRefusedError
from b24app.sandbox.portal.workflow.tasks import UserStatus

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

    from b24app.sandbox.pages.look import Look
    from b24app.sandbox.portal import SandboxPortal

_ANSWERS = {"yes": UserStatus.YES, "no": UserStatus.NO}


def process_pages(app: Flask, portal: SandboxPortal, look: Look) -> None:
    """Add the pages to an app."""

    @app.get("/bizproc/")
    def bizproc() -> str:
        return render_template("portal/bizproc.html", needs=request.args.get("comment", ""))

    @app.get("/company/personal/bizproc/")
    @app.get("/company/personal/bizproc/<int:task_id>/")
    def bizproc_of_person(task_id: int = 0) -> ResponseReturnValue:
        del task_id
        return redirect(url_for("bizproc"))

    @app.post("/bizproc/<int:task_id>/answer")
    def answer(task_id: int) -> ResponseReturnValue:
        task = portal.core.processes.tasks.get(task_id)
        if task is None or not portal.core.processes.runs[task.process_id].shows_tasks(portal.now()):
            abort(404, "Такого задания нет: оно удалено вместе с процессом.")
        wish = _ANSWERS[chosen(request.form.get("answer", ""), _ANSWERS)]
        comment = request.form.get("comment", "").strip()
        if task.waits_for(g.me.id) and task.demands_comment(wish) and not comment:
            return redirect(url_for("bizproc", comment=task_id, _anchor=f"task-{task_id}"), 303)
        try:
            portal.answer_task(task_id, g.me.id, wish, comment)
        except AnswerRefusedError as refused:
            abort(409, str(refused))
        return redirect(url_for("bizproc"), 303)

    @app.post("/crm/deal/<int:deal_id>/process/<int:template_id>")
    def start(deal_id: int, template_id: int) -> ResponseReturnValue:
        look.known(DEAL, deal_id)
        portal.start_process(template_id, deal_id, g.me.id, look.processes.typed(template_id, request.form))
        return redirect(url_for("deal", deal_id=deal_id), 303)
