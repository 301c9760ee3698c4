"""The REST client of one portal: turns, tokens, repeats, parked methods; answers or typed errors."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import requests

from b24app.bitrix.address import PortalAddress
from b24app.bitrix.encode import encode_command
from b24app.bitrix.encode import referenced
from b24app.bitrix.http import HttpCall
from b24app.bitrix.http import exchange
from b24app.bitrix.http import open_session
from b24app.bitrix.identity import parse_install
from b24app.bitrix.meter import Meter
from b24app.bitrix.oauth import AuthorizationServer
from b24app.bitrix.oauth import TokenKeeper
from b24app.ports.clock import Clock
from b24app.ports.errors import AuthLost
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import GatewayError
from b24app.ports.errors import MethodParked
from b24app.ports.errors import RateLimited
from b24app.ports.errors import TransportFailure
from b24app.ports.portal import Priority
from b24app.ports.tokens import RateBucket
from b24app.protocol.answers import Answer
from b24app.protocol.answers import BatchAnswer
from b24app.protocol.answers import RawAnswer
from b24app.protocol.answers import TokenExpired
from b24app.protocol.answers import parse_answer
from b24app.protocol.answers import parse_batch

__all__ = ["MAX_COMMANDS", "BatchAnswer", "Commands", "Link", "RestClient", "RestOptions"]

MAX_COMMANDS = 50
_REDIRECTS = {301, 302, 303, 307, 308}
_READS = {"get", "list", "fields", "info", "current", "instances", "admin", "profile", "scope", "time"}
_NOT_READS = {"event.offline.get"}  # takes what it reads off the queue
_PARK = timedelta(minutes=1)
_LONGEST_PAUSE = 30.0

Commands = Mapping[str, tuple[str, Mapping[str, Any]]]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RestOptions:
    """Patience of a client, in seconds and tries.

    `read_timeout` is more than the 60 s after which the cloud cuts a request (bitrix24 3.2), so that our
    silence always means theirs. `longest_wait`: for a turn in the bucket.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 70.0
    longest_wait: float = 120.0
    rate_repeats: int = 5
    read_repeats: int = 2
    allow_insecure: bool = False
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Link:
    """What ties a client to its portal: who, where, by what right."""

    member_id: str
    address: PortalAddress
    keeper: TokenKeeper
    server: AuthorizationServer
    server_endpoint: Callable[[], str]


@dataclass(slots=True)
class _Patience:
    """Tries left of one request, by the reason of a repeat."""

    rate: int
    reads: int
    token: int = 2
    redirects: int = 2
    pause: float = field(default=0.5)

    def longer(self, least: float) -> float:
        """Return the next, growing pause."""
        self.pause = min(self.pause * 2, _LONGEST_PAUSE)
        return max(least, self.pause)


