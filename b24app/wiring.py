"""The composition root: from a configuration to the running parts, each given what it stands on."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from b24app.bitrix.admins import BitrixAdmins
from b24app.bitrix.identity import BitrixIdentity
from b24app.bitrix.oauth import Application
from b24app.bitrix.oauth import AuthorizationServer
from b24app.bitrix.portals import BitrixPortals
from b24app.bitrix.portals import Collaborators
from b24app.bitrix.rest import RestOptions
from b24app.bitrix.rights import BitrixRights
from b24app.clock import SystemClock
from b24app.config import ConfigError
from b24app.domain.calendar import WorkCalendar
from b24app.domain.decision import Policy
from b24app.domain.money import Money
from b24app.services.delivery import Delivery
from b24app.services.desk import CreditDesk
from b24app.services.dispatch import Dispatch
from b24app.services.guard import Watch
from b24app.services.office import Office
from b24app.services.pagetokens import PageTokens
from b24app.services.preview import Previewer
from b24app.services.reception import Reception
from b24app.services.settings import CreditSettings
from b24app.services.sweep import Sweep
from b24app.services.tab import CreditTab
from b24app.services.wording import Wording
from b24app.storage.book import SqlBook
from b24app.storage.engine import Database
from b24app.storage.engine import open_database
from b24app.storage.intake import GroupCommitIntake
from b24app.storage.secrets import SecretBox
from b24app.storage.tokens import SqlRateBucket
from b24app.storage.tokens import SqlTokenVault
from b24app.web.front import Front
from install.service import InstallService
from install.settings import settings_of as install_settings_of
from sync_1c import profiles
from sync_1c.ledger import LedgerSettings
from sync_1c.ledger import OneCLedger
from sync_1c.refresh import SnapshotSync
from sync_1c.transport import ODataTransport
from sync_1c.transport import Timeouts
from sync_1c.transport import Utf8Basic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24app.config import Config
    from b24app.ports.ledger import Ledger
    from b24app.ports.records import PortalRecord
    from b24app.web.front import Probes

ODATA_TAIL = "/odata/standard.odata"


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that runs, built and not yet started."""

    config: Config
    database: Database
    book: SqlBook
    vault: SqlTokenVault
    intake: GroupCommitIntake
    dispatch: Dispatch
    sweep: Sweep
    sync: SnapshotSync
    previewer: Previewer
    installer: InstallService
    settings: CreditSettings
    front: Front

    def portals(self) -> list[PortalRecord]:
        """Return the installed portals."""
        with self.book.read() as unit:
            return [portal for portal in unit.portals.all() if portal.installed]


