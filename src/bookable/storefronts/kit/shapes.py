"""Shapes of the wire: what an answer looks like, encoded straight to bytes; their schemas are the documentation."""

from typing import Any

import msgspec
from msgspec import inspect
from pydantic.alias_generators import to_camel

__all__ = ["Shape", "camel", "encode", "schemas"]


class Shape(msgspec.Struct, rename="camel", kw_only=True):
    """An object of the wire: snake_case here, camelCase there. Instants come out as RFC 3339 with `Z`."""


encode = msgspec.json.Encoder(decimal_format="number").encode


def camel(held: Any) -> Any:
    """What the modules hold, as JSON with the wire's names."""
    match msgspec.to_builtins(held):
        case dict() as fields:
            return {to_camel(name): camel(value) for name, value in fields.items()}
        case list() as items:
            return [camel(item) for item in items]
        case value:
            return value


def schemas(shapes: list[Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """JSON Schemas of the shapes, and the components that those refer to."""
    found, components = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
    for kind in inspect.multi_type_info(shapes):
        _say_instants(kind, None, components, set())
    return list(found), dict(components)


def _say_instants(kind: inspect.Type, schema: Any, components: dict[str, Any], seen: set[type]) -> None:
    """Add the `format` of instants, which msgspec leaves out of the schemas; decimals are numbers here."""
    match kind:
        case inspect.StructType() if kind.cls not in seen:
            seen.add(kind.cls)
            properties = components[kind.cls.__name__]["properties"]
            for field in kind.fields:
                _say_instants(field.type, properties[field.encode_name], components, seen)
        case inspect.DateTimeType():
            schema["format"] = "date-time"
        case inspect.DecimalType():
            schema["type"] = "number"
        case inspect.UnionType():
            parts = {part.get("type"): part for part in schema.get("anyOf", ())}
            for one in kind.types:
                _say_instants(one, parts.get(_JSON_TYPES.get(type(one))), components, seen)
        case inspect.ListType() | inspect.VarTupleType():
            _say_instants(kind.item_type, schema.get("items"), components, seen)
        case _:
            pass


_JSON_TYPES = {
    inspect.DateTimeType: "string",
    inspect.DecimalType: "string",
    inspect.ListType: "array",
    inspect.VarTupleType: "array",
}
