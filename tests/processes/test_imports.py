"""A file on its slow way in can be watched over another connection; a server killed meanwhile leaves nothing of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bookable.kernel.db import Database
from tests import make
from tests.processes.programs import Server

PERSON = {"name": "Ada Byron", "email": "ada@example.com", "password": "Films-and-more-1815"}
LINE = b"Heat,1995\n"


async def _slowly(pieces: int) -> AsyncIterator[bytes]:
    yield b"title,year\n"
    for _ in range(pieces):
        await asyncio.sleep(0.1)
        yield LINE * 100


async def _seen(person: httpx.AsyncClient, import_id: str, received: int) -> dict[str, Any]:
    """How it stands once so much has arrived."""
    end = time.monotonic() + 60
    while True:
        found: dict[str, Any] = (await person.get(f"/movies/imports/{import_id}")).json()
        if found.get("bytesReceived", 0) >= received:
            return found
        assert time.monotonic() < end, found
        await asyncio.sleep(0.05)


async def test_a_killed_import_is_found_out_and_can_be_sent_again(
    house: Database, serving: Callable[..., Server]
) -> None:
    shop = await make.tenant(house, kind="movies")
    server = serving("--no-worker")
    server.start_and_wait()
    import_id = str(uuid4())
    async with httpx.AsyncClient(base_url=f"{server.address}/{shop.slug}", timeout=60) as person:
        token = (await person.post("/auth/signup", json=PERSON)).json()["accessToken"]
        person.headers["Authorization"] = f"Bearer {token}"
        place, csv = f"/movies/import?importId={import_id}", {"Content-Type": "text/csv"}

        sending = asyncio.create_task(person.post(place, content=_slowly(100), headers=csv))
        seen = [await _seen(person, import_id, size) for size in (1_000, 5_000, 9_000)]
        assert {one["state"] for one in seen} == {"running"}
        assert seen[0]["bytesReceived"] < seen[1]["bytesReceived"] < seen[2]["bytesReceived"]
        await asyncio.to_thread(server.kill)
        with pytest.raises(httpx.TransportError):
            await sending

        await asyncio.to_thread(server.start_and_wait)
        async with httpx.AsyncClient(base_url=server.address) as root:
            await root.post("/sandbox/clock", json={"advanceSeconds": 31})
        dead = (await person.get(f"/movies/imports/{import_id}")).json()
        assert (dead["state"], dead["error"], dead["imported"]) == ("failed", "IMPORT_INTERRUPTED", 0)
        assert (await person.get("/movies")).json()["meta"]["total"] == 0

        again = await person.post(place, content=_slowly(3), headers=csv)
        assert (again.status_code, again.json()["imported"]) == (200, 300)
        assert (await person.get(f"/movies/imports/{import_id}")).json()["state"] == "done"
