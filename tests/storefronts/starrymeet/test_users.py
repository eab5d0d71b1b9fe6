"""A person's own account over StarryMeet's wire: profile, password, sessions, export, leaving."""

import httpx
import pytest

from .people import PASSWORD, bearer, error, register

NEW = "Another-horse-8"


async def test_a_profile_is_changed_field_by_field(client: httpx.AsyncClient) -> None:
    there = await register(client, phone="+49 1")
    change = {"lastName": "Lovelace", "phone": None, "avatarUrl": "https://example.com/a.png"}
    answer = await client.patch("/users/me", json=change, headers=bearer(there))
    assert answer.status_code == 200
    assert answer.json()["data"]["user"] == {**there["user"], **change}
    assert (await client.get("/users/me", headers=bearer(there))).json() == answer.json()
    untouched = await client.patch("/users/me", json={}, headers=bearer(there))
    assert untouched.json() == answer.json()


async def test_email_and_role_stay_what_they_are(client: httpx.AsyncClient) -> None:
    there = await register(client)
    assert error(await client.patch("/users/me", json={"role": "admin"}, headers=bearer(there)), 403)
    await client.patch("/users/me", json={"email": "other@example.com", "emailVerified": True}, headers=bearer(there))
    assert (await client.get("/users/me", headers=bearer(there))).json()["data"]["user"] == there["user"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"firstName": ""}, "firstName"),
        ({"firstName": None}, "firstName"),
        ({"lastName": 7}, "lastName"),
        ({"phone": "x" * 41}, "phone"),
        ({"avatarUrl": "javascript:alert(1)"}, "avatarUrl"),
        ({"avatarUrl": "data:text/html,x"}, "avatarUrl"),
    ],
)
async def test_what_is_wrong_in_a_change_is_named(
    client: httpx.AsyncClient, change: dict[str, object], field: str
) -> None:
    there = await register(client)
    refused = error(await client.patch("/users/me", json=change, headers=bearer(there)), 422)
    assert [f["field"] for f in refused["details"]["fields"]] == [field]


async def test_a_new_password_ends_every_session_and_opens_one(client: httpx.AsyncClient) -> None:
    there = await register(client)
    email = there["user"]["email"]
    elsewhere = (await client.post("/auth/login", json={"email": email, "password": PASSWORD})).json()["data"]
    change = {"currentPassword": PASSWORD, "newPassword": NEW}
    answer = await client.post("/users/me/password", json=change, headers=bearer(there))
    assert answer.status_code == 200
    for old in (there, elsewhere):
        error(await client.get("/users/me", headers=bearer(old)), 401)
        error(await client.post("/auth/refresh", json={"refreshToken": old["refreshToken"]}), 401)
    assert (await client.get("/users/me", headers=bearer(answer.json()["data"]))).status_code == 200
    error(await client.post("/auth/login", json={"email": email, "password": PASSWORD}), 401)
    assert (await client.post("/auth/login", json={"email": email, "password": NEW})).status_code == 200


async def test_the_present_password_must_be_right_and_the_new_one_good(client: httpx.AsyncClient) -> None:
    there = await register(client)
    wrong = {"currentPassword": "wrong-password-1", "newPassword": NEW}
    refused = error(await client.post("/users/me/password", json=wrong, headers=bearer(there)), 401)
    assert refused["code"] == "INVALID_CREDENTIALS"
    weak = {"currentPassword": PASSWORD, "newPassword": "password1"}
    refused = error(await client.post("/users/me/password", json=weak, headers=bearer(there)), 422)
    assert [f["field"] for f in refused["details"]["fields"]] == ["newPassword"]
    assert (await client.get("/users/me", headers=bearer(there))).status_code == 200


