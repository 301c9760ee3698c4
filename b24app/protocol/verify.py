"""Comparing secrets without telling by the time it takes how much of them was right."""

from __future__ import annotations

import hmac


def same_secret(offered: str, expected: str | None) -> bool:
    """Tell whether the offered secret is the expected one; nothing equals a missing one (bitrix24 1.4)."""
    known = (expected or "").encode()
    return hmac.compare_digest(offered.encode(), known) and bool(known)
