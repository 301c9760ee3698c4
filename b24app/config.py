"""The configuration: one TOML file, every key overridable by `B24APP_<SECTION>__<KEY>`.

The sentences of `ConfigError` are for the person who edits the file, so they are in his language.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated
from typing import Any
from typing import Literal
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import SecretStr
from pydantic import ValidationError
from pydantic import model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings
from pydantic_settings import PydanticBaseSettingsSource
from pydantic_settings import SettingsConfigDict
from pydantic_settings import TomlConfigSettingsSource

from b24app.config_values import LARGEST_ID
from b24app.config_values import MOST
from b24app.config_values import BaseUrl
from b24app.config_values import Count
from b24app.config_values import Days
from b24app.config_values import Exact
from b24app.config_values import Keys
from b24app.config_values import PortalUrl
from b24app.config_values import Seconds
from b24app.config_values import Url
from b24app.config_values import UserId
from b24app.config_values import UserIds
from b24app.config_values import Weekdays
from b24app.config_values import Zone
from b24app.config_values import is_loopback
from b24app.domain.errors import CreditControlError
from b24app.domain.exposure import NetScope

PREFIX = "B24APP_"
PATH_VARIABLE = "B24APP_CONFIG"
DEFAULT_PATH = Path("config.toml")
_EXAMPLE = "Образец со всеми ключами: config.example.toml."


class ConfigError(CreditControlError):
    """The configuration cannot be used; `problems` are sentences for people, without any secret."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the sentences one by one."""
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Server(_Section):
    """How the program itself is reached. `secret_key`: one encryption key or several, comma separated."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    base_url: BaseUrl
    secret_key: Keys
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
                and not (self.allow_insecure or is_loopback(url))
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

    category: Annotated[int, Field(ge=0, le=LARGEST_ID)] = 0
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
    workdays: Weekdays = (1, 2, 3, 4, 5)
    holidays: Days = ()
    extra_workdays: Days = ()
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "RUB"
    default_limit: Exact = Decimal(0)
    net_scope: NetScope = NetScope.CONTRACT
    limit_boundary: Literal["strict", "inclusive"] = "strict"
    overdue_tolerance: Exact = Decimal(0)
    overdue_grace_days: Annotated[int, Field(ge=0, le=MOST)] = 0
    max_data_age_minutes: Count = 15
    allow_ttl_days: Count = 3
    technical_wait_minutes: Count = 60
    technical_retry_seconds: Count = 30


class Sync(_Section):
    """How often the jobs run, and how long finished inbox messages and runs are kept.

    `payments_seconds`: how often clients with held deals are read; it grows to `payments_quiet_seconds` while
    nothing is held and nothing changes.
    """

    sweep_seconds: Count = 300
    snapshot_minutes: Count = 60
    shipments_seconds: Count = 20
    shipments_wide_minutes: Count = 10
    permits_seconds: Count = 5
    payments_seconds: Annotated[int, Field(ge=5, le=60)] = 20
    payments_quiet_seconds: Annotated[int, Field(ge=5, le=3600)] = 300
    rates_minutes: Count = 60
    inbox_days: Count = 30

    @model_validator(mode="after")
    def _order_bounds(self) -> Self:
        """Refuse bounds that are the wrong way round."""
        if self.payments_quiet_seconds < self.payments_seconds:
            raise ValueError("payments_quiet_seconds должно быть не меньше payments_seconds")
        return self


class Config(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

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
    toml = _read(file)

    class Sourced(Config):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            *_usual: PydanticBaseSettingsSource,
            **_named: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return _Environment(settings_cls, variables, below=toml()), toml

    try:
        return Sourced.model_validate({})
    except ValidationError as error:
        raise ConfigError(_sentences(error, file)) from None


class _Environment(PydanticBaseSettingsSource):
    """Values of `B24APP_<SECTION>__<KEY>`; unknown names are handed on, to be refused as the file's are.

    The library's own source passes over unknown names. A section that the file holds as something else than a
    table is left to be refused.
    """

    def __init__(
        self, settings_cls: type[BaseSettings], variables: Mapping[str, str], *, below: Mapping[str, Any]
    ) -> None:
        super().__init__(settings_cls)
        self._variables = variables
        self._below = below

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return one section's values (the library asks for all at once, by a call)."""
        del field
        return self().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the values by section."""
        found: dict[str, dict[str, str]] = {}
        for variable, value in self._variables.items():
            section, separator, key = variable.removeprefix(PREFIX).lower().partition("__")
            table = isinstance(self._below.get(section, {}), dict)
            if variable.startswith(PREFIX) and separator and table:
                found.setdefault(section, {})[key] = value
        return found


def known_keys() -> dict[str, tuple[str, ...]]:
    """Return every section with its keys."""
    return {name: tuple(_section_model(name).model_fields) for name in Config.model_fields}


def _read(file: Path) -> TomlConfigSettingsSource:
    try:
        file.open("rb").close()  # the library passes over a file that is not there
        return TomlConfigSettingsSource(Config, toml_file=file)
    except FileNotFoundError:
        hint = "Создайте его по образцу config.example.toml или командой b24app init."
        raise ConfigError([f"Файл настроек не найден: {file}. {hint}"]) from None
    except OSError as error:
        raise ConfigError([f"Файл настроек {file} не читается: это не файл или нет прав."]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"Файл настроек {file} не читается: сохраните его в кодировке UTF-8."]) from error
    except RecursionError:
        raise ConfigError([f"Файл настроек {file} — не TOML: слишком много вложенных скобок."]) from None
    except tomllib.TOMLDecodeError as error:
        # The parser's text names the line and the column, never the value.
        raise ConfigError([f"Файл настроек {file} — не TOML: {error}. Исправьте эту строку."]) from None


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
