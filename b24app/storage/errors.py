"""What can go wrong with our own database."""

from __future__ import annotations

from sqlalchemy.exc import DontWrapMixin

from b24app.domain.errors import CreditControlError
from b24app.ports.tokens import SecretsUnreadableError


class StorageError(CreditControlError):
    """Base of the database's deliberate errors."""


class BrokenRowError(StorageError, DontWrapMixin):
    """A value that does not fit its column's type, or a stored row that cannot be read back."""


class DatabaseInUseError(StorageError):
    """Another process holds the database file."""


class DatabaseBusyError(StorageError):
    """The write lock was not free in time; nothing was written."""


class AlreadyHeldError(StorageError):
    """A second open hold for one deal."""


class IntakeStoppedError(StorageError):
    """Messages came while the intake was not running; they are not stored."""


class BadSecretKeyError(StorageError):
    """No usable encryption key."""


class WrongSecretKeyError(BadSecretKeyError, SecretsUnreadableError):
    """A stored secret that none of the keys opens."""
