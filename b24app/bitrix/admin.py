"""The real `ports.admin.PortalAdmin`: what the installer reads and changes, in the portal's own methods.

Vendor's pages: https://apidocs.bitrix24.com/api-reference/bizproc/bizproc-robot/bizproc-robot-add.html,
https://apidocs.bitrix24.com/api-reference/crm/status/crm-status-add.html,
https://apidocs.bitrix24.com/api-reference/widgets/placement-bind.html
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any
from typing import Protocol

from b24app.bitrix import fields
from b24app.ports.admin import AddOptions
from b24app.ports.admin import AddRobot
from b24app.ports.admin import AddStage
from b24app.ports.admin import AddUserField
from b24app.ports.admin import Area
from b24app.ports.admin import BindEvent
from b24app.ports.admin import BindPlacement
from b24app.ports.admin import EventBinding
from b24app.ports.admin import OptionText
from b24app.ports.admin import PlacementBinding
from b24app.ports.admin import PortalStage
from b24app.ports.admin import PortalState
from b24app.ports.admin import PresentField
from b24app.ports.admin import RobotProperty
from b24app.ports.admin import RobotRegistration
from b24app.ports.admin import StageKind
from b24app.ports.admin import Step
from b24app.ports.admin import StepResult
from b24app.ports.admin import Subject
from b24app.ports.admin import UnbindEvent
from b24app.ports.admin import UnbindPlacement
from b24app.ports.admin import UpdateRobot
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import GatewayError
from b24app.ports.errors import NotFound
from b24app.ports.errors import Rejected
from b24app.ports.fields import CompanyField
from b24app.ports.fields import DealField
from b24app.ports.portal import Priority
from b24app.protocol.answers import BatchAnswer

_DEAL_DOCUMENT = ["crm", "CCrmDocumentDeal", "DEAL"]
_DEALS_ONLY = {"INCLUDE": [["crm", "CCrmDocumentDeal"]]}
_KINDS = {"S": StageKind.SUCCESS, "F": StageKind.FAILURE}
_SUBJECTS: Mapping[Area, tuple[Subject, ...]] = {
    Area.COMPANY_FIELDS: tuple(CompanyField),
    Area.DEAL_FIELDS: tuple(DealField),
}
_LISTS: Mapping[Area, str] = {
    Area.COMPANY_FIELDS: "crm.company.userfield.list",
    Area.DEAL_FIELDS: "crm.deal.userfield.list",
    Area.ROBOTS: "bizproc.robot.list",
    Area.EVENTS: "event.get",
    Area.PLACEMENTS: "placement.get",
}
_STAGE_COLOR = "#39A8EF"


class Caller(Protocol):
    """The part of `RestClient` used here."""

    def call(self, method: str, params: Mapping[str, Any], *, priority: Priority = Priority.NORMAL) -> Any:
        """Call one method and return its `result`."""
        ...

    def batch(
        self, commands: Mapping[str, tuple[str, Mapping[str, Any]]], *, priority: Priority = Priority.NORMAL
    ) -> BatchAnswer:
        """Run up to 50 commands in one request."""
        ...


class BitrixAdmin:
    """Read and change one portal as its service user, who must be an administrator."""

    def __init__(self, rest: Caller) -> None:
        self._rest = rest

    def read_state(self, category: int) -> PortalState:
        """Read all that the plan compares with, for one funnel: one batch, and more only for long lists."""
        answer = self._rest.batch(
            {
                "admin": ("user.admin", {}),
                "app": ("app.info", {}),
                Area.STAGES.value: ("crm.status.list", {"filter": {"ENTITY_ID": _stage_entity(category)}}),
                **{area.value: (method, {}) for area, method in _LISTS.items()},
            },
            priority=Priority.URGENT,
        )
        for key in ("admin", "app"):
            if key in answer.errors:
                raise answer.errors[key]
        return PortalState(
            administrator=answer.results.get("admin") is True,
            finished=_mapping(answer.results.get("app")).get("INSTALLED") is True,
            stages=tuple(_stage(row) for row in _rows(answer, Area.STAGES)),
            fields={**self._fields(answer, Area.COMPANY_FIELDS), **self._fields(answer, Area.DEAL_FIELDS)},
            robots=frozenset(str(code) for code in answer.results.get(Area.ROBOTS.value) or []),
            events=tuple(_event(row) for row in _rows(answer, Area.EVENTS) if row.get("handler")),
            placements=tuple(_placement(row) for row in _rows(answer, Area.PLACEMENTS)),
            unreadable=_unreadable(answer),
        )

    def carry_out(self, step: Step) -> StepResult:
        """Carry out one step. A step the portal refuses is a success when a look finds it done already."""
        try:
            self._send(step)
        except Rejected:
            if not self._stands(step):
                raise
            if isinstance(step, AddRobot):
                self._send(UpdateRobot(step.robot))
                return StepResult.DONE
            return StepResult.ALREADY
        return StepResult.DONE

    def _send(self, step: Step) -> None:
        match step:
            case AddOptions():
                self._add_options(step)
            case _:
                method, params = render_step(step)
                self._rest.call(method, params, priority=Priority.URGENT)

    def _stands(self, step: Step) -> bool:
        """Look whether a refused step was done before: codes of that are not documented (bitrix24 6.8)."""
        match step:
            case AddStage():
                filtered = {"filter": {"ENTITY_ID": _stage_entity(step.category)}}
                rows = self._list("crm.status.list", filtered)
                return any(str(row.get("STATUS_ID", "")).rpartition(":")[2] == step.code for row in rows)
            case AddUserField():
                return self._field_row(step.subject) is not None
            case AddRobot():
                return step.robot.code in (self._rest.call(_LISTS[Area.ROBOTS], {}) or [])
            case BindEvent():
                return step.binding in map(_event, self._list(_LISTS[Area.EVENTS], {}))
            case BindPlacement():
                return step.binding in map(_placement, self._list(_LISTS[Area.PLACEMENTS], {}))
            case _:
                return False

    def _add_options(self, step: AddOptions) -> None:
        """Send the whole list: entries with their ids stay, those without are new."""
        row = self._field_row(step.subject)
        if row is None:
            raise NotFound(f"the field of {step.subject.value} is gone")
        present = [dict(option) for option in row.get("LIST") or []]
        last = max((int(option.get("SORT") or 0) for option in present), default=0)
        method = _LISTS[_area(step.subject)].replace(".list", ".update")
        params = {"id": row["ID"], "fields": {"LIST": [*present, *_options(step.options, last)]}}
        self._rest.call(method, params, priority=Priority.URGENT)

    def _field_row(self, subject: Subject) -> Mapping[str, Any] | None:
        name = fields.code(subject)
        rows = self._list(_LISTS[_area(subject)], {"filter": {"FIELD_NAME": name}})
        return next((row for row in rows if row.get("FIELD_NAME") == name), None)

    def _list(self, method: str, params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        result = self._rest.call(method, params, priority=Priority.URGENT)
        if not isinstance(result, list):
            raise BadAnswer(f"{method}: not a list")
        return result

    def _fields(self, answer: BatchAnswer, area: Area) -> dict[Subject, PresentField]:
        rows = [*_rows(answer, area), *self._further(_LISTS[area], answer.nexts.get(area.value))]
        names = {fields.code(subject): subject for subject in _SUBJECTS[area]}
        return {names[row["FIELD_NAME"]]: _field(row) for row in rows if row.get("FIELD_NAME") in names}

    def _further(self, method: str, start: int | None) -> Iterable[Mapping[str, Any]]:
        """Read the pages after the first; `start` must grow, or the portal ignores it."""
        while start is not None:
            answer = self._rest.batch({"page": (method, {"start": start})}, priority=Priority.URGENT)
            if "page" in answer.errors:
                raise answer.errors["page"]
            yield from answer.results.get("page") or []
            following = answer.nexts.get("page")
            start = following if following is not None and following > start else None


def render_step(step: Step) -> tuple[str, Mapping[str, Any]]:
    """Write a step as method and parameters, `AddOptions` excepted, which has to look first."""
    params: Mapping[str, Any]
    match step:
        case AddStage():
            method, params = "crm.status.add", {"fields": _stage_fields(step)}
        case AddUserField():
            method = _LISTS[_area(step.subject)].replace(".list", ".add")
            params = {"fields": _field_fields(step)}
        case AddRobot(robot):
            method, params = "bizproc.robot.add", {"CODE": robot.code, **_robot_fields(robot)}
        case UpdateRobot(robot):
            method, params = "bizproc.robot.update", {"CODE": robot.code, "FIELDS": _robot_fields(robot)}
        case BindEvent(binding):
            method, params = "event.bind", {"event": binding.event, "handler": binding.handler}
        case UnbindEvent(binding):
            method, params = "event.unbind", {"event": binding.event, "handler": binding.handler}
        case BindPlacement():
            method, params = "placement.bind", _placement_fields(step)
        case UnbindPlacement(place):
            method, params = "placement.unbind", {"PLACEMENT": place.placement, "HANDLER": place.handler}
        case AddOptions():
            raise ValueError("options are added to a list that was read before")
    return method, params


def _stage_entity(category: int) -> str:
    return "DEAL_STAGE" if category == 0 else f"DEAL_STAGE_{category}"


def _stage_fields(step: AddStage) -> dict[str, Any]:
    return {
        "ENTITY_ID": _stage_entity(step.category),
        "STATUS_ID": step.code,
        "NAME": step.name,
        "SORT": step.sort,
        "COLOR": _STAGE_COLOR,
    }


def _field_fields(step: AddUserField) -> dict[str, Any]:
    labels = dict(step.labels)
    made: dict[str, Any] = {
        "FIELD_NAME": fields.code(step.subject).removeprefix("UF_CRM_"),
        "USER_TYPE_ID": step.kind.value,
        "XML_ID": fields.code(step.subject),
        "SORT": step.sort,
        "MULTIPLE": "N",
        "MANDATORY": "N",
        "SHOW_FILTER": "Y",
        "EDIT_FORM_LABEL": labels,
        "LIST_COLUMN_LABEL": labels,
        "LIST_FILTER_LABEL": labels,
    }
    if step.options:
        made["LIST"] = _options(step.options, 0)
    return made


def _options(options: Iterable[OptionText], after: int) -> list[dict[str, Any]]:
    return [
        {"VALUE": option.text, "XML_ID": option.xml_id, "SORT": after + place * 10, "DEF": "N"}
        for place, option in enumerate(options, start=1)
    ]


def _robot_fields(robot: RobotRegistration) -> dict[str, Any]:
    """Write a registration; USE_SUBSCRIPTION is always said: its default is contested (bitrix24 4.4)."""
    made: dict[str, Any] = {
        "HANDLER": robot.handler,
        "USE_SUBSCRIPTION": "Y" if robot.waits else "N",
        "NAME": dict(robot.names),
        "DESCRIPTION": dict(robot.descriptions),
        "DOCUMENT_TYPE": _DEAL_DOCUMENT,
        "FILTER": _DEALS_ONLY,
    }
    if robot.properties:
        made["PROPERTIES"] = {entry.key: _property(entry) for entry in robot.properties}
    if robot.results:
        made["RETURN_PROPERTIES"] = {entry.key: _property(entry) for entry in robot.results}
    return made


def _property(entry: RobotProperty) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Name": dict(entry.names),
        "Type": entry.kind,
        "Required": "Y" if entry.required else "N",
        "Multiple": "N",
    }
    if entry.options:
        made["Options"] = dict(entry.options)
    return made


def _placement_fields(step: BindPlacement) -> dict[str, Any]:
    return {
        "PLACEMENT": step.binding.placement,
        "HANDLER": step.binding.handler,
        "TITLE": step.titles["ru"],
        "LANG_ALL": {language: {"TITLE": title} for language, title in step.titles.items()},
    }


def _area(subject: Subject) -> Area:
    return Area.COMPANY_FIELDS if isinstance(subject, CompanyField) else Area.DEAL_FIELDS


def _rows(answer: BatchAnswer, area: Area) -> list[Mapping[str, Any]]:
    rows = answer.results.get(area.value) or []
    if not isinstance(rows, list):
        raise BadAnswer(f"{area.value}: not a list")
    return rows


def _unreadable(answer: BatchAnswer) -> dict[Area, str]:
    """Tell a refusal, which a person has to mend, from a failure, which is worth another try."""
    refused = {area: answer.errors[area.value] for area in Area if area.value in answer.errors}
    lasting: dict[Area, str] = {}
    for area, error in refused.items():
        if error.retryable:
            raise error
        lasting[area] = str(error)
    unanswered = [area for area in Area if area not in refused and area.value not in answer.results]
    if unanswered:
        raise _unanswered(unanswered)
    return lasting


def _unanswered(areas: list[Area]) -> GatewayError:
    return BadAnswer(f"batch: no answer for {', '.join(area.value for area in areas)}")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _stage(row: Mapping[str, Any]) -> PortalStage:
    return PortalStage(
        status_id=str(row["STATUS_ID"]),
        name=str(row.get("NAME") or ""),
        sort=int(row.get("SORT") or 0),
        kind=_KINDS.get(str(row.get("SEMANTICS") or ""), StageKind.PROCESS),
    )


def _field(row: Mapping[str, Any]) -> PresentField:
    options = row.get("LIST") or []
    return PresentField(
        kind=str(row.get("USER_TYPE_ID") or ""),
        multiple=row.get("MULTIPLE") == "Y",
        options={str(option["XML_ID"]): int(option["ID"]) for option in options if option.get("XML_ID")},
    )


def _event(row: Mapping[str, Any]) -> EventBinding:
    return EventBinding(str(row.get("event") or "").upper(), str(row.get("handler") or ""))


def _placement(row: Mapping[str, Any]) -> PlacementBinding:
    return PlacementBinding(str(row.get("placement") or "").upper(), str(row.get("handler") or ""))
