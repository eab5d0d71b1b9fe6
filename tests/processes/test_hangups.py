"""Clients that hang up in the middle leave nothing behind: no open transaction, nobody else's context."""

import asyncio
import json
import os
import random
import socket
import struct
import time
from collections.abc import Callable
from uuid import UUID

import httpx

from bookable.kernel.tenants import Tenant
from tests.processes.books import Books
from tests.processes.customers import PASSWORD, Wishes
from tests.processes.programs import Server

CUT = int(os.environ.get("BOOKABLE_HANGUPS", "300"))
SEED = int(os.environ.get("BOOKABLE_KILL_SEED", "0")) or random.randrange(1, 2**32)
_IDLE = """
SELECT count(*) AS n FROM pg_stat_activity
WHERE datname = current_database() AND state LIKE 'idle in transaction%%' AND pid <> pg_backend_pid()
"""
_AT_ONCE = struct.pack("ii", 1, 0)


async def _sign_up(client: httpx.AsyncClient, name: str) -> str:
    person = {"email": f"{name}@example.com", "password": PASSWORD, "firstName": name, "lastName": "B"}
    answer = await client.post("/auth/register", json=person)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["token"])


def _request(path: str, token: str, body: dict[str, object] | None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    head = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}"]
    head += ["Content-Type: application/json", f"Content-Length: {len(content)}", "", ""]
    return "\r\n".join(head).encode() + content


async def _cut(port: int, request: bytes, dice: random.Random) -> None:
    """Send all of it or a part, wait a moment or none, and hang up with or without a word."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    whole = dice.random() < 0.6
    writer.write(request if whole else request[: dice.randrange(len(request))])
    await writer.drain()
    await asyncio.sleep(dice.uniform(0, 0.02))
    if dice.random() < 0.5:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    writer.transport.abort()


def _until_nothing_is_open(books: Books) -> None:
    """A moment is fine: requests that were sent whole are worked on whether or not somebody waits."""
    end = time.monotonic() + 5
    while books.rows(_IDLE)[0]["n"]:
        assert time.monotonic() < end, "somebody left a transaction open"
        time.sleep(0.05)


async def test_requests_cut_at_random_leave_nothing_behind(
    shop: Tenant, celebrities: list[UUID], books: Books, serving: Callable[..., Server]
) -> None:
    print(f"BOOKABLE_KILL_SEED={SEED}")
    dice = random.Random(SEED)
    server = serving(database_pool_size=4)
    server.start_and_wait()
    base, wishes = f"/{shop.slug}/api", Wishes(celebrities, days=600)
    async with httpx.AsyncClient(base_url=f"{server.address}{base}", timeout=30) as client:
        tokens = {name: await _sign_up(client, name) for name in ("ada", "bob", "cleo")}

        async def hang_up() -> None:
            token = dice.choice([*tokens.values(), "nonsense"])
            booking = {**wishes.meeting(dice), "contactEmail": "x@example.com"}
            asked = dice.choice([("/users/me", None), ("/celebrities", None), ("/bookings", booking)])
            await _cut(server.port, _request(base + asked[0], token, asked[1]), dice)

        async def look() -> None:
            name = dice.choice(list(tokens))
            answer = await client.get("/users/me", headers={"Authorization": f"Bearer {tokens[name]}"})
            assert answer.status_code == 200, answer.text
            assert answer.json()["data"]["user"]["firstName"] == name

        for _ in range(CUT // 20):
            await asyncio.gather(*(hang_up() for _ in range(20)), *(look() for _ in range(10)))
        await asyncio.to_thread(_until_nothing_is_open, books)
        for name, token in tokens.items():
            mine = await client.get("/bookings", headers={"Authorization": f"Bearer {token}"}, params={"limit": "100"})
            owners = books.rows(
                "SELECT count(*) AS n FROM bookings JOIN users u ON u.id = user_id WHERE u.email = %s",
                f"{name}@example.com",
            )
            assert mine.json()["data"]["total"] == owners[0]["n"]
    assert server.is_ready()
    assert '"status": 500' not in server.log
    assert books.overlaps() == 0
