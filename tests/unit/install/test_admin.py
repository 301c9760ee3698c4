"""What the installer says to the portal, where the sandbox has nothing to say back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from b24app.bitrix.admin import BitrixAdmin
from b24app.bitrix.admin import render_step
from b24app.ports.admin import AddOptions
from b24app.ports.admin import AddRobot
from b24app.ports.admin import AddUserField
from b24app.ports.admin import Area
from b24app.ports.admin import OptionText
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import MethodUnknown
from b24app.ports.errors import NotFound
from b24app.ports.errors import RateLimited
from b24app.ports.fields import CompanyField
from b24app.ports.fields import DealField
from b24app.ports.portal import Priority
from b24app.protocol.answers import BatchAnswer
from install.plan import plan
from tests.unit.install.portal import EMPTY
from tests.unit.install.portal import wanted

READ: dict[str, Any] = {
    "admin": True,
    "app": {"INSTALLED": False},
    "stages": [{"STATUS_ID": "NEW", "NAME": "Новая", "SORT": "10", "SEMANTICS": None}],
    "company_fields": [],
    "deal_fields": [],
    "robots": [],
    "events": [],
    "placements": [],
}


class Rest:
    """A REST client that answers from tables and keeps what it was asked."""

    def __init__(
        self, answers: Mapping[str, Any] | None = None, batches: list[BatchAnswer] | None = None
    ) -> None:
        self.answers = dict(answers or {})
        self.batches = batches or []
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    def call(self, method: str, params: Mapping[str, Any], *, priority: Priority = Priority.NORMAL) -> Any:
        del priority
        self.asked.append((method, params))
        return self.answers[method]

    def batch(
        self, commands: Mapping[str, tuple[str, Mapping[str, Any]]], *, priority: Priority = Priority.NORMAL
    ) -> BatchAnswer:
        del priority
        self.asked += commands.values()
        return self.batches.pop(0)


def steps(kind: type) -> list[Any]:
    return [step for step in plan(wanted(), EMPTY).steps if isinstance(step, kind)]


def test_added_options_keep_those_that_are_there() -> None:
    present = {"ID": "41", "VALUE": "Разрешена", "XML_ID": "allow", "SORT": "20", "DEF": "N"}
    row = {"ID": "7", "FIELD_NAME": "UF_CRM_CC_DECISION", "LIST": [present]}
    rest = Rest({"crm.deal.userfield.list": [row], "crm.deal.userfield.update": True})
    BitrixAdmin(rest).carry_out(AddOptions(DealField.DECISION, (OptionText("hold", "Остановлена"),)))
    assert rest.asked[-1] == (
        "crm.deal.userfield.update",
        {
            "id": "7",
            "fields": {"LIST": [present, {"VALUE": "Остановлена", "XML_ID": "hold", "SORT": 30, "DEF": "N"}]},
        },
    )


def test_options_of_a_field_that_has_gone_are_a_failure() -> None:
    rest = Rest({"crm.company.userfield.list": []})
    with pytest.raises(NotFound):
        BitrixAdmin(rest).carry_out(AddOptions(CompanyField.RISK, (OptionText("low", "Низкий"),)))


def test_long_lists_of_fields_are_read_to_the_end() -> None:
    page = [{"FIELD_NAME": "UF_CRM_CC_LIMIT", "USER_TYPE_ID": "money", "MULTIPLE": "N"}]
    rest = Rest(
        batches=[
            BatchAnswer(results=READ, nexts={"company_fields": 50}),
            BatchAnswer(results={"page": []}, nexts={"page": 100}),
            BatchAnswer(results={"page": page}, nexts={"page": 100}),
        ]
    )
    assert CompanyField.LIMIT in BitrixAdmin(rest).read_state(0).fields
    assert [params.get("start") for method, params in rest.asked if "company" in method] == [None, 50, 100]


@pytest.mark.parametrize(
    ("error", "area"),
    [
        pytest.param(Forbidden("insufficient_scope"), Area.PLACEMENTS, id="no permission"),
        pytest.param(MethodUnknown("error_method_not_found"), Area.ROBOTS, id="no such method on the plan"),
    ],
)
def test_a_refused_area_is_named(error: GatewayError, area: Area) -> None:
    results = {key: value for key, value in READ.items() if key != area.value}
    rest = Rest(batches=[BatchAnswer(results=results, errors={area.value: error})])
    assert BitrixAdmin(rest).read_state(0).unreadable == {area: str(error)}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(
            BatchAnswer(
                results={key: value for key, value in READ.items() if key != "robots"},
                errors={"robots": RateLimited("bizproc.robot.list")},
            ),
            id="a passing failure",
        ),
        pytest.param(
            BatchAnswer(results={key: value for key, value in READ.items() if key != "events"}),
            id="not answered at all",
        ),
        pytest.param(
            BatchAnswer(
                results={key: value for key, value in READ.items() if key != "admin"},
                errors={"admin": Forbidden("access_denied")},
            ),
            id="not known whether an administrator",
        ),
        pytest.param(BatchAnswer(results={**READ, "stages": "?"}), id="not a list"),
    ],
)
def test_a_state_that_could_not_be_read_is_not_taken_for_an_empty_one(answer: BatchAnswer) -> None:
    with pytest.raises(GatewayError):
        BitrixAdmin(Rest(batches=[answer])).read_state(0)


def test_an_answer_that_is_no_list_is_refused() -> None:
    with pytest.raises(BadAnswer):
        BitrixAdmin(Rest({"crm.deal.userfield.list": {}})).carry_out(AddOptions(DealField.DECISION, ()))


def test_whether_a_robot_waits_is_always_said() -> None:
    said = {params["CODE"]: params["USE_SUBSCRIPTION"] for _, params in map(render_step, steps(AddRobot))}
    assert said == {"cc_check": "N", "cc_check_wait": "Y"} | {
        code: said[code] for code in said if code not in {"cc_check", "cc_check_wait"}
    }
    assert set(said.values()) <= {"Y", "N"}


def test_fields_are_labelled_in_both_languages_and_named_without_the_prefix() -> None:
    for _, params in map(render_step, steps(AddUserField)):
        made = params["fields"]
        assert set(made["EDIT_FORM_LABEL"]) == {"ru", "en"}
        assert made["FIELD_NAME"].startswith("CC_")
        assert len(made["FIELD_NAME"]) <= 43
        assert (made["USER_TYPE_ID"] == "enumeration") == ("LIST" in made)
