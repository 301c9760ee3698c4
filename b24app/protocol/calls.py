"""What every call of the portal to us has in common: its authorization block and the ways it is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import ClassVar

from b24app.domain.errors import CreditControlError

if TYPE_CHECKING:
    from b24app.protocol.forms import Form
    from b24app.protocol.forms import Node

_MEMBER = re.compile(r"[0-9A-Za-z]{1,64}", re.ASCII)
_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)
_LONGEST_TOKEN = 1024
_LONGEST_TEXT = 2000
_LIFETIME = 3600
_LONGEST_LIFETIME = 24 * 3600


class CallError(CreditControlError):
    """A call to us is not served: `status` is the HTTP status, the message is for the log."""

    status: ClassVar[int] = 400


class BadCall(CallError):
    """The call is not what the portal sends."""

    status = 400


class UntrustedCaller(CallError):
    """The caller could not prove to be the portal, or a person of it."""

    status = 403


class UnknownAddress(CallError):
    """Nobody lives at this address: an unknown robot or event."""

    status = 404


class TooLarge(CallError):
    """The call is larger than anything the portal sends."""

    status = 413


@dataclass(frozen=True, slots=True)
class CallAuth:
    """The `auth` block of an event or robot call (bitrix24 1.5, 4.5); nothing in it is proven yet.

    `application_token` is empty when the call has none. `expires`: unix seconds; `expires_in`: seconds.
    Tokens never show in a repr.
    """

    member_id: str
    application_token: str = field(repr=False)
    access_token: str | None = field(repr=False, default=None)
    refresh_token: str | None = field(repr=False, default=None)
    user_id: int | None = None
    client_endpoint: str | None = None
    server_endpoint: str | None = None
    domain: str | None = None
    expires: int | None = None
    expires_in: int | None = None

    def expires_at(self, now: datetime) -> datetime:
        """Return when the access token ends, never later than a day from now whatever the call says."""
        if self.expires is not None:
            latest = int(now.timestamp()) + _LONGEST_LIFETIME
            return datetime.fromtimestamp(min(self.expires, latest), UTC)
        lifetime = _LIFETIME if self.expires_in is None else min(self.expires_in, _LONGEST_LIFETIME)
        return now + timedelta(seconds=lifetime)


def parse_auth(form: Form) -> CallAuth:
    """Read the `auth` block, ignoring unknown keys. Raises `BadCall` if it is missing or names no portal."""
    auth = branch(form, "auth")
    return CallAuth(
        member_id=read_member(auth, "member_id"),
        application_token=read_token(auth, "application_token") or "",
        access_token=read_token(auth, "access_token"),
        refresh_token=read_token(auth, "refresh_token"),
        user_id=read_id(auth, "user_id"),
        client_endpoint=read_text(auth, "client_endpoint"),
        server_endpoint=read_text(auth, "server_endpoint"),
        domain=read_text(auth, "domain"),
        expires=read_number(auth, "expires"),
        expires_in=read_number(auth, "expires_in"),
    )


def branch(form: Form, key: str) -> Form:
    """Return a nested part of a form. Raises `BadCall` when it is missing or not nested."""
    node = form.get(key)
    if not isinstance(node, dict):
        raise BadCall(f"{key}: missing or not a group of keys")
    return node


def items(node: Node | None) -> list[Node]:
    """Return the entries of a PHP list, whichever of its shapes arrived: a list, or keys that are numbers."""
    if isinstance(node, list):
        return node
    if isinstance(node, dict):
        return list(node.values())
    return []


def read_text(form: Form, key: str, *, longest: int = _LONGEST_TEXT) -> str | None:
    """Return a single value; None when missing or empty. Raises `BadCall` if repeated, nested or too long."""
    node = form.get(key, "")
    if not isinstance(node, str):
        raise BadCall(f"{key}: not a single value")
    if len(node) > longest:
        raise BadCall(f"{key}: too long")
    return node.strip() or None


def read_token(form: Form, key: str) -> str | None:
    """Return a token, as long as tokens get."""
    return read_text(form, key, longest=_LONGEST_TOKEN)


def read_number(form: Form, key: str) -> int | None:
    """Return a whole number that is not negative; None when missing. Raises `BadCall` for anything else."""
    text = read_text(form, key)
    if text is None:
        return None
    if _DIGITS.fullmatch(text) is None:
        raise BadCall(f"{key}: not a number")
    return int(text)


def read_id(form: Form, key: str) -> int | None:
    """Return an id of the portal; None when missing, empty or zero, which PHP sends for "none"."""
    return read_number(form, key) or None


def read_member(form: Form, key: str) -> str:
    """Return the portal's `member_id`. Raises `BadCall` when it is missing or cannot be one."""
    text = read_text(form, key)
    if text is None or _MEMBER.fullmatch(text) is None:
        raise BadCall(f"{key}: not the id of a portal")
    return text
