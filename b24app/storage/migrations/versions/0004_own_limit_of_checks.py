"""A check records the own limit of the client, not the resolved one, so that another policy can decide it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHECKS = sa.table("checks", sa.column("id", sa.Integer), sa.column("facts", sa.JSON))
PAGE = 1000


def upgrade() -> None:
    """A limit found on the client himself was his own; one found further up means that he had none."""
    _rewrite(_with_own_limit)


def downgrade() -> None:
    """The client's own limit is taken for the one that applied; without one, prepayment only did."""
    _rewrite(_with_resolved_limit)


def _rewrite(change: Any) -> None:
    connection = op.get_bind()
    last = 0
    while True:
        page = sa.select(CHECKS.c.id, CHECKS.c.facts).where(CHECKS.c.id > last).order_by(CHECKS.c.id)
        rows = connection.execute(page.limit(PAGE)).all()
        if not rows:
            return
        last = rows[-1].id
        changed = [{"key": row.id, "new": change(row.facts)} for row in rows if isinstance(row.facts, dict)]
        if changed:
            update = sa.update(CHECKS).where(CHECKS.c.id == sa.bindparam("key"))
            connection.execute(update.values(facts=sa.bindparam("new", type_=sa.JSON)), changed)


def _with_own_limit(facts: dict[str, Any]) -> dict[str, Any]:
    resolved = facts.pop("limit", None)
    if resolved is None:
        return facts
    own = resolved["limit"] if resolved["source"] == "customer" else {"type": "NotSet"}
    return {**facts, "own_limit": own}


def _with_resolved_limit(facts: dict[str, Any]) -> dict[str, Any]:
    own = facts.pop("own_limit", None)
    if own is None:
        return facts
    if own == {"type": "NotSet"}:
        currency = facts["candidate"]["amount"].split(" ")[1]
        own = {"type": "Granted", "amount": f"0.00 {currency}"}
        return {**facts, "limit": {"limit": own, "source": "company"}}
    return {**facts, "limit": {"limit": own, "source": "customer"}}
