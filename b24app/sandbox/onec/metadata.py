"""The `$metadata` document of the objects in the composition (onec_odata 1.3)."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from b24app.sandbox.onec.family import Family
from b24app.sandbox.onec.registers import balance_fields
from b24app.sandbox.onec.schema import NAMESPACE
from b24app.sandbox.onec.schema import Entity
from b24app.sandbox.onec.schema import Field
from b24app.sandbox.onec.schema import Kind
from b24app.sandbox.onec.schema import Register

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<edmx:Edmx xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" Version="1.0">'
    '<edmx:DataServices xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" '
    'm:DataServiceVersion="3.0" m:MaxDataServiceVersion="3.0">'
    '<Schema xmlns="http://schemas.microsoft.com/ado/2009/11/edm" Namespace="StandardODATA">'
)
_TAIL = "</Schema></edmx:DataServices></edmx:Edmx>"


def metadata(family: Family, published: Collection[str]) -> bytes:
    """Describe the published sets, their row types and the functions bound to them."""
    entities = [one for one in family.entities if one.name in published]
    registers = [one for one in family.registers if one.name in published]
    types = [part for one in entities for part in _entity_types(one, published)]
    types += [part for one in registers for part in _register_types(one)]
    sets = [name for one in entities for name in (one.name, *(x.name for x in one.sections.values()))]
    sets += [one.name for one in registers]
    container = [f"<EntitySet Name={quoteattr(x)} EntityType={quoteattr(NAMESPACE + x)}/>" for x in sets]
    container += [_posting(one.name) for one in entities if one.name in family.documents]
    container += [_balance(one) for one in registers]
    container += [_slice(one.name) for one in entities if one.name in family.slices]
    head = '<EntityContainer Name="EnterpriseV8" m:IsDefaultEntityContainer="true">'
    return "".join([_HEAD, *types, head, *container, "</EntityContainer>", _TAIL]).encode()


def _entity_types(entity: Entity, published: Collection[str]) -> Iterable[str]:
    yield _type("EntityType", entity.name, entity.fields, key=entity.key, published=published)
    for section in entity.sections.values():
        yield _type("EntityType", section.name, section.fields, key=section.key, published=published)
        yield _type("ComplexType", f"{section.name}_RowType", section.fields)


def _register_types(register: Register) -> Iterable[str]:
    rows = f"{register.name}_RowType"
    fields = {"Recorder": Field("Recorder", Kind.TEXT), "Recorder_Type": Field("Recorder_Type", Kind.TEXT)}
    record_set = f'<Property Name="RecordSet" Type="Collection({NAMESPACE}{rows})" Nullable="false"/>'
    yield _type("EntityType", register.name, fields, key=("Recorder", "Recorder_Type"), extra=record_set)
    sums = {name: Field(name, Kind.NUMBER) for name in register.resources}
    yield _type("ComplexType", rows, register.columns(tuple(register.dimensions)) | sums)
    shown = balance_fields(register, tuple(register.dimensions))
    yield _type("ComplexType", f"{register.name}_Balance", shown)


def _type(
    tag: str,
    name: str,
    fields: Mapping[str, Field],
    *,
    key: tuple[str, ...] = (),
    published: Collection[str] = (),
    extra: str = "",
) -> str:
    keys = "".join(f"<PropertyRef Name={quoteattr(one)}/>" for one in key)
    parts = [f"<{tag} Name={quoteattr(name)}>", f"<Key>{keys}</Key>" if key else ""]
    parts += [
        f"<Property Name={quoteattr(one.name)} Type={quoteattr(_edm(name, one))} "
        f'Nullable="{"false" if one.name in key else "true"}"/>'
        for one in fields.values()
    ]
    parts += [
        f"<NavigationProperty Name={quoteattr(one.navigation)} "
        f'Relationship={quoteattr(f"{NAMESPACE}{name}_{one.navigation}")} FromRole="Begin" ToRole="End"/>'
        for one in fields.values()
        if one.target in published
    ]
    return "".join([*parts, extra, f"</{tag}>"])


def _edm(owner: str, field: Field) -> str:
    if field.kind is Kind.SECTION:
        return f"Collection({NAMESPACE}{owner}_{field.name}_RowType)"
    return Kind.TEXT.value if field.kind is Kind.COMPOSITE else field.kind.value


def _bound(function: str, name: str, head: str, parameters: Mapping[str, str]) -> str:
    own = "".join(f'<Parameter Name="{key}" Type="{kind}"/>' for key, kind in parameters.items())
    binding = f'<Parameter Name="bindingParameter" Type={quoteattr(NAMESPACE + name)}/>'
    return f'<FunctionImport Name="{function}" IsBindable="true" {head}>{binding}{own}</FunctionImport>'


def _posting(name: str) -> str:
    effect = 'IsSideEffecting="true"'
    return _bound("Post", name, effect, {"PostingModeOperational": "Edm.Boolean"}) + _bound(
        "Unpost", name, effect, {}
    )


def _balance(register: Register) -> str:
    name = register.name
    returned = f'IsSideEffecting="false" ReturnType="Collection({NAMESPACE}{name}_Balance)"'
    parameters = {"Condition": "Edm.String", "Dimensions": "Edm.String", "Period": "Edm.DateTime"}
    if register.accounting:
        parameters["AccountCondition"] = "Edm.String"
    return _bound("Balance", name, returned, parameters)


def _slice(name: str) -> str:
    returned = f'IsSideEffecting="false" ReturnType="Collection({NAMESPACE}{name})"'
    return _bound("SliceLast", name, returned, {"Condition": "Edm.String", "Period": "Edm.DateTime"})
