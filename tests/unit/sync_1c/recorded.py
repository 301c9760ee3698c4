"""Names that stand in recordings of real bases: (object, field) pairs by configuration."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

PAYLOADS = Path(__file__).parents[2] / "payloads" / "onec"
_OBJECT_OF = {
    "catalog_kontragenty_entity": "Catalog_Контрагенты",
    "catalog_valyuty_entity": "Catalog_Валюты",
    "catalog_sklady_entity": "Catalog_Склады",
}
_FOLDERS = {"ut11": "ut11_5", "bp30": "bp3"}
_DATA = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
_ATOM = "{http://www.w3.org/2005/Atom}"
Name = tuple[str, str]


@cache
def names(profile: str) -> frozenset[Name]:
    """Collect what the recordings of a configuration show; of УНФ there is none."""
    folder = _FOLDERS.get(profile)
    if folder is None:
        return frozenset()
    found: set[Name] = set()
    for path in sorted((PAYLOADS / folder).iterdir()):
        kind = {".json": _of_json, ".xml": _of_xml}[path.suffix]
        found |= kind(path)
    return frozenset(found)


def _of_json(path: Path) -> set[Name]:
    answer: dict[str, Any] = json.loads(path.read_bytes())
    told = str(answer.get("odata.metadata", "")).partition("#")[2].partition("/")[0]
    owner = told or _OBJECT_OF[path.stem]
    return {(owner, name) for row in answer.get("value", [answer]) for name in row}


def _of_xml(path: Path) -> set[Name]:
    if path.name.endswith(".edmx.xml"):
        return _of_metadata(path.read_text(encoding="utf-8"))
    root = ET.parse(path).getroot()  # noqa: S314 - our own payloads
    found: set[Name] = set()
    for entry in root.iter(f"{_ATOM}entry"):
        category = entry.find(f"{_ATOM}category")
        owner = category.attrib["term"].removeprefix("StandardODATA.") if category is not None else ""
        found |= {(owner, each.tag.removeprefix(_DATA)) for each in entry.iter() if _DATA in each.tag}
    return found


def _of_metadata(text: str) -> set[Name]:
    found: set[Name] = set()
    for kind, owner, body in re.findall(
        r'<(EntityType|ComplexType) Name="([^"]+)">(.*?)</\1>', text, re.DOTALL
    ):
        shown = owner.removesuffix("_Balance") + "/Balance" if owner.endswith("_Balance") else owner
        fields = re.findall(r'<Property Name="([^"]+)"', body)
        found |= {(shown if kind == "ComplexType" else owner, field) for field in fields}
    return found
