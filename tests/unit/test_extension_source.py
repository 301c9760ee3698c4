"""The source of the 1C extension parses, and names what the app and its instructions name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tree_sitter_bsl
from tree_sitter import Language
from tree_sitter import Node
from tree_sitter import Parser

from sync_1c.profiles import permits as permit_names
from sync_1c.profiles.permits import render_permit
from tests.contract.test_permits import DEAL

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "1c-extension"
SOURCES = sorted(FOLDER.glob("*.bsl"))
CONTROL, PUSH = FOLDER / "control.bsl", FOLDER / "push.bsl"


def faults(text: str) -> list[str]:
    """Parse BSL; return where it does not parse."""
    grammar = tree_sitter_bsl.language()  # type: ignore[attr-defined]  # its stub leaves out its only function
    tree = Parser(Language(grammar)).parse(text.encode())
    found: list[str] = []
    left: list[Node] = [tree.root_node]
    while left:
        node = left.pop()
        if node.type == "ERROR" or node.is_missing:
            found.append(f"line {node.start_point.row + 1}: {node.type}")
        left += node.children
    return found


def instructions() -> str:
    return (FOLDER / "README.md").read_text(encoding="utf-8")


def test_there_are_sources() -> None:
    assert [path.name for path in SOURCES] == ["control.bsl", "document.bsl", "push.bsl"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_module_parses(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(("КонецПроцедуры", "КонецПроцедур"), id="a misspelt end"),
        pytest.param(("Если Не Отказ Тогда", "Если Не Отказ"), id="no Тогда"),
    ],
)
def test_a_mistake_is_seen(broken: tuple[str, str]) -> None:
    text = (FOLDER / "document.bsl").read_text(encoding="utf-8")
    assert faults(text.replace(*broken))


def test_every_field_the_app_writes_is_described_for_the_integrator() -> None:
    for name in render_permit(DEAL):
        assert f"`{name}`" in instructions(), name
    assert permit_names.PERMITS in instructions()


def test_the_module_reads_only_fields_that_are_written() -> None:
    text = CONTROL.read_text(encoding="utf-8")
    read = set(re.findall(r"Разрешения\.(\w+)", text)) - {"Получить"}
    assert read <= set(render_permit(DEAL))


def test_every_constant_and_register_of_the_sources_is_described() -> None:
    for path in SOURCES:
        for name in set(re.findall(r"КК_\w+", path.read_text(encoding="utf-8"))):
            if not name.startswith("КК_Обработка"):
                assert f"`{name}`" in instructions(), name


def test_a_call_of_a_common_module_has_a_procedure_there() -> None:
    exported = {
        module: set(
            re.findall(r"(?:Процедура|Функция) (\w+)\(.*\) Экспорт", path.read_text(encoding="utf-8"))
        )
        for module, path in {"КК_Контроль": CONTROL, "КК_Отправка": PUSH}.items()
    }
    called = re.findall(
        r"(КК_Контроль|КК_Отправка)\.(\w+)", "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    )
    assert called
    assert all(name in exported[module] for module, name in called)


def test_what_posting_calls_touches_no_data_and_cannot_fail() -> None:
    text = PUSH.read_text(encoding="utf-8")
    body = text[text.index("Процедура Сообщить") : text.index("КонецПроцедуры")]
    assert "Попытка" in body
    assert not re.search(r"Константы|РегистрыСведений|HTTP|Запрос", body)
    assert "Таймаут = 10" in text
