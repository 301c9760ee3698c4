"""The hints of stored classes, whatever their modules import for the type checker only."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import sys
from functools import cache
from importlib import import_module
from typing import Any
from typing import get_type_hints


def field_hints(kind: type) -> dict[str, Any]:
    """Return the hints of a dataclass's fields, by name and in their order."""
    try:
        hints = get_type_hints(kind)
    except NameError:
        modules = [each.__module__ for each in kind.__mro__ if dataclasses.is_dataclass(each)]
        names = {name: value for module in modules for name, value in _checker_names(module).items()}
        hints = get_type_hints(kind, localns=names)
    return {item.name: hints[item.name] for item in dataclasses.fields(kind)}


@cache
def _checker_names(module: str) -> dict[str, object]:
    """Import what a module names under `if TYPE_CHECKING:`, by the names it gives."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {
        alias.asname or alias.name: getattr(import_module(line.module), alias.name)
        for block in tree.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for line in block.body
        if isinstance(line, ast.ImportFrom) and line.module is not None
        for alias in line.names
    }
