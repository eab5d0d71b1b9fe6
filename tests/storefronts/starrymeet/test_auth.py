"""StarryMeet's accounts over the wire, line by line of the contract."""

import asyncio

import httpx
import pytest

from bookable.wiring import House
from tests import make

from .people import PASSWORD, bearer, error, mailed_token, new_email, register

NEW = "Another-horse-8"
USER = {
    "id",
    "email",
    "firstName",
    "lastName",
    "phone",
    "avatarUrl",
    "role",
    "emailVerified",
    "createdAt",
    "lastLogin",
}


async def test_registering_answers_user_and_tokens(client: httpx.AsyncClient) -> None:
    email = new_email().upper()
    body = {"email": email, "password": PASSWORD, "firstName": "Ada", "lastName": "Byron", "phone": "+49 1"}
    answer = await client.post("/auth/register", json=body)
    assert answer.status_code == 201
    assert answer.json()["success"] is True
    data = answer.json()["data"]
    assert data.keys() == {"user", "token", "refreshToken"}
    user = data["user"]
    assert user.keys() == USER
    assert (user["email"], user["firstName"], user["lastName"], user["phone"]) == (email, "Ada", "Byron", "+49 1")
    assert (user["role"], user["emailVerified"], user["avatarUrl"], user["lastLogin"]) == ("user", False, None, None)
    assert user["createdAt"].endswith("Z")
    me = await client.get("/auth/me", headers=bearer(data))
    assert me.json() == {"success": True, "data": {"user": user}}


async def test_an_address_is_taken_in_any_case(client: httpx.AsyncClient) -> None:
    there = await register(client)
    body = {"email": there["user"]["email"].upper(), "password": PASSWORD, "firstName": "A", "lastName": "B"}
    assert error(await client.post("/auth/register", json=body), 409)["code"] == "EMAIL_TAKEN"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nonsense"}, "email"),
        ({"email": None}, "email"),
        ({"email": ["a@example.com"]}, "email"),
        ({"password": "short1"}, "password"),
        ({"password": "x" * 129 + "1"}, "password"),
        ({"password": "letters-only"}, "password"),
        ({"password": "1234567890"}, "password"),
        ({"password": "password1"}, "password"),
        ({"password": 12345678}, "password"),
        ({"firstName": ""}, "firstName"),
        ({"firstName": "   "}, "firstName"),
        ({"firstName": "A\u0000B"}, "firstName"),
        ({"lastName": "x" * 101}, "lastName"),
        ({"phone": "1"}, "phone"),
    ],
)
async def test_what_is_wrong_in_a_registration_is_named(
    client: httpx.AsyncClient, change: dict[str, object], field: str
) -> None:
    body = {"email": new_email(), "password": PASSWORD, "firstName": "Ada", "lastName": "Byron", **change}
    refused = error(await client.post("/auth/register", json=body), 422)
    assert refused["code"] == "VALIDATION_ERROR"
    assert [f["field"] for f in refused["details"]["fields"]] == [field]


async def test_nobody_registers_as_an_admin(client: httpx.AsyncClient) -> None:
    body = {"email": new_email(), "password": PASSWORD, "firstName": "A", "lastName": "B", "role": "admin"}
    assert error(await client.post("/auth/register", json=body), 403)["code"] == "FORBIDDEN"


async def test_a_password_may_begin_and_end_with_spaces(client: httpx.AsyncClient) -> None:
    there = await register(client, password="  spaces around 7  ")
    email = there["user"]["email"]
    assert (await client.post("/auth/login", json={"email": email, "password": "spaces around 7"})).status_code == 401
    right = {"email": email, "password": "  spaces around 7  "}
    assert (await client.post("/auth/login", json=right)).status_code == 200


async def test_signing_in_answers_the_same_as_registering(client: httpx.AsyncClient) -> None:
    there = await register(client)
    body = {"email": there["user"]["email"].upper(), "password": PASSWORD}
    answer = await client.post("/auth/login", json=body)
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert data.keys() == {"user", "token", "refreshToken"}
    assert data["user"]["lastLogin"].endswith("Z")
    assert {**data["user"], "lastLogin": None} == there["user"]


