"""Types of the values a configuration may hold; what they refuse is said to the person who edits the file."""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from decimal import Decimal
from decimal import InvalidOperation
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator
from pydantic import BeforeValidator
from pydantic import Field
from pydantic import SecretStr

_SHORTEST_KEY = 32
MOST = 100_000
"""The most of anything counted, seconds and days among it: no calendar runs out."""
LARGEST_ID = 2**31 - 1
_SPACE = re.compile(r"\s")


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        has_port = parts.port != 0  # reading it refuses what is no port
    except ValueError:
        parts, has_port = urlsplit(""), False
    if parts.scheme not in {"http", "https"} or not (parts.hostname and has_port) or _SPACE.search(text):
        raise ValueError("нужен адрес вида https://сервер/путь")
    return text


def _base_url(text: str) -> str:
    return _url(text).rstrip("/") + "/"


def _portal(text: str) -> str:
    """Take `company.bitrix24.ru` as well as a whole address; the result has a scheme and no path."""
    parts = urlsplit(_url(text if "://" in text else f"https://{text}"))
    return f"{parts.scheme}://{parts.netloc}"


def _zone(name: object) -> object:
    try:
        return ZoneInfo(name) if isinstance(name, str) else name
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("нет такого часового пояса; пример: Europe/Moscow") from error


def _exact(value: object) -> object:
    if isinstance(value, float):
        raise ValueError('сумму пишите в кавычках, точно: "150000.00"')  # noqa: TRY004 - pydantic collects ValueError
    try:
        return Decimal(value.replace(" ", "").replace("_", "")) if isinstance(value, str) else value
    except InvalidOperation as error:
        raise ValueError('нужна сумма в кавычках, например "150000.00"') from error


def _listed(value: object) -> object:
    """Read a list given as text, as the environment gives it: `7, 9` or `[7, 9]`."""
    if not isinstance(value, str):
        return value
    return [item.strip(" \"'") for item in value.strip("[] ").split(",") if item.strip()]


def _long_keys(keys: SecretStr) -> SecretStr:
    lengths = [len(key.strip()) for key in keys.get_secret_value().split(",")]
    if min(lengths) < _SHORTEST_KEY:
        raise ValueError(f"каждый ключ должен быть не короче {_SHORTEST_KEY} знаков")
    return keys


Url = Annotated[str, AfterValidator(_url)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
PortalUrl = Annotated[str, AfterValidator(_portal)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Exact = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, max_digits=18, decimal_places=2)]
UserId = Annotated[int, Field(gt=0, le=LARGEST_ID)]
UserIds = Annotated[tuple[UserId, ...], BeforeValidator(_listed)]
Days = Annotated[tuple[date, ...], BeforeValidator(_listed)]
Weekday = Annotated[int, Field(ge=1, le=7)]
Weekdays = Annotated[tuple[Weekday, ...], BeforeValidator(_listed), Field(min_length=1)]
Keys = Annotated[SecretStr, AfterValidator(_long_keys)]
Seconds = Annotated[float, Field(gt=0, le=MOST)]
Count = Annotated[int, Field(gt=0, le=MOST)]


def is_loopback(url: str) -> bool:
    """Tell whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
