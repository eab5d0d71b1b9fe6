"""Collections come in and go out as files: every row has its line in the report, and nothing gets lost on the way."""

import json
import time
from typing import Any

import httpx
import pytest

CSV = '''\ufefftitle,year,imageUrl,rating,watched,extra
Heat,1995,https://example.com/heat.jpg,8.2,true,x
,1999,,,,
Alien,79,ftp://example.com,eleven,perhaps,
"Good, the Bad and the ""Ugly""",1966,,8.8,no

=SUM(A1),2001
'''


async def brought(person: httpx.AsyncClient, content: str | bytes, kind: str = "text/csv") -> dict[str, Any]:
    answer = await person.post("/movies/import", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_every_row_is_taken_or_refused_with_its_reasons(ada: httpx.AsyncClient) -> None:
    report = await brought(ada, CSV)
    assert (report["imported"], report["failed"]) == (3, 2)
    assert [row["row"] for row in report["rows"]] == [1, 2, 3, 4, 5]
    assert [set(row) for row in report["rows"]] == [{"row", k} for k in ("id", "errors", "errors", "id", "id")]
    assert [e["field"] for e in report["rows"][1]["errors"]] == ["title"]
    assert {e["field"] for e in report["rows"][2]["errors"]} == {"year", "imageUrl", "rating", "watched"}
    heat = (await ada.get(f"/movies/{report['rows'][0]['id']}")).json()
    assert (heat["title"], heat["year"], heat["rating"], heat["watched"]) == ("Heat", "1995", 8.2, True)
    assert (await ada.get("/movies?year=1966")).json()["items"][0]["title"] == 'Good, the Bad and the "Ugly"'
    assert (await ada.get("/movies")).json()["meta"]["total"] == 3


@pytest.mark.parametrize("wrapped", [False, True])
async def test_json_comes_in_too(ada: httpx.AsyncClient, wrapped: bool) -> None:
    good = [{"title": "Heat", "year": 1995, "rating": 8}, {"title": "Up", "year": "2009"}]
    rows = [good[0], {"title": 7, "year": True}, "Alien", good[1]]
    report = await brought(ada, json.dumps({"items": rows} if wrapped else rows), "application/json")
    assert (report["imported"], report["failed"]) == (2, 2)
    assert [e["field"] for e in report["rows"][2]["errors"]] == ["row"]
    assert {e["field"] for e in report["rows"][1]["errors"]} == {"title", "year"}


async def test_a_form_brings_a_file(ada: httpx.AsyncClient) -> None:
    answer = await ada.post("/movies/import", files={"file": ("films.csv", b"title;year\r\nHeat;1995\r\n", "text/csv")})
    assert answer.json()["imported"] == 1
    assert (await ada.post("/movies/import", files={"other": ("x", b"title\nHeat\n")})).status_code == 422


@pytest.mark.parametrize(
    "content, kind, status",
    [
        (b"", "text/csv", 422),
        (b"name,year\nHeat,1995\n", "text/csv", 422),
        (b"title\n\xff\xfe\n", "text/csv", 400),
        (b'title\n"' + b"x" * 200_000 + b'"\n', "text/csv", 400),
        (b"[{", "application/json", 400),
        (b'{"title": "Heat"}', "application/json", 422),
        (b"title\nHeat\n", "image/png", 415),
        (b"title\n" + b"a\n" * 100_001, "text/csv", 422),
        (b"title\n" + b"x" * (10 * 1024 * 1024), "text/csv", 413),
        (b"title\n" + b"x" * (11 * 1024 * 1024), "text/csv", 413),
        (b"--b\r\n", "multipart/form-data; boundary=b", 422),
        (b"", "multipart/form-data", 400),
    ],
)
async def test_what_is_no_file_of_films_brings_nothing(
    ada: httpx.AsyncClient, content: bytes, kind: str, status: int
) -> None:
    answer = await ada.post("/movies/import", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert (await ada.get("/movies")).json()["meta"]["total"] == 0


async def test_what_goes_out_comes_in_again(ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    titles = ["Heat", "=1+1", "'=1+1", "'n Sync", "-", "a,b", 'c"d', "Amélie 🎬", "\N{EM DASH}"]
    for title in titles:
        movie = {"title": title, "year": "1999", "notes": "+note\nmore", "rating": 7.25, "watched": True}
        assert (await ada.post("/movies", json=movie)).status_code == 201
    for kind, said in (("csv", "text/csv"), ("json", "application/json")):
        answer = await ada.get(f"/movies/export?format={kind}")
        assert answer.headers["content-type"].startswith(said)
        assert answer.headers["content-disposition"] == f'attachment; filename="movies.{kind}"'
        report = await brought(bob, answer.content, said)
        assert (report["imported"], report["failed"]) == (len(titles), 0)
        back = (await bob.get("/movies?sort=createdAt&limit=100&page=1")).json()["items"][-len(titles) :]
        assert [m["title"] for m in back] == titles
        assert {m["notes"] for m in back} == {"+note\nmore"}
        assert {(m["year"], m["rating"], m["watched"]) for m in back} == {("1999", 7.25, True)}


async def test_no_cell_that_goes_out_is_a_formula(ada: httpx.AsyncClient) -> None:
    for sign in "=+-@":
        await ada.post("/movies", json={"title": f"{sign}cmd|' /C calc'!A0"})
    lines = (await ada.get("/movies/export")).text.splitlines()[1:]
    assert [line.split(",")[1][:2] for line in lines] == ["'=", "'+", "'-", "'@"]


async def test_an_empty_collection_goes_out_empty(ada: httpx.AsyncClient) -> None:
    assert (await ada.get("/movies/export?format=json")).json() == []
    assert (await ada.get("/movies/export?format=csv")).text.count("\n") == 1
    assert (await ada.get("/movies/export?format=xml")).status_code == 422


async def test_ten_thousand_rows_take_far_less_than_a_minute(ada: httpx.AsyncClient) -> None:
    lines = "".join(f"Film {n},{1900 + n % 120},{n % 11}\n" for n in range(10_000))
    began = time.perf_counter()
    report = await brought(ada, "title,year,rating\n" + lines)
    assert time.perf_counter() - began < 20
    assert (report["imported"], report["failed"], len(report["rows"])) == (10_000, 0, 10_000)
    assert (await ada.get("/movies")).json()["meta"]["total"] == 10_000
    assert [row["id"] for row in report["rows"]] == sorted(row["id"] for row in report["rows"])
    first = (await ada.get(f"/movies/{report['rows'][0]['id']}")).json()
    assert first["title"] == "Film 0"


async def test_a_key_brings_a_file_in_once(ada: httpx.AsyncClient) -> None:
    for _ in range(2):
        answer = await ada.post(
            "/movies/import", content="title\nHeat\n", headers={"Content-Type": "text/csv", "Idempotency-Key": "once"}
        )
        assert answer.json()["imported"] == 1
    assert (await ada.get("/movies")).json()["meta"]["total"] == 1
