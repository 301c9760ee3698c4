"""Templates of processes an application brings along (bizproc 1, bitrix24 5.1)."""

from __future__ import annotations

import base64
from typing import Any

from b24app.sandbox.portal.apps import APP_ID
from b24app.sandbox.portal.core import Answer
from b24app.sandbox.portal.core import Call
from b24app.sandbox.portal.core import method
from b24app.sandbox.portal.core import page
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.fields import Field
from b24app.sandbox.portal.fields import Kind
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.workflow import bpt
from b24app.sandbox.portal.workflow import lists
from b24app.sandbox.portal.workflow.nodes import TemplateError
from b24app.sandbox.portal.workflow.process import Template

DEALS = ("crm", "CCrmDocumentDeal", "DEAL")
SYSTEM_CODE = f"rest_app_{APP_ID}"
_FLAGS = frozenset({"0", "1", "2", "3"})
_TEXTS = ("MODULE_ID", "ENTITY", "DOCUMENT_TYPE", "NAME", "DESCRIPTION", "SYSTEM_CODE", "IS_MODIFIED")
_ARRAYS = ("TEMPLATE", "PARAMETERS", "VARIABLES", "CONSTANTS")
_FIELDS = {
    **{name: Field(name, Kind.INTEGER) for name in ("ID", "AUTO_EXECUTE", "USER_ID")},
    **{name: Field(name, Kind.STRING) for name in (*_TEXTS, *_ARRAYS)},
    "MODIFIED": Field("MODIFIED", Kind.DATETIME),
}


def _invalid(text: str) -> RestError:
    return RestError("ERROR_TEMPLATE_VALIDATION_FAILURE", text)


def _name(raw: Any) -> str:
    if not raw or isinstance(raw, list | dict):
        raise _invalid("Empty template name!")
    return str(raw)


def _auto_execute(raw: Any) -> int:
    """Only a string of one digit is taken; a JSON number is not, though the docs show one (bizproc 1)."""
    if not isinstance(raw, str) or raw not in _FLAGS:
        raise _invalid("Incorrect field AUTO_EXECUTE!")
    return int(raw)


def _file(raw: Any) -> bytes:
    """`["name.bpt", "<base64>"]`, or the base64 alone."""
    text = raw[1] if isinstance(raw, list) and len(raw) == 2 else raw
    if not isinstance(text, str) or not text:
        raise _invalid("Incorrect field TEMPLATE_DATA!")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise _invalid("Incorrect field TEMPLATE_DATA!") from error


@method("bizproc.workflow.template.add", "bizproc", admin=True)
def add_template(call: Call) -> int:
    """Import a template for deals; the second call makes a second template (bizproc 1)."""
    kind = call.value("DOCUMENT_TYPE")
    if not isinstance(kind, list) or tuple(kind) != DEALS:
        raise _invalid("Incorrect field DOCUMENT_TYPE!")
    head = {
        "name": _name(call.value("NAME")),
        "description": call.text("DESCRIPTION"),
        "auto_execute": 0,
    }
    if call.value("AUTO_EXECUTE") is not None:
        head["auto_execute"] = _auto_execute(call.value("AUTO_EXECUTE"))
    file = _file(call.value("TEMPLATE_DATA"))
    try:
        return call.core.processes.add_template(file, head, call.user_id, SYSTEM_CODE).id
    except (bpt.BptError, TemplateError) as error:
        raise RestError("", str(error)) from error


def _own(call: Call, refusal: RestError) -> Template:
    raw = str(call.value("ID") or "")
    found = call.core.processes.templates.get(int(raw)) if raw.isdecimal() else None
    if found is None:
        raise RestError("ERROR_TEMPLATE_NOT_FOUND", "Workflow template not found.")
    if found.system_code != SYSTEM_CODE:
        raise refusal
    return found


@method("bizproc.workflow.template.update", "bizproc", admin=True)
def update_template(call: Call) -> int:
    """Change the app's own template. A new file replaces constants and what people set there (bizproc 1)."""
    raw = call.value("FIELDS")
    values = {str(key).upper(): value for key, value in raw.items()} if isinstance(raw, dict) else {}
    if not values:
        raise _invalid("No fields to update.")
    refusal = RestError(
        "ERROR_TEMPLATE_NOT_OWNER", "You can update ONLY templates created by current application"
    )
    template = _own(call, refusal)
    name = _name(values["NAME"]) if values.get("NAME") is not None else template.name
    auto = values.get("AUTO_EXECUTE")
    auto_execute = template.auto_execute if auto is None else _auto_execute(auto)
    if values.get("TEMPLATE_DATA") is not None:
        _replace(call, template, _file(values["TEMPLATE_DATA"]))
    template.name, template.auto_execute = name, auto_execute
    template.description = str(values.get("DESCRIPTION", template.description))
    template.user_id, template.modified = call.user_id, call.core.now()
    return template.id


def _replace(call: Call, template: Template, file: bytes) -> None:
    """Put another tree into a template; what runs keeps the old one. A refusal has no code of its own."""
    try:
        opened = bpt.open_template(file)
        template.root = call.core.processes.build(opened["TEMPLATE"])
    except (bpt.BptError, TemplateError) as error:
        raise RestError("INTERNAL_SERVER_ERROR", "Internal server error", 500) from error
    template.source = opened["TEMPLATE"]
    template.parameters, template.variables = opened["PARAMETERS"], opened["VARIABLES"]
    template.constants = opened["CONSTANTS"]


@method("bizproc.workflow.template.delete", "bizproc", admin=True)
def delete_template(call: Call) -> None:
    """Delete the app's own template, unless a process of it runs."""
    refusal = RestError(
        "ERROR_TEMPLATE_NOT_OWNER", "You can delete ONLY templates created by current application"
    )
    template = _own(call, refusal)
    if call.core.processes.runs_of(template.id):
        raise RestError("", "This template has running processes")
    del call.core.processes.templates[template.id]


@method("bizproc.workflow.template.list", "bizproc", admin=True)
def list_templates(call: Call) -> Answer:
    """Templates of people and of applications; robots of stages are not among them (bizproc 1)."""
    names = lists.selected(call, _FIELDS, ("ID",))
    rows = [_row(template) for template in call.core.processes.templates.values()]
    found = lists.arranged(call, rows, lists.conditions(call, _FIELDS), _FIELDS, {"ID": "ASC"})
    return page([lists.shown(row, names) for row in found], call.value("start"))


def _row(template: Template) -> Record:
    return {
        "id": template.id,
        "ID": template.id,
        **dict(zip(("MODULE_ID", "ENTITY", "DOCUMENT_TYPE"), DEALS, strict=True)),
        "AUTO_EXECUTE": template.auto_execute,
        "NAME": template.name,
        "DESCRIPTION": template.description,
        "TEMPLATE": template.source,
        "PARAMETERS": template.parameters or [],
        "VARIABLES": template.variables or [],
        "CONSTANTS": template.constants or [],
        "MODIFIED": template.modified,
        "IS_MODIFIED": "N",
        "USER_ID": template.user_id,
        "SYSTEM_CODE": template.system_code,
    }