class RestClient:
    """Call one portal as its service user. Safe to share between threads: each has a session of its own."""

    def __init__(self, link: Link, *, bucket: RateBucket, clock: Clock, options: RestOptions) -> None:
        self._link = link
        self._bucket = bucket
        self._clock = clock
        self._options = options
        self._sessions = threading.local()
        self.meter = Meter()

    def call(self, method: str, params: Mapping[str, Any], *, priority: Priority = Priority.NORMAL) -> Any:
        """Call one method and return its `result`.

        Reads are repeated a few times when the connection fails; writes only when they certainly were not
        carried out. Raises the errors of `ports.errors`.
        """
        self._refuse_parked(method)
        answer = self._send(method, params, priority, safe=is_read(method))
        self.meter.note(method, answer.timing)
        return answer.result

    def batch(self, commands: Commands, *, priority: Priority = Priority.NORMAL) -> BatchAnswer:
        """Run up to 50 commands in one request and return every answer and every error by command id.

        Parameters may contain `encode.Reference` to earlier commands. Commands of parked methods, and those
        that refer to them, are not sent: their error is `MethodParked`. Raises only when the request as a
        whole failed, and `ValueError` for more than 50 commands.
        """
        if len(commands) > MAX_COMMANDS:
            raise ValueError(f"{len(commands)} commands in a batch, at most {MAX_COMMANDS}")
        held_back = self._held_back(commands)
        going = {key: command for key, command in commands.items() if key not in held_back}
        if not going:
            return BatchAnswer(errors=held_back)
        methods = {key: method for key, (method, _) in going.items()}
        body = {"halt": 0, "cmd": {key: encode_command(*command) for key, command in going.items()}}
        answer = self._send("batch", body, priority, safe=all(map(is_read, methods.values())))
        parsed = parse_batch(answer, methods, resets=self.meter.resets())
        for key, timing in parsed.timings.items():
            self.meter.note(methods.get(key, key), timing)
        parsed.errors.update({key: self._parked_anew(error) for key, error in parsed.errors.items()})
        parsed.errors.update(held_back)
        return parsed

    def _send(self, method: str, params: Mapping[str, Any], priority: Priority, *, safe: bool) -> Answer:
        patience = _Patience(self._options.rate_repeats, self._options.read_repeats if safe else 0)
        while True:
            self._take_turn(method, priority)
            access = self._link.keeper.access()
            try:
                raw = self._post(method, {**params, "auth": access})
                if raw.status in _REDIRECTS:
                    self._follow(raw, access, patience)
                    continue
                return parse_answer(method, raw, resets=self.meter.resets())
            except TokenExpired as error:
                self._renew(access, patience, error)
            except AuthLost as error:
                patience.token -= 1
                if patience.token < 0 or self._link.keeper.access() == access:
                    self._link.keeper.lost(access, error)
                    raise
            except RateLimited as error:
                self._back_off(error, patience)
            except MethodParked as error:
                raise self._parked_anew(error) from error
            except (TransportFailure, BadAnswer):
                patience.reads -= 1
                if patience.reads < 0:
                    raise
                self._options.sleep(patience.longer(0.0))

    def _post(self, method: str, body: Mapping[str, Any]) -> RawAnswer:
        timeout = (self._options.connect_timeout, self._options.read_timeout)
        return exchange(
            self._session(), HttpCall(method, f"{self._link.address.current}{method}", body=body), timeout
        )

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = self._sessions.session = open_session(self._link.address.current)
        return session

    def _take_turn(self, method: str, priority: Priority) -> None:
        waited = 0.0
        while True:
            pause = self._bucket.take(self._link.member_id, priority, now=self._clock.now())
            if pause <= 0:
                return
            if waited + pause > self._options.longest_wait:
                raise RateLimited(method, pause)
            self._options.sleep(pause)
            waited += pause

    def _renew(self, access: str, patience: _Patience, error: TokenExpired) -> None:
        patience.token -= 1
        if patience.token < 0:
            raise AuthLost(f"{self._link.member_id}: fresh tokens are refused as expired") from error
        self._link.keeper.renew(access)

    def _back_off(self, error: RateLimited, patience: _Patience) -> None:
        """Repeating is safe: the portal refuses before it executes (bitrix24 3.2)."""
        self._bucket.drain(self._link.member_id, now=self._clock.now())
        patience.rate -= 1
        if patience.rate < 0:
            raise error
        self._options.sleep(patience.longer(error.retry_after))

    def _follow(self, raw: RawAnswer, access: str, patience: _Patience) -> None:
        """Adopt a new address if the authorization server names it for this member (bitrix24 2.6)."""
        patience.redirects -= 1
        location = next((value for name, value in raw.headers.items() if name.lower() == "location"), "")
        host = urlsplit(location).netloc
        if patience.redirects < 0 or not host:
            raise BadAnswer(f"{self._link.address.host}: redirected without end or without an address")
        try:
            endpoint = self._link.server_endpoint()
            answer = parse_answer("app.info", self._link.server.app_info(endpoint, access))
        except TokenExpired:
            self._link.keeper.renew(access)  # the grant names the address as well
        else:
            install = parse_install(answer.result, endpoint)
            if install.member_id == self._link.member_id:
                self._link.address.adopt(install.client_endpoint)
        if self._link.address.host != host:
            raise BadAnswer(f"{self._link.address.host}: redirected to {host}, which is not proved to be it")
        _log.info("portal %s has moved to %s", self._link.member_id, host)

    def _refuse_parked(self, method: str) -> None:
        until = self._parked().get(method)
        if until is not None:
            raise MethodParked(method, until)

    def _held_back(self, commands: Commands) -> dict[str, GatewayError]:
        parked = self._parked()
        held: dict[str, GatewayError] = {}
        for key, (method, params) in commands.items():
            behind = next((held[name] for name in sorted(referenced(params)) if name in held), None)
            if method in parked:
                held[key] = MethodParked(method, parked[method])
            elif behind is not None:
                held[key] = behind
        return held

    def _parked(self) -> dict[str, datetime]:
        return self._bucket.parked(self._link.member_id, now=self._clock.now())

    def _parked_anew(self, error: GatewayError) -> GatewayError:
        if not isinstance(error, MethodParked):
            return error
        until = max(error.until or self._clock.now() + _PARK, self._clock.now() + timedelta(seconds=5))
        self._bucket.park(self._link.member_id, error.method, until=until)
        _log.warning("portal %s parked %s until %s", self._link.member_id, error.method, until.isoformat())
        return MethodParked(error.method, until)


def is_read(method: str) -> bool:
    """Tell whether a method changes nothing, by the last word of its name."""
    return method not in _NOT_READS and method.rsplit(".", 1)[-1] in _READS
