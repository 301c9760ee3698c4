"""Shipment documents seen posted in accounting, attempts taken back, permissions written to accounting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is known of documents posted before; the first reading makes them the baseline."""
    op.create_table(
        "shipments",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("ref", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("dated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("inn", sa.Text(), nullable=True),
        sa.Column("contract", sa.Text(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("member_id", "ref", name=op.f("pk_shipments")),
    )
    op.create_index("ix_shipments_state", "shipments", ["member_id", "state", "dated"])
    op.create_index("ix_shipments_deal", "shipments", ["member_id", "deal_id"])
    op.create_table(
        "permits",
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("permit", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("member_id", "key", name=op.f("pk_permits")),
    )
    with op.batch_alter_table("attempts") as table:
        table.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Forget the documents; attempts through accounting are forgotten with them."""
    op.execute("DELETE FROM attempts WHERE kind = 'onec'")
    with op.batch_alter_table("attempts") as table:
        table.drop_column("closed_at")
    op.drop_table("permits")
    op.drop_index("ix_shipments_deal", table_name="shipments")
    op.drop_index("ix_shipments_state", table_name="shipments")
    op.drop_table("shipments")
