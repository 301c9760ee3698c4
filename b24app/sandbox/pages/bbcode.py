"""BB code of notifications, tasks and comments as safe HTML: a few known tags, everything else is text."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup
from markupsafe import escape

_SIMPLE: Final = re.compile(r"\[(/?)([biu])\]", re.IGNORECASE)
_LINK: Final = re.compile(
    r"\[url=((?:https?://|/(?!/))[^\]\s\"'<>]+)\](.*?)\[/url\]", re.IGNORECASE | re.DOTALL
)
_BREAK: Final = re.compile(r"\r?\n")


def render_bb(text: str) -> Markup:
    """Escape everything, then let [b], [i], [u], [url=http… or /…] and line breaks mean something."""
    safe = str(escape(text))
    linked = _LINK.sub(r'<a href="\1" target="_top" rel="noreferrer">\2</a>', safe)
    shaped = _SIMPLE.sub(lambda found: f"<{found[1]}{found[2].lower()}>", linked)
    return Markup(_BREAK.sub("<br>", shaped))  # noqa: S704 - everything in it was escaped first
