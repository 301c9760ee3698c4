"""From a method name and parameters to an answer: look-up, token, scope, time, batch (bitrix24 3)."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Any

from b24app.sandbox.portal import php
from b24app.sandbox.portal.core import METHODS
from b24app.sandbox.portal.core import Answer
from b24app.sandbox.portal.core import Call
from b24app.sandbox.portal.core import Core
from b24app.sandbox.portal.core import Hit
from b24app.sandbox.portal.core import Method
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.errors import missing
from b24app.sandbox.portal.errors import wrong_value
from b24app.sandbox.portal.fields import ZONE
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import iso

BATCH = "batch"
MAX_COMMANDS = 50
_REFERENCE = re.compile(r"\$result\[([^\s]+)\]")


class RequestCutError(Exception):
    """The request worked longer than the portal lets it (60 s in the cloud)."""


def known(name: str) -> bool:
    """Whether the portal has the method; names are matched in any case."""
    return name == BATCH or name in METHODS


def commands_of(params: Record) -> dict[str, Any]:
    """The `cmd` of a batch by id; a list gets the numbers as ids.

    Raises:
        RestError: `100` if there is none.
    """
    source = next((value for key, value in params.items() if key.lower() == "cmd"), None)
    if isinstance(source, list):
        return {str(number): command for number, command in enumerate(source)}
    if source is None:
        raise missing("cmd")
    if not isinstance(source, dict):
        raise wrong_value("cmd", "array")
    return source


def method_of(command: Any) -> str:
    """The method of a batch command."""
    return str(command).partition("?")[0].strip().lower().removesuffix(".json")


class Executor:
    """Runs the calls of one hit for one user."""

    def __init__(self, core: Core, hit: Hit) -> None:
        self._core = core
        self._hit = hit
        self._began = time.monotonic()
        self._start = core.now()

    def run(self, name: str, params: Record) -> Record:
        """The whole envelope of an answered request.

        Raises:
            RestError: for the error to answer with.
            RequestCutError: if the request took too long.
        """
        if name == BATCH:
            return {"result": self._batch(params), "time": self._times(self._start, self._hit.charged)}
        answer, times = self._one(name, params)
        return _envelope(answer) | {"time": times}

    def _one(self, name: str, params: Record) -> tuple[Answer, Record]:
        core = self._core
        found = METHODS.get(name)
        if found is None:
            raise RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)
        start = core.now()
        with core.store.lock:
            if core.operating.spent(name, start) >= core.operating.limit:
                raise RestError("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429)
        began = time.monotonic()
        self._spend(core.timing.latency.get(name, 0.0))
        with core.store.lock:
            answer = self._call(found, params)
            charged = core.timing.latency.get(name, 0.0) if core.timing.charge_only else 0.0
            seconds = time.monotonic() - began + charged
            core.operating.charge(name, seconds, core.now())
            self._hit.charged += charged
            times = self._times(start, charged) | {
                "operating_reset_at": core.operating.reset_at(name, core.now()),
                "operating": round(core.operating.spent(name, core.now()), 9),
            }
        return answer, times

    def _call(self, found: Method, params: Record) -> Answer:
        core, user_id = self._core, self._hit.user_id
        if found.scopes and not set(found.scopes) & set(core.app.scope):
            raise RestError("insufficient_scope", "The request requires higher privileges than provided", 403)
        if found.admin:
            core.require_admin(user_id)
        result = found.run(Call(core, self._hit, user_id, params))
        return result if isinstance(result, Answer) else Answer(result)

    def _spend(self, seconds: float) -> None:
        """Let time pass, or the request end if it would pass the limit."""
        timing = self._core.timing
        left = timing.request_limit - (time.monotonic() - self._began) - self._hit.charged
        if timing.charge_only:
            if seconds > left:
                raise RequestCutError
            return
        if seconds > 0 and self._core.stopping.wait(min(seconds, max(left, 0.0))):
            raise RequestCutError
        if seconds > left:
            raise RequestCutError

    def _times(self, start: datetime, charged: float) -> Record:
        finish = self._core.now()
        begin, end = start.timestamp(), finish.timestamp() + charged
        return {
            "start": begin,
            "finish": end,
            "duration": end - begin,
            "processing": end - begin,
            "date_start": iso(start, ZONE),
            "date_finish": iso(finish, ZONE),
        }

    def _batch(self, params: Record) -> Record:
        halt = str(next((value for key, value in params.items() if key.lower() == "halt"), "0"))
        stop_at_error = halt not in {"0", "", "False", "false"}
        done: dict[str, Any] = {}
        parts: dict[str, dict[str, Any]] = {"error": {}, "total": {}, "next": {}, "time": {}}
        for number, (key, command) in enumerate(commands_of(params).items()):
            try:
                answer, times = self._command(number, command, done)
            except RestError as error:
                parts["error"][key] = error.body()
                if stop_at_error:
                    break
                continue
            done[key] = answer.result
            parts["time"][key] = times
            if answer.total is not None:
                parts["total"][key] = answer.total
            if answer.next is not None:
                parts["next"][key] = answer.next
        return {"result": _php(done)} | {f"result_{name}": _php(part) for name, part in parts.items()}

    def _command(self, number: int, command: Any, done: Record) -> tuple[Answer, Record]:
        if number >= MAX_COMMANDS:
            raise RestError("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
        if not isinstance(command, str):
            raise wrong_value("cmd", "string")
        name = method_of(command)
        if name == BATCH:
            raise RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage", 405)
        params = php.decode(command.partition("?")[2])
        return self._one(name, resolved(params, done))


def resolved(value: Any, done: Record) -> Any:
    """Put earlier results in place of `$result[...]`, in keys' values at any depth (bitrix24 3.3)."""
    if isinstance(value, dict):
        return {key: resolved(item, done) for key, item in value.items()}
    if isinstance(value, list):
        return [resolved(item, done) for item in value]
    reference = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return value if reference is None else _follow(reference[1].split("]["), done)


def _follow(path: list[str], done: Any) -> Any:
    """The deepest value that resolves: a null or absent step stops the walk and keeps what was found."""
    found = done
    for key in path:
        step: Any = None
        if isinstance(found, dict):
            step = found.get(key)
        elif isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            step = found[int(key)]
        if step is None:
            break
        found = step
    return found


def _php(part: Record) -> Any:
    """A PHP array as JSON: empty is `[]`, keys 0..n-1 make a list."""
    if list(part) == [str(number) for number in range(len(part))]:
        return list(part.values())
    return part


def _envelope(answer: Answer) -> Record:
    envelope: Record = {"result": answer.result}
    if answer.next is not None:
        envelope["next"] = answer.next
    if answer.total is not None:
        envelope["total"] = answer.total
    return envelope
