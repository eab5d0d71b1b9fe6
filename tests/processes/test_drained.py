"""A server or worker that is asked to end finishes what it has begun: no 5xx, and no effect without its answer."""

import asyncio
import json
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import httpx

from bookable.kernel.tenants import Tenant
from tests.processes.books import Books
from tests.processes.customers import PASSWORD, Wishes
from tests.processes.programs import Program, Server

CLIENTS = 20


@dataclass
class Askers:
    """Guests who book again and again, each time on a connection of its own, until nobody listens any more."""

    address: str
    wishes: Wishes
    answers: Counter[int] = field(default_factory=Counter)
    acknowledged: set[str] = field(default_factory=set)
    lost: int = 0
    over: bool = False

    async def ask(self, client: httpx.AsyncClient) -> None:
        email = f"d{secrets.token_hex(8)}@example.com"
        meeting = {**self.wishes.meeting(random.Random()), "contactEmail": email}
        headers = {"Idempotency-Key": secrets.token_hex(8), "Connection": "close"}
        answer = await client.post("/bookings", json=meeting, headers=headers)
        self.answers[answer.status_code] += 1
        if answer.status_code == 201:
            self.acknowledged.add(email)

    async def keep_asking(self) -> None:
        async with httpx.AsyncClient(base_url=self.address, timeout=20) as client:
            while not self.over:
                try:
                    await self.ask(client)
                except httpx.ConnectError:
                    return
                except httpx.TransportError:
                    self.lost += 1
                    return


async def test_a_server_asked_to_end_answers_what_it_has_begun(
    shop: Tenant, celebrities: list[UUID], books: Books, serving: Callable[..., Server]
) -> None:
    server = serving()
    server.start_and_wait()
    askers = Askers(f"{server.address}/{shop.slug}/api", Wishes(celebrities, days=600))
    asking = [asyncio.create_task(askers.keep_asking()) for _ in range(CLIENTS)]
    await asyncio.sleep(2)
    before, began = sum(askers.answers.values()), time.monotonic()
    code = await asyncio.to_thread(server.stop)
    took = time.monotonic() - began
    await asyncio.gather(*asking)
    print(f"{dict(askers.answers)}, {before} before the signal; {askers.lost} not taken in; ended in {took:.1f} s")
    assert code == 0
    assert took < 15
    assert askers.answers.keys() <= {201, 409}
    assert {row["contact_email"] for row in books.bookings().values()} == askers.acknowledged


async def test_a_slow_request_is_answered_though_the_end_was_asked_for(
    shop: Tenant, celebrities: list[UUID], serving: Callable[..., Server]
) -> None:
    server = serving()
    server.start_and_wait()
    body = json.dumps({"email": "late@example.com", "password": PASSWORD, "firstName": "A", "lastName": "B"}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = f"POST /{shop.slug}/api/auth/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:-1])
    await writer.drain()
    await asyncio.sleep(0.3)
    server.ask_to_end()
    await asyncio.sleep(0.5)
    writer.write(body[-1:])
    assert (await reader.readline()).startswith(b"HTTP/1.1 201 ")
    writer.close()
    assert await asyncio.to_thread(server.stop) == 0


def _until_a_mail_is_out(books: Books) -> None:
    end = time.monotonic() + 30
    while not books.rows("SELECT 1 FROM sandbox_mails"):
        assert time.monotonic() < end
        time.sleep(0.02)


async def test_a_worker_asked_to_end_leaves_nothing_half_done(
    shop: Tenant, books: Books, serving: Callable[..., Server], working: Callable[[Server], Program]
) -> None:
    server = serving("--no-worker")
    worker = working(server)
    server.start_and_wait()
    async with httpx.AsyncClient(base_url=f"{server.address}/{shop.slug}/api", timeout=30) as client:
        for n in range(15):
            person = {"email": f"w{n}@example.com", "password": PASSWORD, "firstName": "A", "lastName": "B"}
            assert (await client.post("/auth/register", json=person)).status_code == 201
    worker.start()
    await asyncio.to_thread(_until_a_mail_is_out, books)
    assert await asyncio.to_thread(worker.stop) == 0
    assert "Stopped." in worker.log
    assert books.rows("SELECT id FROM procrastinate_jobs WHERE status IN ('doing', 'failed')") == []
    sent, left = len(books.rows("SELECT 1 FROM sandbox_mails")), books.unsettled().get("mails", 0)
    assert sent + left == 15
