"""What was said, liked and shown is in the export, and goes, or stays without a name, when its owner goes."""

import httpx

from bookable.kernel.tenants import Tenant
from bookable.wiring import House

from .people import PASSWORD, bearer, register
from .staff import add_celebrity, admin_bearer
from .test_avatars import picture, send


async def test_likes_and_pictures_are_told_and_go(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House, storefront: Tenant
) -> None:
    admin = await admin_bearer(client, house, storefront)
    liked = await add_celebrity(client, admin)
    person = await register(client)
    me = bearer(person)
    await client.put(f"/users/me/favorites/{liked['id']}", headers=me)
    url = (await send(client, me, picture())).json()["data"]["user"]["avatarUrl"]
    told = (await client.get("/users/me/export", headers=me)).json()["data"]
    assert [f["username"] for f in told["favorites"]] == [liked["username"]]
    assert [p["path"] for p in told["pictures"]] == [url.removeprefix("/media/")]
    assert told["reviews"] == []
    gone = await client.request("DELETE", "/users/me", json={"password": PASSWORD}, headers=me)
    assert gone.status_code == 204, gone.text
    assert (await root.post("/sandbox/jobs/run")).status_code == 200
    assert (await root.get(url)).status_code == 404


async def test_the_profile_of_a_celebrity_who_leaves_is_off_the_list(
    client: httpx.AsyncClient, house: House, storefront: Tenant
) -> None:
    admin = await admin_bearer(client, house, storefront)
    person = await register(client)
    profile = await add_celebrity(client, admin, userId=person["user"]["id"])
    gone = await client.request("DELETE", "/users/me", json={"password": PASSWORD}, headers=bearer(person))
    assert gone.status_code == 204, gone.text
    assert (await client.get(f"/celebrities/{profile['username']}")).status_code == 404
