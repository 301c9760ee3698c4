"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    _make_attempts()
    _make_buckets()
    _make_cards()
    _make_checks()
    _make_credit_accounts()
    _make_deals()
    _make_effects()
    _make_holds()
    _make_inbox()
    _make_outages()
    _make_parked_methods()
    _make_portal_secrets()
    _make_portals()
    _make_reserves()
    _make_snapshots()
    _make_sync_runs()
    _make_card_history()


def downgrade() -> None:
    """Drop every table; their indexes go with them."""
    for table in (
        "card_history",
        "sync_runs",
        "snapshots",
        "reserves",
        "portals",
        "portal_secrets",
        "parked_methods",
        "outages",
        "inbox",
        "holds",
        "effects",
        "deals",
        "credit_accounts",
        "checks",
        "cards",
        "buckets",
        "attempts",
    ):
        op.drop_table(table)


def _make_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=True),
        sa.Column("company_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attempts_deal", "attempts", ["member_id", "deal_id", "noticed_at"], unique=False)
    op.create_index("ix_attempts_user", "attempts", ["member_id", "user_id", "noticed_at"], unique=False)
    op.create_index("uq_attempts_key", "attempts", ["member_id", "key"], unique=True)


def _make_buckets() -> None:
    op.create_table(
        "buckets",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("level", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_buckets")),
    )


def _make_cards() -> None:
    op.create_table(
        "cards",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("inn", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("accepted", sa.JSON(), nullable=False),
        sa.Column("mirrored", sa.JSON(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "company_id", name=op.f("pk_cards")),
    )
    op.create_index("ix_cards_account", "cards", ["member_id", "inn"], unique=False)


def _make_checks() -> None:
    op.create_table(
        "checks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=True),
        sa.Column("company_title", sa.Text(), nullable=False),
        sa.Column("inn", sa.Text(), nullable=True),
        sa.Column("trigger", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checks")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_checks_deal", "checks", ["member_id", "deal_id", "id"], unique=False)
    op.create_index("ix_checks_decided", "checks", ["member_id", "decided_at"], unique=False)


def _make_credit_accounts() -> None:
    op.create_table(
        "credit_accounts",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("inn", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "inn", name=op.f("pk_credit_accounts")),
    )


def _make_deals() -> None:
    op.create_table(
        "deals",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=True),
        sa.Column("inn", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("check_id", sa.BigInteger(), nullable=False),
        sa.Column("permitted_minor", sa.BigInteger(), nullable=True),
        sa.Column("permitted_currency", sa.String(length=3), nullable=True),
        sa.Column("technical_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("manager_id", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "deal_id", name=op.f("pk_deals")),
    )
    op.create_index("ix_deals_outcome", "deals", ["member_id", "outcome"], unique=False)


def _make_effects() -> None:
    op.create_table(
        "effects",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("action", sa.JSON(), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=True),
        sa.Column("check_id", sa.BigInteger(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("message_group", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_effects")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_effects_deal", "effects", ["member_id", "deal_id", "state"], unique=False)
    op.create_index("ix_effects_state", "effects", ["member_id", "state", "id"], unique=False)
    op.create_index("uq_effects_key", "effects", ["member_id", "key"], unique=True)


def _make_holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("inn", sa.Text(), nullable=True),
        sa.Column("check_id", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("value_currency", sa.String(length=3), nullable=False),
        sa.Column("manager_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_holds_account", "holds", ["member_id", "inn", "state"], unique=False)
    op.create_index("ix_holds_deal", "holds", ["member_id", "deal_id"], unique=False)
    op.create_index(
        "uq_holds_open",
        "holds",
        ["member_id", "deal_id"],
        unique=True,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )


def _make_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_token", sa.Text(), nullable=True),
        sa.Column("robot_code", sa.Text(), nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("lane", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_state", "inbox", ["member_id", "state", "id"], unique=False)
    op.create_index(
        "ix_inbox_unanswered",
        "inbox",
        ["member_id", "subject_id"],
        unique=False,
        sqlite_where=sa.text("waiting AND NOT answered"),
        postgresql_where=sa.text("waiting AND NOT answered"),
    )
    op.create_index(
        "uq_inbox_token",
        "inbox",
        ["member_id", "event_token"],
        unique=True,
        sqlite_where=sa.text("event_token IS NOT NULL"),
        postgresql_where=sa.text("event_token IS NOT NULL"),
    )
    op.create_index(
        "uq_inbox_waiting",
        "inbox",
        ["member_id", "kind", "subject_id", "lane"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting' AND event_token IS NULL"),
        postgresql_where=sa.text("state = 'waiting' AND event_token IS NULL"),
    )


def _make_outages() -> None:
    op.create_table(
        "outages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_outages_running",
        "outages",
        ["member_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _make_parked_methods() -> None:
    op.create_table(
        "parked_methods",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "method", name=op.f("pk_parked_methods")),
    )


def _make_portal_secrets() -> None:
    op.create_table(
        "portal_secrets",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("access", sa.Text(), nullable=True),
        sa.Column("refresh", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("application_token", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_portal_secrets")),
    )


def _make_portals() -> None:
    op.create_table(
        "portals",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("client_endpoint", sa.Text(), nullable=False),
        sa.Column("server_endpoint", sa.Text(), nullable=False),
        sa.Column("service_user_id", sa.Integer(), nullable=False),
        sa.Column("installed", sa.Boolean(), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("enforce_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stages", sa.JSON(), nullable=True),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("last_sweep_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_portals")),
    )


def _make_reserves() -> None:
    op.create_table(
        "reserves",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("inn", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.String(length=3), nullable=False),
        sa.Column("check_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "deal_id", name=op.f("pk_reserves")),
    )
    op.create_index("ix_reserves_account", "reserves", ["member_id", "inn"], unique=False)


def _make_snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("inn", sa.Text(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("balance_currency", sa.String(length=3), nullable=False),
        sa.Column("overdue_minor", sa.BigInteger(), nullable=False),
        sa.Column("overdue_currency", sa.String(length=3), nullable=False),
        sa.Column("overdue_days", sa.Integer(), nullable=False),
        sa.Column("available_minor", sa.BigInteger(), nullable=True),
        sa.Column("available_currency", sa.String(length=3), nullable=True),
        sa.Column("last_payment", sa.Text(), nullable=True),
        sa.Column("onec_ref", sa.Text(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "inn", name=op.f("pk_snapshots")),
    )


def _make_sync_runs() -> None:
    op.create_table(
        "sync_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("issues", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_runs")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sync_runs_job", "sync_runs", ["member_id", "job", "id"], unique=False)


def _make_card_history() -> None:
    op.create_table(
        "card_history",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("accepted", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id", "company_id"],
            ["cards.member_id", "cards.company_id"],
            name=op.f("fk_card_history_cards"),
        ),
        sa.PrimaryKeyConstraint("member_id", "company_id", "version", name=op.f("pk_card_history")),
    )
