"""The OpenAPI document says everything about every operation, and nothing that is not there."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bookable.kernel.tenants import Tenant
from bookable.storefronts.kit import Router, Storefront
from bookable.storefronts.starrymeet.wire import StarryMeetEnvelope
from bookable.wiring import storefronts
from tests.storefronts.conformance import Conformance

_ALWAYS = {"400", "401", "422", "503"}


@pytest.fixture(params=sorted(storefronts()))
def storefront_kind(request: pytest.FixtureRequest) -> Storefront:
    return storefronts()[request.param]


@pytest.fixture
def document(storefront_kind: Storefront) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(storefront_kind.document("/prefix"))
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def references(part: Any) -> Iterator[str]:
    match part:
        case {"$ref": str(target)}:
            yield target
        case dict():
            for value in part.values():
                yield from references(value)
        case list():
            for value in part:
                yield from references(value)


def patterns(part: Any) -> Iterator[str]:
    match part:
        case dict():
            if isinstance(part.get("pattern"), str):
                yield part["pattern"]
            for value in part.values():
                yield from patterns(value)
        case list():
            for value in part:
                yield from patterns(value)


def test_every_pattern_means_the_same_in_every_language(document: dict[str, Any]) -> None:
    found = set(patterns(document))
    assert found
    for pattern in found:
        re.compile(pattern)
        assert not re.search(r"\\[pPdDwW]", pattern), f"{pattern}: not everybody's \\d is ours, and few know \\p"


def test_every_operation_is_in_it_once(storefront_kind: Storefront, document: dict[str, Any]) -> None:
    served = sorted(f"{r.operation.method} {r.path}" for r in storefront_kind.routes)
    assert served == sorted(name for name, _ in operations(document))
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(names)) == len(names)


def test_every_operation_says_what_it_does_who_may_call_and_how_it_answers(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert operation["summary"], name
        assert len(operation["tags"]) == 1, name
        assert {"bearer": []} in operation["security"], name
        assert operation["responses"].keys() >= _ALWAYS, name
        good = [status for status in operation["responses"] if status.startswith("2")]
        assert len(good) == 1, name
        for status, response in operation["responses"].items():
            assert response["description"], name
            assert ("content" in response) == (status != "204"), f"{name} {status}"


def test_parameters_are_the_paths_own_and_have_a_schema(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        parameters = operation.get("parameters", [])
        places = [(p["in"], p["name"]) for p in parameters]
        assert len(set(places)) == len(places), name
        assert all(p["schema"] for p in parameters), name
        in_path = {p["name"] for p in parameters if p["in"] == "path"}
        assert in_path == {part[1:-1] for part in name.split("/") if part.startswith("{")}, name


def test_whatever_it_refers_to_is_there_and_nothing_is_there_for_nothing(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) == known


def test_bodies_and_queries_are_bounded(document: dict[str, Any]) -> None:
    """Every text has a longest length, a pattern, a format or a list of what it may be."""
    bodies = {
        target.rsplit("/", 1)[1]
        for _, operation in operations(document)
        for target in references(operation.get("requestBody", {}))
    }
    for name in bodies:
        for field, schema in document["components"]["schemas"][name].get("properties", {}).items():
            for one in schema.get("anyOf", [schema]):
                bounded = one.get("type") != "string" or one.keys() & {
                    "maxLength",
                    "pattern",
                    "format",
                    "enum",
                    "const",
                }
                assert bounded, f"{name}.{field}"


async def test_it_is_served_under_every_prefix_with_its_own_address(
    client: httpx.AsyncClient, storefront: Tenant, conformance: Conformance
) -> None:
    answer = await client.get(f"http://bookable.test/{storefront.slug}/openapi.json")
    assert answer.status_code == 200
    served = answer.json()
    assert served["servers"] == [{"url": f"/{storefront.slug}"}]
    assert served["paths"] == conformance.document["paths"]
    page = await client.get(f"http://bookable.test/{storefront.slug}/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert f'data-document="/{storefront.slug}/openapi.json"' in page.text
    assert "http" not in page.text.replace("http-equiv", "")


def test_one_path_with_two_names_for_its_parameter_is_refused() -> None:
    router = Router("Odd")

    @router.get("/things/{thing_id}")
    async def one(thing_id: str) -> None:
        """One."""

    @router.delete("/things/{name}")
    async def other(name: str) -> None:
        """Other."""

    with pytest.raises(ValueError, match="are one path"):
        Storefront("odd", "Odd", "", StarryMeetEnvelope(), [router])
