"""Whose turn it is to run a job."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Protocol

from b24app.domain.errors import CreditControlError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


class JobUnderWayError(CreditControlError):
    """A run of this job of this portal goes on already, here or in another process."""

    def __init__(self, member_id: str, job: str) -> None:
        super().__init__(f"{job} of portal {member_id} is under way")
        self.job = job


class Turns(Protocol):
    """Who may run a job of a portal now."""

    def take(self, member_id: str, job: str) -> AbstractContextManager[None]:
        """Hold the turn while the context lasts; raises `JobUnderWayError` at once when it is taken.

        The turn of a process that dies is free again.
        """
        ...
