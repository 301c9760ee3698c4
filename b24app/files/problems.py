"""What is wrong in a file people wrote: where, and in words; everything at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Protocol

from b24app.files.locator import Locator
from b24app.files.locator import Path
from b24app.messages.catalogue import CATALOGUE
from b24app.messages.catalogue import say


class Severity(Enum):
    """Whether a file with it is refused."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or doubtful.

    `line` counts from 1; None: it is about the whole file. `field` is a path such as `rules[2].percent`, rows
    counted from 1. `key` names the sentence, `pieces` fill it; a `book` of sentences other than the policy's
    may say it its own way.
    """

    line: int | None
    field: str
    key: str
    pieces: Mapping[str, str] = dataclasses.field(default_factory=dict)
    severity: Severity = Severity.ERROR
    book: str = "policy"

    @property
    def is_error(self) -> bool:
        """Whether the file is refused for it."""
        return self.severity is Severity.ERROR

    def text(self, language: str = "ru") -> str:
        """Say it in a sentence."""
        own = f"{self.book}.{self.key}"
        return say(own if own in CATALOGUE else f"policy.{self.key}", language, **self.pieces)

    def told(self, file: str, language: str = "ru") -> str:
        """Say it with its place, as editors and people look it up: `policy.toml:12  rules[2].days: …`."""
        text = self.text(language)
        if not self.is_error:
            text = say("policy.warning", language, text=text)
        if self.line is None:
            return say("policy.at_file", language, file=file, field=self.field, text=text)
        key = "policy.at_field" if self.field else "policy.at"
        return say(key, language, file=file, line=self.line, field=self.field, text=text)


class Lines(Protocol):
    """Tells on which line of a document something stands."""

    def line(self, path: Path) -> int | None:
        """Return the line of a value, else of the nearest thing around it; None for the document itself."""


class Report:
    """Collects the problems of one file, or of the part of it that stands under `root`."""

    def __init__(
        self, text: str, locate: Callable[[str], Lines] = Locator, *, book: str = "policy", root: Path = ()
    ) -> None:
        self._text = text
        self._locate = locate
        self._book = book
        self._root = root
        self._found: list[Problem] = []
        self._noted: set[tuple[object, ...]] = set()

    @cached_property
    def _locator(self) -> Lines:
        """Walk over the text only when a line is asked for."""
        return self._locate(self._text)

    def error(self, path: Path, key: str, **pieces: str) -> None:
        """Note what the file is refused for."""
        self._note(path, key, pieces, Severity.ERROR)

    def warn(self, path: Path, key: str, **pieces: str) -> None:
        """Note what may be a mistake."""
        self._note(path, key, pieces, Severity.WARNING)

    def line(self, path: Path) -> str:
        """Return the line of something, for use in a sentence."""
        return str(self._locator.line((*self._root, *path)) or 1)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything found, in the order of the file."""
        return tuple(sorted(self._found, key=lambda each: (each.line or 0, each.field)))

    def _note(self, path: Path, key: str, pieces: dict[str, str], severity: Severity) -> None:
        whole = (*self._root, *path)
        problem = Problem(self._locator.line(whole), field_of(whole), key, pieces, severity, self._book)
        same = (problem.field, key, severity, tuple(sorted(pieces.items())))
        if same not in self._noted:
            self._noted.add(same)
            self._found.append(problem)


def field_of(path: Path) -> str:
    """Write a path as people read it: `clients[1].covers[2].percent`."""
    written = ""
    for part in path:
        if isinstance(part, int):
            written += f"[{part + 1}]"
        else:
            written += f".{part}" if written else part
    return written
