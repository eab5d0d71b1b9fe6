"""The server is killed at twelve exact moments of a payment: nobody is charged twice, or for nothing, or for free.

At every other moment the customer asks again under the same key; in the round after it, at the others.
`BOOKABLE_WIRE_SEEDS` asks for more rounds, `BOOKABLE_KILL_SEED` for the one that failed.
"""

import asyncio
import os
import random
import secrets
import signal
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from bookable.kernel.tenants import Tenant
from tests.doubles.stripe import StripeDouble
from tests.doubles.wire import Http, Postgres, Wire
from tests.processes.books import Books
from tests.processes.crash_points import POINTS, Marks, Point, Step
from tests.processes.customers import Customer, Line, Story, Wishes
from tests.processes.nursery import Nursery
from tests.processes.programs import ForkedServer
from tests.processes.test_killed import settled

_FIRST = int(os.environ.get("BOOKABLE_KILL_SEED", "0")) or random.randrange(1, 2**32)
ROUNDS = range(int(os.environ.get("BOOKABLE_WIRE_SEEDS", "1")))
HIT = 60.0
"""Seconds within which a point must be reached."""
_GATEWAY = """
SELECT coalesce(sum(leg.amount), 0)::bigint AS cents FROM ledger_movements m,
    unnest(m.accounts, m.amounts) AS leg(account, amount) WHERE leg.account LIKE 'gateway:%'
"""


@dataclass
class Struck:
    """A booking whose server was killed at a point, and what its customer did then."""

    point: Point
    story: Story
    asks_again: bool
    answer: httpx.Response | None = None


