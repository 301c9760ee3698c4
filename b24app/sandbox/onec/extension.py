"""What our 1C extension does (docs/1c-extension): refuse a posting nothing permits. Change both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from decimal import Decimal

from b24app.sandbox.onec.objects import CONTRACTS
from b24app.sandbox.onec.objects import COUNTERPARTIES
from b24app.sandbox.onec.objects import CURRENCIES
from b24app.sandbox.onec.objects import PERMITS
from b24app.sandbox.onec.posting import amount_of
from b24app.sandbox.onec.posting import date_of
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.store import Store

_ROUNDING = Decimal(1)


class PostingRefusedError(Exception):
    """The extension refuses to post; the message is what 1C shows."""


class Extension:
    """The extension's control over one base, and its own register of what was shipped on which permission."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._shipped: dict[str, tuple[str, Decimal]] = {}

    def require(self, contract: str, amount: Decimal, now: datetime) -> None:
        """Raise `PostingRefusedError` when the client is under control and nothing permits the sum."""
        if self._is_controlled(self._inn(contract)) and self._permission(contract, amount, now) is None:
            raise PostingRefusedError(
                f"Отгрузка на {amount} не разрешена кредитным контролем. Переведите сделку клиента "
                "в Битрикс24 на стадию «Подготовка к отгрузке» и дождитесь разрешения."
            )

    def took(self, document: str, contract: str, amount: Decimal, now: datetime) -> None:
        """Note on which permission a posted document stands, if on any."""
        key = self._permission(contract, amount, now)
        if key is not None:
            self._shipped[document] = key, amount

    def freed(self, document: str) -> None:
        """Free the permission of an unposted document."""
        self._shipped.pop(document, None)

    def _inn(self, contract: str) -> str:
        held = self._store.need(CONTRACTS, contract)
        return str(self._store.need(COUNTERPARTIES, str(held["Контрагент_Key"]))["ИНН"])

    def _is_controlled(self, inn: str) -> bool:
        rows = (self._store.get(PERMITS, key) for key in ("mode", f"client:{inn}"))
        return all(row is not None and bool(row["Включено"]) for row in rows)

    def _permission(self, contract: str, amount: Decimal, now: datetime) -> str | None:
        left = sorted(self._fitting(contract, amount, now))
        return left[0][1] if left else None

    def _fitting(self, contract: str, amount: Decimal, now: datetime) -> Iterator[tuple[Decimal, str]]:
        held, inn = self._store.need(CONTRACTS, contract), self._inn(contract)
        currency = self._store.need(CURRENCIES, str(held["ВалютаВзаиморасчетов_Key"]))["Description"]
        clock = now.astimezone(UTC).replace(tzinfo=None)
        for row in self._store.rows(PERMITS):
            fits = row["Вид"] == "Разрешение" and row["ИНН"] == inn and row["Валюта"] == currency
            if not fits or not row["Включено"] or date_of(row, "ДействуетДоUTC") <= clock:
                continue
            rest = self._left(row)
            if row["Договор"] in {"", contract} and rest + _ROUNDING >= amount:
                yield rest, str(row["Ключ"])

    def _left(self, row: Row) -> Decimal:
        used = sum((sum_ for key, sum_ in self._shipped.values() if key == row["Ключ"]), Decimal(0))
        return amount_of(row, "Сумма") - used
