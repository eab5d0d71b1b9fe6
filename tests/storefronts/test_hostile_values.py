"""Every field of every body, query and path, given what nobody in their right mind would send: refused or taken, and
never a 5xx.

The conformance check of the line finds every status and shape that is not documented.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from .access import Matrix, filled
from .conftest import Server
from .matrices import MATRICES
from .stages import Stage

JSON = {"Content-Type": "application/json"}
DEEP = "[" * 150 + "]" * 150
VALUES = [
    *("null", "true", "0", "-1", "1e30", "1e400", "0.1", "-0.0", str(2**31), str(2**63), str(2**64), "9" * 400),
    *('""', '" "', '"a\\u0000b"', '"\\ud83e"', '"\\ud83e\\udd2f"', '"\\u202e\\u2066"', '"' + "x" * 100_000 + '"'),
    *('"1"', '"true"', '"null"', '"\'; DROP TABLE users; --"', '"%s%n${7*7}{{7*7}}"', '"../../etc/passwd"'),
    *('"0001-01-01"', '"9999-12-31"', '"2026-02-30"', '"2026-11-21T25:00:00Z"', '"9999-12-31T23:59:59+14:00"'),
    *(
        '"infinity"',
        '"00000000-0000-0000-0000-000000000000"',
        "[]",
        "[null]",
        "{}",
        DEEP,
        '{"a":' * 50 + "1" + "}" * 50,
    ),
]
QUERIES = [
    "",
    " ",
    "-1",
    "0",
    "9" * 400,
    "1e3",
    "x",
    "a\tb",
    "\N{SHOCKED FACE WITH EXPLODING HEAD}",
    "'; --",
    "null",
    "[]",
    "0001-01-01",
]
QUERIES += ["9999-12-31", "2026-02-30", "%ZZ", "%ff", "%00", "+", "x" * 3000]


PLACES = ("%00", "%0a", "%ff", "%F0%9F%A4%AF", "x" * 3000, "..%2f..", "%2e%2e", "null", "-1", "BK-2026-1", "*")
EACH = pytest.mark.parametrize("matrix", MATRICES, ids=lambda matrix: matrix.kind)
Place = tuple[str | int, ...]
_HERE = "the hostile value"


def fields(document: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    """What the document says that the body has."""
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    named = schema.get("$ref", "").rsplit("/", 1)[-1]
    return list(document["components"]["schemas"].get(named, {}).get("properties", {}))


def bodies(document: dict[str, Any], base: str) -> dict[str, list[str]]:
    """The fields of each operation's body."""
    return {
        f"{method.upper()} {path.removeprefix(base)}": found
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if (found := fields(document, operation))
    }


def places(part: Any, at: Place = ()) -> Iterator[Place]:
    """Every place in a body where something stands."""
    if at:
        yield at
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, value in inner:
        yield from places(value, (*at, name))


def spoiled(body: dict[str, Any], at: Place, value: str) -> str:
    """The body with this JSON in this place."""
    whole = json.loads(json.dumps(body))
    part = whole
    for step in at[:-1]:
        part = part[step]
    part[at[-1]] = _HERE
    return json.dumps(whole).replace(f'"{_HERE}"', value)


@EACH
async def test_every_field_of_every_body_takes_or_refuses_everything(server: Server, matrix: Matrix) -> None:
    asked, stage = 0, await Stage.build(server.asgi, server.house, matrix)
    async with stage.open() as client:
        for operation, names in bodies(stage.conformance.document, stage.base).items():
            method, template = operation.split()
            scene, id_ = await stage.set_up(client, operation)
            headers = await scene.headers(matrix.rightful(operation)) | JSON
            body = matrix.requests[operation].given(id_).get("json", {})
            for place in {*places(body), *((name,) for name in names)}:
                for value in VALUES:
                    content = spoiled(body, place, value)
                    answer = await client.request(method, filled(template, id_), content=content, headers=headers)
                    assert answer.status_code < 500, f"{operation} {place}={value[:60]}: {answer.text}"
                    asked += 1
    assert asked > 700


@EACH
async def test_every_parameter_of_every_query_takes_or_refuses_everything(server: Server, matrix: Matrix) -> None:
    asked, stage = 0, await Stage.build(server.asgi, server.house, matrix)
    async with stage.open() as client:
        for path, item in stage.conformance.document["paths"].items():
            names = [p["name"] for p in item.get("get", {}).get("parameters", []) if p["in"] == "query"]
            operation = f"GET {path.removeprefix(stage.base)}"
            if not names:
                continue
            scene, id_ = await stage.set_up(client, operation)
            headers = await scene.headers(matrix.rightful(operation))
            rest = matrix.requests[operation].given(id_).get("params", {})
            for name in names:
                for value in QUERIES:
                    raw = value if "%" in value else quote(value)
                    others = "".join(f"&{n}={v}" for n, v in rest.items() if n != name)
                    query = f"{filled(operation.split()[1], id_)}?{name}={raw}{others}"
                    answer = await client.get(query, headers=headers)
                    assert answer.status_code < 500, f"{operation} {name}={value}: {answer.text}"
                    asked += 1
    assert asked > 150


@EACH
async def test_every_place_in_every_path_takes_or_refuses_everything(server: Server, matrix: Matrix) -> None:
    stage = await Stage.build(server.asgi, server.house, matrix)
    async with stage.open() as client:
        scene = stage.scene(client)
        for operation in (o for o in matrix.table if "{" in o):
            method, template = operation.split()
            headers = await scene.headers(matrix.rightful(operation)) | JSON
            for value in PLACES:
                content = b"{}" if method != "GET" else b""
                answer = await client.request(method, filled(template, value), content=content, headers=headers)
                assert answer.status_code in (204, 400, 403, 404, 405, 422), f"{operation} {value}: {answer.text}"
