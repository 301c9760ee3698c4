"""Values of the portal written as people read them."""

from __future__ import annotations

from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Moscow")
SIGNS = {"RUB": "₽", "USD": "$", "EUR": "€"}


def money(amount: Any, currency: str = "RUB") -> str:
    """Write an amount: 1 250 000,00 ₽ (spaces do not break)."""
    digits = f"{Decimal(str(amount or 0)):,.2f}".replace(",", "\u00a0").replace(".", ",")
    return f"{digits}\u00a0{SIGNS.get(currency, currency)}"


def typed(amount: Any) -> str:
    """Write an amount for a field people type into: 1 250 000,00."""
    return money(amount).removesuffix(f"\u00a0{SIGNS['RUB']}")


def moment(value: Any) -> str:
    """Write an aware moment or a day as the wall clock in Moscow shows it."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(ZONE).strftime("%d.%m.%Y %H:%M")
    return value.strftime("%d.%m.%Y") if isinstance(value, date) else ""


def field_value(kind: str, value: Any, options: dict[int, str]) -> str:
    """Write a custom field's value by its kind; an empty one is a dash."""
    if value in (None, "", []):
        return "—"
    if kind == "money":
        amount, _, currency = str(value).partition("|")
        return money(amount, currency or "RUB")
    if kind == "enumeration":
        return options.get(int(value), str(value))
    if kind == "boolean":
        return "да" if value else "нет"
    if kind in {"date", "datetime"}:
        return moment(value)
    return str(value)
