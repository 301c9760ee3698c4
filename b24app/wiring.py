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
from b24app.files.policy_seed import seed
from b24app.services.backtest import Backtest
from b24app.services.checkup import Checkup
from b24app.services.delivery import Delivery
from b24app.services.desk import CreditDesk
from b24app.services.dispatch import Dispatch
from b24app.services.guard import Watch
from b24app.services.hooks import LedgerHook
from b24app.services.jobs import JobRunner
from b24app.services.office import Office
from b24app.services.pagetokens import PageTokens
from b24app.services.past import PastWatch
from b24app.services.payments import PaymentWatch
from b24app.services.payments import Tempo
from b24app.services.permits import PermitKeeper
from b24app.services.policies import PolicyBook
from b24app.services.preview import Previewer
from b24app.services.rates import NOTHING_KNOWN
from b24app.services.rates import RateBoard
from b24app.services.reception import Reception
from b24app.services.rehearsal import Rehearsal
from b24app.services.settings import CreditSettings
from b24app.services.sweep import Sweep
from b24app.services.tab import CreditTab
from b24app.services.wording import Wording
from b24app.storage.book import SqlBook
from b24app.storage.engine import Database
from b24app.storage.engine import open_database
from b24app.storage.engine import sqlite_file
from b24app.storage.intake import GroupCommitIntake
from b24app.storage.recorded import restore
from b24app.storage.secrets import SecretBox
from b24app.storage.tokens import SqlRateBucket
from b24app.storage.tokens import SqlTokenVault
from b24app.storage.turns import FileTurns
from b24app.web.front import Front
from install.service import InstallService
from install.settings import settings_of as install_settings_of
from sync_1c import profiles
from sync_1c.checkup.examiner import OneCExaminer
from sync_1c.ledger import LedgerSettings
from sync_1c.ledger import OneCLedger
from sync_1c.permits import OneCPermits
from sync_1c.refresh import SnapshotSync
from sync_1c.shipments import OneCShipments
from sync_1c.transport import ODataTransport
from sync_1c.transport import Timeouts
from sync_1c.transport import Utf8Basic

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterator
    from collections.abc import Mapping

    from b24app.config import Config
    from b24app.ports.book import Book
    from b24app.ports.clock import Clock
    from b24app.ports.diagnosis import Progress
    from b24app.ports.ledger import Ledger
    from b24app.ports.portal import CompanyFacts
    from b24app.ports.records import PortalRecord
    from b24app.web.front import Probes

ODATA_TAIL = "/odata/standard.odata"


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that runs, built and not yet started. `cards` reads the company cards of a portal."""

    config: Config
    database: Database
    book: SqlBook
    vault: SqlTokenVault
    intake: GroupCommitIntake
    dispatch: Dispatch
    sweep: Sweep
    sync: SnapshotSync
    past: PastWatch
    permits: PermitKeeper
    payments: PaymentWatch
    jobs: JobRunner
    rates: RateBoard
    previewer: Previewer
    installer: InstallService
    settings: CreditSettings
    policies: PolicyBook
    backtest: Backtest
    rehearsal: Rehearsal
    front: Front
    clock: Clock
    cards: Callable[[str], Iterator[CompanyFacts]]

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


def build(config: Config, clock: Clock | None = None) -> Services:
    """Build the graph; opens the database, starts nothing, calls nobody. Without a clock: the machine's."""
    clock = clock or SystemClock()
    database = open_database(config.database.url.get_secret_value())
    book = SqlBook(database)
    vault = SqlTokenVault(database, SecretBox(config.server.secret_key))
    portals = _portals(config, database, book, vault, clock)
    identity = BitrixIdentity(
        AuthorizationServer(_application(config)), allow_insecure=config.bitrix24.allow_insecure
    )
    rates = RateBoard(portals, clock)
    policies = policy_book(config, book, clock, rates)
    office = _office(config, book, portals, rates, clock, policies)
    dispatch = Dispatch(book=book, desk=CreditDesk(office), watch=Watch(office), delivery=Delivery(office))
    intake = GroupCommitIntake(book, on_commit=dispatch.wake)
    installer = InstallService(
        install_settings_of(config),
        identity=identity,
        admins=BitrixAdmins(portals.client),
        book=book,
        vault=vault,
        clock=clock,
        on_installed=policies.ensure,
    )
    client = config.bitrix24.client_id
    reception = Reception(
        book=book, vault=vault, intake=intake, clock=clock, identity=identity, client_id=client
    )
    hook = _hook(config, office, intake)
    jobs = JobRunner(book, clock, FileTurns(sqlite_file(config.database.url.get_secret_value())))
    sync = SnapshotSync(book, portals, office.ledgers.open, jobs, office.settings_of, rates.of)
    payments = PaymentWatch(
        book=book, clock=clock, refresh=sync.refresh, settings_of=office.settings_of, tempo=tempo(config)
    )
    return Services(
        config=config,
        database=database,
        book=book,
        vault=vault,
        intake=intake,
        dispatch=dispatch,
        sweep=Sweep(book=book, portals=portals, clock=clock),
        sync=sync,
        past=_past_watch(config, office, clock),
        permits=_permit_keeper(config, office, clock),
        payments=payments,
        jobs=jobs,
        rates=rates,
        previewer=Previewer(office),
        installer=installer,
        settings=credit_settings(config),
        policies=policies,
        backtest=Backtest(book, restore),
        rehearsal=Rehearsal(office),
        front=_front(config, office, _Desks(reception, installer, hook), _probes(book, intake)),
        clock=clock,
        cards=lambda member_id: portals.open(member_id).stream_companies(),
    )


