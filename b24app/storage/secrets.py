"""Encryption of secrets at rest, with keys that can be changed."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet
from cryptography.fernet import InvalidToken
from cryptography.fernet import MultiFernet
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from b24app.storage.errors import BadSecretKeyError
from b24app.storage.errors import WrongSecretKeyError

if TYPE_CHECKING:
    from pydantic import SecretStr

SHORTEST_PASSPHRASE = 32
_KEY_BYTES = 32
# Fixed, because the same passphrase has to give the same key at every start; its length makes up for that.
_SALT = b"b24app.storage.secrets"


class SecretBox:
    """Seal and open texts with `server.secret_key`.

    The setting holds one key or several, separated by commas: the first seals, all of them open. A key is
    either a Fernet key (44 characters of URL-safe base64) or a passphrase of at least 32 characters without a
    comma, from which scrypt derives one. Raises `BadSecretKeyError` for anything else.
    """

    def __init__(self, secret_key: SecretStr | str) -> None:
        text = secret_key if isinstance(secret_key, str) else secret_key.get_secret_value()
        keys = [key.strip() for key in text.split(",") if key.strip()]
        if not keys:
            raise BadSecretKeyError("server.secret_key is empty")
        self._fernet = MultiFernet([Fernet(_fernet_key(key)) for key in keys])

    def seal(self, text: str) -> str:
        """Encrypt with the first key."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt with whichever key fits; raises `WrongSecretKeyError` when none does."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise WrongSecretKeyError(
                "a stored secret cannot be opened with the keys in server.secret_key"
            ) from None


def new_secret_key() -> str:
    """Make a fresh Fernet key for `server.secret_key`."""
    return Fernet.generate_key().decode()


def _fernet_key(key: str) -> bytes:
    try:
        if len(base64.urlsafe_b64decode(key)) == _KEY_BYTES:
            return key.encode()
    except (binascii.Error, ValueError):
        pass
    if len(key) < SHORTEST_PASSPHRASE:
        raise BadSecretKeyError(f"server.secret_key: a passphrase needs {SHORTEST_PASSPHRASE} characters")
    derived = Scrypt(salt=_SALT, length=_KEY_BYTES, n=2**14, r=8, p=1).derive(key.encode())
    return base64.urlsafe_b64encode(derived)