async def test_a_wrong_password_and_no_account_sound_the_same(client: httpx.AsyncClient) -> None:
    there = await register(client)
    wrong = await client.post("/auth/login", json={"email": there["user"]["email"], "password": "wrong-password-1"})
    absent = await client.post("/auth/login", json={"email": new_email(), "password": "wrong-password-1"})
    assert error(wrong, 401)["code"] == "INVALID_CREDENTIALS"
    assert wrong.content == absent.content
    assert wrong.headers["www-authenticate"] == absent.headers["www-authenticate"] == "Bearer"


async def test_two_tabs_refresh_at_once_and_both_go_on(client: httpx.AsyncClient) -> None:
    there = await register(client)
    body = {"refreshToken": there["refreshToken"]}
    tabs = await asyncio.gather(*(client.post("/auth/refresh", json=body) for _ in range(10)))
    assert {tab.status_code for tab in tabs} == {200}
    assert tabs[0].json()["data"].keys() == {"token", "refreshToken"}
    assert len({tab.json()["data"]["refreshToken"] for tab in tabs}) == 1
    assert (await client.get("/auth/me", headers=bearer(tabs[3].json()["data"]))).status_code == 200


async def test_a_token_spent_before_last_ends_the_session(client: httpx.AsyncClient) -> None:
    there = await register(client)
    second = (await client.post("/auth/refresh", json={"refreshToken": there["refreshToken"]})).json()["data"]
    third = (await client.post("/auth/refresh", json={"refreshToken": second["refreshToken"]})).json()["data"]
    error(await client.post("/auth/refresh", json={"refreshToken": there["refreshToken"]}), 401)
    error(await client.post("/auth/refresh", json={"refreshToken": third["refreshToken"]}), 401)
    error(await client.get("/auth/me", headers=bearer(third)), 401)


async def test_ten_seconds_after_its_use_a_token_is_spent(client: httpx.AsyncClient, root: httpx.AsyncClient) -> None:
    there = await register(client)
    await client.post("/auth/refresh", json={"refreshToken": there["refreshToken"]})
    await root.post("/sandbox/clock", json={"advanceSeconds": 11})
    error(await client.post("/auth/refresh", json={"refreshToken": there["refreshToken"]}), 401)


@pytest.mark.parametrize("token", ["nonsense", "", "A" * 70, "é"])
async def test_a_forged_refresh_token_is_refused(client: httpx.AsyncClient, token: str) -> None:
    assert error(await client.post("/auth/refresh", json={"refreshToken": token}), 401)["code"] == "UNAUTHENTICATED"


async def test_after_signing_out_neither_token_works(client: httpx.AsyncClient) -> None:
    there = await register(client)
    answer = await client.post("/auth/logout", headers=bearer(there), json={})
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    error(await client.get("/auth/me", headers=bearer(there)), 401)
    error(await client.post("/auth/refresh", json={"refreshToken": there["refreshToken"]}), 401)


async def test_a_refresh_token_is_enough_to_sign_out(client: httpx.AsyncClient) -> None:
    there = await register(client)
    assert (await client.post("/auth/logout", json={"refreshToken": there["refreshToken"]})).status_code == 200
    error(await client.get("/auth/me", headers=bearer(there)), 401)
    error(await client.post("/auth/logout"), 401)


async def test_the_mailed_link_proves_the_address_once(client: httpx.AsyncClient, root: httpx.AsyncClient) -> None:
    there = await register(client)
    token = await mailed_token(root, there["user"]["email"])
    assert (await client.post("/auth/verify-email", json={"token": token})).status_code == 200
    me = await client.get("/auth/me", headers=bearer(there))
    assert me.json()["data"]["user"]["emailVerified"] is True
    assert error(await client.post("/auth/verify-email", json={"token": token}), 410)["code"] == "TOKEN_EXPIRED"


async def test_a_link_sent_again_voids_the_one_before(client: httpx.AsyncClient, root: httpx.AsyncClient) -> None:
    there = await register(client)
    older = await mailed_token(root, there["user"]["email"])
    assert (await client.post("/auth/resend-verification", headers=bearer(there))).status_code == 202
    newer = await mailed_token(root, there["user"]["email"])
    error(await client.post("/auth/verify-email", json={"token": older}), 410)
    assert (await client.post("/auth/verify-email", json={"token": newer})).status_code == 200
    error(await client.post("/auth/resend-verification"), 401)


