"""A request finds its storefront by path or by host name, and what is everyone's is found everywhere."""

import httpx
import pytest

from bookable.kernel.tenants import Tenant
from tests.storefronts.conftest import Server


@pytest.fixture
async def by_host(server: Server, storefront: Tenant) -> httpx.AsyncClient:
    """Someone who comes by the storefront's own host name."""
    transport = httpx.ASGITransport(server.asgi, client=("127.0.0.1", 50_000))
    return httpx.AsyncClient(transport=transport, base_url=f"http://{storefront.slug}.localhost:8000")


async def test_by_host_name_there_is_no_prefix(by_host: httpx.AsyncClient, storefront: Tenant) -> None:
    assert (await by_host.get("/api/celebrities")).status_code == 200
    assert (await by_host.get(f"/{storefront.slug}/api/celebrities")).status_code == 404


async def test_the_document_names_the_way_it_was_asked_by(
    by_host: httpx.AsyncClient, root: httpx.AsyncClient, storefront: Tenant
) -> None:
    assert (await by_host.get("/openapi.json")).json()["servers"] == [{"url": "/"}]
    prefixed = (await root.get(f"/{storefront.slug}/openapi.json")).json()
    assert prefixed["servers"] == [{"url": f"/{storefront.slug}"}]


@pytest.mark.parametrize("path", ["/health", "/ready", "/.well-known/jwks.json", "/assets/docs.js"])
async def test_what_is_everyones_is_found_by_host_too(by_host: httpx.AsyncClient, path: str) -> None:
    assert (await by_host.get(path)).status_code == 200


async def test_health_and_readiness_are_below_every_storefront(root: httpx.AsyncClient, storefront: Tenant) -> None:
    assert (await root.get(f"/{storefront.slug}/health")).json()["status"] == "ok"
    ready = (await root.get(f"/{storefront.slug}/ready")).json()
    assert ready == {"status": "ready", "database": "ok", "cache": "ok", "queue": "ok"}


@pytest.mark.parametrize("host", ["nobody.localhost", "evil.example", "[::1]:8000", "127.0.0.1"])
async def test_other_hosts_come_in_by_the_root(server: Server, storefront: Tenant, host: str) -> None:
    transport = httpx.ASGITransport(server.asgi, client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://any", headers={"Host": host}) as client:
        assert (await client.get(f"/{storefront.slug}/api/celebrities")).status_code == 200


async def test_the_reference_loads_nothing_from_outside(root: httpx.AsyncClient, storefront: Tenant) -> None:
    page = (await root.get(f"/{storefront.slug}/docs")).text
    assert "http://" not in page
    assert "https://" not in page
    for path in ("/assets/swagger/swagger-ui.css", "/assets/swagger/swagger-ui-bundle.js", "/assets/docs.js"):
        assert path in page
        assert (await root.get(path)).status_code == 200


async def test_what_is_not_there_is_said_in_the_storefronts_own_words(
    root: httpx.AsyncClient, storefront: Tenant
) -> None:
    lost = await root.get(f"/{storefront.slug}/api/nothing")
    assert lost.json() == {"success": False, "error": lost.json()["error"]}
    assert lost.json()["error"]["code"] == "NOT_FOUND"
    assert (await root.get("/nothing")).json()["error"]["code"] == "NOT_FOUND"
