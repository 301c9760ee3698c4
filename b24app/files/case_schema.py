"""The JSON Schema of a case file, made of the models that read it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any
from typing import Final

from pydantic import Field
from pydantic import create_model
from pydantic.json_schema import GenerateJsonSchema

from b24app.files import policy_rows
from b24app.files import policy_types
from b24app.files.case_rows import CaseForm
from b24app.files.policy_sheet import LISTS
from b24app.files.policy_sheet import TABLES

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_BOUNDS: Final = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum"}
_SHOWN: Final = (bool, int, str)


class _Generator(GenerateJsonSchema):
    """Keeps titles nobody wrote and defaults JSON cannot write out of the schema."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Leave a field without a title: its name says it."""
        del schema
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Show a default only where it is a plain value."""
        if isinstance(schema.get("default"), _SHOWN):
            return super().default_schema(schema)
        return self.generate_inner(schema["schema"])

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """Take a number for a number; an amount as a text has a form of its own."""
        del schema
        return {"type": "number"}

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """Let a parameter that can be switched off say so."""
        found = super().function_before_schema(schema)
        if schema["function"]["function"] is policy_types.Off.func:
            return {"anyOf": [found, {"const": policy_types.OFF}]}
        return found


def case_schema() -> dict[str, Any]:
    """Return the schema of a case file."""
    fields: dict[str, Any] = {name: (form | None, None) for name, form in TABLES.items()}
    fields["limits"] = (policy_rows.Limits, ...)
    for name, form in LISTS.items():
        fields[name] = (list[form], Field([]))  # type: ignore[valid-type]
    policy: Any = create_model("Policy", __base__=policy_rows.Form, **fields)
    policy.__doc__ = "The sections of a policy file; dates stand in quotes."
    path = Annotated[str, Field(description="The path of a policy file (TOML), from this file's folder.")]
    whole = create_model("CreditCase", __base__=CaseForm, policy=(policy | path | None, None))
    whole.__doc__ = CaseForm.__doc__
    found = whole.model_json_schema(schema_generator=_Generator)
    return {"$schema": DIALECT, **_plain(found)}


def schema_text() -> str:
    """Write the schema as it is published."""
    return json.dumps(case_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _plain(part: Any) -> Any:
    """Say the bounds of what is checked after a function of ours the way JSON Schema does."""
    if isinstance(part, list):
        return [_plain(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {_BOUNDS.get(key, key): _plain(value) for key, value in part.items() if key != "decimal_places"}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema_text(), encoding="utf-8")
