"""A hold that only a person may lift is open as well: one open hold a deal, whichever of the two it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME = "uq_holds_open"


def upgrade() -> None:
    """Widen the condition of the index."""
    _replace("state IN ('held', 'ready')")


def downgrade() -> None:
    """Narrow it again; what waits for a person becomes an ordinary hold."""
    op.execute("UPDATE holds SET state = 'held' WHERE state = 'ready'")
    _replace("state = 'held'")


def _replace(condition: str) -> None:
    op.drop_index(NAME, table_name="holds")
    where = sa.text(condition)
    op.create_index(
        NAME, "holds", ["member_id", "deal_id"], unique=True, sqlite_where=where, postgresql_where=where
    )
