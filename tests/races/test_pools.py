"""G2: of N places exactly N are had: not one more, and when enough are wanted, not one fewer."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import asyncpg
import pytest

from bookable.domain import inventory
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.errors import DomainError
from bookable.kernel.ids import new_id
from tests.races.arena import CLIENTS, race, rows

_HELD = "SELECT coalesce(sum(quantity), 0)::int AS held FROM pool_holds WHERE pool_id = $1 AND holds"


async def pool_of(db: Database, system: Actor, capacity: int) -> UUID:
    async with db.transaction(system) as tx:
        return await inventory.open_pool(tx, capacity)


async def buy(db: Database, system: Actor, pool: UUID, quantity: int, *, expired: bool = False) -> int:
    until = db.clock.now() - timedelta(seconds=1) if expired else None
    async with db.transaction(system) as tx:
        await inventory.take_from_pool(tx, pool, quantity, holder_id=new_id(), until=until)
    return quantity


async def whole(db: Database, system: Actor, pool: UUID, capacity: int) -> int:
    """How many are held, which is never more than there are, and what the counter says."""
    held = (await rows(db, _HELD, pool))[0]["held"]
    assert held <= capacity
    async with db.transaction(system) as tx:
        assert await inventory.mismatches(tx) == []
    return int(held)


async def buy_naively(db: Database, system: Actor, pool: UUID, quantity: int) -> int:
    """What looks right and is not: read how many are left, then write."""
    owner = await asyncpg.connect(db.url)
    try:
        async with owner.transaction():
            row = await owner.fetchrow("SELECT capacity, taken FROM pools WHERE id = $1", pool)
            assert row is not None
            if row["taken"] + quantity > row["capacity"]:
                raise inventory.SoldOut
            await owner.execute("UPDATE pools SET taken = $2 WHERE id = $1", pool, row["taken"] + quantity)
            await owner.execute(
                "INSERT INTO pool_holds (tenant_id, id, pool_id, quantity, holder_id, created_at)"
                " VALUES ($1, $2, $3, $4, $5, now())",
                system.tenant_id,
                new_id(),
                pool,
                quantity,
                new_id(),
            )
    finally:
        await owner.close()
    return quantity


async def sale(
    db: Database, system: Actor, buyer: Callable[[Database, Actor, UUID, int], Awaitable[int]], capacity: int
) -> UUID:
    pool = await pool_of(db, system, capacity)
    outcome = (await race([partial(buyer, db, system, pool, random.randint(1, 4)) for _ in range(CLIENTS)])).clean()
    assert set(outcome.refused) <= {"SOLD_OUT"}
    assert await whole(db, system, pool, capacity) == sum(outcome.won)
    return pool


async def test_mixed_quantities_never_oversell_and_lose_nothing(db: Database, system: Actor) -> None:
    for _ in range(10):
        pool = await sale(db, system, buy, 40)
        held = await whole(db, system, pool, 40)
        await race([partial(buy, db, system, pool, 1) for _ in range(5)])
        assert held >= 37
        assert await whole(db, system, pool, 40) == 40


async def test_places_of_expired_holds_are_sold_once_each(db: Database, system: Actor) -> None:
    for _ in range(10):
        pool = await pool_of(db, system, 20)
        for _ in range(10):
            await buy(db, system, pool, 2, expired=True)
        outcome = (await race([partial(buy, db, system, pool, 1) for _ in range(CLIENTS)])).clean()
        assert sum(outcome.won) == 20
        assert await whole(db, system, pool, 20) == 20


async def test_buying_giving_back_firming_and_expiring_all_at_once(db: Database, system: Actor) -> None:
    """CAP-3: at every look, what is held fits; at the end, the counter is the recount."""
    capacity = 30
    pool = await pool_of(db, system, capacity)
    ended = asyncio.Event()

    async def client() -> None:
        for _ in range(12):
            holder = new_id()
            lasts = random.choice([timedelta(milliseconds=5), timedelta(minutes=15)])
            try:
                async with db.transaction(system) as tx:
                    await inventory.take_from_pool(
                        tx, pool, random.randint(1, 4), holder_id=holder, until=tx.clock.now() + lasts
                    )
            except DomainError:
                continue
            async with db.transaction(system) as tx:
                if random.random() < 0.5:
                    await inventory.firm_up(tx, holder)
                if random.random() < 0.9:
                    await inventory.release(tx, holder)
                    await inventory.release(tx, holder)

    async def watcher() -> int:
        looks = 0
        while not ended.is_set():
            await whole(db, system, pool, capacity)
            looks += 1
            await asyncio.sleep(0.05)
        return looks

    watching = asyncio.create_task(watcher())
    outcome = await race([client for _ in range(40)])
    ended.set()
    assert await watching > 0
    outcome.clean()
    assert len(outcome.won) == 40
    await whole(db, system, pool, capacity)


async def test_resizing_while_selling_never_cuts_below_what_is_sold(db: Database, system: Actor) -> None:
    """CAP-2: an edit succeeds if it fits when it is made, and is refused with the figures otherwise."""
    pool = await pool_of(db, system, 40)

    async def edit(capacity: int) -> int:
        async with db.transaction(system) as tx:
            await inventory.resize(tx, pool, capacity)
        return 0

    clients: list[Callable[[], Awaitable[int]]] = [partial(buy, db, system, pool, 1) for _ in range(35)]
    clients += [partial(edit, random.choice([10, 20, 30, 40])) for _ in range(15)]
    outcome = (await race(clients)).clean()
    assert set(outcome.refused) <= {"SOLD_OUT", "CONFLICT"}
    held = await whole(db, system, pool, 40)
    async with db.transaction(system) as tx:
        figures = await inventory.places(tx, pool)
    assert figures.taken == held == sum(outcome.won) <= figures.capacity


async def test_two_pools_taken_in_any_order_by_a_holder_are_given_back_without_a_circle(
    db: Database, system: Actor
) -> None:
    first, second = sorted([await pool_of(db, system, 100), await pool_of(db, system, 100)])
    people = [new_id() for _ in range(CLIENTS)]
    async with db.transaction(system) as tx:
        for person in people:
            for pool in random.sample([first, second], 2):
                await inventory.take_from_pool(tx, pool, 1, holder_id=person, until=None)

    async def give_back(several: list[UUID]) -> int:
        async with db.transaction(system) as tx:
            return await inventory.release(tx, *several)

    outcome = (await race([partial(give_back, random.sample(people, 5)) for _ in range(CLIENTS)])).clean()
    left = await whole(db, system, first, 100)
    assert sum(outcome.won) == 2 * (CLIENTS - left)


async def test_control_reading_before_writing_sells_more_than_there_is(db: Database, system: Actor) -> None:
    for _ in range(20):
        try:
            await sale(db, system, buy_naively, 10)
        except AssertionError:
            return
    pytest.fail("the naive sale never oversold: this race shows nothing")