def _office(
    config: Config,
    book: SqlBook,
    portals: BitrixPortals,
    rates: RateBoard,
    clock: Clock,
    policies: PolicyBook,
) -> Office:
    settings = credit_settings(config)
    return Office(
        book=book,
        portals=portals,
        ledgers=OneLedger(_ledger(config, clock)),
        rates=rates,
        clock=clock,
        settings_of=lambda member_id: policies.apply(settings, member_id),
        wording=Wording(language=config.server.language, zone=settings.zone),
    )


def _hook(config: Config, office: Office, intake: GroupCommitIntake) -> LedgerHook:
    token = config.onec.webhook_token
    secret = token.get_secret_value() if token is not None else None
    return LedgerHook(book=office.book, intake=intake, clock=office.clock, token=secret)


def tempo(config: Config) -> Tempo:
    """Return how often payments are looked for."""
    sync = config.sync
    return Tempo(timedelta(seconds=sync.payments_seconds), timedelta(seconds=sync.payments_quiet_seconds))


def policy_book(config: Config, book: Book, clock: Clock, rates: RateBoard) -> PolicyBook:
    """Make the keeper of every portal's policy; a new portal starts with the default under `[credit]`."""

    def currencies_of(member_id: str) -> frozenset[str] | None:
        known = rates.of(member_id)
        if known is NOTHING_KNOWN:
            return None
        return frozenset({known.base, *(rate.currency for rate in known.known)})

    return PolicyBook(
        book=book,
        clock=clock,
        seed=seed(config.credit),
        zone=config.credit.timezone,
        language=config.server.language,
        currencies_of=currencies_of,
    )


def credit_settings(config: Config) -> CreditSettings:
    """Turn the `[credit]` section into what the services know."""
    credit = config.credit
    return CreditSettings(
        policy=seed(credit),
        zone=credit.timezone,
        calendar=WorkCalendar(
            frozenset(credit.workdays), frozenset(credit.holidays), frozenset(credit.extra_workdays)
        ),
        allow_ttl_days=credit.allow_ttl_days,
        technical_wait=timedelta(minutes=credit.technical_wait_minutes),
        settle=timedelta(seconds=config.bitrix24.settle),
        language=config.server.language,
    )


@dataclass(frozen=True, slots=True)
class _Desks:
    """Who receives callers."""

    reception: Reception
    installer: InstallService
    hook: LedgerHook


def _front(config: Config, office: Office, desks: _Desks, probes: Probes) -> Front:
    return Front(
        reception=desks.reception,
        tokens=PageTokens(config.server.secret_key.get_secret_value(), office.clock),
        rights=BitrixRights(allow_insecure=config.bitrix24.allow_insecure),
        install=desks.installer,
        hook=desks.hook,
        tab=CreditTab(book=office.book, settings_of=office.settings_of, clock=office.clock),
        probes=probes,
        js_url=config.bitrix24.js_url,
        language=config.server.language,
    )


def _application(config: Config) -> Application:
    section = config.bitrix24
    return Application(section.client_id, section.client_secret.get_secret_value(), section.oauth_url)


def _portals(
    config: Config, database: Database, book: SqlBook, vault: SqlTokenVault, clock: Clock
) -> BitrixPortals:
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
    parts = Collaborators(vault=vault, bucket=bucket, clock=clock, record=record, renamed=renamed)
    options = RestOptions(read_timeout=section.timeout, allow_insecure=section.allow_insecure)
    return BitrixPortals(_application(config), parts, options=options)


def checkup(services: Services, progress: Progress) -> Checkup:
    """Build what `doctor` runs, over a connection to 1C of its own."""
    config, clock = services.config, services.clock
    examiner = OneCExaminer(_transport(config), _ledger_settings(config), clock, progress)
    return Checkup(examiner, _ledger(config, clock), clock, progress)


def _ledger(config: Config, clock: Clock) -> OneCLedger:
    return OneCLedger(_transport(config), _ledger_settings(config), clock)


def _ledger_settings(config: Config) -> LedgerSettings:
    """Raise `ConfigError` for a configuration of 1C nobody wrote a profile for."""
    section = config.onec
    if section.profile not in profiles.names():
        known = ", ".join(profiles.names())
        raise ConfigError([f"onec.profile: конфигурации «{section.profile}» нет среди известных: {known}"])
    return LedgerSettings(timezone=section.timezone, profile=section.profile, deadline=section.deadline)


def _transport(config: Config) -> ODataTransport:
    section = config.onec
    return ODataTransport(
        odata_root(section.url),
        Utf8Basic(section.username, section.password.get_secret_value()),
        Timeouts(read=section.timeout),
    )


def _past_watch(config: Config, office: Office, clock: Clock) -> PastWatch:
    section = config.onec
    shipments = OneCShipments(_transport(config), clock, timezone=section.timezone, deadline=section.deadline)

    def shipments_of(member_id: str) -> OneCShipments:
        del member_id  # one accounting base for every portal of this installation
        return shipments

    return PastWatch(office, shipments_of)


def _permit_keeper(config: Config, office: Office, clock: Clock) -> PermitKeeper:
    permits = OneCPermits(_transport(config), clock, deadline=config.onec.deadline)

    def permits_of(member_id: str) -> OneCPermits:
        del member_id  # one accounting base for every portal of this installation
        return permits

    return PermitKeeper(office, permits_of)


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
