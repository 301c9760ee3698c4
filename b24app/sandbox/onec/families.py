"""The offline bases by the name of their configuration."""

from __future__ import annotations

from typing import TypeAlias

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec.accounting import SandboxAccounting
from b24app.sandbox.onec.base import SandboxOneC
from b24app.sandbox.onec.http import Publication
from b24app.sandbox.onec.small_firm import SandboxSmallFirm
from b24app.sandbox.world import World

SeededBase: TypeAlias = SandboxOneC | SandboxAccounting | SandboxSmallFirm
"""Any of them, as pages, stands and tests hold one."""

UT11, BP30, UNF = "ut11", "bp30", "unf"
_BASES: dict[str, type[SandboxOneC] | type[SandboxAccounting] | type[SandboxSmallFirm]] = {
    UT11: SandboxOneC,
    BP30: SandboxAccounting,
    UNF: SandboxSmallFirm,
}


def open_base(
    family: str,
    world: World,
    *,
    clock: SandboxClock,
    account: tuple[str, str],
    timezone: str,
    publication: Publication | None = None,
) -> SeededBase:
    """Open a base of a configuration, seeded from a world; `account` is login and password.

    Raises:
        KeyError: no such configuration.
    """
    login, password = account
    return _BASES[family](
        world, clock=clock, login=login, password=password, timezone=timezone, publication=publication
    )
