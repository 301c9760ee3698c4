"""What a text that is no TOML is told: the parser's own words are English and for programmers."""

from __future__ import annotations

import re
from typing import Final

from b24app.files.problems import Problem

_PLACE: Final = re.compile(r"\(at line (\d+), column (\d+)\)$")
_AT_END: Final = "(at end of document)"
_WORDS: Final = (
    ("Unterminated string", "toml_string"),
    ("Illegal character", "toml_character"),
    ("Unescaped", "toml_escape"),
    ("Unclosed", "toml_unclosed"),
    ("Expected ']'", "toml_header"),
    ("Cannot declare", "toml_twice"),
    ("Cannot overwrite", "toml_twice"),
    ("Cannot mutate", "toml_twice"),
    ("Duplicate", "toml_twice"),
    ("Expected '='", "toml_equals"),
    ("Invalid value", "toml_value"),
    ("Invalid date", "toml_date"),
    ("Expected newline", "toml_after"),
    ("Invalid", "toml_statement"),
)


def trouble(error: Exception, text: str) -> Problem:
    """Turn what the parser says into one problem with its line."""
    said = str(error)
    key = next((key for start, key in _WORDS if said.startswith(start)), "toml")
    place = _PLACE.search(said)
    if place is not None:
        return Problem(int(place[1]), "", key)
    return Problem(_last_line(text) if said.endswith(_AT_END) else None, "", key)


def _last_line(text: str) -> int:
    return text.rstrip().count("\n") + 1
