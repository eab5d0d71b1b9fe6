"""Who may do what: every operation, asked by everybody, answers as access.txt says. A new operation needs a row."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bookable.kernel.tenants import Tenant
from bookable.wiring import storefronts
from tests import make
from tests.storefronts.conformance import Conformance
from tests.storefronts.conftest import Server

from .requests import REQUESTS
from .scene import ACTORS, Scene

TABLE = Path(__file__).with_name("access.txt")


def rows() -> dict[str, dict[str, int]]:
    """The expected status by operation and actor."""
    lines = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == ["operation", *ACTORS]
    found = {f"{method} {path}": dict(zip(ACTORS, map(int, cells), strict=True)) for method, path, *cells in lines[1:]}
    assert len(found) == len(lines) - 1, "an operation has two rows"
    return found


EXPECTED = rows()


@pytest.fixture(scope="module")
async def two_tenants(server: Server) -> tuple[Tenant, Tenant]:
    here, elsewhere = await make.tenant(server.house.db), await make.tenant(server.house.db)
    await server.house.tenants.refresh(server.house.db)
    return here, elsewhere


@pytest.fixture
async def asking(
    server: Server, two_tenants: tuple[Tenant, Tenant], conformance: Conformance
) -> AsyncIterator[httpx.AsyncClient]:
    slug = two_tenants[0].slug
    transport = httpx.ASGITransport(server.asgi, client=("127.0.0.1", 50_000))
    hooks = conformance.hooks(f"/{slug}")
    async with httpx.AsyncClient(transport=transport, base_url=f"http://x.test/{slug}/api", event_hooks=hooks) as one:
        yield one


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    document = storefronts()["starrymeet"]
    operations = {f"{route.operation.method} {route.operation.path}" for route in document.routes}
    assert EXPECTED.keys() == operations
    assert REQUESTS.keys() == operations


@pytest.mark.parametrize("operation", EXPECTED)
async def test_everybody_is_answered_as_the_table_says(
    server: Server, two_tenants: tuple[Tenant, Tenant], asking: httpx.AsyncClient, operation: str
) -> None:
    method, template = operation.split()
    answered: dict[str, int] = {}
    for who in ACTORS:
        scene = Scene(server.house, *two_tenants, asking)
        id_, request = await REQUESTS[operation](scene)
        headers = await scene.headers(who)
        answer = await asking.request(method, _filled(template, id_), headers=headers, **request)
        answered[who] = answer.status_code
        if answer.status_code == 404:
            unknown = await asking.request(method, _filled(template, str(scene.nobody())), headers=headers, **request)
            assert unknown.content == answer.content, f"{who} can tell what is there from what is not"
    assert answered == EXPECTED[operation]


def _filled(template: str, id_: Any) -> str:
    start, brace, rest = template.partition("{")
    return f"{start}{id_}{rest.partition('}')[2]}" if brace else template


_TAKES_ANYTHING = "DELETE /users/me/favorites/{celebrity_id}"
NAMES_SOMETHING = [
    *(o for o in EXPECTED if "{" in o and "/celebrities" not in o and o != _TAKES_ANYTHING),
    *("POST /bookings", "POST /bookings/quote", "POST /payments/create-intent", "POST /payments/confirm"),
    *("GET /celebrities/{name}", "PATCH /celebrities/{name}", "GET /celebrities/{name}/earnings"),
    *("PUT /celebrities/{name}/availability", "GET /celebrities/{name}/bookings", "GET /celebrities/{name}/reviews"),
]


@pytest.mark.parametrize("operation", NAMES_SOMETHING)
async def test_nothing_of_this_tenant_is_there_for_an_admin_of_another(
    server: Server, two_tenants: tuple[Tenant, Tenant], asking: httpx.AsyncClient, operation: str
) -> None:
    method, template = operation.split()
    scene = Scene(server.house, *two_tenants, asking)
    id_, request = await REQUESTS[operation](scene)
    there = f"http://x.test/{two_tenants[1].slug}/api"
    who = {"headers": await scene.headers("foreign"), **request}
    answer = await asking.request(method, there + _filled(template, id_), **who)
    assert answer.status_code == 404, answer.text
    unknown = await asking.request(method, there + _filled(template, str(scene.nobody())), **who)
    assert unknown.content == answer.content
