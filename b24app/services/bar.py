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
    as the exposure after netting: an advance shortens the debt first, this deal last.
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
    left, segments = after, []
    for kind, size in (
        ("candidate", exposure.candidate.amount),
        ("reserved", exposure.reserved.amount),
        ("shipped", exposure.shipped_not_invoiced.amount),
        ("receivables", after),
    ):
        end = left
        left -= min(max(size, Decimal(0)), left)
        if left < end:
            begin = _percent(left, scale)
            label = page_text(f"tab.sum.{kind}", language)
            segments.append(Segment(kind, label, begin, _percent(end, scale) - begin))
    return segments[::-1]


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole * WHOLE).quantize(STEP)
