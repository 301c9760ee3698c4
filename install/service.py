"""First contact with a portal, the installer run on it, and what the configuration seeds at start.

Everything a browser or an event posts can be forged, so nothing of it is stored or acted on before the
authorization server has said whose token it is (bitrix24 1.4).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from collections.abc import Generator
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import datetime
from datetime import timedelta

from b24app.ports.admin import PortalAdmins
from b24app.ports.book import Book
from b24app.ports.clock import Clock
from b24app.ports.errors import AuthLost
from b24app.ports.errors import GatewayError
from b24app.ports.identity import Identity
from b24app.ports.records import Mode
from b24app.ports.records import PortalRecord
from b24app.ports.tokens import SecretsUnreadableError
from b24app.ports.tokens import TokenPair
from b24app.ports.tokens import TokenVault
from b24app.protocol.calls import UntrustedCaller
from b24app.protocol.events import EventCall
from b24app.protocol.pages import PageOpening
from b24app.services.pagetokens import InstallPass
from b24app.services.views import InstallStep
from b24app.services.views import InstallView
from install.apply import Installation
from install.apply import StepOutcome
from install.apply import carry_out
from install.apply import install
from install.apply import look
from install.apply import settle
from install.contact import Contact
from install.contact import ForeignPortalError
from install.contact import NotAdministratorError
from install.contact import Proved
from install.contact import check_pin
from install.contact import host_of
from install.contact import prove
from install.manifest import Wanted
from install.manifest import build_manifest
from install.pages import broken_off_view
from install.pages import installation_view
from install.pages import planned_view
from install.pages import refusal_view
from install.pages import step_view
from install.settings import InstallSettings
from install.settings import seed

_LOG = logging.getLogger(__name__)
_LANGUAGES = {"ru", "en"}
ROBOTS_KEY = "ROBOTS"
"""Where `PortalRecord.options` keeps the fingerprints of robots as last registered."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets a proved caller brought; `lifetime` of the access token in seconds."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    application: str | None = field(repr=False)
    lifetime: int

    def pair(self, user_id: int, *, now: datetime) -> TokenPair | None:
        """Return the tokens as the vault keeps them; None when there is no refresh token."""
        if self.refresh is None:
            return None
        return TokenPair(user_id, self.access, self.refresh, now + timedelta(seconds=self.lifetime))


