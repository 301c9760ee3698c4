"""What went wrong, said in a sentence to whoever typed the command."""

from __future__ import annotations

from typing import Final

import click
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import SQLAlchemyError

from b24app.domain.errors import CreditControlError
from b24app.files.policy_file import UnreadablePolicyError
from b24app.ports import errors
from b24app.ports.jobs import JobUnderWayError
from b24app.ports.tokens import SecretsUnreadableError
from b24app.services.policies import PolicyMovedError
from b24app.storage.errors import BadSecretKeyError
from b24app.storage.errors import DatabaseBusyError
from b24app.storage.errors import DatabaseInUseError

SENTENCES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (DatabaseInUseError, "база данных занята другим процессом приложения. Остановите его и повторите."),
    (DatabaseBusyError, "база данных занята. Повторите через минуту."),
    (JobUnderWayError, "такой обмен с 1С уже идёт. Дождитесь конца: b24app sync --runs."),
    (SecretsUnreadableError, "секреты в базе зашифрованы другим ключом: верните прежний server.secret_key."),
    (BadSecretKeyError, "ключ шифрования не подходит: нужно не меньше 32 знаков или ключ Fernet."),
    (PolicyMovedError, "политику тем временем изменил кто-то другой. Повторите команду."),
    (
        UnreadablePolicyError,
        "сохранённую политику эта версия программы не читает. Введите её заново из файла.",
    ),
    (errors.AuthLost, "доступ отклонён. Пусть администратор портала откроет приложение ещё раз."),
    (errors.NotReached, "не удаётся соединиться: проверьте адреса в настройках и сеть."),
    (errors.GatewayError, "портал или 1С не ответили как надо. Повторите позже."),
    (ArgumentError, "адрес базы данных в [database] url не годится. Пример: sqlite:///b24app.sqlite3"),
    (ModuleNotFoundError, "для этой базы данных не установлен драйвер."),
    (SQLAlchemyError, "база данных не открывается: проверьте [database] url и выполните b24app migrate."),
)


def complaint(error: Exception) -> str:
    """Say what a failed command met; the kind of failure decides the sentence."""
    if isinstance(error, OSError):
        return f"не получается открыть {error.filename or 'адрес или файл'}: {error.strerror or error}."
    known = next((text for kind, text in SENTENCES if isinstance(error, kind)), None)
    return known or f"внутренняя ошибка ({type(error).__name__})."


class UsageProblem(click.UsageError):
    """A wrong use the command itself found; its text is written for people."""


def misuse(error: click.UsageError) -> str:
    """Say what was typed wrongly, and where to read how it is typed."""
    command = error.ctx.command_path if error.ctx else "b24app"
    return f"{_wrong(error)} Справка: {command} --help"


def _wrong(error: click.UsageError) -> str:
    match error:
        case click.NoSuchOption():
            return f"Нет такого ключа: {error.option_name}."
        case click.MissingParameter():
            return f"Не хватает значения {_named(error)}."
        case click.BadParameter():
            return f"Не годится значение {_named(error)}."
        case click.exceptions.NoSuchCommand():
            return f"Нет такой команды: {error.command_name}."
        case UsageProblem():
            return error.message
        case _:
            return "Команда набрана неверно."


def _named(error: click.BadParameter) -> str:
    return (error.param.human_readable_name if error.param else None) or str(error.param_hint or "")


EXPECTED: Final = (CreditControlError, SQLAlchemyError, ModuleNotFoundError, OSError)
