"""Template files and the methods that keep templates (bizproc 1, bitrix24 5.1)."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from typing import Any

import pytest

from b24app.sandbox.portal import SandboxPortal
from b24app.sandbox.portal.workflow import bpt
from tests.sandbox.portal.conftest import ADMIN
from tests.sandbox.portal.conftest import MANAGER
from tests.sandbox.portal.conftest import SAMPLES
from tests.sandbox.portal.conftest import Client
from tests.sandbox.portal.drawing import added
from tests.sandbox.portal.drawing import approve
from tests.sandbox.portal.drawing import branch
from tests.sandbox.portal.drawing import constant
from tests.sandbox.portal.drawing import file
from tests.sandbox.portal.drawing import node
from tests.sandbox.portal.drawing import step_type
from tests.sandbox.portal.drawing import template
from tests.sandbox.portal.drawing import titled

ADD = "bizproc.workflow.template.add"
LIST = "bizproc.workflow.template.list"
EXPORT = base64.b64decode((SAMPLES / "bizproc-workflow-template-add.base64").read_text(encoding="ascii"))
RAW = zlib.decompress(EXPORT)


def test_a_designers_export_is_read_and_written_byte_for_byte() -> None:
    opened = bpt.unserialize(RAW)
    assert opened["VERSION"] == 2
    assert [child["Type"] for child in opened["TEMPLATE"][0]["Children"]] == ["SocNetMessageActivity"]
    assert bpt.serialize(opened) == RAW
    assert bpt.open_template(EXPORT) == bpt.open_template(RAW) == bpt.open_template(zlib.compress(RAW, 1))


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(gzip.compress(RAW), id="gzip"),
        pytest.param(zlib.compress(RAW, wbits=-15), id="raw deflate"),
        pytest.param(json.dumps(bpt.unserialize(RAW)).encode(), id="JSON"),
        pytest.param(bpt.serialize(template(titled("A", "x;O:5:y"))), id="objects even in a text"),
        pytest.param(bpt.serialize({"VERSION": 2}), id="no TEMPLATE"),
        pytest.param(bpt.serialize(template() | {"PARAMETERS": "text"}), id="PARAMETERS is no array"),
        pytest.param(RAW[:-1], id="cut"),
        pytest.param(RAW + b"N;", id="a tail"),
        pytest.param(b's:9:"short";', id="a wrong length"),
        pytest.param(b"a:1:{N;i:1;}", id="a wrong key"),
        pytest.param(b"a:1:{i:0;i:1;", id="an open array"),
        pytest.param(b"i:x;", id="no number"),
        pytest.param(b's:1:"\xff";', id="not UTF-8"),
    ],
)
def test_everything_else_is_refused(spoilt: bytes) -> None:
    with pytest.raises(bpt.BptError):
        bpt.open_template(spoilt)


def test_constants_have_more_room_than_parameters() -> None:
    noise = {f"c{n}": constant(base64.b64encode(str(n**9).encode()).decode()) for n in range(8000)}
    assert bpt.open_template(bpt.serialize(template(CONSTANTS=noise)))
    with pytest.raises(bpt.BptError, match="PARAMETERS is too big"):
        bpt.open_template(bpt.serialize(template(PARAMETERS=noise)))


def test_a_template_is_added_listed_and_belongs_to_the_app(rest: Client) -> None:
    drawn = template(titled("A", "done"), CONSTANTS={"cfo": constant("user_1")})
    number = rest.call(ADD, added(drawn, AUTO_EXECUTE="0", DESCRIPTION="d"))
    assert isinstance(number, int)
    wanted = {"SELECT": ["ID", "NAME", "SYSTEM_CODE", "USER_ID", "AUTO_EXECUTE", "TEMPLATE", "CONSTANTS"]}
    (row,) = rest.call(LIST, wanted | {"FILTER": {"SYSTEM_CODE": "rest_app_5"}})
    assert row["TEMPLATE"] == drawn["TEMPLATE"]
    assert row["CONSTANTS"]["cfo"]["Default"] == "user_1"
    assert (row["ID"], row["NAME"], row["USER_ID"], row["AUTO_EXECUTE"]) == (str(number), "Drawn", "1", "0")
    assert rest.call(ADD, added(drawn)) == number + 1
    body = rest.post(LIST, {"ORDER": {"ID": "DESC"}}).json()
    assert body["total"] == 3
    assert body["result"] == [{"ID": str(n)} for n in (number + 1, number, number - 1)]


def test_the_base64_alone_is_a_file_too(rest: Client) -> None:
    assert rest.call(ADD, added(template(), TEMPLATE_DATA=base64.b64encode(EXPORT).decode()))


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"DOCUMENT_TYPE": ["crm", "CCrmDocumentNothing", "X"]}, "Incorrect field DOCUMENT_TYPE!"),
        ({"NAME": ""}, "Empty template name!"),
        ({"AUTO_EXECUTE": 0}, "Incorrect field AUTO_EXECUTE!"),
        ({"AUTO_EXECUTE": "4"}, "Incorrect field AUTO_EXECUTE!"),
        ({"TEMPLATE_DATA": ""}, "Incorrect field TEMPLATE_DATA!"),
        ({"TEMPLATE_DATA": ["a.bpt", "не base64"]}, "Incorrect field TEMPLATE_DATA!"),
    ],
)
def test_wrong_fields_are_refused_by_name(rest: Client, wrong: dict[str, Any], text: str) -> None:
    answer = rest.post(ADD, added(template()) | wrong)
    assert answer.status_code == 400
    assert answer.json() == {"error": "ERROR_TEMPLATE_VALIDATION_FAILURE", "error_description": text}


@pytest.mark.parametrize(
    "drawn",
    [
        pytest.param(template(node("NoSuchActivity", "A")), id="unknown type"),
        pytest.param(template(titled("A", "x"), titled("A", "y")), id="one name twice"),
        pytest.param(template(titled("нет", "x")), id="a name nobody can refer to"),
        pytest.param(template(approve("A", [])), id="nobody to approve"),
        pytest.param(template(approve("A", ["user_1"], ApproveType="first")), id="unknown way"),
        pytest.param(template(approve("A", ["user_1"], Name="")), id="a task without a name"),
        pytest.param(template(approve("A", ["user_1"], titled("B", "x"))), id="no sequence in an approval"),
        pytest.param(template(node("IfElseActivity", "A", None, branch("B"))), id="no branch in a fork"),
        pytest.param(template(node("GetUserActivity", "A", {"UserParameter": ["user_1"]})), id="no reserve"),
        pytest.param(template() | {"TEMPLATE": [branch("A")]}, id="another root"),
        pytest.param(template() | {"TEMPLATE": [branch("A"), branch("B")]}, id="two roots"),
        pytest.param(template() | {"TEMPLATE": ["text"]}, id="no node"),
    ],
)
def test_a_template_with_mistakes_is_not_imported(rest: Client, drawn: Any) -> None:
    assert rest.error(ADD, added(drawn)) == (400, "")
    assert len(rest.call(LIST)) == 1


@pytest.mark.usefixtures("installed")
def test_a_step_nobody_registered_passes_and_a_registered_one_must_be_filled_in(rest: Client) -> None:
    properties = {"decision": {"Name": "Решение", "Type": "string", "Required": "Y"}}
    step = {"CODE": "cc_decision", "HANDLER": "http://127.0.0.1/x", "NAME": "x", "PROPERTIES": properties}
    rest.call("bizproc.activity.add", step)
    kind = step_type(rest.portal.client_id, "cc_decision")
    assert rest.error(ADD, added(template(node(kind, "A")))) == (400, "")
    assert rest.call(ADD, added(template(node(kind, "A", {"decision": "yes"}))))
    assert rest.call(ADD, added(template(node(step_type("local.other", "x"), "A"))))


def test_an_update_replaces_constants_and_leaves_what_it_does_not_name(rest: Client) -> None:
    number = rest.call(ADD, added(template(CONSTANTS={"cfo": constant("user_1")}), DESCRIPTION="d"))
    update = "bizproc.workflow.template.update"
    assert rest.call(update, {"ID": number, "FIELDS": {"NAME": "New", "AUTO_EXECUTE": "1"}}) == number
    fresh = template(titled("A", "x"), CONSTANTS={"cfo": constant("user_7")})
    assert rest.call(update, {"ID": number, "FIELDS": {"TEMPLATE_DATA": file(fresh)}}) == number
    wanted = {"SELECT": ["NAME", "DESCRIPTION", "AUTO_EXECUTE", "CONSTANTS"], "FILTER": {"ID": number}}
    (row,) = rest.call(LIST, wanted)
    assert (row["NAME"], row["DESCRIPTION"], row["AUTO_EXECUTE"]) == ("New", "d", "1")
    assert row["CONSTANTS"]["cfo"]["Default"] == "user_7"
    assert rest.error(update, {"ID": number, "FIELDS": {}}) == (400, "ERROR_TEMPLATE_VALIDATION_FAILURE")
    assert rest.error(update, {"ID": 99, "FIELDS": {"NAME": "x"}}) == (400, "ERROR_TEMPLATE_NOT_FOUND")
    broken = {"ID": number, "FIELDS": {"NAME": "y", "TEMPLATE_DATA": file(template(node("No", "A")))}}
    assert rest.error(update, broken) == (500, "INTERNAL_SERVER_ERROR")
    assert rest.call(LIST, {"SELECT": ["NAME"], "FILTER": {"ID": number}}) == [{"NAME": "New"}]


def test_an_app_neither_changes_nor_deletes_what_people_drew(portal: SandboxPortal, rest: Client) -> None:
    (own,) = portal.core.processes.templates
    change = {"ID": own, "FIELDS": {"NAME": "mine"}}
    assert rest.error("bizproc.workflow.template.update", change) == (400, "ERROR_TEMPLATE_NOT_OWNER")
    assert rest.error("bizproc.workflow.template.delete", {"ID": own}) == (400, "ERROR_TEMPLATE_NOT_OWNER")


def test_a_template_is_not_deleted_while_it_runs(portal: SandboxPortal, rest: Client) -> None:
    number = rest.call(ADD, added(template(approve("A", ["user_1"]))))
    run = portal.start_process(number, 1, MANAGER, {})
    assert rest.error("bizproc.workflow.template.delete", {"ID": number}) == (400, "")
    assert rest.call("bizproc.workflow.terminate", {"ID": run}) is True
    assert rest.call("bizproc.workflow.template.delete", {"ID": number}) is None
    assert rest.error("bizproc.workflow.template.delete", {"ID": number}) == (400, "ERROR_TEMPLATE_NOT_FOUND")


@pytest.mark.parametrize("method", ["add", "update", "delete", "list"])
def test_only_administrators_keep_templates(manager: Client, method: str) -> None:
    params = added(template()) | {"ID": 1, "FIELDS": {"NAME": "x"}}
    assert manager.error(f"bizproc.workflow.template.{method}", params) == (403, "ACCESS_DENIED")


def test_templates_survive_the_app(installed: SandboxPortal, rest: Client) -> None:
    number = rest.call(ADD, added(template()))
    installed.uninstall_app()
    installed.install_app_by_event("http://127.0.0.1:9", ADMIN)
    assert {"ID": str(number)} in rest.call(LIST)
