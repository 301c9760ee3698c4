"""What the portal's pages show: copies of the portal's records, arranged for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from flask import abort

from b24app.sandbox.pages.process_look import ProcessLook
from b24app.sandbox.pages.shown import field_value
from b24app.sandbox.pages.typed import chosen
from b24app.sandbox.pages.typed import typed_amount
from b24app.sandbox.portal.automation import Move
from b24app.sandbox.portal.automation import Placed
from b24app.sandbox.portal.store import COMPANY
from b24app.sandbox.portal.store import DEAL

if TYPE_CHECKING:
    from b24app.sandbox.portal import SandboxPortal
    from b24app.sandbox.portal.store import Record
    from b24app.sandbox.portal.store import User
    from b24app.sandbox.portal.store import UserField

DONE = "5"
STORY = {
    "allow": "помещается в лимит",
    "limit": "сверх лимита",
    "overdue": "просрочка",
    "both": "лимит и просрочка",
    "silent": "для опыта «1С молчит»",
    "drag": "для опыта «мимо блокировки»",
    "card": "для опыта «лимит в карточке»",
    "pay": "должник, ждёт оплаты",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A stage of the board with its deals."""

    status_id: str
    name: str
    color: str
    deals: list[Record]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A custom field of a card, ready to show and, where it makes sense, to type into."""

    name: str
    label: str
    kind: str
    value: str
    raw: Any
    options: dict[int, str]


class Look:
    """Reads one portal for its pages; everything returned is a copy."""

    def __init__(self, portal: SandboxPortal) -> None:
        self._portal = portal
        self._processes = ProcessLook(portal)
        self._story = {number: STORY[key] for key, number in portal.deal_ids.items() if key in STORY}

    def users(self) -> list[User]:
        """People in the order of the staff list."""
        return list(self._portal.core.store.users.values())

    def user(self, user_id: Any) -> str:
        """Name a user."""
        found = self._portal.core.store.users.get(int(user_id or 0))
        return f"{found.name} {found.last_name}" if found else "Автоматизация"

    def known(self, entity_type: int, number: int) -> Record:
        """Return a deal or company; a number nobody has is a 404."""
        try:
            return self._portal.deal(number) if entity_type == DEAL else self._portal.company(number)
        except KeyError:
            abort(404)

    def board(self) -> list[Column]:
        """Arrange the deals of the general funnel by stage, failures last."""
        with self._portal.core.store.lock:
            stages = sorted(self._portal.core.store.stages(0), key=lambda row: int(row["SORT"]))
            deals = [deal for deal in self._portal.deals() if deal["categoryId"] == 0]
        deals.sort(key=lambda deal: (deal["id"] not in self._story, deal["id"]))
        return [
            Column(
                row["STATUS_ID"],
                row["NAME"],
                row.get("COLOR") or "#c8d3dc",
                [deal for deal in deals if deal["stageId"] == row["STATUS_ID"]],
            )
            for row in stages
        ]

    def stages(self) -> set[str]:
        """Return the stages of the general funnel."""
        return {column.status_id for column in self.board()}

    def stage(self, status_id: str) -> str:
        """Name a stage."""
        return next((column.name for column in self.board() if column.status_id == status_id), status_id)

    def story(self, deal_id: int) -> str:
        """Say what a deal of the story shows, if it is one."""
        return self._story.get(deal_id, "")

    def company(self, company_id: Any) -> str:
        """Name a company; a deal may have none."""
        found = self._portal.core.store.items[COMPANY].get(int(company_id or 0))
        return str(found["title"]) if found else "без компании"

    def fields(self, entity_type: int, record: Record) -> list[FieldRow]:
        """Return the app's fields of a card."""
        entity = "CRM_DEAL" if entity_type == DEAL else "CRM_COMPANY"
        with self._portal.core.store.lock:
            fields = sorted(self._portal.core.store.user_fields[entity].values(), key=lambda row: row.sort)
        return [_row(field, record) for field in fields]

    def typed(self, form: Mapping[str, str]) -> Record:
        """Read what a person typed into the app's fields of a company card: sums and choices."""
        known = self._portal.core.store.user_fields["CRM_COMPANY"]
        values: Record = {}
        for name, text in form.items():
            field = known.get(name)
            if field is not None and field.kind == "money":
                values[name] = f"{typed_amount(text)}|RUB" if text.strip() else ""
            elif field is not None and field.kind == "enumeration":
                offered = {str(option["ID"]) for option in field.options}
                values[name] = chosen(text, offered) if text else None
        return values

    def requisites(self, company_id: int) -> list[Record]:
        """Return a company's requisites."""
        return self._portal.requisites(company_id)

    def comments(self, deal_id: int) -> list[Record]:
        """Return the timeline of a deal, newest first."""
        return self._portal.comments(deal_id)[::-1]

    def history(self, deal_id: int) -> list[Record]:
        """Return the stage history of a deal, newest first."""
        return self._portal.history(deal_id)[::-1]

    def tasks(self, user_id: int) -> list[Record]:
        """Return a user's tasks, open ones first, newest first."""
        mine = [task for task in self._portal.tasks() if int(task["RESPONSIBLE_ID"]) == user_id]
        return sorted(mine, key=lambda task: (str(task["STATUS"]) == DONE, -int(task["id"])))

    def open_tasks(self, user_id: int) -> int:
        """Count a user's open tasks."""
        return sum(str(task["STATUS"]) != DONE for task in self.tasks(user_id))

    @property
    def processes(self) -> ProcessLook:
        """Business processes and their tasks."""
        return self._processes

    def notifications(self, user_id: int) -> list[Record]:
        """Return a user's notifications, newest first."""
        return self._portal.notifications(user_id)[::-1]

    def is_installed(self) -> bool:
        """Tell whether the app stands on the portal."""
        return self._portal.core.app.install_finished

    def has_tab(self, placement: str) -> bool:
        """Tell whether the app has put a tab on the deal card."""
        app = self._portal.core.app
        return app.install_finished and any(row["placement"] == placement for row in app.placements)

    def robots(self) -> dict[str, str]:
        """Return the app's robots: code and Russian name."""
        rows = self._portal.core.app.robots.values()
        return {row.code: _russian(row.name) for row in rows if not row.activity}

    def placed(self, status_id: str) -> list[str]:
        """Name the robots placed on a stage."""
        return [self._step(step) for step in self._portal.core.automation.steps(0, status_id)]

    def _step(self, step: Placed | Move) -> str:
        if isinstance(step, Move):
            return f"сменить стадию на «{self.stage(step.stage_id)}»"
        return self.robots().get(step.code, step.code)


def _russian(name: Any) -> str:
    return str(name.get("ru") or next(iter(name.values()))) if isinstance(name, Mapping) else str(name)


def _row(field: UserField, record: Record) -> FieldRow:
    options = {int(option["ID"]): option["VALUE"] for option in field.options}
    raw = record.get(field.name)
    label = _russian(field.label) if field.label else field.name
    return FieldRow(field.name, label, field.kind, field_value(field.kind, raw, options), raw, options)
