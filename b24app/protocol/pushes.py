"""What accounting pushes: one document or card that changed, named and nothing more.

The body is a JSON object. `id`: the push's own key, any text; `event`: what happened; `type` and `ref`: kind
and reference of the object; `inn`: the client's ИНН, if the sender knows it. No figure is taken from it: the
truth is read from accounting. Whatever else stands in it is refused, so that nobody believes it is used.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from typing import Final

from b24app.protocol.calls import CallError

EVENTS: Final = ("posted", "unposted", "written", "deleted")
REQUIRED: Final = ("id", "event", "type", "ref")
KNOWN: Final = (*REQUIRED, "inn")
_BOM: Final = b"\xef\xbb\xbf"
_INN = re.compile(r"[0-9]{8,14}", re.ASCII)
_LONGEST: Final = 200
_SHOWN: Final = 40


class PushRefused(CallError):
    """A push that is not taken in; `key` and `named` choose and fill the sentence for who sends it."""

    def __init__(self, key: str, named: str = "") -> None:
        super().__init__(f"push: {key} {named}".strip())
        self.key = f"push.{key}"
        self.named = named


class BadPush(PushRefused):
    """Its body is not as agreed."""

    status = 400


class UntrustedPush(PushRefused):
    """Its sender has not proved to be the accounting of a portal of ours."""

    status = 403


@dataclass(frozen=True, slots=True)
class Push:
    """One push, read and not yet believed in anything but whom it names."""

    id: str
    event: str
    kind: str
    ref: str
    inn: str | None


def parse_push(body: bytes) -> Push:
    """Read the body. Raises `BadPush`."""
    told = _told(body)
    unknown = sorted(set(told) - set(KNOWN))
    if unknown:
        raise BadPush("unknown", ", ".join(_shown(key) for key in unknown[:5]))
    missing = [key for key in REQUIRED if not told.get(key)]
    if missing:
        raise BadPush("missing", ", ".join(missing))
    wrong = [key for key, value in told.items() if not isinstance(value, str) or len(value) > _LONGEST]
    if wrong:
        raise BadPush("wrong", ", ".join(sorted(wrong)))
    inn = told.get("inn", "").strip()
    if told["event"] not in EVENTS:
        raise BadPush("wrong", "event")
    if inn and _INN.fullmatch(inn) is None:
        raise BadPush("wrong", "inn")
    return Push(told["id"], told["event"], told["type"], told["ref"], inn or None)


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body.removeprefix(_BOM), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise BadPush("not_json") from error
    if not isinstance(told, dict):
        raise BadPush("not_json")
    return told


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a key twice: two readers would read it differently."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _shown(key: str) -> str:
    """Cut and clean a stranger's key for the answer."""
    return "".join(sign for sign in key if sign.isprintable() and sign not in "<>&\"'")[:_SHOWN] or "?"
