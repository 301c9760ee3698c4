"""Starting, listing and ending processes over REST (bizproc 5, bitrix24 5.2)."""

from __future__ import annotations

import re
from typing import Any

from b24app.sandbox.portal.core import Answer
from b24app.sandbox.portal.core import Call
from b24app.sandbox.portal.core import method
from b24app.sandbox.portal.core import page
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.errors import access_denied
from b24app.sandbox.portal.fields import Field
from b24app.sandbox.portal.fields import Kind
from b24app.sandbox.portal.process_templates import DEALS
from b24app.sandbox.portal.store import COMPANY
from b24app.sandbox.portal.store import DEAL
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.workflow import lists
from b24app.sandbox.portal.workflow.process import Process
from b24app.sandbox.portal.workflow.process import Template

_DEAL_ID = re.compile(r"(?:DEAL_|D_)?(\d+)")
_COMPANY_ID = re.compile(r"(?:COMPANY_|CO_)?(\d+)")
_DOCUMENTS = {DEALS[1]: (_DEAL_ID, DEAL), "CCrmDocumentCompany": (_COMPANY_ID, COMPANY)}
_FIELDS = {
    "ID": Field("ID", Kind.STRING),
    **{name: Field(name, Kind.DATETIME) for name in ("MODIFIED", "OWNED_UNTIL", "STARTED")},
    **{name: Field(name, Kind.STRING) for name in ("MODULE_ID", "ENTITY", "DOCUMENT_ID")},
    **{name: Field(name, Kind.INTEGER) for name in ("STARTED_BY", "TEMPLATE_ID")},
}


@method("bizproc.workflow.start", "bizproc")
def start_process(call: Call) -> str:
    """Run a template for a deal up to its first wait; administrators and whoever may change the deal.

    PARAMETERS are passed on as they come: nothing is required or converted (bizproc 5).
    """
    template = _template(call)
    entity, number = _document(call)
    if entity != DEAL:
        raise RestError("", "Template type and DOCUMENT_ID mismatch!")
    if (call.user_id, DEAL, number) in call.store.denied:
        raise access_denied()
    raw = call.value("PARAMETERS")
    return call.core.processes.start(
        call.hit, template, number, dict(raw) if isinstance(raw, dict) else {}
    ).id


def _template(call: Call) -> Template:
    raw = call.value("TEMPLATE_ID")
    if not raw or raw == "0":
        raise RestError("ERROR_WRONG_WORKFLOW_ID", "Empty TEMPLATE_ID")
    found = call.core.processes.templates.get(int(raw)) if str(raw).isdecimal() else None
    if found is None:
        raise RestError("ERROR_WRONG_WORKFLOW_ID", "Template not found")
    return found


def _document(call: Call) -> tuple[int, int]:
    """The kind and number of an existing document; `501` and `D_501` are understood too (bizproc 1)."""
    raw = call.value("DOCUMENT_ID")
    if isinstance(raw, list) and len(raw) == 3 and raw[0] == "crm" and raw[1] in _DOCUMENTS:
        pattern, entity = _DOCUMENTS[raw[1]]
        found = pattern.fullmatch(str(raw[2]))
        if found is not None and int(found[1]) in call.store.items[entity]:
            return entity, int(found[1])
    raise RestError("", "Wrong DOCUMENT_ID!")


def list_processes(call: Call) -> Answer:
    """Running processes; a finished one is simply absent."""
    names = lists.selected(call, _FIELDS, ("ID", "MODIFIED", "OWNED_UNTIL"))
    rows = [_row(run) for run in call.core.processes.runs.values() if run.ended is None]
    found = lists.arranged(call, rows, lists.conditions(call, _FIELDS), _FIELDS, {"MODIFIED": "DESC"})
    return page([lists.shown(row, names) for row in found], call.value("start"))


method("bizproc.workflow.instances", "bizproc", admin=True)(list_processes)
method("bizproc.workflow.instance.list", "bizproc", admin=True)(list_processes)


def _row(run: Process) -> Record:
    return {
        "id": run.id,
        "ID": run.id,
        "MODIFIED": run.modified,
        "OWNED_UNTIL": None,
        "MODULE_ID": DEALS[0],
        "ENTITY": DEALS[1],
        "DOCUMENT_ID": f"DEAL_{run.deal_id}",
        "STARTED": run.started,
        "STARTED_BY": run.started_by,
        "TEMPLATE_ID": run.template.id,
    }


def _run(call: Call) -> Process:
    raw: Any = call.value("ID")
    if not raw:
        raise RestError("ERROR_WRONG_WORKFLOW_ID", "Empty workflow instance ID")
    if not isinstance(raw, str):
        raise RestError("ERROR_WRONG_WORKFLOW_ID", "Invalid workflow instance ID (string expected)")
    found = call.core.processes.runs.get(raw)
    if found is None:
        raise RestError("", "Workflow instance is not found")
    return found


@method("bizproc.workflow.terminate", "bizproc", admin=True)
def terminate_process(call: Call) -> bool:
    """End a running process: its open tasks go, its history stays."""
    run = _run(call)
    if run.ended is not None:
        raise RestError("", "Workflow instance is not found")
    call.core.processes.terminate(run, call.text("STATUS"))
    return True


@method("bizproc.workflow.kill", "bizproc", admin=True)
def kill_process(call: Call) -> bool:
    """Delete a process and everything known of it."""
    call.core.processes.kill(_run(call))
    return True
