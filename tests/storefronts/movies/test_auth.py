"""Signing up, in and out: the refresh token lives in a cookie, holds up in two tabs, and is believed from us alone."""

import asyncio
from collections.abc import Callable
from http.cookies import Morsel, SimpleCookie
from typing import Any

import httpx
import pytest

from bookable.app import create
from bookable.kernel.tenants import Tenant
from bookable.settings import Settings
from tests.make_identity import PASSWORD, email

Browser = Callable[[], httpx.AsyncClient]


def cookie(answer: httpx.Response) -> "Morsel[str]":
    """The refresh token's cookie, as the answer sets it."""
    said = SimpleCookie(answer.headers["set-cookie"])
    return said["refreshToken"]


async def sign_up(client: httpx.AsyncClient, **given: Any) -> httpx.Response:
    return await client.post(
        "/auth/signup", json={"name": "Ada Byron", "email": email(), "password": PASSWORD, **given}
    )


async def test_signing_up_answers_the_person_and_keeps_the_refresh_token_from_scripts(
    client: httpx.AsyncClient, storefront: Tenant
) -> None:
    answer = await sign_up(client, email="Ada@Example.com")
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"user", "accessToken"}
    assert set(body["user"]) == {"id", "name", "email", "role", "createdAt"}
    assert (body["user"]["name"], body["user"]["email"], body["user"]["role"]) == (
        "Ada Byron",
        "Ada@Example.com",
        "user",
    )
    kept = cookie(answer)
    assert kept.value not in answer.text
    assert (kept["path"], kept["httponly"], kept["samesite"]) == (f"/{storefront.slug}/auth", True, "Lax")
    assert kept["secure"]
    assert int(kept["max-age"]) == 7 * 24 * 3600
    again = await sign_up(client, email="ada@example.COM")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "EMAIL_TAKEN")


@pytest.mark.parametrize("app_env, secure", [("development", False), ("test", True), ("production", True)])
async def test_the_cookie_goes_over_https_alone_outside_development(
    settings: Settings, storefront: Tenant, app_env: str, secure: bool
) -> None:
    edge: Any = create(settings.model_copy(update={"app_env": app_env}), works=False)
    await edge._app.open()
    try:
        transport = httpx.ASGITransport(edge, client=("127.0.0.1", 50_000))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://bookable.test/{storefront.slug}") as there:
            assert bool(cookie(await sign_up(there))["secure"]) is secure
    finally:
        await edge._app.close()


async def test_the_path_of_the_cookie_is_short_where_the_host_names_the_storefront(
    server: Any, client: httpx.AsyncClient, storefront: Tenant
) -> None:
    transport = httpx.ASGITransport(server.asgi, client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=f"https://{storefront.slug}.localhost") as there:
        answer = await sign_up(there)
        assert cookie(answer)["path"] == "/auth"
        assert (await there.post("/auth/refresh")).status_code == 200
        assert "refreshToken" not in (await there.get("/health")).request.headers.get("cookie", "")


@pytest.mark.parametrize(
    "given, field",
    [
        ({"password": "short"}, "password"),
        ({"password": "password1234"}, "password"),
        ({"email": "nobody"}, "email"),
        ({"name": " "}, "name"),
        ({"name": None}, "name"),
    ],
)
async def test_what_is_wrong_with_a_sign_up_is_named(client: httpx.AsyncClient, given: Any, field: str) -> None:
    answer = await sign_up(client, **given)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"][0]["field"] == field


async def test_nobody_makes_themselves_an_admin(client: httpx.AsyncClient, ada: httpx.AsyncClient) -> None:
    assert (await sign_up(client, role="admin")).status_code == 403
    assert (await ada.patch("/me", json={"role": "admin"})).status_code == 403


