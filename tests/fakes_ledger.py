"""A ledger held in memory, for tests of whatever stands on the Ledger port."""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

from b24app.ports.errors import GatewayError
from b24app.ports.errors import TransportFailure
from b24app.ports.ledger import LedgerAnswer
from b24app.ports.ledger import SyncIssue

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterator
    from collections.abc import Sequence
    from datetime import datetime

    from b24app.domain.receivable import AccountFigures


class FakeLedger:
    """Answer with the figures put in; be silent, refuse or hang when told to.

    `asked` lists the ИНН of every fetch, `hung` is set once a hanging call has been entered. `on_request` is
    called by every call.
    """

    def __init__(self, *accounts: AccountFigures) -> None:
        self.accounts: dict[str, AccountFigures] = {}
        self.issues: list[SyncIssue] = []
        self.asked: list[tuple[str, ...]] = []
        self.hung = Event()
        self.on_request: Callable[[], None] | None = None
        self._failure: GatewayError | None = None
        self._gate: Event | None = None
        self.put(*accounts)

    def put(self, *accounts: AccountFigures) -> None:
        """Set the figures of these accounts by their ИНН."""
        self.accounts |= {account.inn: account for account in accounts}

    def forget(self, inn: str) -> None:
        """Let a client be unknown to accounting."""
        self.accounts.pop(inn, None)

    def fail(self, failure: GatewayError | None = None) -> None:
        """Fail every call from now on, with silence unless told otherwise."""
        self._failure = failure or TransportFailure("1C is silent")

    def hang(self) -> None:
        """Let every call wait until `recover`, as a hung 1C does; then it fails like a deadline."""
        self._gate = Event()

    def recover(self) -> None:
        """Answer again, and let hanging calls end."""
        gate, self._gate, self._failure = self._gate, None, None
        if gate is not None:
            gate.set()

    def fetch(self, inns: Sequence[str], *, now: datetime) -> LedgerAnswer:
        """Return the figures of the known clients among these, as of `now`."""
        self._enter()
        self.asked.append(tuple(inns))
        known = {inn: replace(self.accounts[inn], as_of=now) for inn in inns if inn in self.accounts}
        return LedgerAnswer(known, tuple(self.issues), now)

    def stream(self, *, now: datetime) -> Iterator[AccountFigures | SyncIssue]:
        """Yield the issues, then every account with an ИНН as of `now`."""
        self._enter()
        yield from self.issues
        for inn in sorted(self.accounts):
            yield replace(self.accounts[inn], as_of=now)

    def probe(self) -> None:
        """Answer or fail like the other calls."""
        self._enter()

    def _enter(self) -> None:
        if self.on_request is not None:
            self.on_request()
        if self._gate is not None:
            self.hung.set()
            if not self._gate.wait(timeout=30):
                raise TimeoutError("nobody let the hanging ledger go on")
            raise TransportFailure("1C did not answer before the deadline")
        if self._failure is not None:
            raise self._failure
