"""The story of the demo: seven deals, what people do to them, and where each must end."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24app.sandbox.onec.faults import Fault
from b24app.sandbox.stand import ALLOWED
from b24app.sandbox.stand import APPROVAL
from b24app.sandbox.stand import CHECK

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24app.sandbox.portal import SandboxPortal
    from b24app.sandbox.portal.store import Record
    from b24app.sandbox.stand import Stand

PATIENCE = 30.0
POLL = 0.05
TYPED_LIMIT = "900000|RUB"
LIMIT_FIELD = "UF_CRM_CC_LIMIT"
MODE_FIELD = "UF_CRM_CC_LIMIT_MODE"
DECISION_FIELD = "UF_CRM_CC_DECISION"
REASON_FIELD = "UF_CRM_CC_REASON"
NAMES = {
    ALLOWED: "«Отгрузка разрешена»",
    APPROVAL: "«Требуется согласование»",
    CHECK: "«Подготовка к отгрузке»",
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One deal's part of the story: its key in the seed, what people do, where it must end."""

    key: str
    title: str
    play: Callable[[Teller, int], None]
    stage: str
    tasks: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How a deal ended: where it stands, what hangs on it, and what is not as it must be."""

    key: str
    title: str
    stage: str
    reason: str
    tasks: int
    seconds: float
    wrong: tuple[str, ...]


class Teller:
    """Plays the story on a stand and looks what came of it."""

    def __init__(self, stand: Stand, *, patience: float = PATIENCE) -> None:
        self.stand = stand
        self._patience = patience

    def play(self, chapter: Chapter) -> Ending:
        """Play one chapter to its end, or as far as patience goes."""
        started = time.monotonic()
        deal_id = self.stand.portal.deal_ids[chapter.key]
        chapter.play(self, deal_id)
        self.wait(lambda: self._is_over(chapter, deal_id))
        return self.ending(chapter, time.monotonic() - started)

    def ending(self, chapter: Chapter, seconds: float = 0.0) -> Ending:
        """Compare a chapter's deal with how it must have ended."""
        deal_id = self.stand.portal.deal_ids[chapter.key]
        deal = self.stand.portal.deal(deal_id)
        tasks = self.tasks(deal_id)
        wrong = []
        if deal["stageId"] != chapter.stage:
            wrong.append(f"стоит в {name(deal['stageId'])}, должна в {name(chapter.stage)}")
        if len(tasks) != chapter.tasks:
            wrong.append(f"задач {len(tasks)}, должно быть {chapter.tasks}")
        wrong += [f"сообщение повторилось: {text}" for text in self.doubled(deal_id)]
        reason = str(deal.get(REASON_FIELD) or "")
        return Ending(chapter.key, chapter.title, deal["stageId"], reason, len(tasks), seconds, tuple(wrong))

    def _is_over(self, chapter: Chapter, deal_id: int) -> bool:
        deal = self.stand.portal.deal(deal_id)
        return bool(deal["stageId"] == chapter.stage and len(self.tasks(deal_id)) == chapter.tasks)

    # -- looking

    def wait(self, true: Callable[[], bool]) -> bool:
        """Wait until something is true; False when patience ends."""
        until = time.monotonic() + self._patience
        while not true():
            if time.monotonic() > until:
                return False
            time.sleep(POLL)
        return True

    def stands(self, deal_id: int, stage: str) -> bool:
        """Tell whether a deal stands on a stage."""
        return bool(self.stand.portal.deal(deal_id)["stageId"] == stage)

    def tasks(self, deal_id: int) -> list[Record]:
        """Return the tasks bound to a deal."""
        return [task for task in self.stand.portal.tasks() if f"D_{deal_id}" in (task["UF_CRM_TASK"] or [])]

    def doubled(self, deal_id: int) -> list[str]:
        """Return comments that were made twice: the same check's mark in two of them."""
        marks: dict[str, int] = {}
        for comment in self.stand.portal.comments(deal_id):
            for mark in re.findall(r"КК-[\dВ-]+", str(comment["COMMENT"])):
                marks[mark] = marks.get(mark, 0) + 1
        return [mark for mark, number in marks.items() if number > 1]

    # -- what people do

    def manager(self, deal_id: int) -> int:
        """Return the manager of a deal."""
        return int(self.stand.portal.deal(deal_id)["assignedById"])

    def drag(self, deal_id: int, stage: str) -> None:
        """Move a deal as its manager does."""
        self.stand.portal.move_deal(deal_id, stage, self.manager(deal_id))


def name(stage: str) -> str:
    """Name a stage for people."""
    return NAMES.get(stage, stage)


def _just_move(teller: Teller, deal_id: int) -> None:
    teller.drag(deal_id, CHECK)


def _silent(teller: Teller, deal_id: int) -> None:
    """1C is switched off; the deal waits in its stage; 1C comes back."""
    teller.stand.onec.switches.fault = Fault.OFF
    teller.drag(deal_id, CHECK)
    teller.wait(lambda: bool(teller.stand.portal.deal(deal_id).get(DECISION_FIELD)))
    teller.stand.onec.switches.restore()


def _drag_past(teller: Teller, deal_id: int) -> None:
    """The manager drags a held deal past the block."""
    teller.drag(deal_id, CHECK)
    if teller.wait(lambda: teller.stands(deal_id, APPROVAL)):
        teller.drag(deal_id, ALLOWED)


def _type_limit(teller: Teller, deal_id: int) -> None:
    """The manager types a limit into the company card and drags at once; no company event is delivered."""
    portal = teller.stand.portal
    portal.core.switches.drop.add("ONCRMCOMPANYUPDATE")
    granted = enumeration_value(portal, MODE_FIELD, "granted")
    company = int(portal.deal(deal_id)["companyId"])
    portal.edit_company(company, teller.manager(deal_id), {MODE_FIELD: granted, LIMIT_FIELD: TYPED_LIMIT})
    portal.core.switches.drop.discard("ONCRMCOMPANYUPDATE")
    teller.drag(deal_id, CHECK)


def enumeration_value(portal: SandboxPortal, field: str, xml_id: str) -> int:
    """Return the option id of an enumeration of the company card."""
    options = portal.core.store.user_fields["CRM_COMPANY"][field].options
    return next(int(option["ID"]) for option in options if option["XML_ID"] == xml_id)


STORY = (
    Chapter("allow", "Помещается в лимит", _just_move, ALLOWED, 0),
    Chapter("limit", "Сверх лимита", _just_move, APPROVAL, 1),
    Chapter("overdue", "Просрочка", _just_move, APPROVAL, 1),
    Chapter("both", "И лимит, и просрочка", _just_move, APPROVAL, 1),
    Chapter("silent", "1С молчит, затем отвечает", _silent, ALLOWED, 0),
    Chapter("drag", "Перетащили мимо блокировки", _drag_past, APPROVAL, 1),
    Chapter("card", "Вписали лимит в карточку", _type_limit, APPROVAL, 1),
)
