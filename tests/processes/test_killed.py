"""Server and worker are killed at random under load: what was acknowledged is so, once, and no hand is needed.

`BOOKABLE_KILL_BOOKINGS` asks for more bookings, `BOOKABLE_KILL_SEED` for the run that failed.
"""

import asyncio
import os
import random
import time
from collections.abc import Callable
from uuid import UUID

import pytest

from bookable.kernel.tenants import Tenant
from tests.processes.books import Books
from tests.processes.customers import Customer, Line, Wishes
from tests.processes.programs import Program, Server

BOOKINGS = int(os.environ.get("BOOKABLE_KILL_BOOKINGS", "100"))
KILLS = int(os.environ.get("BOOKABLE_KILLS", "6"))
SEED = int(os.environ.get("BOOKABLE_KILL_SEED", "0")) or random.randrange(1, 2**32)
CUSTOMERS = 20
CONVERGED = 60.0


async def _trouble(server: Server, worker: Program, dice: random.Random) -> float:
    """Kill one of them every few seconds, and start it again; answers when the last one was up again."""
    for _ in range(KILLS):
        await asyncio.sleep(dice.uniform(0.3, 2.5))
        if dice.random() < 0.6:
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start_and_wait)
        else:
            await asyncio.to_thread(worker.kill)
            worker.start()
    return time.monotonic()


async def settled(books: Books) -> float:
    """How long it took until nothing was left to do."""
    began = time.monotonic()
    while left := await asyncio.to_thread(books.unsettled):
        assert time.monotonic() < began + CONVERGED, f"not settled: {left}"
        await asyncio.sleep(0.25)
    return time.monotonic() - began


@pytest.mark.timeout(600)
async def test_what_was_acknowledged_outlives_every_kill(
    shop: Tenant,
    celebrities: list[UUID],
    books: Books,
    serving: Callable[..., Server],
    working: Callable[[Server], Program],
    check_ledger: Callable[[], None],
) -> None:
    print(f"BOOKABLE_KILL_SEED={SEED} BOOKABLE_KILL_BOOKINGS={BOOKINGS} BOOKABLE_KILLS={KILLS}")
    dice = random.Random(SEED)
    server = serving()
    worker = working(server)
    server.start_and_wait()
    worker.start()
    wishes = Wishes(celebrities, days=max(2, BOOKINGS // 20), thinking=2.5)
    began = time.monotonic()
    async with Line.open(f"{server.address}/{shop.slug}/api") as line:
        customers = [Customer(line, wishes, random.Random(dice.random())) for _ in range(CUSTOMERS)]
        trouble = asyncio.create_task(_trouble(server, worker, dice))
        await asyncio.gather(*(customer.live(BOOKINGS // CUSTOMERS) for customer in customers))
        last_start = await trouble
    converged = await settled(books)
    ended = books.must_agree_with([story for customer in customers for story in customer.stories])
    check_ledger()
    print(f"{dict(ended)}, {KILLS} kills in {last_start - began:.0f} s of {time.monotonic() - began:.0f}")
    print(f"longest wait for an answer {line.longest:.1f} s, settled {converged:.1f} s after the last one")
    print(f"answers {dict(line.seen)}")
    assert line.longest < CONVERGED
    assert sum(line.seen[e] for e in ("ConnectError", "ReadError", "RemoteProtocolError")) > 0, "nothing was hit"
    assert line.seen["500"] == line.seen["502"] == line.seen["without retry-after"] == 0
