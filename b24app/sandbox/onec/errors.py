"""What 1C answers when it refuses (onec_odata 1.9)."""

from __future__ import annotations

import json


class ODataError(Exception):
    """A refusal with its HTTP status, the code of the platform and the text 1C shows."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(f"{status} code {code}: {text}")
        self.status = status
        self.code = code
        self.text = text

    def body(self) -> bytes:
        """The JSON body, shaped as the recorded answers."""
        message = {"lang": "ru", "value": self.text}
        return json.dumps(
            {"odata.error": {"code": self.code, "message": message}}, ensure_ascii=False
        ).encode()


def unsupported_option(name: str) -> ODataError:
    """A query option the platform does not have."""
    return ODataError(400, "0", f"The {name} parameter is not supported")


def not_implemented(what: str) -> ODataError:
    """A thing the platform can do and this base does not imitate."""
    return ODataError(501, "0", f"{what} is not imitated by this base")


def bad_value(text: str) -> ODataError:
    """A value that does not suit the parameter."""
    return ODataError(400, "4", text)


def unknown_segment(name: str) -> ODataError:
    """A field or navigation property nobody has (`$select`, `$orderby`, `$filter`, the address)."""
    return ODataError(400, "6", f"Сегмент пути {name} не найден!")


def unknown_method() -> ODataError:
    """A function the object does not have."""
    return ODataError(400, "6", "Метод не найден")


def unknown_entity(name: str) -> ODataError:
    """No such object, or it is not in the composition: 1C does not tell these apart."""
    return ODataError(404, "8", f'"{name}" entity is not found')


def unknown_instance() -> ODataError:
    """A key nobody has."""
    return ODataError(404, "9", "Entity instance not found")


def unknown_property(name: str) -> ODataError:
    """A dimension the register does not have."""
    return ODataError(400, "10", f"Свойство {name} не найдено")


def unparsable(option: str) -> ODataError:
    """A query option or a function parameter that does not parse."""
    return ODataError(400, "14", f"Error parsing {option} query option")


def method_not_allowed() -> ODataError:
    """An HTTP method the address does not take: this base is read by OData and written by Python only."""
    return ODataError(405, "19", "HTTP-метод не разрешен для данного адреса")


def no_rights() -> ODataError:
    """The user may not read the object, or some of the rows asked for."""
    return ODataError(401, "20", "Недостаточно прав для выполнения операции")


def bad_call() -> ODataError:
    """A function called with parameters it does not have."""
    return ODataError(400, "21", "Ошибка вызова функции: неизвестный параметр")


def internal_error() -> ODataError:
    """A failed handler inside 1C."""
    return ODataError(
        500,
        "-1",
        "Произошла внутренняя ошибка OData сервиса. "
        "Дополнительные сведения можно найти в технологическом журнале.",
    )
