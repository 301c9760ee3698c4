"""Reception: what comes in from a portal is verified and becomes inbox rows; nothing else happens."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import NoReturn

import structlog

from b24app.ports.errors import AuthLost
from b24app.ports.errors import Forbidden
from b24app.ports.errors import Rejected
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.ports.tokens import TokenPair
from b24app.protocol.calls import BadCall
from b24app.protocol.calls import UntrustedCaller
from b24app.protocol.verify import same_secret

if TYPE_CHECKING:
    from b24app.ports.book import Book
    from b24app.ports.book import Intake
    from b24app.ports.clock import Clock
    from b24app.ports.identity import Identity
    from b24app.ports.identity import PageUser
    from b24app.ports.records import PortalRecord
    from b24app.ports.tokens import TokenVault
    from b24app.protocol.calls import CallAuth
    from b24app.protocol.events import EventCall
    from b24app.protocol.pages import PageOpening
    from b24app.protocol.robot_calls import RobotCall
    from b24app.services.pagetokens import PagePass

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who opened a page, proved by the portal itself, and the portal he belongs to.

    `connected`: we hold a token pair for background work on this portal.
    """

    portal: PortalRecord
    user: PageUser
    connected: bool


class Reception:
    """Believe a caller or refuse him; then store the wake-up before he gets his answer."""

    def __init__(
        self,
        *,
        book: Book,
        vault: TokenVault,
        intake: Intake,
        clock: Clock,
        identity: Identity,
        client_id: str,
    ) -> None:
        """Take the ports and the id of our application; nothing is read yet."""
        self._client_id = client_id
        self._book = book
        self._vault = vault
        self._intake = intake
        self._clock = clock
        self._identity = identity

    def robot_called(self, call: RobotCall) -> None:
        """Store a robot call; one with a known `event_token` is stored once, whoever repeats it.

        Raises `UntrustedCaller`; raises whatever the intake raises when the row is not committed.
        """
        self._verify(call.auth, kind=f"robot {call.code}")
        message = Message(
            member_id=call.auth.member_id,
            kind=MessageKind.ROBOT,
            subject_id=call.deal_id,
            received_at=self._clock.now(),
            event_token=call.event_token,
            robot_code=call.code,
            waiting=call.waiting,
        )
        self._intake.put([message])
        self.adopt_pair(call)

    def event_arrived(self, event: EventCall, kind: MessageKind) -> None:
        """Store an event about a deal, company or requisite, with its author when it is surely not us.

        Raises `UntrustedCaller`, and `BadCall` when no object is named.
        """
        auth = event.auth
        self._verify(auth, kind=event.name)
        if event.subject_id is None:
            raise BadCall(f"{event.name}: no object named")
        message = self._message(auth.member_id, kind, event.subject_id)
        self._intake.put([replace(message, user_id=self._somebody_else(auth))])

    def button_pressed(self, page: PagePass) -> None:
        """Store a person's wish to check a deal again. Raises `UntrustedCaller` when the portal is gone."""
        portal = self._portal(page.member_id)
        if portal is None or not portal.installed:
            _refuse("button", page.member_id, "not installed")
        message = self._message(page.member_id, MessageKind.BUTTON, page.deal_id)
        self._intake.put([replace(message, user_id=page.user_id)])

    def uninstalled(self, event: EventCall) -> None:
        """Forget the portal's secrets and mark it not installed; its data stay (bitrix24 1.4, 1.5).

        The event carries no access token: the stored `application_token` is the only proof.
        """
        self._verify(event.auth, kind=event.name)
        member_id = event.auth.member_id
        self._vault.forget(member_id)
        with self._book.write() as unit:
            portal = unit.portals.get(member_id)
            if portal is not None:
                unit.portals.save(replace(portal, installed=False))
        log.info("uninstalled", portal=member_id)

    def updated(self, event: EventCall) -> None:
        """Take over a new version's `application_token`, once an administrator's own token vouches for it.

        Anybody on the portal has some access token of ours, so being let in is not enough. Raises
        `UntrustedCaller`; a `GatewayError` when the server or the portal could not be asked.
        """
        auth = event.auth
        portal = self._portal(auth.member_id)
        if portal is None:
            _refuse(event.name, auth.member_id, "unknown portal")
        if self._is_signed(auth):
            return
        self._confirm_administrator(portal, auth, kind=event.name)
        self._vault.set_application_token(auth.member_id, auth.application_token)
        log.info("application token replaced", portal=auth.member_id)

    def page_opened(self, page: PageOpening) -> Visitor:
        """Prove who opened a page: known portal, its own domain, a token its REST accepts (bitrix24 1.4).

        The portal is asked at the address of our record, never at the posted one. Raises `UntrustedCaller`; a
        `GatewayError` when the portal could not be asked.
        """
        portal = self._portal(page.member_id)
        if portal is None or not portal.installed:
            _refuse("page", page.member_id, "not installed")
        if portal.domain.lower() != page.domain:
            _refuse("page", page.member_id, "another domain")
        user = self._who(portal, page.access_token)
        pair = self._vault.pair(page.member_id)
        if pair is None and user.admin and page.refresh_token is not None:
            expires_at = self._clock.now() + timedelta(seconds=page.expires)
            pair = TokenPair(user.id, page.access_token, page.refresh_token, expires_at)
            self._adopt(page.member_id, pair)
        if user.admin and page.application_token and self._vault.application_token(page.member_id) is None:
            self._vault.set_application_token(page.member_id, page.application_token)
        return Visitor(portal, user, connected=pair is not None)

    def portal_of(self, page: PagePass, access_token: str) -> PortalRecord:
        """Prove that a fresh access token belongs to the person a page was opened by.

        Raises `UntrustedCaller` for another person, a refused token or a portal that is gone; a
        `GatewayError` when the portal could not be asked.
        """
        portal = self._portal(page.member_id)
        if portal is None or not portal.installed:
            _refuse("renewal", page.member_id, "not installed")
        if self._who(portal, access_token).id != page.user_id:
            _refuse("renewal", page.member_id, "another person")
        return portal

    def adopt_pair(self, call: RobotCall) -> None:
        """Take the tokens of a verified robot call for background work, if we hold no pair at all."""
        auth = call.auth
        if auth.access_token is None or auth.refresh_token is None or auth.user_id is None:
            return
        if self._vault.pair(auth.member_id) is not None:
            return
        expires_at = auth.expires_at(self._clock.now())
        self._adopt(
            auth.member_id, TokenPair(auth.user_id, auth.access_token, auth.refresh_token, expires_at)
        )

    def _adopt(self, member_id: str, pair: TokenPair) -> None:
        self._vault.save(member_id, pair)
        with self._book.write() as unit:
            portal = unit.portals.get(member_id)
            if portal is not None:
                unit.portals.save(replace(portal, service_user_id=pair.user_id))
        log.info("service tokens adopted", portal=member_id, user=pair.user_id)

    def _somebody_else(self, auth: CallAuth) -> int | None:
        """Return who made the change, unless it is whose tokens we write with: then it may be ours.

        An event bound without `auth_type` comes with the tokens of who acted (bitrix24 1.5, 7.1).
        """
        portal = self._portal(auth.member_id) if auth.user_id is not None else None
        return auth.user_id if portal is not None and portal.service_user_id != auth.user_id else None

    def _verify(self, auth: CallAuth, *, kind: str) -> None:
        if self._vault.application_token(auth.member_id) is None:
            _refuse(kind, auth.member_id, "unknown portal")
        if not self._is_signed(auth):
            _refuse(kind, auth.member_id, "wrong application token")

    def _is_signed(self, auth: CallAuth) -> bool:
        expected = self._vault.application_token(auth.member_id)
        return expected is not None and same_secret(auth.application_token, expected)

    def _confirm_administrator(self, portal: PortalRecord, auth: CallAuth, *, kind: str) -> None:
        """Have the token explained by the authorization server and its owner by the portal of our record."""
        if not auth.application_token or auth.access_token is None or auth.server_endpoint is None:
            _refuse(kind, auth.member_id, "nothing to confirm it by")
        try:
            confirmed = self._identity.confirm(
                server_endpoint=auth.server_endpoint, access_token=auth.access_token
            )
        except (AuthLost, Forbidden, Rejected) as error:
            _refuse(kind, auth.member_id, "not confirmed by the authorization server", error)
        if confirmed.member_id != auth.member_id:
            _refuse(kind, auth.member_id, "tokens of another portal")
        if confirmed.client_id != self._client_id:
            _refuse(kind, auth.member_id, "tokens of another application")
        user = self._who(portal, auth.access_token)
        if user.id != confirmed.user_id or not user.admin:
            _refuse(kind, auth.member_id, "not an administrator's token")

    def _who(self, portal: PortalRecord, access_token: str) -> PageUser:
        try:
            return self._identity.whoami(client_endpoint=portal.client_endpoint, access_token=access_token)
        except (AuthLost, Forbidden, Rejected) as error:
            _refuse("page", portal.member_id, "token not accepted by the portal", error)

    def _portal(self, member_id: str) -> PortalRecord | None:
        with self._book.read() as unit:
            return unit.portals.get(member_id)

    def _message(self, member_id: str, kind: MessageKind, subject_id: int) -> Message:
        return Message(member_id, kind, subject_id, received_at=self._clock.now())


def _refuse(kind: str, member_id: str, why: str, cause: Exception | None = None) -> NoReturn:
    """Log who was refused and why, without anything he sent as a secret, and raise."""
    log.warning("caller refused", portal=member_id, kind=kind, why=why)
    raise UntrustedCaller(f"{kind} of portal {member_id}: {why}") from cause
