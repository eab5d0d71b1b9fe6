"""A collection over the wire: to the letter of the document that the front end was written against."""

from typing import Any

import httpx
import pytest


async def added(person: httpx.AsyncClient, title: str = "The Matrix", **more: Any) -> dict[str, Any]:
    answer = await person.post("/movies", json={"title": title, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_movie_is_as_the_document_shows_it(ada: httpx.AsyncClient) -> None:
    user = (await ada.get("/me")).json()["user"]
    movie = await added(ada, year="1999", imageUrl="https://example.com/matrix.jpg")
    assert isinstance(movie["id"], int)
    assert (movie["title"], movie["year"], movie["ownerId"]) == ("The Matrix", "1999", user["id"])
    assert movie["imageUrl"] == "https://example.com/matrix.jpg"
    assert movie["createdAt"].endswith("Z")
    assert (await ada.get(f"/movies/{movie['id']}")).json() == movie
    listed = (await ada.get("/movies")).json()
    assert listed == {
        "items": [movie],
        "meta": {"page": 1, "limit": 20, "total": 1, "totalPages": 1, "nextCursor": None},
    }


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_any_of_the_fields_change_and_the_others_stay(ada: httpx.AsyncClient, method: str) -> None:
    movie = await added(ada, year="1999", notes="good", rating=9)
    changed = await ada.request(method, f"/movies/{movie['id']}", json={"year": None, "watched": True})
    assert changed.status_code == 200
    assert changed.json() == {**movie, "year": None, "watched": True, "updatedAt": changed.json()["updatedAt"]}
    blank = await ada.request(method, f"/movies/{movie['id']}", json={"notes": "", "year": ""})
    assert (blank.json()["notes"], blank.json()["year"]) == (None, None)
    assert (await ada.request(method, f"/movies/{movie['id']}", json={"title": ""})).status_code == 422


async def test_a_removed_movie_is_not_there(ada: httpx.AsyncClient) -> None:
    movie = await added(ada)
    gone = await ada.delete(f"/movies/{movie['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await ada.get(f"/movies/{movie['id']}")).status_code == 404
    assert (await ada.delete(f"/movies/{movie['id']}")).status_code == 404


async def test_anothers_is_forbidden_and_none_is_not_found(ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    number = (await added(ada))["id"]
    for path, status, code in (
        (f"/movies/{number}", 403, "FORBIDDEN"),
        ("/movies/4611686018427387904", 404, "NOT_FOUND"),
        ("/movies/99999999999999999999", 404, "NOT_FOUND"),
        ("/movies/matrix", 404, "NOT_FOUND"),
    ):
        for method, tail, body in (
            ("GET", "", None),
            ("PUT", "", {"title": "Mine"}),
            ("PATCH", "", {}),
            ("DELETE", "", None),
            ("POST", "/share", None),
            ("DELETE", "/share", None),
            ("GET", "/comments", None),
            ("POST", "/comments", {"text": "Hm."}),
        ):
            answer = await bob.request(method, path + tail, json=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), (method, path + tail)
    assert (await bob.get("/movies")).json()["items"] == []
    assert (await ada.get(f"/movies/{number}")).json()["title"] == "The Matrix"


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": 7}, "title"),
        ({"year": "1887"}, "year"),
        ({"year": "99"}, "year"),
        ({"year": 1999}, "year"),
        ({"year": "2999"}, "year"),
        ({"rating": 11}, "rating"),
        ({"rating": -1}, "rating"),
        ({"rating": "9"}, "rating"),
        ({"imageUrl": "ftp://example.com/x"}, "imageUrl"),
        ({"imageUrl": "javascript:alert(1)"}, "imageUrl"),
        ({"watched": "yes"}, "watched"),
    ],
)
async def test_what_is_wrong_is_named(ada: httpx.AsyncClient, wrong: dict[str, Any], field: str) -> None:
    answer = await ada.post("/movies", json={"title": "Heat", **wrong})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert [f["field"] for f in answer.json()["error"]["details"]["fields"]] == [field]


async def test_lists_are_searched_filtered_sorted_and_paged(ada: httpx.AsyncClient) -> None:
    for title, year, rating in (("Amélie", "2001", 8.3), ("Heat", "1995", 8.2), ("The Matrix", "1999", 8.7)):
        await added(ada, title, year=year, rating=rating)

    async def titles(**query: Any) -> list[str]:
        answer = await ada.get("/movies", params=query)
        assert answer.status_code == 200, answer.text
        return [movie["title"] for movie in answer.json()["items"]]

    assert await titles() == ["The Matrix", "Heat", "Amélie"]
    assert await titles(sort="createdAt") == ["Amélie", "Heat", "The Matrix"]
    assert await titles(sort="title") == ["Amélie", "Heat", "The Matrix"]
    assert await titles(sort="year") == ["Heat", "The Matrix", "Amélie"]
    assert await titles(sort="rating") == ["Heat", "Amélie", "The Matrix"]
    assert await titles(search="AMEL") == ["Amélie"]
    assert await titles(year="1995") == ["Heat"]
    assert await titles(yearFrom="1996", yearTo="2001", sort="title") == ["Amélie", "The Matrix"]
    assert await titles(page=2, limit=2) == ["Amélie"]
    first = (await ada.get("/movies?limit=2")).json()
    assert first["meta"] == {
        "page": 1,
        "limit": 2,
        "total": 3,
        "totalPages": 2,
        "nextCursor": first["meta"]["nextCursor"],
    }
    assert await titles(limit=2, cursor=first["meta"]["nextCursor"]) == ["Amélie"]
    await ada.put("/me/preferences", json={"pageSize": 1})
    assert await titles() == ["The Matrix"]
    assert len(await titles(limit=3)) == 3


@pytest.mark.parametrize(
    "query", ["limit=101", "limit=0", "page=0", "sort=owner", "cursor=broken", "year=99", "yearTo=x"]
)
async def test_a_list_that_makes_no_sense_is_refused(ada: httpx.AsyncClient, query: str) -> None:
    assert (await ada.get(f"/movies?{query}")).status_code == 422


async def test_a_key_adds_a_movie_once(ada: httpx.AsyncClient) -> None:
    answers = [await ada.post("/movies", json={"title": "Heat"}, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert (await ada.get("/movies")).json()["meta"]["total"] == 1


async def test_nothing_is_open_to_those_who_have_not_signed_in(client: httpx.AsyncClient) -> None:
    for method, path in (
        ("GET", "/movies"),
        ("POST", "/movies"),
        ("GET", "/movies/1"),
        ("PUT", "/movies/1"),
        ("DELETE", "/movies/1"),
        ("GET", "/movies/1/comments"),
        ("GET", "/me"),
        ("GET", "/me/preferences"),
    ):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_shared_movie_is_open_to_everyone_without_owner_and_notes(
    ada: httpx.AsyncClient, bob: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    movie = await added(ada, notes="a secret")
    link = (await ada.post(f"/movies/{movie['id']}/share")).json()
    assert link["url"] == f"http://localhost:3000/shared/{link['token']}"
    assert (await ada.get(f"/movies/{movie['id']}")).json()["shared"] is True
    seen = await client.get(f"/shared/{link['token']}")
    assert seen.status_code == 200
    assert seen.json()["movie"]["title"] == "The Matrix"
    assert not {"ownerId", "notes", "owner"} & set(seen.json()["movie"])
    said = await bob.post(f"/movies/{movie['id']}/comments", json={"text": "Whoa."})
    assert said.status_code == 201
    assert said.json()["author"]["name"] == "Bob"
    heard = (await ada.get(f"/movies/{movie['id']}/comments")).json()
    assert heard["items"] == [said.json()]
    assert (await bob.get(f"/movies/{movie['id']}")).status_code == 403
    assert (await ada.delete(f"/movies/{movie['id']}/share")).status_code == 204
    assert (await client.get(f"/shared/{link['token']}")).status_code == 404
    assert (await bob.get(f"/movies/{movie['id']}/comments")).status_code == 403
    assert (await ada.get(f"/movies/{movie['id']}/comments")).json()["meta"]["total"] == 1


@pytest.mark.parametrize("text", ["", " ", "x" * 2001, None, 7, "a\0b"])
async def test_a_comment_says_something(ada: httpx.AsyncClient, text: Any) -> None:
    movie = await added(ada)
    assert (await ada.post(f"/movies/{movie['id']}/comments", json={"text": text})).status_code == 422
