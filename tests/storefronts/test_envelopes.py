"""Whatever is asked wrongly is refused in the storefront's own envelope, with the status that says why."""

from typing import Any

import httpx
import pytest

from tests.storefronts.starrymeet.people import PASSWORD, bearer, error, new_email, register

LOGIN = {"email": "ada@example.com", "password": PASSWORD}
JSON = {"Content-Type": "application/json"}


async def test_a_path_that_is_not_there_is_404_in_the_envelope(client: httpx.AsyncClient) -> None:
    for path in ("/nowhere", "/users/me/nowhere", "/auth/login/", "/auth//login", "/AUTH/login", "/users/me;a=b"):
        assert error(await client.get(path), 404)["code"] == "NOT_FOUND", path


async def test_another_method_is_405_and_names_every_one_that_goes(client: httpx.AsyncClient) -> None:
    for method, path, takes in (
        ("DELETE", "/auth/login", "POST"),
        ("PUT", "/users/me", "DELETE, GET, HEAD, PATCH"),
        ("POST", "/auth/me", "GET, HEAD"),
        ("OPTIONS", "/auth/me", "GET, HEAD"),
        ("PROPFIND", "/auth/me", "GET, HEAD"),
    ):
        answer = await client.request(method, path)
        assert error(answer, 405)["code"] == "METHOD_NOT_ALLOWED"
        assert answer.headers["allow"] == takes


async def test_a_method_override_is_not_listened_to(client: httpx.AsyncClient) -> None:
    override = {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE", "X-HTTP-Method": "DELETE"}
    signed_in = await register(client)
    assert (await client.get("/users/me", headers=bearer(signed_in) | override)).status_code == 200
    assert (await client.get("/users/me", headers=bearer(signed_in))).status_code == 200


async def test_head_answers_what_get_would_without_the_body(client: httpx.AsyncClient) -> None:
    who = bearer(await register(client))
    got, headed = await client.get("/users/me", headers=who), await client.head("/users/me", headers=who)
    assert headed.status_code == 200
    assert headed.content == b""
    assert headed.headers["content-length"] == got.headers["content-length"]
    assert (await client.head("/users/me")).status_code == 401
    assert (await client.head("/auth/login")).status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"[1,", b"nothing", b'{"email":"a@example.com",}', b"\xff\xfe{}", b'{"email":"\xc3\x28"}', b"{} {}"),
        *(b'{"email":"\\ud800","password":"Correct-horse-7"}', b"[" * 100_000, b'{"a":' * 50_000),
    ],
)
async def test_a_body_that_is_no_json_is_400(client: httpx.AsyncClient, body: bytes) -> None:
    assert error(await client.post("/auth/login", content=body, headers=JSON), 400)["code"] == "MALFORMED_REQUEST"


@pytest.mark.parametrize("body", ["[]", "null", "7", '"text"', "true", "{}", "", '{"email":7,"password":[]}'])
async def test_json_that_is_no_such_object_is_422_and_names_the_fields(client: httpx.AsyncClient, body: str) -> None:
    refused = error(await client.post("/auth/login", content=body, headers=JSON), 422)
    assert refused["code"] == "VALIDATION_ERROR"
    assert refused["details"]["fields"]
    assert all(f.keys() == {"field", "message"} for f in refused["details"]["fields"])


@pytest.mark.parametrize("value", ["a\0b", "\u0000", "\u0000ada@example.com", 10**400, -(2**70), 1e308, {"a": []}])
async def test_values_that_nobody_could_store_are_422(client: httpx.AsyncClient, value: Any) -> None:
    body = {"email": new_email(), "password": PASSWORD, "firstName": value, "lastName": "Byron"}
    assert error(await client.post("/auth/register", json=body), 422)["code"] == "VALIDATION_ERROR"
    login = LOGIN | {"email": value}
    assert (await client.post("/auth/login", json=login)).status_code in (401, 422)


