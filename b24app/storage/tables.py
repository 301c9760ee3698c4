"""The tables. Every row carries `member_id`, and no query leaves it out, so no portal sees another's."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import Float
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import text

from b24app.domain.card import CardTerms
from b24app.domain.case import AssessmentCase
from b24app.domain.decision import Decision
from b24app.domain.decision import Outcome
from b24app.domain.hold import HoldState
from b24app.domain.rules import ReasonCode
from b24app.ports.permits import Permit
from b24app.ports.portal import Action
from b24app.ports.records import AttemptKind
from b24app.ports.records import EffectState
from b24app.ports.records import Lane
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.ports.records import People
from b24app.ports.records import RunOutcome
from b24app.ports.records import ShipmentState
from b24app.ports.records import Stages
from b24app.ports.records import Weight
from b24app.storage.types import Chosen
from b24app.storage.types import Coded
from b24app.storage.types import UtcMoment
from b24app.storage.types import money_columns

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite counts rows only in a column declared INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")


def _member(*, key: bool = False) -> Column[str]:
    return Column("member_id", String(64), primary_key=key, nullable=False)


def _partial(name: str, *columns: Column[str], where: str) -> Index:
    return Index(name, *columns, unique=True, sqlite_where=text(where), postgresql_where=text(where))


portals = Table(
    "portals",
    metadata,
    _member(key=True),
    Column("client_endpoint", Text, nullable=False),
    Column("server_endpoint", Text, nullable=False),
    Column("service_user_id", Integer, nullable=False),
    Column("installed", Boolean, nullable=False),
    Column("mode", Chosen(Mode), nullable=False),
    Column("enforce_since", UtcMoment),
    Column("stages", Coded(Stages)),
    Column("people", Coded(People), nullable=False),
    Column("options", Coded(dict[str, dict[str, int]]), nullable=False),
    Column("last_sweep_at", UtcMoment),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", RowId, primary_key=True),
    _member(),
    Column("kind", Chosen(MessageKind), nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("received_at", UtcMoment, nullable=False),
    Column("event_token", Text),
    Column("robot_code", Text),
    Column("waiting", Boolean, nullable=False),
    Column("user_id", BigInteger),
    Column("reference", Text),
    Column("lane", Chosen(Lane), nullable=False),
    Column("state", String(8), nullable=False),
    Column("not_before", UtcMoment),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("answered", Boolean, nullable=False),
    sqlite_autoincrement=True,
)
_partial(
    "uq_inbox_waiting",
    inbox.c.member_id,
    inbox.c.kind,
    inbox.c.subject_id,
    inbox.c.lane,
    where="state = 'waiting' AND event_token IS NULL",
)
_partial("uq_inbox_token", inbox.c.member_id, inbox.c.event_token, where="event_token IS NOT NULL")
Index("ix_inbox_state", inbox.c.member_id, inbox.c.state, inbox.c.id)
Index(
    "ix_inbox_unanswered",
    inbox.c.member_id,
    inbox.c.subject_id,
    sqlite_where=text("waiting AND NOT answered"),
    postgresql_where=text("waiting AND NOT answered"),
)

deals = Table(
    "deals",
    metadata,
    _member(key=True),
    Column("deal_id", BigInteger, primary_key=True, autoincrement=False),
    Column("company_id", BigInteger),
    Column("inn", Text),
    Column("version", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("standing", Text, nullable=False),
    Column("outcome", Chosen(Outcome), nullable=False),
    Column("check_id", BigInteger, nullable=False),
    *money_columns("permitted", nullable=True),
    Column("technical_since", UtcMoment),
    Column("manager_id", BigInteger, nullable=False),
    Column("updated_at", UtcMoment, nullable=False),
)
Index("ix_deals_outcome", deals.c.member_id, deals.c.outcome)

checks = Table(
    "checks",
    metadata,
    Column("id", RowId, primary_key=True),
    _member(),
    Column("deal_id", BigInteger, nullable=False),
    Column("company_id", BigInteger),
    Column("company_title", Text, nullable=False),
    Column("inn", Text),
    Column("trigger", Chosen(MessageKind), nullable=False),
    Column("mode", Chosen(Mode), nullable=False),
    Column("weight", Chosen(Weight), nullable=False, server_default=Weight.BINDING.value),
    Column("version", Text, nullable=False),
    Column("outcome", Chosen(Outcome), nullable=False),
    Column("facts", Coded(AssessmentCase)),
    Column("decision", Coded(Decision), nullable=False),
    Column("decided_at", UtcMoment, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_checks_deal", checks.c.member_id, checks.c.deal_id, checks.c.id)
Index("ix_checks_decided", checks.c.member_id, checks.c.decided_at)

credit_accounts = Table(
    "credit_accounts",
    metadata,
    _member(key=True),
    Column("inn", Text, primary_key=True),
)

reserves = Table(
    "reserves",
    metadata,
    _member(key=True),
    Column("deal_id", BigInteger, primary_key=True, autoincrement=False),
    Column("inn", Text, nullable=False),
    Column("contract", Text),
    *money_columns("amount"),
    Column("check_id", BigInteger, nullable=False),
    Column("expires_at", UtcMoment, nullable=False),
)
Index("ix_reserves_account", reserves.c.member_id, reserves.c.inn)

holds = Table(
    "holds",
    metadata,
    Column("id", RowId, primary_key=True),
    _member(),
    Column("deal_id", BigInteger, nullable=False),
    Column("inn", Text),
    Column("check_id", BigInteger, nullable=False),
    Column("reasons", Coded(tuple[ReasonCode, ...]), nullable=False),
    *money_columns("value"),
    Column("manager_id", BigInteger, nullable=False),
    Column("opened_at", UtcMoment, nullable=False),
    Column("state", Chosen(HoldState), nullable=False),
    Column("closed_at", UtcMoment),
    Column("version", Integer, nullable=False),
    sqlite_autoincrement=True,
)
_partial("uq_holds_open", holds.c.member_id, holds.c.deal_id, where="state IN ('held', 'ready')")
Index("ix_holds_account", holds.c.member_id, holds.c.inn, holds.c.state)
Index("ix_holds_deal", holds.c.member_id, holds.c.deal_id)

effects = Table(
    "effects",
    metadata,
    Column("id", RowId, primary_key=True),
    _member(),
    Column("key", Text, nullable=False),
    Column("action", Coded(Action), nullable=False),
    Column("deal_id", BigInteger),
    Column("check_id", BigInteger),
    Column("after", Text),
    Column("urgent", Boolean, nullable=False),
    Column("not_before", UtcMoment),
    Column("state", Chosen(EffectState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", UtcMoment),
    Column("settled_at", UtcMoment),
    Column("ref", Text),
    Column("note", Text),
    Column("message_group", Text),
    sqlite_autoincrement=True,
)
Index("uq_effects_key", effects.c.member_id, effects.c.key, unique=True)
Index("ix_effects_state", effects.c.member_id, effects.c.state, effects.c.id)
Index("ix_effects_deal", effects.c.member_id, effects.c.deal_id, effects.c.state)

attempts = Table(
    "attempts",
    metadata,
    Column("id", RowId, primary_key=True),
    _member(),
    Column("key", Text, nullable=False),
    Column("kind", Chosen(AttemptKind), nullable=False),
    Column("deal_id", BigInteger),
    Column("company_id", BigInteger),
    Column("user_id", BigInteger),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("noticed_at", UtcMoment, nullable=False),
    Column("closed_at", UtcMoment),
    sqlite_autoincrement=True,
)
Index("uq_attempts_key", attempts.c.member_id, attempts.c.key, unique=True)
Index("ix_attempts_deal", attempts.c.member_id, attempts.c.deal_id, attempts.c.noticed_at)
Index("ix_attempts_user", attempts.c.member_id, attempts.c.user_id, attempts.c.noticed_at)

shipments = Table(
    "shipments",
    metadata,
    _member(key=True),
    Column("ref", String(36), primary_key=True),
    Column("version", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("dated", UtcMoment, nullable=False),
    Column("inn", Text),
    Column("contract", Text),
    *money_columns("amount"),
    Column("state", Chosen(ShipmentState), nullable=False),
    Column("noticed_at", UtcMoment, nullable=False),
    Column("deal_id", BigInteger),
    Column("author", Text, nullable=False),
    Column("closed_at", UtcMoment),
)
Index("ix_shipments_state", shipments.c.member_id, shipments.c.state, shipments.c.dated)
Index("ix_shipments_deal", shipments.c.member_id, shipments.c.deal_id)

permits = Table(
    "permits",
    metadata,
    _member(key=True),
    Column("key", String(64), primary_key=True),
    Column("permit", Coded(Permit), nullable=False),
    Column("state", Chosen(EffectState), nullable=False),
    Column("sent_at", UtcMoment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", UtcMoment),
)

cards = Table(
    "cards",
    metadata,
    _member(key=True),
    Column("company_id", BigInteger, primary_key=True, autoincrement=False),
    Column("inn", Text),
    Column("title", Text, nullable=False),
    Column("accepted", Coded(CardTerms), nullable=False),
    Column("mirrored", Coded(CardTerms)),
    Column("version", Integer, nullable=False),
)
Index("ix_cards_account", cards.c.member_id, cards.c.inn)

card_history = Table(
    "card_history",
    metadata,
    _member(key=True),
    Column("company_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("accepted", Coded(CardTerms), nullable=False),
    ForeignKeyConstraint(["member_id", "company_id"], ["cards.member_id", "cards.company_id"]),
)

snapshots = Table(
    "snapshots",
    metadata,
    _member(key=True),
    Column("inn", Text, primary_key=True),
    *money_columns("balance"),
    *money_columns("overdue"),
    Column("overdue_days", Integer, nullable=False),
    *money_columns("available", nullable=True),
    Column("last_payment", Text),
    Column("onec_ref", Text, nullable=False),
    Column("terms", Coded(CardTerms), nullable=False),
    Column("as_of", UtcMoment, nullable=False),
)

sync_runs = Table(
    "sync_runs",
    metadata,
    Column("id", RowId, primary_key=True),
    _member(),
    Column("job", String(64), nullable=False),
    Column("started_at", UtcMoment, nullable=False),
    Column("finished_at", UtcMoment, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("issues", Coded(tuple[str, ...]), nullable=False),
    Column("error", Text),
    Column("outcome", Chosen(RunOutcome), nullable=False, server_default=RunOutcome.DONE.value),
    sqlite_autoincrement=True,
)
Index("ix_sync_runs_job", sync_runs.c.member_id, sync_runs.c.job, sync_runs.c.id)

outages = Table(
    "outages",
    metadata,
    Column("id", RowId, primary_key=True),
    _member(),
    Column("opened_at", UtcMoment, nullable=False),
    Column("closed_at", UtcMoment),
    Column("why", Text, nullable=False),
    sqlite_autoincrement=True,
)
_partial("uq_outages_running", outages.c.member_id, where="closed_at IS NULL")

policies = Table(
    "policies",
    metadata,
    _member(key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("made_at", UtcMoment, nullable=False),
    Column("note", Text, nullable=False),
)

portal_secrets = Table(
    "portal_secrets",
    metadata,
    _member(key=True),
    Column("user_id", BigInteger),
    Column("access", Text),
    Column("refresh", Text),
    Column("expires_at", UtcMoment),
    Column("lease_until", UtcMoment),
    Column("application_token", Text),
)

buckets = Table(
    "buckets",
    metadata,
    _member(key=True),
    Column("level", Float, nullable=False),
    Column("updated_at", UtcMoment, nullable=False),
)

parked_methods = Table(
    "parked_methods",
    metadata,
    _member(key=True),
    Column("method", Text, primary_key=True),
    Column("until", UtcMoment, nullable=False),
)
