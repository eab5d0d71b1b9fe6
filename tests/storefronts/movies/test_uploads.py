"""Posters: announced, sent to a signed address, checked by their bytes, and kept in three sizes."""

import io
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image


def picture(kind: str = "JPEG", size: tuple[int, int] = (1600, 1200)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


async def announced(person: httpx.AsyncClient, data: bytes, kind: str = "image/jpeg") -> dict[str, Any]:
    answer = await person.post("/uploads/images", json={"contentType": kind, "size": len(data)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found["method"] == "PUT"
    return found


async def sent(client: httpx.AsyncClient, upload: dict[str, Any], data: bytes) -> httpx.Response:
    """As a browser does: to the address, with the headers, and no token."""
    return await client.put(upload["uploadUrl"], content=data, headers=upload["headers"])


async def completed(person: httpx.AsyncClient, upload: dict[str, Any]) -> httpx.Response:
    return await person.post(f"/uploads/images/{upload['id']}/complete")


async def test_a_picture_is_kept_in_three_sizes_and_is_somebodys_poster(
    ada: httpx.AsyncClient, client: httpx.AsyncClient, root: httpx.AsyncClient
) -> None:
    data = picture()
    upload = await announced(ada, data)
    assert (await client.get(upload["imageUrl"])).status_code == 404
    assert (await sent(client, upload, data)).status_code == 204
    answer = await completed(ada, upload)
    assert answer.status_code == 200, answer.text
    assert (await completed(ada, upload)).json() == answer.json()
    assert answer.json()["imageUrl"] == upload["imageUrl"]
    for size, expected in (("small", (200, 150)), ("medium", (500, 375)), ("large", (1000, 750))):
        thumbnail = await root.get(urlsplit(answer.json()["thumbnails"][size]).path)
        assert Image.open(io.BytesIO(thumbnail.content)).size == expected
        shown = await client.get(upload["imageUrl"], params={"size": size})
        assert (shown.content, shown.headers["content-type"]) == (thumbnail.content, "image/webp")
    movie = await ada.post("/movies", json={"title": "Red", "imageUrl": upload["imageUrl"]})
    assert movie.status_code == 201


@pytest.mark.parametrize("kind", ["image/png", "image/webp"])
async def test_other_kinds_are_taken_too(ada: httpx.AsyncClient, client: httpx.AsyncClient, kind: str) -> None:
    data = picture(kind.removeprefix("image/").upper(), (20, 10))
    upload = await announced(ada, data, kind)
    await sent(client, upload, data)
    assert (await completed(ada, upload)).status_code == 200


async def test_what_is_announced_is_a_picture_of_five_megabytes_at_most(ada: httpx.AsyncClient) -> None:
    for body, status in (
        ({"contentType": "image/gif", "size": 10}, 415),
        ({"contentType": "image/png", "size": 5 * 1024 * 1024 + 1}, 413),
        ({"contentType": "image/png", "size": 0}, 422),
        ({"contentType": "image/png"}, 422),
    ):
        assert (await ada.post("/uploads/images", json=body)).status_code == status


async def test_only_the_signed_address_takes_it(ada: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    data = picture(size=(20, 20))
    one, two = await announced(ada, data), await announced(ada, data)
    signature = two["uploadUrl"].partition("?")[2]
    for tail in ("", "?signature=", "?signature=é", "?signature=AAAA", f"?{signature}", f"?{signature[:-4]}AAAA"):
        answer = await client.put(one["imageUrl"] + tail, content=data, headers=one["headers"])
        assert answer.status_code == 403, tail
    assert (await completed(ada, one)).status_code == 409


async def test_the_address_expires(ada: httpx.AsyncClient, client: httpx.AsyncClient, root: httpx.AsyncClient) -> None:
    data = picture(size=(20, 20))
    upload = await announced(ada, data)
    await root.post("/sandbox/clock", json={"advanceSeconds": 16 * 60})
    answer = await sent(client, upload, data)
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "TOKEN_EXPIRED")


async def test_an_address_takes_one_picture(ada: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    data = picture(size=(20, 20))
    upload = await announced(ada, data)
    await sent(client, upload, data)
    await completed(ada, upload)
    assert (await sent(client, upload, data)).status_code == 410


@pytest.mark.parametrize(
    "data, status",
    [
        (b"<svg onload=alert(1)>", 422),
        (picture("PNG", (20, 20)), 422),
        (picture(size=(200, 200))[:300], 422),
        (b"\xff\xd8\xff" + b"\0" * 300, 422),
    ],
)
async def test_the_bytes_are_looked_at(
    ada: httpx.AsyncClient, client: httpx.AsyncClient, data: bytes, status: int
) -> None:
    upload = await announced(ada, data)
    assert (await sent(client, upload, data)).status_code == 204
    answer = await completed(ada, upload)
    assert answer.status_code in {status, 415}
    assert (await client.get(upload["imageUrl"])).status_code == 404


async def test_what_is_sent_is_what_was_announced(ada: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    data = picture(size=(20, 20))
    upload = await announced(ada, data)
    assert (await sent(client, upload, data + b"x")).status_code == 422
    upload["headers"]["Content-Type"] = "image/png"
    assert (await sent(client, upload, data)).status_code == 422


async def test_anothers_upload_is_not_there(
    ada: httpx.AsyncClient, bob: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    data = picture(size=(20, 20))
    upload = await announced(ada, data)
    await sent(client, upload, data)
    assert (await completed(bob, upload)).status_code == 404
