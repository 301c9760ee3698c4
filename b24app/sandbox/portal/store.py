"""What the portal remembers, in memory; one lock guards all of it."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Any

Record = dict[str, Any]

DEAL = 2
COMPANY = 4


@dataclass(slots=True)
class User:
    """A person of the portal. `active` False: dismissed, the tokens stop working."""

    id: int
    name: str
    last_name: str
    departments: list[int]
    position: str
    admin: bool
    active: bool = True


@dataclass(slots=True)
class Department:
    """A department; `head` is a user id."""

    id: int
    name: str
    parent: int | None
    head: int | None = None


@dataclass(slots=True)
class UserField:
    """A custom field. `options` keeps the rows of an enumeration: ID, VALUE, XML_ID, SORT, DEF as strings."""

    id: int
    entity: str
    name: str
    kind: str
    multiple: bool
    xml_id: str | None
    sort: int
    label: Any
    settings: Record
    options: list[dict[str, str]]
    flags: dict[str, str]


@dataclass(slots=True)
class Robot:
    """A robot the app registered, or a designer-only `activity`; they share one space of codes."""

    code: str
    handler: str
    name: Any
    use_subscription: str | None
    auth_user: int
    properties: Record
    return_properties: Record
    activity: bool = False


@dataclass(slots=True)
class Binding:
    """An event subscription; `auth_type` 0: act as the user who made the change."""

    id: int
    event: str
    handler: str
    auth_type: int


@dataclass(slots=True)
class App:
    """The local application as the portal knows it."""

    client_id: str
    client_secret: str
    application_token: str
    scope: tuple[str, ...]
    installed: bool = False
    install_finished: bool = False
    installed_by: int | None = None
    version: int = 1
    robots: dict[str, Robot] = field(default_factory=dict)
    bindings: list[Binding] = field(default_factory=list)
    placements: list[Record] = field(default_factory=list)
    options: Record = field(default_factory=dict)

    def forget(self) -> None:
        """Drop what goes away with the app (bitrix24 1.1)."""
        self.installed = self.install_finished = False
        self.robots.clear()
        self.bindings.clear()
        self.placements.clear()
        self.options.clear()


class Store:
    """All objects of the portal; take `lock` to read or change more than one of them."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.users: dict[int, User] = {}
        self.departments: dict[int, Department] = {}
        self.items: dict[int, dict[int, Record]] = {DEAL: {}, COMPANY: {}}
        self.categories: dict[int, Record] = {}
        self.statuses: list[Record] = []
        self.currencies: dict[str, Record] = {}
        self.user_fields: dict[str, dict[str, UserField]] = {"CRM_DEAL": {}, "CRM_COMPANY": {}}
        self.requisites: dict[int, Record] = {}
        self.requisite_links: dict[tuple[int, int], Record] = {}
        self.history: list[Record] = []
        self.comments: list[Record] = []
        self.product_rows: dict[tuple[str, int], list[Record]] = {}
        self.tasks: dict[int, Record] = {}
        self.notifications: list[Record] = []
        self.absent: set[int] = set()
        self.denied: set[tuple[int, int, int]] = set()
        self._numbers: dict[str, int] = defaultdict(int)

    def number(self, kind: str) -> int:
        """The next id of `kind`, from 1."""
        with self.lock:
            self._numbers[kind] += 1
            return self._numbers[kind]

    def number_from(self, kind: str, last: int) -> None:
        """Let ids of `kind` go on after `last`."""
        with self.lock:
            self._numbers[kind] = max(self._numbers[kind], last)

    def stages(self, category: int) -> list[Record]:
        """Stage rows of a deal funnel in their order."""
        entity = stage_entity(category)
        rows = [row for row in self.statuses if row["ENTITY_ID"] == entity]
        return sorted(rows, key=lambda row: (int(row["SORT"]), int(row["ID"])))

    def semantics(self, category: int, stage: str) -> str:
        """`P`, `S` or `F` of a stage; an unknown stage counts as in process."""
        found = (row["SEMANTICS"] for row in self.stages(category) if row["STATUS_ID"] == stage)
        return next(found, None) or "P"


def stage_entity(category: int) -> str:
    """ENTITY_ID of a deal funnel's stages (bitrix24 6.6)."""
    return f"DEAL_STAGE_{category}" if category else "DEAL_STAGE"


def iso(moment: datetime, offset: Any) -> str:
    """`YYYY-MM-DDThh:mm:ss±hh:mm` in the portal's zone."""
    return moment.astimezone(offset).replace(microsecond=0).isoformat()