async def test_a_link_goes_stale_after_a_day(client: httpx.AsyncClient, root: httpx.AsyncClient) -> None:
    there = await register(client)
    token = await mailed_token(root, there["user"]["email"])
    await root.post("/sandbox/clock", json={"advanceSeconds": 24 * 3600 + 1})
    assert error(await client.post("/auth/verify-email", json={"token": token}), 410)["code"] == "TOKEN_EXPIRED"


@pytest.mark.parametrize("path", ["/auth/verify-email", "/auth/reset-password"])
@pytest.mark.parametrize("token", ["", "nonsense", "NULL", None, [], {"$ne": ""}, 7, True])
async def test_what_was_never_a_token_is_refused_on_its_field(
    client: httpx.AsyncClient, path: str, token: object
) -> None:
    refused = error(await client.post(path, json={"token": token, "password": NEW}), 422)
    assert [f["field"] for f in refused["details"]["fields"]] == ["token"]


async def test_a_forgotten_password_is_replaced_by_mail(client: httpx.AsyncClient, root: httpx.AsyncClient) -> None:
    there = await register(client)
    email = there["user"]["email"]
    assert (await client.post("/auth/forgot-password", json={"email": email.upper()})).status_code == 202
    token = await mailed_token(root, email)
    assert error(await client.post("/auth/reset-password", json={"token": token, "password": "short1"}), 422)
    assert (await client.post("/auth/reset-password", json={"token": token, "password": NEW})).status_code == 200
    error(await client.post("/auth/reset-password", json={"token": token, "password": NEW}), 410)
    error(await client.get("/auth/me", headers=bearer(there)), 401)
    error(await client.post("/auth/refresh", json={"refreshToken": there["refreshToken"]}), 401)
    error(await client.post("/auth/login", json={"email": email, "password": PASSWORD}), 401)
    assert (await client.post("/auth/login", json={"email": email, "password": NEW})).status_code == 200


async def test_forgetting_answers_the_same_for_everybody(client: httpx.AsyncClient, root: httpx.AsyncClient) -> None:
    there, nobody = await register(client), new_email()
    known = await client.post("/auth/forgot-password", json={"email": there["user"]["email"]})
    unknown = await client.post("/auth/forgot-password", json={"email": nobody})
    assert known.status_code == unknown.status_code == 202
    assert known.content == unknown.content
    await root.post("/sandbox/jobs/run")
    assert (await root.get("/sandbox/mail", params={"to": nobody})).json()["items"] == []


async def test_a_link_in_a_mail_leads_to_the_front_end_whatever_host_was_asked(
    client: httpx.AsyncClient, root: httpx.AsyncClient
) -> None:
    there = await register(client)
    evil = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    await client.post("/auth/forgot-password", json={"email": there["user"]["email"]}, headers=evil)
    await root.post("/sandbox/jobs/run")
    mails = (await root.get("/sandbox/mail", params={"to": there["user"]["email"]})).json()["items"]
    assert len(mails) == 2
    assert "evil.example" not in str(mails)


async def test_who_is_asked_for_says_so(client: httpx.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}):
        answer = await client.get("/auth/me", headers=headers)
        assert error(answer, 401)["code"] == "UNAUTHENTICATED"
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("kind", ["starrymeet", "travel", "movies"])
async def test_one_storefronts_tokens_are_worth_nothing_in_another(
    client: httpx.AsyncClient, root: httpx.AsyncClient, house: House, kind: str
) -> None:
    there = await register(client)
    elsewhere = await make.tenant(house.db, kind=kind)
    await house.tenants.refresh(house.db)
    path = "/me" if kind == "movies" else "/api/auth/me"
    answer = await root.get(f"/{elsewhere.slug}{path}", headers=bearer(there))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    if kind != "movies":
        spent = {"refreshToken": there["refreshToken"]}
        assert (await root.post(f"/{elsewhere.slug}/api/auth/refresh", json=spent)).status_code == 401
    assert (await client.get("/auth/me", headers=bearer(there))).status_code == 200
