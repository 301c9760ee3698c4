"""How a failure of the portal ends an action: may it be repeated, must it be looked for, is it final."""

from __future__ import annotations

from datetime import datetime
from datetime import timedelta

from b24app.ports.errors import AuthLost
from b24app.ports.errors import GatewayError
from b24app.ports.errors import MethodParked
from b24app.ports.errors import NotFound
from b24app.ports.errors import RateLimited
from b24app.ports.portal import Outcome
from b24app.ports.portal import Result

_REPAIR = timedelta(minutes=10)


def outcome_of(error: GatewayError, now: datetime) -> Outcome:
    """End one action whose own command failed."""
    if isinstance(error, NotFound):
        return Outcome(Result.GONE, note=str(error))
    if error.uncertain:
        return Outcome(Result.UNCERTAIN, note=str(error))
    if isinstance(error, AuthLost) or error.retryable:
        return Outcome(Result.RETRY, note=str(error), after=_when(error, now))
    return Outcome(Result.REFUSED, note=str(error))


def outcome_of_request(error: GatewayError, now: datetime) -> Outcome:
    """End every action of a request that failed as a whole.

    A refusal of the whole request (no rights, lost tokens, a portal blocked by its vendor) says nothing about
    the actions in it: they were not carried out and wait until a person has repaired the connection.
    """
    if error.uncertain:
        return Outcome(Result.UNCERTAIN, note=str(error))
    return Outcome(Result.RETRY, note=str(error), after=_when(error, now))


def _when(error: GatewayError, now: datetime) -> datetime | None:
    if isinstance(error, MethodParked):
        return error.until
    if isinstance(error, RateLimited):
        return now + timedelta(seconds=error.retry_after)
    return None if error.retryable else now + _REPAIR
