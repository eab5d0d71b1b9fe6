"""Accounts and profiles on Travel's wire."""

import re

import httpx

from bookable.wiring import House

from .trips import PASSWORD, book, ok, pay, see, sign_up, with_token, work

EMAIL = "grace@example.com"


async def test_signing_up_answers_a_user_and_a_session(client: httpx.AsyncClient) -> None:
    body = {"email": EMAIL, "password": PASSWORD, "fullName": "Grace Brewster Hopper"}
    made = ok(await client.post("/auth/signup", json=body), 201)
    assert made.keys() == {"user", "session"}
    assert made["user"]["fullName"] == "Grace Brewster Hopper"
    session = made["session"]
    assert session.keys() == {"accessToken", "refreshToken", "expiresIn", "expiresAt", "tokenType"}
    assert 890 <= session["expiresIn"] <= 900
    me = ok(await client.get("/auth/me", headers=with_token(session["accessToken"])))
    assert me["user"]["email"] == EMAIL
    again = ok(await client.post("/auth/signup", json={**body, "email": EMAIL.upper()}), 409)
    assert again["error"].keys() == {"code", "message", "details", "requestId"}
    assert again["error"]["code"] == "EMAIL_TAKEN"


async def test_a_session_is_refreshed_and_ended(client: httpx.AsyncClient) -> None:
    await sign_up(client, email=EMAIL)
    session = ok(await client.post("/auth/signin", json={"email": EMAIL, "password": PASSWORD}))["session"]
    following = ok(await client.post("/auth/refresh", json={"refreshToken": session["refreshToken"]}))["session"]
    headers = with_token(following["accessToken"])
    ok(await client.get("/auth/me", headers=headers))
    ok(await client.post("/auth/signout", json={}, headers=headers))
    assert (await client.get("/auth/me", headers=headers)).status_code == 401
    spent = {"refreshToken": following["refreshToken"]}
    assert (await client.post("/auth/refresh", json=spent)).status_code == 401


async def test_a_wrong_password_is_said_as_an_unknown_address_is(client: httpx.AsyncClient) -> None:
    await sign_up(client, email=EMAIL)
    for email in (EMAIL, "nobody@example.com"):
        refused = ok(await client.post("/auth/signin", json={"email": email, "password": "wrong words 1"}), 401)
        assert refused["error"]["code"] == "INVALID_CREDENTIALS"


async def test_a_forgotten_password_is_set_anew_by_mail(client: httpx.AsyncClient, root: httpx.AsyncClient) -> None:
    email = "forgetful@example.com"
    before = await sign_up(client, email=email)
    ok(await client.post("/auth/reset-password", json={"email": email}), 202)
    ok(await client.post("/auth/reset-password", json={"email": "nobody@example.com"}), 202)
    ok(await root.post("/sandbox/jobs/run"))
    mails = ok(await root.get("/sandbox/mail", params={"to": email}))["items"]
    mail = next(m for m in mails if "Reset" in m["subject"])
    found = re.search(r"[?&]token=([A-Za-z0-9_-]+)", mail["text"])
    assert found
    changed = {"token": found[1], "password": "another good horse 7"}
    ok(await client.post("/auth/update-password", json=changed))
    assert (await client.get("/auth/me", headers=before)).status_code == 401
    ok(await client.post("/auth/signin", json={"email": email, "password": "another good horse 7"}))
    assert ok(await client.post("/auth/update-password", json=changed), 410)["error"]["code"] == "TOKEN_EXPIRED"
    unknown = {"token": "never-was", "password": "another good horse 7"}
    assert (await client.post("/auth/update-password", json=unknown)).status_code == 422


async def test_a_profile_is_ones_own_to_change(client: httpx.AsyncClient) -> None:
    who = await sign_up(client, email=EMAIL)
    profile = ok(await client.get("/profile", headers=who))["profile"]
    assert profile == {"fullName": "Ada King Byron", "phone": None, "email": EMAIL}
    changed = {"fullName": "  Madonna ", "phone": "+44 20 7946 0123"}
    profile = ok(await client.patch("/profile", json=changed, headers=who))["profile"]
    assert (profile["fullName"], profile["phone"]) == ("Madonna", "+44 20 7946 0123")
    assert ok(await client.patch("/profile", json={"phone": None}, headers=who))["profile"]["phone"] is None
    assert (await client.get("/profile")).status_code == 401


async def test_everything_held_on_somebody_is_theirs_to_take_along(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House
) -> None:
    who, other = await sign_up(client, email=EMAIL), await sign_up(client)
    await book(client, house, other)
    first = await book(client, house, who)
    await pay(client, who, first)
    await work(root)
    second = await book(client, house, who)

    held = ok(await client.get("/profile/export", headers=who))

    assert held["profile"]["email"] == EMAIL
    assert len(held["sessions"]) == 1
    assert held["bookings"] == [await see(client, who, one) for one in (first, second)]
    assert [paid["subjectId"] for paid in held["payments"]] == [first["id"]]
    assert held["notifications"]
    assert "X1234567" not in str(held)
    assert len(ok(await client.get("/profile/export", headers=other))["bookings"]) == 1
    assert (await client.get("/profile/export")).status_code == 401