class OneLedger:
    """One accounting base for every portal of this installation."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def open(self, member_id: str) -> Ledger:
        """Return the base."""
        del member_id
        return self._ledger


def build(config: Config) -> Services:
    """Build the graph; opens the database, starts nothing, calls nobody."""
    clock = SystemClock()
    database = open_database(config.database.url.get_secret_value())
    book = SqlBook(database)
    vault = SqlTokenVault(database, SecretBox(config.server.secret_key))
    portals = _portals(config, database, book, vault)
    identity = BitrixIdentity(
        AuthorizationServer(_application(config)), allow_insecure=config.bitrix24.allow_insecure
    )
    settings = credit_settings(config)
    wording = Wording(language=config.server.language, zone=settings.zone)
    ledgers = OneLedger(_ledger(config))

    def settings_of(member_id: str) -> CreditSettings:
        del member_id
        return settings

    office = Office(
        book=book, portals=portals, ledgers=ledgers, clock=clock, settings_of=settings_of, wording=wording
    )
    dispatch = Dispatch(book=book, desk=CreditDesk(office), watch=Watch(office), delivery=Delivery(office))
    intake = GroupCommitIntake(book, on_commit=dispatch.wake)
    installer = InstallService(
        install_settings_of(config),
        identity=identity,
        admins=BitrixAdmins(portals.client),
        book=book,
        vault=vault,
        clock=clock,
    )
    front = Front(
        reception=Reception(
            book=book,
            vault=vault,
            intake=intake,
            clock=clock,
            identity=identity,
            client_id=config.bitrix24.client_id,
        ),
        tokens=PageTokens(config.server.secret_key.get_secret_value(), clock),
        rights=BitrixRights(allow_insecure=config.bitrix24.allow_insecure),
        install=installer,
        tab=CreditTab(book=book, settings_of=settings_of, clock=clock),
        probes=_probes(book, intake),
        js_url=config.bitrix24.js_url,
        language=config.server.language,
    )
    return Services(
        config=config,
        database=database,
        book=book,
        vault=vault,
        intake=intake,
        dispatch=dispatch,
        sweep=Sweep(book=book, portals=portals, clock=clock),
        sync=SnapshotSync(book, portals, ledgers.open, clock, settings_of),
        previewer=Previewer(office),
        installer=installer,
        settings=settings,
        front=front,
    )


def credit_settings(config: Config) -> CreditSettings:
    """Turn the `[credit]` section into what the services know."""
    credit = config.credit
    policy = Policy(
        default_limit=Money(credit.default_limit, credit.currency),
        net_scope=credit.net_scope,
        limit_inclusive=credit.limit_boundary == "inclusive",
        overdue_tolerance=credit.overdue_tolerance,
        overdue_grace_days=credit.overdue_grace_days,
        max_data_age=timedelta(minutes=credit.max_data_age_minutes),
    )
    return CreditSettings(
        policy=policy,
        zone=credit.timezone,
        calendar=WorkCalendar(
            frozenset(credit.workdays), frozenset(credit.holidays), frozenset(credit.extra_workdays)
        ),
        allow_ttl_days=credit.allow_ttl_days,
        technical_wait=timedelta(minutes=credit.technical_wait_minutes),
        settle=timedelta(seconds=config.bitrix24.settle),
        language=config.server.language,
    )


def _application(config: Config) -> Application:
    section = config.bitrix24
    return Application(section.client_id, section.client_secret.get_secret_value(), section.oauth_url)


def _portals(config: Config, database: Database, book: SqlBook, vault: SqlTokenVault) -> BitrixPortals:
    section = config.bitrix24

    def record(member_id: str) -> PortalRecord | None:
        with book.read() as unit:
            return unit.portals.get(member_id)

    def renamed(member_id: str, endpoint: str) -> None:
        with book.write() as unit:
            portal = unit.portals.get(member_id)
            if portal is not None:
                unit.portals.save(replace(portal, client_endpoint=endpoint))

    bucket = SqlRateBucket(database, rate=section.requests_per_second, burst=section.burst)
    parts = Collaborators(vault=vault, bucket=bucket, clock=SystemClock(), record=record, renamed=renamed)
    options = RestOptions(read_timeout=section.timeout, allow_insecure=section.allow_insecure)
    return BitrixPortals(_application(config), parts, options=options)


def _ledger(config: Config) -> OneCLedger:
    section = config.onec
    if section.profile not in profiles.names():
        known = ", ".join(profiles.names())
        raise ConfigError([f"onec.profile: конфигурации «{section.profile}» нет среди известных: {known}"])
    transport = ODataTransport(
        odata_root(section.url),
        Utf8Basic(section.username, section.password.get_secret_value()),
        Timeouts(read=section.timeout),
    )
    settings = LedgerSettings(timezone=section.timezone, profile=section.profile, deadline=section.deadline)
    return OneCLedger(transport, settings, SystemClock())


def odata_root(url: str) -> str:
    """Return the OData root of a publication's address, which may be given with or without its tail."""
    base = url.rstrip("/")
    return base if base.endswith(ODATA_TAIL) else f"{base}{ODATA_TAIL}"


def _probes(book: SqlBook, intake: GroupCommitIntake) -> Probes:
    def look() -> Mapping[str, bool]:
        with book.read() as unit:
            portals = unit.portals.all()
        return {
            "database": True,
            "intake": intake.is_running,
            "portal": any(portal.installed for portal in portals),
        }

    return look
