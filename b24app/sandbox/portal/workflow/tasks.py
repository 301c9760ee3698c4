"""A task of a process: whom it waits for, what may be answered, when it is decided (bizproc 2, 5)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from enum import IntEnum

from b24app.sandbox.portal.store import Record

NAME_LIMIT = 128
APPROVE_LABEL, REFUSE_LABEL, COMMENT_LABEL = "Утвердить документ", "Отклонить", "Комментарий"


class TaskStatus(IntEnum):
    """STATUS of a task."""

    RUNNING = 0
    YES = 1
    NO = 2
    OK = 3
    TIMEOUT = 4
    CANCELLED = 5


class UserStatus(IntEnum):
    """USER_STATUS of one person on a task."""

    WAITING = 0
    YES = 1
    NO = 2
    OK = 3
    CANCEL = 4


STATUS_NAMES = {"yes": UserStatus.YES, "no": UserStatus.NO, "ok": UserStatus.OK, "cancel": UserStatus.CANCEL}


class AnswerRefusedError(Exception):
    """The task does not take this answer; the message is for the person who gave it."""


@dataclass(slots=True)
class Seat:
    """One person on a task: what was answered, when, with what words."""

    status: UserStatus = UserStatus.WAITING
    at: datetime | None = None
    comment: str = ""


@dataclass(slots=True)
class Task:
    """A task of one approval step. `seats` by user; `way`: any, all or vote; `expected`: seats at the start.

    A seat handed on keeps the place of the one who had it: `expected` does not change.
    """

    id: int
    process_id: str
    node_name: str
    name: str
    description: str
    document_name: str
    overdue: datetime | None
    modified: datetime
    way: str
    min_percent: int
    wait_for_all: bool
    delegation: int
    parameters: Record
    seats: dict[int, Seat]
    expected: int
    status: TaskStatus = TaskStatus.RUNNING
    comments: list[str] = field(default_factory=list)

    def waits_for(self, user_id: int) -> bool:
        """Whether a person has still to answer."""
        seat = self.seats.get(user_id)
        return self.status is TaskStatus.RUNNING and seat is not None and seat.status is UserStatus.WAITING

    def demands_comment(self, answer: UserStatus) -> bool:
        """Whether this answer must be explained."""
        demanded = {"Y": {UserStatus.YES, UserStatus.NO}, "YA": {UserStatus.YES}, "YR": {UserStatus.NO}}
        shown = self.parameters["ShowComment"] == "Y"
        return shown and answer in demanded.get(self.parameters["CommentRequired"], set())

    def check(self, answer: UserStatus, comment: str) -> None:
        """Refuse what the form of an approval refuses.

        Raises:
            AnswerRefusedError: for another kind of answer, or a comment that is missing.
        """
        if answer not in {UserStatus.YES, UserStatus.NO}:
            raise AnswerRefusedError("Не указано действие")
        if self.demands_comment(answer) and not comment:
            raise AnswerRefusedError(f"Не заполнено поле: {self.parameters['CommentLabel']}")

    def vote(self, user_id: int, answer: UserStatus, comment: str, now: datetime) -> TaskStatus:
        """Take a person's answer and say what it makes of the task."""
        self.seats[user_id] = Seat(answer, now, comment)
        self.modified = now
        return self._verdict(answer)

    def _verdict(self, last: UserStatus) -> TaskStatus:
        if self.way == "any":
            return TaskStatus.YES if last is UserStatus.YES else TaskStatus.NO
        yes, no = self.count(UserStatus.YES), self.count(UserStatus.NO)
        if self.way == "all":
            done = TaskStatus.YES if yes == self.expected else TaskStatus.RUNNING
            return TaskStatus.NO if no else done
        approved = int(yes / self.expected * 100)
        if self.wait_for_all and yes + no < self.expected:
            return TaskStatus.RUNNING
        if approved > self.min_percent or approved == self.min_percent == 100:
            return TaskStatus.YES
        hopeless = no > 0 and no / self.expected * 100 >= 100 - self.min_percent
        return TaskStatus.NO if self.wait_for_all or hopeless else TaskStatus.RUNNING

    def count(self, status: UserStatus) -> int:
        """How many people answered so."""
        return sum(seat.status is status for seat in self.seats.values())

    def people(self, status: UserStatus) -> list[int]:
        """Who answered so."""
        return [user for user, seat in self.seats.items() if seat.status is status]

    def close(self, status: TaskStatus, now: datetime) -> None:
        """End the task: who had not answered leaves it, at a timeout he counts as refusing (bizproc 2, 5)."""
        self.status = status
        self.modified = now
        waiting = self.people(UserStatus.WAITING)
        for user in waiting:
            if status is TaskStatus.TIMEOUT:
                self.seats[user].status = UserStatus.NO
            else:
                del self.seats[user]
