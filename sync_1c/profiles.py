"""Which configuration of 1C this is: names in the settings, and recognition by the service document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24app.ports.errors import LedgerMisconfigured
from sync_1c import mapping

if TYPE_CHECKING:
    from collections.abc import Collection

AUTO = "auto"
UT11 = "ut11"
_SAME_AS_UT11 = frozenset({"ut11", "ka2", "erp2"})
_NOT_YET = {"bp30": "Бухгалтерия предприятия 3.0", "unf": "УНФ"}


def settle(name: str) -> str:
    """Return the profile a configured name stands for; raises `LedgerMisconfigured` for others."""
    if name in _SAME_AS_UT11:
        return UT11
    if name in _NOT_YET:
        raise LedgerMisconfigured(f"1C profile {name} ({_NOT_YET[name]}) is not supported yet")
    raise LedgerMisconfigured(f"1C profile {name!r} is unknown: use ut11, ka2, erp2 or auto")


def recognise(sets: Collection[str]) -> str:
    """Guess the profile from the names of the published sets (onec_odata 5).

    УТ is tested first, because КА and ERP also hold the accounting register. Raises `LedgerMisconfigured`
    naming what to add to the OData composition when the base is ours but hides something we read.
    """
    if not sets:
        raise LedgerMisconfigured("1C publishes nothing: the OData composition is empty")
    if mapping.SETTLEMENTS in sets:
        missing = [name for name in mapping.NEEDED if name not in sets]
        if missing:
            raise LedgerMisconfigured(
                f"1C: add to the OData composition: {', '.join(missing)}", missing=tuple(missing)
            )
        return UT11
    if mapping.UNF_MARK in sets:
        return settle("unf")
    if mapping.BP_MARK in sets:
        return settle("bp30")
    raise LedgerMisconfigured(
        f"1C: add {mapping.SETTLEMENTS} to the OData composition", missing=(mapping.SETTLEMENTS,)
    )
