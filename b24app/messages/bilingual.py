"""A text in both languages of the product."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One text, Russian first; `read` gives Russian for a language that is not ours."""

    ru: str
    en: str

    def read(self, language: str) -> str:
        """Return the text in a language, `ru` or `en`."""
        return self.en if language == "en" else self.ru
