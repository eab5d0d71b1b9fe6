"""Celebrities on the wire: what the contract shows, to whom, and who may change it."""

import uuid
from typing import Any

import httpx
import pytest

from .people import bearer, error, register
from .staff import add_celebrity

SHAPE = {
    "id",
    "username",
    "displayName",
    "category",
    "bio",
    "location",
    "avatarUrl",
    "coverPhotoUrl",
    "quickMeetPriceCents",
    "standardMeetPriceCents",
    "premiumMeetPriceCents",
    "currency",
    "averageRating",
    "totalReviews",
    "totalBookings",
    "isVerified",
    "isFeatured",
    "isActive",
    "timeZone",
    "createdAt",
}


async def names(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get("/celebrities", params=params)
    assert answer.status_code == 200, answer.text
    return [c["displayName"] for c in answer.json()["data"]["items"]]


async def test_one_is_added_shown_listed_and_taken_away(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    made = await add_celebrity(
        client,
        admin,
        username="cleo.h",
        bio="Acts.",
        location="Los Angeles, USA",
        timeZone="America/Los_Angeles",
        avatarUrl="https://example.com/a.webp",
        coverPhotoUrl="/media/x.webp",
        isVerified=True,
    )
    assert made.keys() == {*SHAPE, "isFavorite"}
    assert (made["currency"], made["averageRating"], made["totalReviews"], made["isActive"]) == ("USD", 0, 0, True)
    shown = (await client.get("/celebrities/cleo.h")).json()["data"]["celebrity"]
    assert shown.keys() == SHAPE
    assert shown == {k: v for k, v in made.items() if k != "isFavorite"}
    assert (await client.get(f"/celebrities/{made['id']}")).json()["data"]["celebrity"] == shown
    page = (await client.get("/celebrities")).json()["data"]
    assert page == {"items": [shown], "page": 1, "limit": 20, "total": 1, "totalPages": 1, "nextCursor": None}
    gone = await client.delete(f"/celebrities/{made['id']}", headers=admin)
    assert (gone.status_code, gone.content) == (204, b"")
    error(await client.get("/celebrities/cleo.h"), 404)
    error(await client.get(f"/celebrities/{made['id']}/reviews"), 404)
    assert await names(client) == []


@pytest.mark.parametrize("name", ["nobody", "0e0f3f2a-5c5e-4a0e-9d51-1d3f6f5f0a11", "x" * 300, "%00", "a%2fb"])
async def test_whom_nobody_knows_is_not_there(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/celebrities/{name}")).status_code in {400, 404}


async def test_only_admins_add_and_take_away(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    made = await add_celebrity(client, admin)
    someone = bearer(await register(client))
    error(await client.post("/celebrities", json={}), 401)
    error(await client.post("/celebrities", json={}, headers=someone), 403)
    error(await client.delete(f"/celebrities/{made['id']}", headers=someone), 403)
    error(await client.patch(f"/celebrities/{made['id']}", json={"bio": "Mine"}, headers=someone), 403)
    error(await client.patch(f"/celebrities/{made['id']}", json={"bio": "Mine"}), 401)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("username", {"username": "No Spaces"}),
        ("displayName", {"displayName": ""}),
        ("category", {"category": "Wizards"}),
        ("quickMeetPriceCents", {"quickMeetPriceCents": -1}),
        ("quickMeetPriceCents", {"quickMeetPriceCents": "100"}),
        ("quickMeetPriceCents", {"quickMeetPriceCents": 10**12}),
        ("avatarUrl", {"avatarUrl": "javascript:alert(1)"}),
        ("timeZone", {"timeZone": "Mars/Olympus"}),
        ("userId", {"userId": str(uuid.uuid4())}),
        ("userId", {"userId": "me"}),
    ],
)
async def test_what_is_wrong_is_named_as_it_was_sent(
    client: httpx.AsyncClient, admin: dict[str, str], field: str, given: dict[str, Any]
) -> None:
    body = {"username": "someone", "displayName": "Some One", "category": "Business", "quickMeetPriceCents": 1, **given}
    refused = error(await client.post("/celebrities", json=body, headers=admin), 422)
    assert refused["code"] == "VALIDATION_ERROR"
    assert [f["field"] for f in refused["details"]["fields"]] == [field]


async def test_a_username_is_given_once(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    made = await add_celebrity(client, admin)
    body = {"username": made["username"], "displayName": "Two", "category": "Business", "quickMeetPriceCents": 1}
    assert error(await client.post("/celebrities", json=body, headers=admin), 409)["code"] == "CONFLICT"


async def test_whoever_is_named_as_the_user_keeps_the_profile(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    made = await add_celebrity(client, admin)
    person = await register(client)
    path = f"/celebrities/{made['id']}"
    named = await client.patch(path, json={"userId": person["user"]["id"]}, headers=admin)
    assert named.status_code == 200
    assert (await client.get("/auth/me", headers=bearer(person))).json()["data"]["user"]["role"] == "celebrity"
    changed = await client.patch(
        path,
        json={"bio": "New", "location": None, "quickMeetPriceCents": 5, "premiumMeetPriceCents": None},
        headers=bearer(person),
    )
    celebrity = changed.json()["data"]["celebrity"]
    assert (celebrity["bio"], celebrity["location"]) == ("New", None)
    assert (celebrity["quickMeetPriceCents"], celebrity["premiumMeetPriceCents"]) == (5, None)
    assert celebrity["standardMeetPriceCents"] == 20_000
    for field, value in (("isVerified", True), ("isFeatured", True), ("isActive", False), ("userId", None)):
        refused = error(await client.patch(path, json={field: value}, headers=bearer(person)), 403)
        assert refused["code"] == "FORBIDDEN"
    whole = {f"{meeting}MeetPriceCents": None for meeting in ("quick", "standard", "premium")}
    error(await client.patch(path, json=whole, headers=bearer(person)), 422)


async def test_the_list_is_filtered_searched_and_sorted(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    await add_celebrity(
        client,
        admin,
        displayName="Juno Marchetti",
        category="Musicians",
        location="Milan, Italy",
        bio="Sings and plays the pianos of Milan.",
        isFeatured=True,
        quickMeetPriceCents=500,
    )
    await add_celebrity(client, admin, displayName="Boris Calloway", category="Athletes", location="Leeds, UK")
    assert await names(client, category="Musicians") == ["Juno Marchetti"]
    assert await names(client, location="leeds") == ["Boris Calloway"]
    assert await names(client, search="piano") == ["Juno Marchetti"]
    assert await names(client, search="marcheti") == ["Juno Marchetti"]
    assert await names(client, search="atheltes") == ["Boris Calloway"]
    assert await names(client, minPrice=501) == ["Boris Calloway"]
    assert await names(client, maxPrice=500) == ["Juno Marchetti"]
    assert await names(client, minRating=0) == ["Boris Calloway", "Juno Marchetti"]
    assert await names(client, minRating=4.5) == []
    assert await names(client, featured="true") == ["Juno Marchetti"]
    assert await names(client, sort="name") == ["Boris Calloway", "Juno Marchetti"]
    assert await names(client, sort="price") == ["Juno Marchetti", "Boris Calloway"]
    assert await names(client, sort="-price") == ["Boris Calloway", "Juno Marchetti"]
    assert await names(client, sort="newest") == ["Boris Calloway", "Juno Marchetti"]
    assert await names(client, availableOn="2026-12-31", category="Athletes") == ["Boris Calloway"]
    assert await names(client, availableOn="2020-01-01") == []
    featured = (await client.get("/celebrities/featured")).json()["data"]
    assert [c["displayName"] for c in featured["items"]] == ["Juno Marchetti"]
    categories = (await client.get("/celebrities/categories")).json()["data"]
    assert categories == {"items": [{"category": "Athletes", "count": 1}, {"category": "Musicians", "count": 1}]}


async def test_pages_and_cursors_meet_the_same_people(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    for n in range(5):
        await add_celebrity(client, admin, displayName="𝛀" * 99 + str(n))
    first = (await client.get("/celebrities", params={"limit": 2, "sort": "name"})).json()["data"]
    assert (first["total"], first["totalPages"]) == (5, 3)
    by_cursor = (
        await client.get("/celebrities", params={"limit": 2, "sort": "name", "cursor": first["nextCursor"]})
    ).json()
    by_page = (await client.get("/celebrities", params={"limit": 2, "sort": "name", "page": 2})).json()
    assert by_cursor["data"]["items"] == by_page["data"]["items"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sort", "fame"),
        ("limit", "101"),
        ("limit", "0"),
        ("page", "0"),
        ("cursor", "nonsense"),
        ("minPrice", "-1"),
        ("minPrice", "1" * 30),
        ("minRating", "6"),
        ("minRating", "NaN"),
        ("minRating", "1e400"),
        ("availableOn", "tomorrow"),
        ("featured", "maybe"),
        ("search", "a" * 10_000),
    ],
)
async def test_a_question_that_makes_no_sense_is_said_to_make_none(
    client: httpx.AsyncClient, field: str, value: str
) -> None:
    refused = error(await client.get("/celebrities", params={field: value}), 422)
    assert [f["field"] for f in refused["details"]["fields"]] == [field]


@pytest.mark.parametrize("text", ["'; DROP TABLE listings; --", "%00", "\\", "(((", "a:b & | !", "\u202e", "💥"])
async def test_hostile_words_find_nobody_and_break_nothing(client: httpx.AsyncClient, text: str) -> None:
    for field in ("search", "location", "category"):
        assert await names(client, **{field: text}) == []


async def test_what_one_likes_is_shown_to_them_alone(client: httpx.AsyncClient, admin: dict[str, str]) -> None:
    made = await add_celebrity(client, admin)
    me, other = bearer(await register(client)), bearer(await register(client))
    path = f"/users/me/favorites/{made['id']}"
    for _ in range(2):
        assert (await client.put(path, headers=me)).status_code == 204
    mine = (await client.get("/users/me/favorites", headers=me)).json()["data"]
    assert [c["id"] for c in mine["items"]] == [made["id"]]
    assert (mine["total"], mine["items"][0]["isFavorite"]) == (1, True)
    assert (await client.get("/users/me/favorites", headers=other)).json()["data"]["items"] == []
    for headers, favourite in ((me, True), (other, False)):
        listed = (await client.get("/celebrities", headers=headers)).json()["data"]["items"][0]
        assert listed["isFavorite"] is favourite
    for _ in range(2):
        assert (await client.delete(path, headers=me)).status_code == 204
    assert (await client.get("/users/me/favorites", headers=me)).json()["data"]["total"] == 0
    error(await client.put(f"/users/me/favorites/{uuid.uuid4()}", headers=me), 404)
    error(await client.put(path), 401)


async def test_a_search_is_sorted_by_rating_unless_relevance_is_asked_for(
    client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    """Nobody is rated here, so without `relevance` only who is found matters."""
    await add_celebrity(client, admin, displayName="Zora Vance", bio="Plays the cello.", category="Musicians")
    await add_celebrity(client, admin, displayName="Cello Marchetti", bio="Acts.", category="Hollywood")
    named = await names(client, search="cello", sort="relevance")
    assert named[0] == "Cello Marchetti"
    assert sorted(await names(client, search="cello")) == sorted(named)
