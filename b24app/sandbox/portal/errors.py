"""The one error every REST method of the emulator raises."""

from __future__ import annotations

from typing import Any


class RestError(Exception):
    """An answer `{"error": code, "error_description": text}` with HTTP `status` (bitrix24 13)."""

    def __init__(self, code: str | int, text: str, status: int = 400, **extra: Any) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.status = status
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The JSON body, or the entry of a failed batch command."""
        return {"error": self.code, "error_description": self.text, **self.extra}


def access_denied(status: int = 403) -> RestError:
    """`ACCESS_DENIED`; crm.item methods answer it with 400 (bitrix24 6.2)."""
    return RestError("ACCESS_DENIED", "Access denied!", status)


def wrong_value(name: str, kind: str) -> RestError:
    """Code 100: the parameter cannot be made into what the method declares."""
    return RestError(
        "100", f"Invalid value to match with parameter {{{name}}}. Should be value of type {kind}."
    )


def missing(name: str) -> RestError:
    """Code 100: a mandatory parameter is absent."""
    return RestError("100", f"Could not find value for parameter {{{name}}}")
