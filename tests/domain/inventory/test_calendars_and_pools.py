"""Free time never overlaps but may touch; pools never hold more than there is, and lose nothing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bookable.domain import inventory
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import NotFound
from bookable.kernel.ids import new_id

NINE = datetime(2031, 5, 14, 9, tzinfo=UTC)


def minutes(n: int) -> timedelta:
    return timedelta(minutes=n)


async def take(
    tx: Transaction, calendar: UUID, start: int, end: int, holder: UUID | None = None, until: datetime | None = None
) -> UUID:
    return await inventory.take(
        tx, calendar, NINE + minutes(start), NINE + minutes(end), holder_id=holder or new_id(), until=until
    )


@pytest.mark.parametrize("start,end", [(-15, 1), (0, 30), (10, 20), (29, 60), (-30, 90)])
async def test_times_that_overlap_exclude_each_other(db: Database, system: Actor, start: int, end: int) -> None:
    calendar = new_id()
    async with db.transaction(system) as tx:
        await take(tx, calendar, 0, 30)
        with pytest.raises(inventory.SlotTaken):
            await take(tx, calendar, start, end)


async def test_times_that_touch_do_not(db: Database, system: Actor) -> None:
    calendar = new_id()
    async with db.transaction(system) as tx:
        for start in (0, 30, -30):
            await take(tx, calendar, start, start + 30)


async def test_lapsed_holds_in_the_way_are_let_go(db: Database, system: Actor, clock: Clock) -> None:
    calendar, until = new_id(), clock.now() + minutes(15)
    async with db.transaction(system) as tx:
        await take(tx, calendar, 0, 30, until=until)
        await take(tx, calendar, 30, 60, until=until)
        await take(tx, calendar, 60, 90)
    clock.offset = minutes(16)
    async with db.transaction(system) as tx:
        await take(tx, calendar, 0, 60)
        with pytest.raises(inventory.SlotTaken):
            await take(tx, calendar, 50, 70)


async def test_free_time_moves_onto_what_it_overlaps_itself(db: Database, system: Actor) -> None:
    calendar, holder = new_id(), new_id()
    async with db.transaction(system) as tx:
        await take(tx, calendar, 0, 30, holder)
        await take(tx, calendar, 60, 90)
    async with db.transaction(system) as tx:
        await inventory.move(tx, calendar, NINE + minutes(15), NINE + minutes(45), holder_id=holder, until=None)
        with pytest.raises(inventory.SlotTaken):
            await inventory.move(tx, calendar, NINE + minutes(45), NINE + minutes(75), holder_id=holder, until=None)
        await take(tx, calendar, 0, 15)
        with pytest.raises(inventory.SlotTaken):
            await take(tx, calendar, 15, 20)


async def test_free_time_is_given_back_and_taken_again(db: Database, system: Actor) -> None:
    calendar, holder = new_id(), new_id()
    async with db.transaction(system) as tx:
        await take(tx, calendar, 0, 30, holder)
        assert await inventory.release(tx, holder) == 1
        await inventory.retake(tx, holder)
        assert await inventory.firm_up(tx, holder)
        with pytest.raises(inventory.SlotTaken):
            await take(tx, calendar, 0, 30)


async def test_a_pool_holds_what_there_is_and_no_more(db: Database, system: Actor) -> None:
    async with db.transaction(system) as tx:
        pool = await inventory.open_pool(tx, 5)
        await inventory.take_from_pool(tx, pool, 3, holder_id=new_id(), until=None)
        with pytest.raises(inventory.SoldOut):
            await inventory.take_from_pool(tx, pool, 3, holder_id=new_id(), until=None)
        await inventory.take_from_pool(tx, pool, 2, holder_id=new_id(), until=None)
        assert await inventory.places(tx, pool) == inventory.Places(capacity=5, taken=5)
        assert await inventory.mismatches(tx) == []


async def test_expired_places_come_back_before_sold_out_is_said(db: Database, system: Actor, clock: Clock) -> None:
    async with db.transaction(system) as tx:
        pool = await inventory.open_pool(tx, 4)
        await inventory.take_from_pool(tx, pool, 2, holder_id=new_id(), until=clock.now() + minutes(15))
        await inventory.take_from_pool(tx, pool, 1, holder_id=new_id(), until=None)
    clock.offset = minutes(15) + timedelta(seconds=1)
    async with db.transaction(system) as tx:
        assert (await inventory.places(tx, pool)).taken == 1
        await inventory.take_from_pool(tx, pool, 3, holder_id=new_id(), until=None)
        assert await inventory.mismatches(tx) == []


async def test_a_pool_shrinks_to_what_is_taken_and_no_further(db: Database, system: Actor, clock: Clock) -> None:
    async with db.transaction(system) as tx:
        pool = await inventory.open_pool(tx, 10)
        await inventory.take_from_pool(tx, pool, 3, holder_id=new_id(), until=None)
        await inventory.take_from_pool(tx, pool, 4, holder_id=new_id(), until=clock.now() + minutes(1))
        with pytest.raises(inventory.BelowTaken) as refused:
            await inventory.resize(tx, pool, 5)
        assert refused.value.details["items"] == [{"capacity": 5, "taken": 7}]
        with pytest.raises(NotFound):
            await inventory.resize(tx, new_id(), 5)
    clock.offset = minutes(2)
    async with db.transaction(system) as tx:
        await inventory.resize(tx, pool, 3)
        assert await inventory.places(tx, pool) == inventory.Places(capacity=3, taken=3)


async def test_a_holder_with_time_and_places_keeps_or_loses_both(db: Database, system: Actor, clock: Clock) -> None:
    calendar, holder, until = new_id(), new_id(), clock.now() + minutes(15)
    async with db.transaction(system) as tx:
        pool = await inventory.open_pool(tx, 1)
        await take(tx, calendar, 0, 30, holder, until)
        await inventory.take_from_pool(tx, pool, 1, holder_id=holder, until=until)
    clock.offset = minutes(16)
    rival = new_id()
    async with db.transaction(system) as tx:
        await inventory.take_from_pool(tx, pool, 1, holder_id=rival, until=None)
        assert not await inventory.firm_up(tx, holder)
        with pytest.raises(inventory.SoldOut):
            await inventory.retake(tx, holder)
        assert await inventory.release(tx, holder) == 1
        await take(tx, calendar, 0, 30, rival)
        assert await inventory.release(tx, rival) == 2
        await inventory.retake(tx, holder)
        assert await inventory.mismatches(tx) == []
        assert (await inventory.places(tx, pool)).taken == 1
