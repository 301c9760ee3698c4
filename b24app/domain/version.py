"""What makes two checks of a deal the same check: one check per version."""

from __future__ import annotations

import json
from datetime import UTC
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from b24app.domain.money import Money

_LENGTH = 16


def fingerprint(
    company_id: int | None,
    requisite_id: int | None,
    contract: str | None,
    amount: Money,
    terms: str | None,
    discount: str | None,
) -> str:
    """Hash what a decision about a deal depends on, its stage excepted: 16 hexadecimal digits.

    An empty text counts as none, because a portal gives back either for an empty field.
    """
    parts = (
        company_id,
        requisite_id,
        contract or None,
        str(amount.amount),
        amount.currency,
        terms or None,
        discount or None,
    )
    return sha256(json.dumps(parts).encode()).hexdigest()[:_LENGTH]


def entry(stage_id: str, moved_at: datetime) -> str:
    """Name a stage entry: the stage and the aware moment of entering it, brought to UTC."""
    return f"{stage_id}|{moved_at.astimezone(UTC).isoformat(timespec='seconds')}|"


def version(stage_id: str, moved_at: datetime, fingerprint: str) -> str:
    """Join the stage entry (stage and the aware moment of entering it) and the fingerprint.

    The moment is brought to UTC, so the same entry read in another time zone is the same version.
    """
    return entry(stage_id, moved_at) + fingerprint
