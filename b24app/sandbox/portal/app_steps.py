"""Steps of the app inside workflows, of automation and of processes alike: tokens and calls (bizproc 4)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from typing import Any

from b24app.sandbox.portal.core import Core
from b24app.sandbox.portal.outbox import RobotCall
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import Robot

_LETTERS = string.ascii_letters + string.digits


def workflow_id() -> str:
    """A new number of a run, as the portal writes them."""
    return f"{secrets.token_hex(7)}.{secrets.randbelow(10**8):08d}"


class AppSteps:
    """Makes and checks the tokens of waiting steps, hands the calls to the sender."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._key = secrets.token_bytes(32)

    def begin(self, workflow: str, activity: str) -> tuple[str, str]:
        """A new wait: the random part its token is known by, and the whole token."""
        secret = "".join(secrets.choice(_LETTERS) for _ in range(32))
        body = f"{workflow}|{activity}|{secret}"
        return secret, f"{body}.{self._sign(body)}"

    def signed(self, token: str) -> bool:
        """Whether the token's signature is the portal's own."""
        body, dot, signature = token.rpartition(".")
        return bool(dot) and body.count("|") == 2 and hmac.compare_digest(self._sign(body), signature)

    def results(self, code: str, values: Record) -> dict[str, str]:
        """What of an answer counts: keys of RETURN_PROPERTIES in any case, as text."""
        robot = self._core.app.robots.get(code)
        known = {name.lower(): name for name in (robot.return_properties if robot else {})}
        return {known[key.lower()]: _result(value) for key, value in values.items() if key.lower() in known}

    def answer(self, token: str, values: Record, message: str) -> None:
        """Let the step of a signed token go on, whoever runs it."""
        if token.partition("|")[0] in self._core.automation.workflows:
            self._core.automation.answer(token, values, message)
        else:
            self._core.processes.answer(token, values, message)

    def note(self, token: str, message: str) -> None:
        """Write into the log of the token's workflow."""
        if token.partition("|")[0] in self._core.automation.workflows:
            self._core.automation.note(token, message)
        else:
            self._core.processes.note(token, message)

    def send(self, call: RobotCall, robot: Robot, auth_user: int | None, timeout: int) -> None:
        """Hand a call to the sender; before `installFinish` nothing is sent."""
        core = self._core
        if not core.app.install_finished:
            return
        core.robot_calls.append(call)
        timestamp = int(core.now().timestamp())

        def body() -> Record:
            with core.store.lock:
                pair = core.tokens.issue(auth_user or robot.auth_user, core.now())
                auth = core.auth_block(pair, refresh=True)
            return {
                "workflow_id": call.workflow_id,
                "code": call.code,
                "document_id": ["crm", "CCrmDocumentDeal", f"DEAL_{call.deal_id}"],
                "document_type": ["crm", "CCrmDocumentDeal", "DEAL"],
                "event_token": call.event_token,
                "properties": call.properties,
                "use_subscription": call.use_subscription,
                "timeout_duration": str(timeout),
                "ts": str(timestamp),
                "auth": auth,
            }

        core.outbox.put(call, body)

    def _sign(self, body: str) -> str:
        return hmac.new(self._key, body.encode(), hashlib.sha256).hexdigest()


def _result(value: Any) -> str:
    if isinstance(value, bool):
        return "Y" if value else "N"
    return str(value)
