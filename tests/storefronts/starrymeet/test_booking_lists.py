"""Lists of bookings on the wire: one's own, and all of them for admins."""

from typing import Any

import httpx

from .meetings import in_days, place
from .people import error

LIST = {"items", "page", "limit", "total", "totalPages", "nextCursor"}


async def test_lists_are_ones_own_by_status_page_and_cursor(
    client: httpx.AsyncClient, root: httpx.AsyncClient, customer: dict[str, str], celebrity: dict[str, Any]
) -> None:
    slots = ("morning", "afternoon", "evening")
    made = [(await place(client, root, celebrity, customer, timeSlot=slot))["booking"] for slot in slots]
    await place(client, root, celebrity, date=await in_days(root, 20))
    await client.patch(f"/bookings/{made[0]['id']}/cancel", headers=customer)
    for path in ("/bookings", "/users/me/bookings"):
        data = (await client.get(path, headers=customer)).json()["data"]
        assert data.keys() == LIST
        assert [b["id"] for b in data["items"]] == [b["id"] for b in reversed(made)]
        assert (data["page"], data["limit"], data["total"], data["totalPages"]) == (1, 20, 3, 1)
        assert data["nextCursor"] is None
        cancelled = (await client.get(path, params={"status": "cancelled"}, headers=customer)).json()["data"]
        assert [b["id"] for b in cancelled["items"]] == [made[0]["id"]]
        first = (await client.get(path, params={"limit": 2}, headers=customer)).json()["data"]
        rest = await client.get(path, params={"limit": 2, "cursor": first["nextCursor"]}, headers=customer)
        assert [b["id"] for b in rest.json()["data"]["items"]] == [made[0]["id"]]
        for wrong in ({"status": "expired"}, {"limit": 101}, {"cursor": "x"}, {"page": 0}):
            error(await client.get(path, params=wrong, headers=customer), 422)
        error(await client.get(path), 401)


async def test_admins_see_all_of_them(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    customer: dict[str, str],
    admin: dict[str, str],
    celebrity: dict[str, Any],
) -> None:
    await place(client, root, celebrity, customer)
    await place(client, root, celebrity, timeSlot="evening")
    data = (await client.get("/admin/bookings", headers=admin)).json()["data"]
    assert data.keys() == LIST
    assert data["total"] == 2
    error(await client.get("/admin/bookings", headers=customer), 403)
    error(await client.get("/admin/bookings"), 401)