class InstallService:
    """Install the application on the portals that prove to be ours.

    `on_installed` is called with a portal's member id whenever nothing is missing on it any more.
    """

    def __init__(  # noqa: PLR0913 - all by name
        self,
        settings: InstallSettings,
        *,
        identity: Identity,
        admins: PortalAdmins,
        book: Book,
        vault: TokenVault,
        clock: Clock,
        on_installed: Callable[[str], object] | None = None,
    ) -> None:
        self._on_installed = on_installed
        self._settings = settings
        self._identity = identity
        self._admins = admins
        self._book = book
        self._vault = vault
        self._clock = clock
        self._one_at_a_time = threading.Lock()

    def opened(self, page: PageOpening) -> InstallView:
        """Serve the install page: prove the caller, remember the portal, and tell what will be made on it.

        Nothing is made yet: the person starts that with `proceed`. Raises `UntrustedCaller` for a caller
        that is not proved and a retryable `GatewayError` when nobody could be asked; then nothing is changed.
        """
        language = page.lang if page.lang in _LANGUAGES else self._settings.language
        proved = prove(
            Contact(page.member_id, page.domain, self._server(page.server_endpoint), page.access_token),
            self._identity,
            client_id=self._settings.client_id,
        )
        try:
            self._admit(proved)
        except (ForeignPortalError, NotAdministratorError) as refusal:
            _LOG.warning("install page of %s refused: %s", page.member_id, refusal)
            return refusal_view(refusal, language)
        keys = Keys(page.access_token, page.refresh_token, page.application_token, page.expires)
        try:
            found = self._admitted(proved, keys, self._look)
        except GatewayError as error:
            _LOG.warning("install page of %s broke off: %s", page.member_id, error)
            return broken_off_view(language)
        return (
            self._done_view(proved.member_id, found, language)
            if found.complete
            else planned_view(found, language)
        )

    def proceed(self, page: InstallPass) -> Generator[InstallView | InstallStep, None, None]:
        """Install: first the plan as it stands now, then each step as it ends, at last what came of it.

        Nothing more is made once the caller stops asking; the next run goes on from there. A portal that
        falls silent ends it with a view that says so.
        """
        member_id, language = page.member_id, page.language
        with self._one_at_a_time:
            try:
                admin, wanted = self._admins.open(member_id), self._wanted(member_id)
                found = look(admin, wanted)
                yield planned_view(found, language)
                outcomes: list[StepOutcome] = []
                for outcome in carry_out(admin, found.left):
                    outcomes.append(outcome)
                    yield step_view(outcome, language)
                done = settle(admin, wanted, tuple(outcomes))
            except GatewayError as error:
                _LOG.warning("installation of %s broke off: %s", member_id, error)
                yield broken_off_view(language)
                return
            self._keep(member_id, done)
            yield self._done_view(member_id, done, language)

    def installed_event(self, event: EventCall) -> None:
        """Do the same from the tokens of ONAPPINSTALL, first contact of an app without pages (bitrix24 1.2).

        Raises `UntrustedCaller` for a caller that is not proved, not the configured portal or no
        administrator, and `GatewayError` when somebody could not be asked or the installation broke off.
        """
        auth = event.auth
        if auth.access_token is None or auth.domain is None:
            raise UntrustedCaller(f"{event.name} of {auth.member_id}: no tokens")
        proved = prove(
            Contact(auth.member_id, auth.domain, self._server(auth.server_endpoint), auth.access_token),
            self._identity,
            client_id=self._settings.client_id,
        )
        try:
            self._admit(proved)
        except (ForeignPortalError, NotAdministratorError) as refusal:
            raise UntrustedCaller(f"{event.name} of {auth.member_id}: {refusal}") from refusal
        lifetime = auth.expires_at(self._clock.now()) - self._clock.now()
        keys = Keys(
            auth.access_token,
            auth.refresh_token,
            auth.application_token or None,
            int(lifetime.total_seconds()),
        )
        self._admitted(proved, keys, self._run)

    def reinstall(self, member_id: str) -> Installation:
        """Run the installer again on a known portal with its stored tokens; changes nothing if all stands.

        Raises `AuthLost` for a portal that is not known, other `GatewayError`s when it cannot be read.
        """
        with self._one_at_a_time:
            return self._run(member_id)

    def apply_settings(self, settings: InstallSettings) -> bool:
        """Bring the pinned portal's record to what the configuration says; tell whether anything changed.

        The switch from observing to enforcing stamps `enforce_since`. A funnel changed without its stages
        named makes the installation incomplete, so that it is run again.
        """
        self._settings = settings
        pinned = host_of(settings.portal)
        with self._book.write() as unit:
            known = next((record for record in unit.portals.all() if record.domain.lower() == pinned), None)
            if known is None:
                return False
            seeded = seed(known, settings, now=self._clock.now())
            if seeded == known:
                return False
            unit.portals.save(seeded)
        _LOG.info("settings of %s changed: mode %s", known.member_id, settings.mode.value)
        return True

    def _server(self, posted: str | None) -> str:
        settings = self._settings
        return settings.server_endpoint if settings.pinned_server else posted or settings.server_endpoint

    def _admit(self, proved: Proved) -> None:
        check_pin(proved, self._settings.portal)
        if not proved.administrator:
            raise NotAdministratorError(f"user {proved.user_id} is no administrator")

    def _admitted(self, proved: Proved, keys: Keys, work: Callable[[str], Installation]) -> Installation:
        """Remember a proved portal and do the work; with the posted tokens should the stored be dead."""
        with self._one_at_a_time:
            spare = self._remember(proved, keys)
            try:
                return work(proved.member_id)
            except AuthLost:
                if spare is None:
                    raise
                self._vault.save(proved.member_id, spare)
                return work(proved.member_id)

    def _remember(self, proved: Proved, keys: Keys) -> TokenPair | None:
        """Store the portal and its keys; return a pair held back.

        A stored pair of the same user is kept: the page may be an old one loaded again, whose refresh token
        has been used up since. The posted pair is the spare should the stored one turn out to be dead.
        """
        with self._book.write() as unit:
            before = unit.portals.get(proved.member_id)
            record = self._record(proved, before)
            if record != before:
                unit.portals.save(record)
        try:
            stored = self._vault.pair(proved.member_id)
            known = self._vault.application_token(proved.member_id)
        except SecretsUnreadableError:
            _LOG.warning("secrets of %s do not open with the present key: stored anew", proved.member_id)
            self._vault.forget(proved.member_id)
            stored = known = None
        if keys.application not in {None, known}:
            self._vault.set_application_token(proved.member_id, str(keys.application))
        posted = keys.pair(proved.user_id, now=self._clock.now())
        if posted is None or (stored is not None and stored.user_id == proved.user_id):
            return posted
        self._vault.save(proved.member_id, posted)
        return None

    def _record(self, proved: Proved, before: PortalRecord | None) -> PortalRecord:
        found = proved.install
        if before is not None:
            return replace(
                before,
                client_endpoint=found.client_endpoint,
                server_endpoint=found.server_endpoint,
                service_user_id=proved.user_id,
            )
        fresh = PortalRecord(
            member_id=found.member_id,
            client_endpoint=found.client_endpoint,
            server_endpoint=found.server_endpoint,
            service_user_id=proved.user_id,
            installed=False,
            mode=Mode.OBSERVE,
            enforce_since=None,
            stages=None,
            people=self._settings.people,
        )
        return seed(fresh, self._settings, now=self._clock.now())

    def _run(self, member_id: str) -> Installation:
        installation = install(self._admins.open(member_id), self._wanted(member_id))
        self._keep(member_id, installation)
        return installation

    def _look(self, member_id: str) -> Installation:
        """Look what is missing; a portal where nothing is counts as installed."""
        found = look(self._admins.open(member_id), self._wanted(member_id))
        if found.complete:
            self._keep(member_id, found)
        return found

    def _done_view(self, member_id: str, done: Installation, language: str) -> InstallView:
        with self._book.read() as unit:
            record = unit.portals.get(member_id)
        observing = record is None or record.mode is Mode.OBSERVE
        unsigned = self._vault.application_token(member_id) is None
        return installation_view(done, language, observing=observing, unsigned=unsigned)

    def _wanted(self, member_id: str) -> Wanted:
        with self._book.read() as unit:
            record = unit.portals.get(member_id)
        if record is None:
            raise AuthLost(f"portal {member_id} is not known")
        return build_manifest(
            base_url=self._settings.base_url,
            language=self._settings.language,
            category=self._settings.category,
            chosen=self._settings.chosen,
            remembered=record.stages,
            registered=record.options.get(ROBOTS_KEY, {}),
        )

    def _keep(self, member_id: str, installation: Installation) -> None:
        """Remember what came of a run; a run that was not complete does not stop a portal that works."""
        with self._book.write() as unit:
            before = unit.portals.get(member_id)
            if before is None:
                return
            after = replace(
                before,
                installed=before.installed or installation.complete,
                stages=installation.stages or before.stages,
                options={
                    **before.options,
                    **{key: dict(ids) for key, ids in installation.options.items()},
                    ROBOTS_KEY: dict(installation.registered),
                },
            )
            if after != before:
                unit.portals.save(after)
        if installation.complete and self._on_installed is not None:
            self._on_installed(member_id)
