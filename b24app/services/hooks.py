"""The hook of accounting: a verified push becomes one inbox row, committed before we answer; no more."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from typing import Final

import structlog

from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.protocol.pushes import UntrustedPush
from b24app.protocol.verify import same_secret

if TYPE_CHECKING:
    from b24app.ports.book import Book
    from b24app.ports.book import Intake
    from b24app.ports.clock import Clock
    from b24app.protocol.pushes import Push

log = structlog.get_logger(__name__)

PATH: Final = "/hooks/1c/"
_KEY_LENGTH: Final = 32


class LedgerHook:
    """Believe accounting by its token and a portal's key, made of the token and told by `b24app hook`.

    Without a token in the configuration the hook is shut and every call is refused.
    """

    def __init__(self, *, book: Book, intake: Intake, clock: Clock, token: str | None) -> None:
        self._book = book
        self._intake = intake
        self._clock = clock
        self._token = token or None

    def key_of(self, member_id: str) -> str | None:
        """Return the portal's key in the address, None while the hook is shut.

        Not to be guessed without the token, and of no use without it either.
        """
        if self._token is None:
            return None
        made = hmac.new(self._token.encode(), f"hooks/1c/{member_id}".encode(), hashlib.sha256)
        return made.hexdigest()[:_KEY_LENGTH]

    def portal_of(self, key: str, token: str) -> str:
        """Return the installed portal a call is for. Raises `UntrustedPush`, whatever was wrong alike."""
        with self._book.read() as unit:
            members = [portal.member_id for portal in unit.portals.all() if portal.installed]
        # Every comparison is made, so that the time tells nothing about which was wrong.
        trusted = same_secret(token, self._token)
        found = [member for member in members if same_secret(key, self.key_of(member))]
        if not trusted or not found:
            log.warning("caller refused", kind="1c push", why="wrong token" if found else "unknown key")
            raise UntrustedPush("untrusted")
        return found[0]

    def pushed(self, member_id: str, push: Push) -> None:
        """Store that a client's money changed, or that somebody's did; a like one that waits stands for both.

        Raises whatever the intake raises when the row is not committed.
        """
        reference = push.inn or ""
        digest = hashlib.blake2s(reference.encode(), digest_size=8).digest()
        message = Message(
            member_id=member_id,
            kind=MessageKind.LEDGER,
            subject_id=int.from_bytes(digest, "big") >> 1,
            received_at=self._clock.now(),
            reference=reference,
        )
        self._intake.put([message])