async def test_sessions_are_listed_and_ended(client: httpx.AsyncClient) -> None:
    there = await register(client)
    login = {"email": there["user"]["email"], "password": PASSWORD}
    phone = {"User-Agent": "Phone"}
    elsewhere = (await client.post("/auth/login", json=login, headers=phone)).json()["data"]
    listed = (await client.get("/users/me/sessions", headers=bearer(there))).json()["data"]
    assert listed.keys() == {"items", "page", "limit", "total", "totalPages", "nextCursor"}
    assert [(s["userAgent"], s["current"]) for s in listed["items"]] == [
        ("Phone", False),
        (client.headers["user-agent"], True),
    ]
    assert (listed["total"], listed["totalPages"], listed["nextCursor"]) == (2, 1, None)
    ended = await client.delete(f"/users/me/sessions/{listed['items'][0]['id']}", headers=bearer(there))
    assert (ended.status_code, ended.content) == (204, b"")
    error(await client.get("/users/me", headers=bearer(elsewhere)), 401)
    error(await client.delete(f"/users/me/sessions/{listed['items'][0]['id']}", headers=bearer(there)), 404)
    assert (await client.get("/users/me", headers=bearer(there))).status_code == 200


async def test_sessions_come_in_pages(client: httpx.AsyncClient) -> None:
    there = await register(client)
    login = {"email": there["user"]["email"], "password": PASSWORD}
    for _ in range(2):
        await client.post("/auth/login", json=login)
    whole = (await client.get("/users/me/sessions", headers=bearer(there))).json()["data"]["items"]
    first = (await client.get("/users/me/sessions?limit=2", headers=bearer(there))).json()["data"]
    more = {"cursor": first["nextCursor"], "limit": "2"}
    second = (await client.get("/users/me/sessions", params=more, headers=bearer(there))).json()["data"]
    assert first["items"] + second["items"] == whole
    assert second["nextCursor"] is None
    for query in ("limit=101", "limit=0", "page=0", "cursor=nonsense"):
        error(await client.get(f"/users/me/sessions?{query}", headers=bearer(there)), 422)


async def test_nobody_ends_anothers_session(client: httpx.AsyncClient) -> None:
    ada, bob = await register(client), await register(client)
    (session,) = (await client.get("/users/me/sessions", headers=bearer(bob))).json()["data"]["items"]
    error(await client.delete(f"/users/me/sessions/{session['id']}", headers=bearer(ada)), 404)
    error(await client.delete("/users/me/sessions/nonsense", headers=bearer(ada)), 404)
    assert (await client.get("/users/me", headers=bearer(bob))).status_code == 200


async def test_an_export_holds_what_is_held(client: httpx.AsyncClient) -> None:
    there = await register(client)
    answer = await client.get("/users/me/export", headers=bearer(there))
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert data["profile"]["email"] == there["user"]["email"]
    assert [s["userAgent"] for s in data["sessions"]] == [client.headers["user-agent"]]
    assert "argon2" not in answer.text


async def test_who_leaves_is_gone_and_the_address_is_free(client: httpx.AsyncClient) -> None:
    there = await register(client)
    wrong = await client.request("DELETE", "/users/me", json={"password": "wrong-password-1"}, headers=bearer(there))
    assert error(wrong, 401)["code"] == "INVALID_CREDENTIALS"
    error(await client.request("DELETE", "/users/me", json={}, headers=bearer(there)), 422)
    gone = await client.request("DELETE", "/users/me", json={"password": PASSWORD}, headers=bearer(there))
    assert (gone.status_code, gone.content) == (204, b"")
    error(await client.get("/users/me", headers=bearer(there)), 401)
    login = {"email": there["user"]["email"], "password": PASSWORD}
    error(await client.post("/auth/login", json=login), 401)
    assert (await register(client, email=there["user"]["email"]))["user"]["id"] != there["user"]["id"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/users/me"),
        ("PATCH", "/users/me"),
        ("DELETE", "/users/me"),
        ("POST", "/users/me/password"),
        ("GET", "/users/me/sessions"),
        ("DELETE", "/users/me/sessions/01a1fbb4-0e9e-76b6-8040-f00450f48855"),
        ("GET", "/users/me/export"),
    ],
)
async def test_an_account_is_its_owners_alone(client: httpx.AsyncClient, method: str, path: str) -> None:
    body = None if method == "GET" else {"password": PASSWORD}
    assert error(await client.request(method, path, json=body), 401)["code"] == "UNAUTHENTICATED"
