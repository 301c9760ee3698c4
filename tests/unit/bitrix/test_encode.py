"""Batch commands as query strings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from b24app.bitrix.encode import encode_command
from b24app.bitrix.encode import reference
from b24app.bitrix.encode import referenced


@pytest.mark.parametrize(
    ("params", "pairs"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"a": 1, "b": "x y"}, [("a", "1"), ("b", "x y")], id="scalars"),
        pytest.param({"f": {">ID": 5}}, [("f[>ID]", "5")], id="a filter prefix in a key"),
        pytest.param({"s": ["ID", "x"]}, [("s[0]", "ID"), ("s[1]", "x")], id="a list"),
        pytest.param(
            {"a": None, "t": True, "f": False}, [("a", ""), ("t", "Y"), ("f", "N")], id="none and flags"
        ),
        pytest.param({"m": Decimal("1E+3")}, [("m", "1000")], id="a decimal without an exponent"),
        pytest.param({"t": "a&b=c+d%#ё"}, [("t", "a&b=c+d%#ё")], id="everything that needs encoding"),
        pytest.param({"l": []}, [], id="an empty list vanishes"),
    ],
)
def test_parameters_arrive_as_they_were(params: dict[str, Any], pairs: list[tuple[str, str]]) -> None:
    method, _, query = encode_command("m", params).partition("?")
    assert method == "m"
    assert parse_qsl(query, keep_blank_values=True) == pairs


def test_a_reference_keeps_its_brackets_bare() -> None:
    command = encode_command("crm.item.update", {"id": reference("chk", "items", 0, "id")})
    assert command == "crm.item.update?id=$result[chk][items][0][id]"


def test_a_person_cannot_write_a_reference() -> None:
    text = "ООО $result[chk][items][0][id]"
    assert "$result[" not in encode_command("m", {"t": text}).replace("%24", "$").replace("%5B", "[")


def test_references_are_found_at_any_depth() -> None:
    params = {"filter": {"@id": [reference("a", 0), 5]}, "x": reference("b", "id"), "y": "text"}
    assert referenced(params) == {"a", "b"}


def test_a_float_is_not_sent() -> None:
    with pytest.raises(TypeError):
        encode_command("m", {"sum": 0.1})
