"""The command line as tests run it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from b24app.cli import main


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run the program as `b24app ...` in an empty folder, with no setting of ours in the environment."""
    for name in list(os.environ):
        if name.startswith("B24APP_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def act(*arguments: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["b24app", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Said(int(ended.value.code or 0), out, err)

    return act
