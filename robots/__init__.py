"""Live here: our robots in the portal's automation, one file each: its SPEC and `run(call, reception)`.

The web dispatches to them and the installer registers them; they import services, protocol and messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from robots import cc_check
from robots import cc_check_wait
from robots.spec import Robot

ALL: Final[Mapping[str, Robot]] = MappingProxyType(
    {
        cc_check.SPEC.code: cc_check,
        cc_check_wait.SPEC.code: cc_check_wait,
    }
)