async def test_signing_in_takes_the_right_password(client: httpx.AsyncClient) -> None:
    address = email()
    await sign_up(client, email=address)
    answer = await client.post("/auth/login", json={"email": address.upper(), "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["user"]["email"] == address
    assert cookie(answer).value
    for wrong in ({"email": address, "password": "Wrong-horse-7"}, {"email": email(), "password": PASSWORD}):
        refused = await client.post("/auth/login", json=wrong)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "INVALID_CREDENTIALS")
        assert "set-cookie" not in refused.headers


async def test_the_cookie_alone_gives_the_next_tokens(client: httpx.AsyncClient) -> None:
    first = cookie(await sign_up(client)).value
    answer = await client.post("/auth/refresh", headers={"Authorization": "Bearer gone.stale.token"})
    assert answer.status_code == 200
    assert set(answer.json()) == {"accessToken"}
    assert cookie(answer).value != first
    me = await client.get("/me", headers={"Authorization": f"Bearer {answer.json()['accessToken']}"})
    assert me.status_code == 200


async def test_without_the_cookie_there_is_nothing_to_refresh(client: httpx.AsyncClient) -> None:
    token = cookie(await sign_up(client)).value
    client.cookies.clear()
    assert (await client.post("/auth/refresh", json={"refreshToken": token})).status_code == 401


async def test_two_tabs_that_refresh_at_once_both_go_on(browser: Browser) -> None:
    one, two = browser(), browser()
    await sign_up(one)
    two.cookies = one.cookies
    answers = await asyncio.gather(*(tab.post("/auth/refresh") for tab in (one, two)))
    assert [a.status_code for a in answers] == [200, 200]
    assert cookie(answers[0]).value == cookie(answers[1]).value
    assert (await one.post("/auth/refresh")).status_code == 200


async def test_a_stolen_cookie_ends_the_session_for_everybody(browser: Browser) -> None:
    owner, thief = browser(), browser()
    stolen = cookie(await sign_up(owner))
    for _ in range(2):
        answer = await owner.post("/auth/refresh")
        assert answer.status_code == 200
    thief.cookies.set("refreshToken", stolen.value, path=stolen["path"])
    assert (await thief.post("/auth/refresh")).status_code == 401
    assert (await owner.post("/auth/refresh")).status_code == 401
    bearer = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
    assert (await owner.get("/me", headers=bearer)).status_code == 401


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://bookable.test.evil.example"}, 403),
        ({"Origin": "http://bookable.test:81"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://bookable.test"}, 200),
        ({"Origin": "http://localhost:3000", "Sec-Fetch-Site": "cross-site"}, 200),
        ({}, 200),
    ],
)
async def test_only_our_own_pages_refresh(client: httpx.AsyncClient, headers: dict[str, str], status: int) -> None:
    await sign_up(client)
    answer = await client.post("/auth/refresh", headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"]["code"] == "FORBIDDEN"
        assert (await client.post("/auth/refresh")).status_code == 200, "nothing was spent"
        assert (await client.post("/auth/logout", headers=headers)).status_code == 403


async def test_the_front_end_may_read_answers_with_cookies(client: httpx.AsyncClient) -> None:
    answer = await client.post("/auth/refresh", headers={"Origin": "http://localhost:3000"})
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert answer.headers["access-control-allow-credentials"] == "true"


async def test_signing_out_ends_the_session_and_takes_the_cookie(client: httpx.AsyncClient) -> None:
    answer = await sign_up(client)
    bearer = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
    token = cookie(answer)
    out = await client.post("/auth/logout", headers=bearer)
    assert (out.status_code, out.content) == (204, b"")
    assert (cookie(out).value, cookie(out)["max-age"], cookie(out)["path"]) == ("", "0", token["path"])
    assert "refreshToken" not in client.cookies
    assert (await client.get("/me", headers=bearer)).status_code == 401
    client.cookies.set("refreshToken", token.value, path=token["path"])
    assert (await client.post("/auth/refresh")).status_code == 401


async def test_signing_out_works_with_what_is_left(client: httpx.AsyncClient) -> None:
    answer = await sign_up(client)
    stale = {"Authorization": "Bearer gone.stale.token"}
    assert (await client.post("/auth/logout", headers=stale)).status_code == 204, "by the cookie"
    answer = await sign_up(client)
    client.cookies.clear()
    bearer = {"Authorization": f"Bearer {answer.json()['accessToken']}"}
    assert (await client.post("/auth/logout", headers=bearer)).status_code == 204, "by the token"
    assert (await client.post("/auth/logout", headers=stale)).status_code == 401, "by neither"


async def test_a_name_and_preferences_are_ones_own(ada: httpx.AsyncClient) -> None:
    answer = await ada.patch("/me", json={"name": "Ada King"})
    assert (answer.status_code, answer.json()["user"]["name"]) == (200, "Ada King")
    assert (await ada.get("/me")).json() == answer.json()
    assert (await ada.get("/me/preferences")).json() == {"theme": "system", "language": "en", "pageSize": 20}
    kept = await ada.put("/me/preferences", json={"theme": "dark", "pageSize": 2})
    assert kept.json() == {"theme": "dark", "language": "en", "pageSize": 2}
    assert (await ada.put("/me/preferences", json={"language": "pt-BR"})).json()["pageSize"] == 2
    for wrong in ({"theme": "pink"}, {"pageSize": 0}, {"pageSize": 101}, {"language": "english!"}):
        assert (await ada.put("/me/preferences", json=wrong)).status_code == 422
    assert (await ada.get("/me")).json()["user"]["role"] == "user"
