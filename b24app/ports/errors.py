"""Failures of the outside world, as the one retry loop and the people's messages need them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import ClassVar

from b24app.domain.errors import CreditControlError

if TYPE_CHECKING:
    from datetime import datetime


class GatewayError(CreditControlError):
    """The outside failed.

    `retryable`: a later identical call may succeed. `uncertain`: the failed call may have been carried out,
    so a write must be looked for before it is repeated.
    """

    retryable: ClassVar[bool] = False
    uncertain: ClassVar[bool] = False


class TransportFailure(GatewayError):
    """No usable answer: refused, dropped, timed out, or a 5xx without a verdict."""

    retryable = True
    uncertain = True


class NotReached(TransportFailure):
    """The connection was never made, so nothing was carried out."""

    uncertain = False


class BadAnswer(GatewayError):
    """An answer that is not the protocol (HTML of a proxy, a login page, broken JSON)."""

    retryable = True
    uncertain = True


class RateLimited(GatewayError):
    """Refused before execution because calls came too fast; safe to repeat after `retry_after` seconds."""

    retryable = True

    def __init__(self, subject: str, retry_after: float = 1.0) -> None:
        """Keep the pause the refusal asks for."""
        super().__init__(f"{subject}: too many requests")
        self.retry_after = retry_after


class MethodParked(GatewayError):
    """One method used up its operating time; the portal refuses it until `until`."""

    retryable = True

    def __init__(self, method: str, until: datetime | None) -> None:
        """Keep the method and, when the portal told it, the moment it opens again."""
        super().__init__(f"{method}: operating time used up")
        self.method = method
        self.until = until


class AuthLost(GatewayError):
    """The stored credentials are refused for good: a person must reopen or repair the connection."""


class TokensDead(AuthLost):
    """These very tokens will never work again; others of the same portal may."""


class Forbidden(GatewayError):
    """The account is known but has no right to do this."""


class NotFound(GatewayError):
    """The object named in the call does not exist."""


class Rejected(GatewayError):
    """The other side understood and refused; repeating changes nothing."""

    def __init__(self, code: str, text: str) -> None:
        """Keep the vendor's code (lower case) and text."""
        super().__init__(f"{code or 'no code'}: {text}")
        self.code = code.lower()
        self.text = text


class MethodUnknown(GatewayError):
    """A method, entity or object the other side does not have or does not show (scope, OData composition)."""


class LedgerMisconfigured(GatewayError):
    """1C answers, but not as the mapping needs: a wrong profile, objects missing from the composition."""

    def __init__(self, message: str, *, missing: tuple[str, ...] = ()) -> None:
        """Keep the names of the missing objects, as 1C spells them."""
        super().__init__(message)
        self.missing = missing


class ConfigurationUnknown(LedgerMisconfigured):
    """1C answers, but what it publishes does not tell which configuration it is.

    `looked_for`: one telling object of each configuration we read. `published`: how many objects it shows.
    """

    def __init__(self, looked_for: tuple[str, ...], *, published: int) -> None:
        """Keep what would have told it."""
        shown = f"none of {', '.join(looked_for)} is" if published else "nothing is"
        super().__init__(f"1C: the configuration cannot be told, {shown} in the OData composition")
        self.looked_for = looked_for
        self.published = published
