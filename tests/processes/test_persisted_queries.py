"""A query that one server was sent is known to the others by its hash; without Valkey each knows its own."""

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any

import httpx

from bookable.kernel.db import Database
from tests import make
from tests.processes.programs import Server, free_port

PERSON = {"name": "Ada Byron", "email": "ada@example.com", "password": "Films-and-more-1815"}


def asked(text: str, *, whole: bool) -> dict[str, Any]:
    digest = hashlib.sha256(text.encode()).hexdigest()
    persisted = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}
    return persisted | ({"query": text} if whole else {})


async def test_what_one_server_was_sent_the_other_knows(house: Database, serving: Callable[..., Server]) -> None:
    shop = await make.tenant(house, kind="movies")
    gone = f"redis://127.0.0.1:{free_port()}/0"
    servers = [serving("--no-worker"), serving("--no-worker"), serving("--no-worker", redis_url=gone)]
    for server in servers:
        await asyncio.to_thread(server.start_and_wait) if server is not servers[2] else server.start()
    bases = [f"{server.address}/{shop.slug}" for server in servers]
    text = f"{{ me {{ name }} }} # {make.word()}"
    async with httpx.AsyncClient(timeout=60) as person:

        async def ask(base: str, *, whole: bool) -> dict[str, Any]:
            answer = await person.post(f"{base}/graphql", json=asked(text, whole=whole))
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()
            return found

        token = (await person.post(f"{bases[0]}/auth/signup", json=PERSON)).json()["accessToken"]
        assert "errors" in await ask(bases[0], whole=True), "nobody has signed in"
        person.headers["Authorization"] = f"Bearer {token}"
        unknown = await ask(bases[1], whole=False)
        assert unknown["errors"][0]["message"] == "PersistedQueryNotFound"
        known = {"data": {"me": {"name": "Ada Byron"}}}
        assert await ask(bases[0], whole=True) == known
        assert await ask(bases[1], whole=False) == known

        await asyncio.to_thread(_until_up, servers[2])
        assert await ask(bases[2], whole=False) == unknown, "without Valkey"
        assert await ask(bases[2], whole=True) == known
        assert await ask(bases[2], whole=False) == known


def _until_up(server: Server) -> None:
    """It is not ready without Valkey, but it answers."""
    for _ in range(600):
        try:
            httpx.get(f"{server.address}/health", timeout=5)
        except httpx.TransportError:
            continue
        return
    raise AssertionError(server.log[-4000:])
