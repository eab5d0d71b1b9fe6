"""Admins see the whole and change people at once; nobody else does."""

from typing import Any

import httpx
import pytest

from bookable.wiring import House
from tests.make_identity import PASSWORD

from .people import bearer, error, register


async def sign_in(client: httpx.AsyncClient, email: str) -> dict[str, Any]:
    answer = await client.post("/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/users"),
        ("GET", "/admin/stats"),
        ("PATCH", "/admin/users/00000000-0000-7000-8000-000000000000"),
    ],
)
async def test_only_admins_come_in(client: httpx.AsyncClient, method: str, path: str) -> None:
    error(await client.request(method, path, json={}), 401)
    someone = await register(client)
    error(await client.request(method, path, json={}, headers=bearer(someone)), 403)


async def test_people_are_found_by_name_and_address(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    ada = await register(client, firstName="Adelheid")
    await register(client, firstName="Bertha")
    found = (await client.get("/admin/users", params={"search": "adelh"}, headers=admin)).json()["data"]
    assert [u["id"] for u in found["items"]] == [ada["user"]["id"]]
    assert found["total"] == 1
    everyone = (await client.get("/admin/users", params={"limit": 2}, headers=admin)).json()["data"]
    assert everyone["total"] == 3
    assert everyone["nextCursor"] is not None
    rest = await client.get("/admin/users", params={"limit": 2, "cursor": everyone["nextCursor"]}, headers=admin)
    assert len(rest.json()["data"]["items"]) == 1


async def test_a_suspended_person_is_out_at_once_and_can_come_back(
    client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    someone = await register(client)
    place = f"/admin/users/{someone['user']['id']}"
    changed = await client.patch(place, json={"suspended": True}, headers=admin)
    assert changed.json()["data"]["user"]["suspended"] is True
    error(await client.get("/auth/me", headers=bearer(someone)), 401)
    error(await client.post("/auth/login", json={"email": someone["user"]["email"], "password": PASSWORD}), 403)
    await client.patch(place, json={"suspended": False}, headers=admin)
    await sign_in(client, someone["user"]["email"])


async def test_a_role_opens_doors_and_closing_them_is_at_once(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    someone = await register(client)
    place = f"/admin/users/{someone['user']['id']}"
    assert (await client.patch(place, json={"role": "admin"}, headers=admin)).status_code == 200
    second = bearer(await sign_in(client, someone["user"]["email"]))
    assert (await client.get("/admin/users", headers=second)).status_code == 200
    await client.patch(place, json={"role": "user"}, headers=admin)
    error(await client.get("/admin/users", headers=second), 401)


async def test_what_is_no_role_is_refused(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    someone = await register(client)
    answer = await client.patch(f"/admin/users/{someone['user']['id']}", json={"role": "emperor"}, headers=admin)
    assert error(answer, 422)["details"]["fields"][0]["field"] == "role"


async def test_nobody_of_another_storefront_is_there(
    client: httpx.AsyncClient, admin: dict[str, str], house: House
) -> None:
    answer = await client.patch(
        "/admin/users/01a1fbbf-b94e-7745-991f-d89003690ab3", json={"suspended": True}, headers=admin
    )
    assert error(answer, 404)["code"] == "NOT_FOUND"


async def test_the_figures_have_a_line_for_every_day(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    await register(client)
    stats = (await client.get("/admin/stats", params={"days": 7}, headers=admin)).json()["data"]["stats"]
    assert len(stats["byDay"]) == 7
    assert stats["usersInAll"] == 2
    assert stats["totals"]["users"] == 2
    assert stats["byDay"][-1]["users"] == 2
    assert stats["totals"]["bookings"] == 0
