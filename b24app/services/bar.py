"""The geometry of the arithmetic bar: what stands beside what, in percent of its length."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.domain.limits import Granted
from b24app.messages.format import money
from b24app.messages.pages import page_text
from b24app.services.views import Bar
from b24app.services.views import Segment

if TYPE_CHECKING:
    from b24app.domain.exposure import Exposure
    from b24app.domain.limits import ResolvedLimit

WHOLE = Decimal(100)
STEP = Decimal("0.01")


def draw_bar(exposure: Exposure, limit: ResolvedLimit | None, language: str) -> Bar | None:
    """Draw exposure with this deal against the limit; None when there is nothing to draw.

    The pieces stand in the order debt, being shipped, promised to others, this deal, and together are as long
    as the exposure after netting: an advance shortens them from the debt on.
    """
    after = max(exposure.after.amount, Decimal(0))
    granted = limit.limit.amount.amount if limit and isinstance(limit.limit, Granted) else None
    scale = max(after, granted or Decimal(0))
    if not scale:
        return None
    limit_at = None if granted is None else _percent(granted, scale)
    over = None
    if granted is not None and limit_at is not None and after > granted:
        over = (limit_at, _percent(after, scale) - limit_at)
    label = page_text("tab.bar", language, after=money(exposure.after, language))
    return Bar(label, tuple(_segments(exposure, after, scale, language)), limit_at, over)


def _segments(exposure: Exposure, after: Decimal, scale: Decimal, language: str) -> list[Segment]:
    others = {
        "shipped": exposure.shipped_not_invoiced.amount,
        "reserved": exposure.reserved.amount,
        "candidate": exposure.candidate.amount,
    }
    sizes = {"receivables": max(after - sum(others.values()), Decimal(0)), **others}
    segments, start = [], Decimal(0)
    for kind, size in sizes.items():
        shown = min(max(size, Decimal(0)), after - start)
        if shown > 0:
            label = page_text(f"tab.sum.{kind}", language)
            begin = _percent(start, scale)
            segments.append(Segment(kind, label, begin, _percent(start + shown, scale) - begin))
            start += shown
    return segments


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole * WHOLE).quantize(STEP)
