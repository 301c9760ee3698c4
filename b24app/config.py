"""The configuration: one TOML file, every key overridable by `B24APP_<SECTION>__<KEY>`.

The sentences of `ConfigError` are for the person who edits the file, so they are in his language.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from decimal import InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated
from typing import Any
from typing import Literal
from typing import Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import BeforeValidator
from pydantic import ConfigDict
from pydantic import Field
from pydantic import SecretStr
from pydantic import ValidationError
from pydantic import model_validator

from b24app.domain.errors import CreditControlError
from b24app.domain.exposure import NetScope

PREFIX = "B24APP_"
PATH_VARIABLE = "B24APP_CONFIG"
DEFAULT_PATH = Path("config.toml")
_SHORTEST_KEY = 32
_EXAMPLE = "Образец со всеми ключами: config.example.toml."


class ConfigError(CreditControlError):
    """The configuration cannot be used; `problems` are sentences for people, without any secret."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the sentences one by one."""
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
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
UserId = Annotated[int, Field(gt=0)]
UserIds = Annotated[tuple[UserId, ...], BeforeValidator(_listed)]
Days = Annotated[tuple[date, ...], BeforeValidator(_listed)]
Weekday = Annotated[int, Field(ge=1, le=7)]
Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Server(_Section):
    """How the program itself is reached. `secret_key`: one encryption key or several, comma separated."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    base_url: BaseUrl
    secret_key: Annotated[SecretStr, AfterValidator(_long_keys)]
    language: Literal["ru", "en"] = "ru"
    threads: Count = 64


class Bitrix24(_Section):
    """The local application and its portal.

    `oauth_url`, when given, is the base of the authorization server (`<oauth_url>oauth/token/`) and not the
    one each portal names; `requests_per_second` and `burst` are the portal's own limits; `settle`: seconds an
    unanswered write may still finish.
    """

    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretStr
    portal: PortalUrl | None = None
    oauth_url: BaseUrl | None = None
    js_url: Url = "https://api.bitrix24.com/api/v1/"
    allow_insecure: bool = False
    requests_per_second: Seconds = 2.0
    burst: Count = 50
    timeout: Seconds = 65.0
    settle: Seconds = 70.0

    @model_validator(mode="after")
    def _guard_tokens(self) -> Self:
        """Refuse to send tokens in the clear over a network."""
        for key, url in (("portal", self.portal), ("oauth_url", self.oauth_url)):
            if (
                url is not None
                and url.startswith("http://")
                and not (self.allow_insecure or _is_loopback(url))
            ):
                raise ValueError(
                    f"{key}: адрес http:// допустим только на этой же машине; замените на https://"
                )
        return self


class OneC(_Section):
    """The 1C base: the address of its publication, without /odata; `deadline` seconds for one bulk read.

    `profile` is `auto` or one of the names the 1C adapter knows; the wiring refuses others.
    """

    url: Url
    username: Annotated[str, Field(min_length=1)]
    password: SecretStr
    profile: str = "auto"
    timezone: Zone = ZoneInfo("Europe/Moscow")
    timeout: Seconds = 120.0
    deadline: Seconds = 20.0
    webhook_token: SecretStr | None = None


class DatabaseSection(_Section):
    """Our own database, as an SQLAlchemy address (it may hold a password)."""

    url: SecretStr = SecretStr("sqlite:///b24app.sqlite3")


class Pipeline(_Section):
    """The funnel and its three stages by STATUS_ID; a missing one is made by the installer."""

    category: Annotated[int, Field(ge=0)] = 0
    check: str | None = None
    allowed: str | None = None
    approval: str | None = None


class PeopleSection(_Section):
    """Who is told, by user id of the portal."""

    cfo: UserId
    administrator: UserId
    substitutes: UserIds = ()
    sales_heads: UserIds = ()


class Credit(_Section):
    """The parameters of a decision (credit_management K1..K12)."""

    mode: Literal["observe", "enforce"] = "observe"
    timezone: Zone = ZoneInfo("Europe/Moscow")
    workdays: Annotated[tuple[Weekday, ...], BeforeValidator(_listed), Field(min_length=1)] = (1, 2, 3, 4, 5)
    holidays: Days = ()
    extra_workdays: Days = ()
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "RUB"
    default_limit: Exact = Decimal(0)
    net_scope: NetScope = NetScope.CONTRACT
    limit_boundary: Literal["strict", "inclusive"] = "strict"
    overdue_tolerance: Exact = Decimal(0)
    overdue_grace_days: Annotated[int, Field(ge=0)] = 0
    max_data_age_minutes: Count = 15
    allow_ttl_days: Count = 3
    technical_wait_minutes: Count = 60
    technical_retry_seconds: Count = 30


class Sync(_Section):
    """How often the clock ticks, and how long finished inbox messages are kept."""

    sweep_seconds: Count = 300
    snapshot_minutes: Count = 60
    inbox_days: Count = 30


class Config(_Section):
    """The whole configuration."""

    server: Server
    bitrix24: Bitrix24
    onec: OneC
    people: PeopleSection
    database: DatabaseSection = DatabaseSection()
    pipeline: Pipeline = Pipeline()
    credit: Credit = Credit()
    sync: Sync = Sync()


def load_config(path: Path | None = None, *, environ: Mapping[str, str] | None = None) -> Config:
    """Read the file (argument, else `B24APP_CONFIG`, else ./config.toml) under the environment's values.

    Raises `ConfigError` with everything that is wrong at once.
    """
    variables = os.environ if environ is None else environ
    file = path or Path(variables.get(PATH_VARIABLE) or DEFAULT_PATH)
    values = _overlaid(_read(file), variables)
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_sentences(error, file)) from None


def known_keys() -> dict[str, tuple[str, ...]]:
    """Return every section with its keys."""
    return {name: tuple(_section_model(name).model_fields) for name in Config.model_fields}


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        hint = "Создайте его по образцу config.example.toml или командой b24app init."
        raise ConfigError([f"Файл настроек не найден: {file}. {hint}"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"Файл настроек {file} не читается: {type(error).__name__}."]) from error
    except tomllib.TOMLDecodeError as error:
        # The parser's text names the line and the column, never the value.
        raise ConfigError([f"Файл настроек {file} — не TOML: {error}. Исправьте эту строку."]) from None


def _overlaid(values: dict[str, Any], variables: Mapping[str, str]) -> dict[str, Any]:
    """Lay `B24APP_<SECTION>__<KEY>` over the file; an unknown name is refused later, as in the file."""
    merged = {
        name: dict(section) if isinstance(section, dict) else section for name, section in values.items()
    }
    for variable, value in variables.items():
        section, separator, key = variable.removeprefix(PREFIX).lower().partition("__")
        if variable.startswith(PREFIX) and separator:
            target = merged.setdefault(section, {})
            if isinstance(target, dict):
                target[key] = value
    return merged


def _sentences(error: ValidationError, file: Path) -> list[str]:
    missing: list[str] = []
    problems: list[str] = []
    for item in error.errors(include_url=False, include_input=False):
        place = [str(part) for part in item["loc"]]
        if item["type"] == "missing":
            missing += _required(place)
        elif item["type"] == "extra_forbidden":
            problems.append(_unknown(place))
        else:
            problems.append(_wrong(place, item["type"], item.get("ctx", {})))
    if missing:
        names = ", ".join(missing)
        problems.insert(0, f"В настройках ({file}) не хватает обязательных ключей: {names}. {_EXAMPLE}")
    return problems


def _required(place: list[str]) -> list[str]:
    """Name a missing key, or all the required ones of a missing section."""
    if len(place) > 1:
        return [_key(place)]
    fields = _section_model(place[0]).model_fields
    return [f"{place[0]}.{name}" for name, field in fields.items() if field.is_required()]


def _unknown(place: list[str]) -> str:
    if len(place) == 1:
        near = get_close_matches(place[0], Config.model_fields, n=1)
        hint = f" Ближайший известный: [{near[0]}]." if near else ""
        return f"Неизвестный раздел [{place[0]}].{hint} Переименуйте или удалите."
    section, key = place[0], place[1]
    near = get_close_matches(key, known_keys()[section], n=1, cutoff=0.4)
    hint = f" Ближайший известный: {near[0]}." if near else ""
    return f"Неизвестный ключ {key} в разделе [{section}].{hint} Переименуйте или удалите."


def _wrong(place: list[str], kind: str, context: Mapping[str, Any]) -> str:
    if kind == "value_error":
        return f"Неверное значение {_key(place)}: {context['error']}."
    return f"Неверное значение {_key(place)}: {_expected(kind, context)}."


def _expected(kind: str, context: Mapping[str, Any]) -> str:
    texts = {
        "literal_error": "допустимо {expected}",
        "enum": "допустимо {expected}",
        "greater_than": "нужно число больше {gt}",
        "greater_than_equal": "нужно число не меньше {ge}",
        "less_than_equal": "нужно число не больше {le}",
        "decimal_max_places": "не больше {decimal_places} знаков после запятой",
        "string_too_short": "значение пустое",
        "string_pattern_mismatch": "нужен трёхбуквенный код, например RUB",
        "model_type": "здесь должен быть раздел TOML",
    }
    types = {
        "int": "нужно целое число",
        "float": "нужно число",
        "decimal": 'нужна сумма в кавычках, например "150000.00"',
        "bool": "нужно true или false",
        "string": "нужна строка в кавычках",
        "date": "нужна дата вида 2026-01-09",
        "tuple": "нужен список, например [7, 9]",
    }
    if kind in texts:
        return texts[kind].format(
            **{name: str(value).replace(" or ", " или ") for name, value in context.items()}
        )
    return types.get(kind.split("_", 1)[0], "значение не подходит")


def _key(place: list[str]) -> str:
    names = [part for part in place if not part.isdigit()]
    return ".".join(names)


def _section_model(name: str) -> type[BaseModel]:
    model = Config.model_fields[name].annotation
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise TypeError(name)
    return model


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
