"""What a check meant for its deal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Checks made so far are taken for binding; those of observe mode are told by their mode."""
    with op.batch_alter_table("checks") as checks:
        checks.add_column(sa.Column("weight", sa.String(length=32), server_default="binding", nullable=False))
    op.execute("UPDATE checks SET weight = 'observed' WHERE mode = 'observe'")


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("checks") as checks:
        checks.drop_column("weight")