async def test_another_media_type_is_415_and_json_by_any_of_its_names_is_read(client: httpx.AsyncClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "nonsense", ""):
        answer = await client.post("/auth/login", content=b"{}", headers={"Content-Type": kind})
        assert error(answer, 415)["code"] == "UNSUPPORTED_MEDIA_TYPE", kind
    for kind in ("application/json", "APPLICATION/JSON; charset=utf-8", "application/vnd.api+json"):
        assert error(await client.post("/auth/login", content=b"{}", headers={"Content-Type": kind}), 422)


async def test_a_body_over_one_megabyte_is_413_whether_or_not_it_says_so(client: httpx.AsyncClient) -> None:
    large = b'{"email":"' + b"a" * (1024 * 1024) + b'"}'

    async def in_pieces() -> Any:
        for start in range(0, len(large), 65536):
            yield large[start : start + 65536]

    for content in (large, in_pieces()):
        answer = await client.post("/auth/login", content=content, headers=JSON)
        assert error(answer, 413)["code"] == "PAYLOAD_TOO_LARGE"


async def test_fields_that_are_not_ours_are_left_alone_and_names_are_exact(client: httpx.AsyncClient) -> None:
    extra = {"id": "7", "emailVerified": True, "isAdmin": True, "__proto__": {"role": "admin"}, "user.role": "admin"}
    made = await register(client, **extra)
    assert (made["user"]["role"], made["user"]["emailVerified"]) == ("user", False)
    doubled = b'{"email":"nobody@example.com","email":"ada@example.com","password":"Correct-horse-7"}'
    assert error(await client.post("/auth/login", content=doubled, headers=JSON), 401)


async def test_a_page_a_limit_and_a_cursor_must_be_good(client: httpx.AsyncClient) -> None:
    who = bearer(await register(client))
    wrong = [("limit", v) for v in ("0", "101", "-1", "x", "1e9", "2147483648", "9" * 400, "1.5", " ")]
    wrong += [("page", v) for v in ("0", "-1", "x", "9" * 400, "1000001")]
    wrong += [("cursor", v) for v in ("x", "AAAA", "e30", "%00", "\N{SNOWMAN}", "W10", "bnVsbA", "A" * 600)]
    for name, value in wrong:
        answer = await client.get("/users/me/sessions", params={name: value}, headers=who)
        refused = error(answer, 422)
        assert [f["field"] for f in refused["details"]["fields"]] == [name], value
    for params in ({"limit": "100"}, {"limit": ""}, {"page": "1000000"}, {"unknown": "x"}):
        assert (await client.get("/users/me/sessions", params=params, headers=who)).status_code == 200


async def test_a_request_id_is_taken_if_it_is_sane_and_made_otherwise(client: httpx.AsyncClient) -> None:
    async def id_of(given: str | None) -> str:
        headers = {} if given is None else {"X-Request-ID": given}
        answer = await client.get("/auth/me", headers=headers)
        return str(answer.headers["x-request-id"])

    for sane in ("a", "A.b_c-9", "x" * 128):
        assert await id_of(sane) == sane
    made = [await id_of(odd) for odd in (None, "", "x" * 129, "a b", "a\tb", "<script>", 'a"b', "a/b")]
    assert len(set(made)) == len(made)
    assert all(len(one) == 36 for one in made)


async def test_no_refusal_tells_what_is_inside(client: httpx.AsyncClient) -> None:
    who = bearer(await register(client))
    answers = [
        await client.get("/users/me/sessions", params={"cursor": "'; DROP TABLE users; --"}, headers=who),
        await client.delete("/users/me/sessions/%27%20OR%201=1", headers=who),
        await client.post("/auth/login", content=b"{", headers=JSON),
        await client.get("/nowhere?x=%25%5B"),
        await client.get("/auth/me", headers={"Authorization": "Bearer a.b.c"}),
    ]
    for answer in answers:
        assert answer.status_code in (400, 401, 404, 422)
        for word in ("Traceback", "asyncpg", "pydantic", "SELECT", "/work", "site-packages", "DROP TABLE", "line 1"):
            assert word not in answer.text, answer.text
