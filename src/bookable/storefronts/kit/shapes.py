"""Shapes of the wire: what an answer looks like, encoded straight to bytes; their schemas are the documentation."""

from typing import Any

import msgspec

__all__ = ["Shape", "encode", "schemas"]


class Shape(msgspec.Struct, rename="camel", kw_only=True):
    """An object of the wire: snake_case here, camelCase there. Instants come out as RFC 3339 with `Z`."""


encode = msgspec.json.Encoder(decimal_format="number").encode


def schemas(shapes: list[Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """JSON Schemas of the shapes, and the components that those refer to."""
    found, components = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
    return list(found), dict(components)
