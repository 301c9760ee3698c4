"""The configurations of 1C this product reads: one module each, found by being here.

A module of this package that has `NAMES` is a profile (see `sync_1c.profile.Profile`); `shared` is what
typical configurations have in common. Every name of 1C's stands in this package and nowhere else.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING
from typing import cast

from b24app.ports.errors import ConfigurationUnknown
from b24app.ports.errors import LedgerMisconfigured

if TYPE_CHECKING:
    from collections.abc import Collection

    from sync_1c.profile import Profile

AUTO = "auto"


@cache
def known() -> tuple[Profile, ...]:
    """Return the profiles in the order in which a base is compared with them."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    profiles = [cast("Profile", module) for module in modules if hasattr(module, "NAMES")]
    return tuple(sorted(profiles, key=lambda profile: profile.RANK))


def is_register(name: str) -> bool:
    """Tell a register of balances from the objects that are read as sets."""
    return name.startswith(("AccumulationRegister_", "AccountingRegister_"))


def fitting(sets: Collection[str]) -> Profile | None:
    """Tell the configuration by its marks, whatever else is missing; None when nothing tells."""
    return next((one for one in known() if any(mark in sets for mark in one.MARKS)), None)


def names() -> tuple[str, ...]:
    """List what may stand in the settings."""
    return (AUTO, *(name for profile in known() for name in profile.NAMES))


def named(name: str) -> Profile:
    """Return the profile a configured name stands for; raises `LedgerMisconfigured` for others."""
    for profile in known():
        if name in profile.NAMES:
            return profile
    raise LedgerMisconfigured(f"1C profile {name!r} is unknown: use one of {', '.join(names())}")


def recognise(sets: Collection[str]) -> Profile:
    """Tell the profile by the names of the published sets (onec_odata 5).

    The configuration is the first with any of its marks published; УТ comes first, because КА and ERP also
    hold the accounting register. Raises `LedgerMisconfigured` naming what to add to the OData composition
    when the base is known but hides something we read, `ConfigurationUnknown` when nothing tells what it is.
    """
    profile = fitting(sets)
    if profile is None:
        raise ConfigurationUnknown(tuple(each.MARKS[0] for each in known()), published=len(sets))
    missing = tuple(name for name in profile.NEEDED if name not in sets)
    if missing:
        said = f"1C ({profile.NAMES[0]}): add to the OData composition: {', '.join(missing)}"
        raise LedgerMisconfigured(said, missing=missing)
    return profile
