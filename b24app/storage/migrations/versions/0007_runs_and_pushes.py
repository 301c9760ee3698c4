"""A run says how it ended; a message of accounting says whom it is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns; a run of before that left an error had failed."""
    outcome = sa.Column("outcome", sa.String(length=32), nullable=False, server_default="done")
    op.add_column("sync_runs", outcome)
    op.execute("UPDATE sync_runs SET outcome = 'failed' WHERE error IS NOT NULL")
    op.add_column("inbox", sa.Column("reference", sa.Text))


def downgrade() -> None:
    """Take them away; what accounting has said and nobody has read is forgotten: the poll reads it."""
    op.execute("DELETE FROM inbox WHERE kind = 'ledger'")
    op.drop_column("inbox", "reference")
    op.drop_column("sync_runs", "outcome")
