"""Whoever brings a file in can watch it: how much has come, how much is read, and how it ended; nobody else can."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx

PATIENCE = 20.0


async def bring(
    person: httpx.AsyncClient, content: Any, import_id: str | None = None, **headers: str
) -> httpx.Response:
    asked = {"importId": import_id} if import_id else {}
    return await person.post(
        "/movies/import", params=asked, content=content, headers={"Content-Type": "text/csv"} | headers
    )


async def look(person: httpx.AsyncClient, import_id: str) -> dict[str, Any]:
    answer = await person.get(f"/movies/imports/{import_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def until(so: Callable[[], Awaitable[dict[str, Any] | None]]) -> dict[str, Any]:
    """What was seen when it was so."""
    end = time.monotonic() + PATIENCE
    while (seen := await so()) is None:
        assert time.monotonic() < end, "it never came about"
        await asyncio.sleep(0.02)
    return seen


def lines(count: int) -> bytes:
    return b"title,year\n" + b"".join(b"Film %d,%d\n" % (n, 1900 + n % 120) for n in range(count))


async def test_bytes_are_seen_as_they_arrive(ada: httpx.AsyncClient) -> None:
    import_id, pieces = str(uuid4()), [b"title,year\n", b"Heat,1995\n", b"Up,2009\n"]
    seen = []

    async def slowly() -> AsyncIterator[bytes]:
        sent = 0
        for piece in pieces:
            yield piece
            sent += len(piece)

            async def arrived(sent: int = sent) -> dict[str, Any] | None:
                answer = await ada.get(f"/movies/imports/{import_id}")
                return answer.json() if answer.json().get("bytesReceived") == sent else None

            seen.append(await until(arrived))

    size = sum(map(len, pieces))
    answer = await bring(ada, slowly(), import_id, **{"Content-Length": str(size)})
    assert answer.json()["imported"] == 2
    assert [one["bytesReceived"] for one in seen] == [11, 21, 29]
    assert {(one["state"], one["bytesTotal"], one["imported"], one["finishedAt"]) for one in seen} == {
        ("running", size, 0, None)
    }
    done = await look(ada, import_id)
    assert (done["state"], done["bytesReceived"], done["bytesRead"], done["imported"]) == ("done", size, size, 2)
    assert done["startedAt"] <= done["finishedAt"]


async def test_rows_are_seen_as_they_are_read_and_films_only_at_the_end(ada: httpx.AsyncClient) -> None:
    import_id, count = str(uuid4()), 40_000
    whole = lines(count)
    importing = asyncio.create_task(bring(ada, whole, import_id))

    async def moved() -> dict[str, Any] | None:
        answer = await ada.get(f"/movies/imports/{import_id}")
        return answer.json() if 0 < answer.json().get("imported", 0) < count else None

    seen = await until(moved)
    assert (await ada.get("/movies")).json()["meta"]["total"] == 0, "all at once, at the end"
    assert seen["state"] == "running"
    assert 0 < seen["bytesRead"] < seen["bytesTotal"] == seen["bytesReceived"] == len(whole)
    assert (await importing).json()["imported"] == count
    done = await look(ada, import_id)
    assert (done["state"], done["imported"], done["failed"], done["bytesRead"]) == ("done", count, 0, len(whole))


async def test_the_rows_of_json_move_too(ada: httpx.AsyncClient) -> None:
    rows = b'{"items": [' + b",".join(b'{"title": "Film %d"}' % n for n in range(2_500)) + b"]}"
    answer = await bring(ada, rows, **{"Content-Type": "application/json"})
    done = await ada.get(answer.headers["Location"].removeprefix(ada.base_url.path.rstrip("/")))
    assert (done.json()["imported"], done.json()["bytesRead"]) == (2_500, len(rows))


async def test_a_form_is_watched_as_well(ada: httpx.AsyncClient) -> None:
    import_id = str(uuid4())
    files = {"file": ("films.csv", b"title\nHeat\n,\nUp\n", "text/csv")}
    answer = await ada.post("/movies/import", params={"importId": import_id}, files=files)
    assert answer.status_code == 200
    done = await look(ada, import_id)
    assert (done["state"], done["imported"], done["bytesTotal"], done["bytesReceived"]) == ("done", 2, 16, 16)


async def test_the_answer_says_where_to_look(ada: httpx.AsyncClient) -> None:
    answer = await bring(ada, b"title\nHeat\n\xc3\xa9" + b"x" * 300 + b"\n")
    place = answer.headers["Location"]
    prefix = ada.base_url.path.rstrip("/")
    assert place.startswith(f"{prefix}/movies/imports/")
    found = (await ada.get(place.removeprefix(prefix))).json()
    assert (found["state"], found["imported"], found["failed"], found["error"]) == ("done", 1, 1, None)


async def test_a_file_that_cannot_be_read_has_failed_and_its_id_may_be_used_again(ada: httpx.AsyncClient) -> None:
    import_id = str(uuid4())
    for content, status, code in (
        (lines(3_000) + b"\xff\xfe\n", 400, "MALFORMED_REQUEST"),
        (b"name\nHeat\n", 422, "VALIDATION_ERROR"),
        (b"title\n" + b"x" * (10 * 1024 * 1024), 413, "PAYLOAD_TOO_LARGE"),
        (b"title\n" + b"x" * (11 * 1024 * 1024), 413, "PAYLOAD_TOO_LARGE"),
    ):
        answer = await bring(ada, content, import_id)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        failed = await look(ada, import_id)
        assert (failed["state"], failed["error"], failed["imported"]) == ("failed", code, 0)
        assert failed["finishedAt"]
    assert (await bring(ada, b"GIF89a", import_id, **{"Content-Type": "image/gif"})).status_code == 415
    assert (await look(ada, import_id))["error"] == "UNSUPPORTED_MEDIA_TYPE"
    assert (await bring(ada, b"title\nHeat\n", import_id)).status_code == 200
    done = await look(ada, import_id)
    assert (done["state"], done["error"]) == ("done", None)
    assert (await ada.get("/movies")).json()["meta"]["total"] == 1


async def test_an_id_brings_a_file_in_once(ada: httpx.AsyncClient) -> None:
    import_id = str(uuid4())
    answers = await asyncio.gather(*(bring(ada, lines(500), import_id) for _ in range(4)))
    assert sorted(a.status_code for a in answers) == [200, 409, 409, 409]
    assert {a.json()["error"]["code"] for a in answers if a.status_code == 409} == {"IMPORT_EXISTS"}
    assert (await bring(ada, lines(500), import_id)).status_code == 409
    assert (await ada.get("/movies")).json()["meta"]["total"] == 500
    assert (await ada.post("/movies/import?importId=mine", content=b"title\n")).status_code == 422


async def test_a_key_answers_with_the_same_place(ada: httpx.AsyncClient) -> None:
    import_id = str(uuid4())
    one, two = [await bring(ada, b"title\nHeat\n", import_id, **{"Idempotency-Key": "once"}) for _ in range(2)]
    assert one.headers["Location"] == two.headers["Location"]
    assert two.headers["Idempotency-Replayed"] == "true"
    assert (one.json(), (await ada.get("/movies/imports")).json()["meta"]["total"]) == (two.json(), 1)


async def test_a_stranger_sees_nothing_and_learns_nothing_by_the_same_id(
    ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    import_id = str(uuid4())
    assert (await bring(ada, lines(3), import_id)).status_code == 200
    assert (await bob.get(f"/movies/imports/{import_id}")).status_code == 404
    assert (await bob.get("/movies/imports")).json()["items"] == []
    assert (await bring(bob, lines(5), import_id)).status_code == 200
    assert ((await look(ada, import_id))["imported"], (await look(bob, import_id))["imported"]) == (3, 5)
    assert (await ada.get(f"/movies/imports/{uuid4()}")).status_code == 404


async def test_they_are_listed_the_newest_first(ada: httpx.AsyncClient) -> None:
    ids = [str(uuid4()) for _ in range(5)]
    for import_id in ids:
        await bring(ada, b"title\nHeat\n", import_id)
    first = (await ada.get("/movies/imports?limit=2")).json()
    assert (first["meta"]["total"], first["meta"]["totalPages"]) == (5, 3)
    second = (await ada.get(f"/movies/imports?limit=2&cursor={first['meta']['nextCursor']}")).json()
    third = (await ada.get("/movies/imports?limit=2&page=3")).json()
    assert [one["id"] for page in (first, second, third) for one in page["items"]] == ids[::-1]
    assert third["meta"]["nextCursor"] is None
    assert (await ada.get("/movies/imports?cursor=nonsense")).status_code == 422