@dataclass
class Town:
    """A server between two wires, and everybody around it."""

    server: ForkedServer
    stripe: StripeDouble
    to_stripe: Wire
    to_postgres: Wire
    books: Books
    line: Line
    customer: Customer
    asking: list[asyncio.Task[None]] = field(default_factory=list)

    async def strike(self, point: Point, dice: random.Random, *, asks_again: bool) -> Struck:
        """Bring a new booking to the step, and the server to its end there; it is up again afterwards."""
        story = None
        while story is None:
            story = await self.customer.book()
        marks = Marks(story.booking_id)
        if point.step is not Step.CREATE:
            await self._present(marks)
        if point.step in (Step.REFUND, Step.WEBHOOK):
            await self._pay(marks, "pm_card_visa" if point.step is Step.REFUND else "pm_card_visa_delayed")
        struck = Struck(point, story, asks_again)
        wire = self.to_stripe if point.at_stripe else self.to_postgres
        trap = wire.set(point.trap(marks, dice, lambda: os.kill(self.server.pid, signal.SIGKILL)))
        self.asking.append(asyncio.create_task(self._step(struck, marks)))
        assert await asyncio.to_thread(trap.sprung.wait, HIT), f"{point} was not reached"
        await asyncio.to_thread(self.server.kill)
        await asyncio.to_thread(self.server.start_and_wait)
        return struck

    async def _present(self, marks: Marks) -> None:
        answer = await self._post("/payments/create-intent", {"bookingId": str(marks.booking)})
        marks.intent = answer.json()["data"]["paymentIntentId"]
        (row,) = self.books.rows("SELECT id FROM payments WHERE intent_id = %s", marks.intent)
        marks.payment = row["id"]

    async def _pay(self, marks: Marks, method: str) -> None:
        wish = {"paymentIntentId": marks.intent, "paymentMethod": method}
        assert (await self._post("/payments/confirm", wish)).status_code == 200

    async def _post(self, path: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        headers = {**self.customer.who(), "Idempotency-Key": key or secrets.token_hex(16)}
        return await self.line.ask("POST", path, json=body, headers=headers)

    async def _step(self, struck: Struck, marks: Marks) -> None:
        """What is under way when the server is killed."""
        booking = str(struck.story.booking_id)
        match struck.point.step:
            case Step.CREATE:
                struck.answer = await self._ask(struck, marks, "create-intent", {"bookingId": booking})
            case Step.CONFIRM:
                wish = {"paymentIntentId": marks.intent, "paymentMethod": "pm_card_visa"}
                struck.answer = await self._ask(struck, marks, "confirm", wish)
            case Step.REFUND:
                await self.customer.cancel(struck.story)
            case Step.WEBHOOK:
                self.stripe.payer.succeed(marks.intent)

    async def _ask(self, struck: Struck, marks: Marks, verb: str, body: dict[str, Any]) -> httpx.Response | None:
        """Again and again under the same key, or once."""
        if struck.asks_again:
            return await self._post(f"/payments/{verb}", body, marks.key)
        headers = {**self.customer.who(), "Idempotency-Key": marks.key}
        try:
            return await self.line.client.post(f"/payments/{verb}", json=body, headers=headers)
        except httpx.TransportError:
            return None


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as one:
        yield one


@pytest.fixture
async def town(
    nursery: Nursery, own_url: str, redis_url: str, tmp_path: Path, shop: Tenant, celebrities: list[UUID], books: Books
) -> AsyncIterator[Town]:
    port = urlsplit(own_url).port
    assert port is not None
    with (
        StripeDouble() as stripe,
        Wire(int(stripe.url.rpartition(":")[2]), Http, Http) as to_stripe,
        Wire(port, Postgres) as to_postgres,
    ):
        server = ForkedServer(
            nursery,
            "--no-seed",
            log=tmp_path / "serve.log",
            data_dir=tmp_path / "data",
            database_url=own_url.replace(f":{port}/", f":{to_postgres.port}/"),
            redis_url=redis_url,
            stripe_secret_key=stripe.secret_key,
            stripe_api_base=f"http://127.0.0.1:{to_stripe.port}",
        )
        server.start_and_wait()
        api = f"{server.address}/{shop.slug}/api"
        stripe.deliver_to(f"{api}/webhooks/stripe", "whsec_sandbox", retries=40)
        async with Line.open(api) as line:
            customer = Customer(line, Wishes(celebrities, days=300), random.Random(1))
            await customer.sign_up()
            yield Town(server, stripe, to_stripe, to_postgres, books, line, customer)
        server.kill()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("nth", ROUNDS)
async def test_a_payment_cut_short_anywhere_comes_to_one_end(town: Town, check_ledger: Any, nth: int) -> None:
    seed = _FIRST + nth
    print(f"BOOKABLE_KILL_SEED={seed}")
    dice, began = random.Random(seed), time.monotonic()
    struck = [await town.strike(point, dice, asks_again=(n + seed) % 2 == 0) for n, point in enumerate(POINTS)]
    last = time.monotonic()
    await asyncio.gather(*town.asking)
    converged = await settled(town.books)
    print(f"{len(struck)} kills in {last - began:.0f} s, settled {time.monotonic() - last:.1f} s after the last start")
    print(f"longest wait for an answer {town.line.longest:.1f} s; answers {dict(town.line.seen)}")
    for one in struck:
        must_be_square(town, one)
    must_agree_to_the_cent(town)
    check_ledger()
    assert converged < 60
    assert town.line.longest < 60
    assert town.line.seen["500"] == town.line.seen["without retry-after"] == 0
    assert town.books.failed_jobs() == []


def must_be_square(town: Town, one: Struck) -> None:
    """Charged at most once, and exactly when the booking is confirmed, or was and has its money back."""
    row = town.books.bookings()[one.story.booking_id]
    intents = town.stripe.intents(subject_id=str(one.story.booking_id))
    charges = [charge for intent in intents for charge in town.stripe.charges(intent["id"])]
    kept = sum(charge["amount_captured"] - charge["amount_refunded"] for charge in charges)
    told = f"{one.point} (asks again: {one.asks_again}): {row['status']}, {len(charges)} charges, {kept} kept"
    assert len(charges) <= 1, told
    assert kept == (row["total_cents"] if row["status"] == "confirmed" else 0), told
    match one.point.step:
        case Step.CREATE:
            assert (row["status"], charges) == ("pending", []), told
        case Step.CONFIRM:
            assert row["status"] in ("pending", "confirmed"), told
        case Step.REFUND:
            assert (row["status"], len(charges)) == ("cancelled", 1), told
            assert len([r for i in intents for r in town.stripe.refunds(i["id"])]) == 1, told
        case Step.WEBHOOK:
            assert row["status"] == "confirmed", told
    if one.asks_again and one.point.step in (Step.CREATE, Step.CONFIRM):
        must_have_been_answered(one, row, told)


def must_have_been_answered(one: Struck, row: dict[str, Any], told: str) -> None:
    """Whoever asks again under the same key is told what is so."""
    assert one.answer is not None, told
    assert one.answer.status_code in (200, 201), f"{told}: {one.answer.text}"
    if one.point.step is Step.CONFIRM:
        assert row["status"] == "confirmed", told
    else:
        assert one.answer.json()["data"]["paymentIntentId"] == row["intent_id"], told


def must_agree_to_the_cent(town: Town) -> None:
    """Stripe's books, our payments and our ledger."""
    theirs = town.stripe.totals()["usd"]
    rows = town.books.bookings().values()
    captured = sum(row["captured_cents"] or 0 for row in rows)
    refunded = sum(row["refunded_cents"] or 0 for row in rows)
    (ledger,) = town.books.rows(_GATEWAY.replace("%", "%%"))
    assert (captured, refunded) == (theirs["captured"], theirs["refunded"])
    assert ledger["cents"] == captured - refunded
