"""Every operation of Movies, called by those who have no business there: nobody, and people of another tenant."""

import re
from typing import Any

import httpx
import pytest

from bookable.domain import identity
from bookable.kernel.actors import Actor
from bookable.storefronts.kit import Access, Operation
from bookable.wiring import storefronts
from tests import make
from tests.make_identity import PASSWORD, email

OPERATIONS = [route.operation for route in storefronts()["movies"].routes]
OF_USERS = [o for o in OPERATIONS if o.access is Access.USER]


def named(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


@pytest.fixture
async def stranger(server: Any, client: httpx.AsyncClient) -> str:
    """The access token of somebody who has signed up at another Movies."""
    elsewhere = await make.tenant(server.house.db, kind="movies")
    await server.house.tenants.refresh(server.house.db)
    transport = httpx.ASGITransport(server.asgi, client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://bookable.test/{elsewhere.slug}") as there:
        answer = await there.post("/auth/signup", json={"name": "Eve", "email": email(), "password": PASSWORD})
        token: str = answer.json()["accessToken"]
        assert (await there.get("/me", headers={"Authorization": f"Bearer {token}"})).status_code == 200
    return token


@pytest.mark.parametrize("operation", OF_USERS, ids=named)
async def test_what_is_for_users_is_for_this_tenants_users(
    client: httpx.AsyncClient, stranger: str, operation: Operation
) -> None:
    path = re.sub(r"{\w+}", "1", operation.path)
    for headers in ({}, {"Authorization": f"Bearer {stranger}"}, {"Authorization": "Basic YTpi"}):
        answer = await client.request(operation.method, path, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


async def test_a_link_opens_in_its_own_tenant_alone(server: Any, ada: httpx.AsyncClient) -> None:
    movie = (await ada.post("/movies", json={"title": "Heat"})).json()
    token = (await ada.post(f"/movies/{movie['id']}/share")).json()["token"]
    elsewhere = await make.tenant(server.house.db, kind="movies")
    await server.house.tenants.refresh(server.house.db)
    transport = httpx.ASGITransport(server.asgi, client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://bookable.test/{elsewhere.slug}") as there:
        assert (await there.get(f"/shared/{token}")).status_code == 404
    assert (await ada.get(f"/shared/{token}")).status_code == 200


async def test_a_cookie_of_another_tenant_refreshes_nothing(server: Any, ada: httpx.AsyncClient) -> None:
    elsewhere = await make.tenant(server.house.db, kind="movies")
    await server.house.tenants.refresh(server.house.db)
    (kept,) = [cookie for cookie in ada.cookies.jar if cookie.name == "refreshToken"]
    transport = httpx.ASGITransport(server.asgi, client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://bookable.test/{elsewhere.slug}") as there:
        there.cookies.set("refreshToken", kept.value or "")
        assert (await there.post("/auth/refresh")).status_code == 401
    assert (await ada.post("/auth/refresh")).status_code == 200, "and the session lasts"


async def test_an_admin_keeps_out_of_others_collections(
    server: Any, storefront: Any, ada: httpx.AsyncClient, browser: Any
) -> None:
    address, db = email(), server.house.db
    hashed = await server.house.ports.credentials.passwords.hash(PASSWORD)
    async with db.transaction(Actor.system(storefront.id)) as tx:
        new = identity.NewUser(email=address, first_name="Root", last_name="", role="admin")
        await identity.enrol(tx, new, password_hash=hashed, verified=True)
    admin = browser()
    answer = await admin.post("/auth/login", json={"email": address, "password": PASSWORD})
    admin.headers["Authorization"] = f"Bearer {answer.json()['accessToken']}"
    movie = (await ada.post("/movies", json={"title": "Heat"})).json()
    assert (await admin.get("/movies")).json()["items"] == []
    for method in ("GET", "DELETE"):
        assert (await admin.request(method, f"/movies/{movie['id']}")).status_code == 403
    assert (await ada.get(f"/movies/{movie['id']}")).status_code == 200
