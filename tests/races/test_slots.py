"""G1: time is never taken twice, however many want it; losers are told, and nobody waits in a circle."""

import random
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

import pytest

from bookable.domain import inventory
from bookable.domain.inventory.queries import holders
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.ids import new_id
from tests import make
from tests.races.arena import CLIENTS, Outcome, race, rows

MORNING = inventory.DayPart("morning", time(9), time(12))
QUARTER = timedelta(minutes=15)
NINE = datetime.fromisoformat("2031-05-14T09:00:00+00:00")
Client = Callable[[], Awaitable[object]]

_OVERLAPS = """
SELECT count(*) FROM allocations a JOIN allocations b
    ON a.tenant_id = b.tenant_id AND a.calendar_id = b.calendar_id AND a.id < b.id AND a.during && b.during
WHERE a.tenant_id = $1 AND a.holds AND b.holds
"""


def window(calendar: UUID, day: int) -> inventory.Window:
    return inventory.window(calendar, "UTC", date(2031, 5, day), MORNING)


async def disjoint(db: Database, system: Actor) -> None:
    """Nothing overlaps, and every counter is what a recount says."""
    assert (await rows(db, _OVERLAPS, system.tenant_id))[0][0] == 0
    async with db.transaction(system) as tx:
        assert await inventory.mismatches(tx) == []


async def take(db: Database, system: Actor, calendar: UUID, start: int, length: int = 30) -> UUID:
    begins = NINE + timedelta(minutes=start)
    async with db.transaction(system) as tx:
        return await inventory.take(
            tx, calendar, begins, begins + timedelta(minutes=length), holder_id=new_id(), until=None
        )


async def in_slot(db: Database, system: Actor, place: inventory.Window, holder: UUID | None = None) -> inventory.Taken:
    async with db.transaction(system) as tx:
        return await inventory.take_in_slot(tx, place, QUARTER, holder_id=holder or new_id(), until=None)


async def one_time(db: Database, system: Actor) -> Outcome[UUID]:
    calendar = new_id()
    return await race([partial(take, db, system, calendar, 0) for _ in range(CLIENTS)])


async def overlapping_times(db: Database, system: Actor) -> Outcome[UUID]:
    calendar = new_id()
    starts = [random.randrange(-30, 31) for _ in range(CLIENTS)]
    return await race([partial(take, db, system, calendar, s) for s in starts])


async def a_slot_for_twelve(db: Database, system: Actor) -> Outcome[inventory.Taken]:
    place = window(new_id(), 1)
    async with db.transaction(system) as tx:
        await inventory.set_rules(tx, place.calendar_id, "UTC", [inventory.SlotRule(place.day, "morning", True, 12)])
    return await race([partial(in_slot, db, system, place) for _ in range(CLIENTS)])


async def test_one_time_and_fifty_clients(db: Database, system: Actor) -> None:
    for _ in range(10):
        outcome = (await one_time(db, system)).clean()
        assert len(outcome.won) == 1
        assert outcome.refused == {"SLOT_UNAVAILABLE": CLIENTS - 1}
    await disjoint(db, system)


async def test_times_that_partly_overlap(db: Database, system: Actor) -> None:
    for _ in range(10):
        outcome = (await overlapping_times(db, system)).clean()
        assert outcome.won
        assert set(outcome.refused) <= {"SLOT_UNAVAILABLE"}
    await disjoint(db, system)


async def test_times_that_only_touch_are_all_had(db: Database, system: Actor) -> None:
    calendar = new_id()
    outcome = await race([partial(take, db, system, calendar, 30 * n) for n in range(CLIENTS)])
    assert len(outcome.clean().won) == CLIENTS


async def test_a_slot_with_room_for_twelve(db: Database, system: Actor) -> None:
    for _ in range(5):
        outcome = (await a_slot_for_twelve(db, system)).clean()
        starts = sorted(t.starts_at for t in outcome.won)
        assert starts == [window(new_id(), 1).opens_at + QUARTER * n for n in range(12)]
        assert outcome.refused == {"SLOT_UNAVAILABLE": CLIENTS - 12}
    await disjoint(db, system)


async def test_a_slot_nobody_has_touched_is_made_once(db: Database, system: Actor) -> None:
    """BK-6: the row of the slot and its calendar come into being under fire."""
    for _ in range(10):
        place = window(new_id(), 2)
        outcome = await race([partial(in_slot, db, system, place) for _ in range(CLIENTS)])
        assert len(outcome.clean().won) == 1
    await disjoint(db, system)


async def test_a_slot_full_of_expired_holds(db: Database, system: Actor) -> None:
    """Everyone finds the lapsed holds in the way at once; they are let go once."""
    for _ in range(5):
        place = window(new_id(), 3)
        past = db.clock.now() - timedelta(seconds=1)
        async with db.transaction(system) as tx:
            rule = inventory.SlotRule(place.day, "morning", True, 5)
            await inventory.set_rules(tx, place.calendar_id, "UTC", [rule])
            for _ in range(5):
                await inventory.take_in_slot(tx, place, QUARTER, holder_id=new_id(), until=past)
        outcome = (await race([partial(in_slot, db, system, place) for _ in range(CLIENTS)])).clean()
        assert len(outcome.won) == 5
    await disjoint(db, system)


async def test_time_full_of_expired_holds(db: Database, system: Actor) -> None:
    for _ in range(5):
        calendar, past = new_id(), db.clock.now() - timedelta(seconds=1)
        async with db.transaction(system) as tx:
            for n in range(-4, 6):
                begins = NINE + timedelta(minutes=10 * n)
                await inventory.take(
                    tx, calendar, begins, begins + timedelta(minutes=10), holder_id=new_id(), until=past
                )
        starts = [random.randrange(-30, 31) for _ in range(CLIENTS)]
        outcome = (await race([partial(take, db, system, calendar, s) for s in starts])).clean()
        assert outcome.won
    await disjoint(db, system)


async def move(db: Database, system: Actor, holder: UUID, place: inventory.Window) -> inventory.Taken:
    async with db.transaction(system) as tx:
        return await inventory.move_in_slot(tx, place, QUARTER, holder_id=holder, until=None)


async def move_carelessly(db: Database, system: Actor, holder: UUID, place: inventory.Window) -> inventory.Taken:
    """As `move_in_slot` without locking both slots in order first."""
    async with db.transaction(system) as tx:
        await tx.run(holders.vacate, holder_id=holder)
        return await inventory.take_in_slot(tx, place, QUARTER, holder_id=holder, until=None)


async def swapping(
    db: Database, system: Actor, mover: Callable[[Database, Actor, UUID, inventory.Window], Awaitable[object]]
) -> Outcome[object]:
    """BK-5: two in full slots want each other's, two others want the one that is free, and newcomers want all three."""
    calendar = new_id()
    x, y, free = (window(calendar, n) for n in (4, 5, 6))
    a, b = new_id(), new_id()
    await in_slot(db, system, x, a)
    await in_slot(db, system, y, b)
    clients: list[Client] = [
        partial(mover, db, system, a, y),
        partial(mover, db, system, b, x),
        *(partial(in_slot, db, system, place) for place in (x, y, free) for _ in range(5)),
    ]
    outcome = await race(clients)
    held = await rows(db, "SELECT holder_id FROM allocations WHERE calendar_id = $1 AND holds", calendar)
    found = [h["holder_id"] for h in held]
    assert found.count(a) == 1
    assert found.count(b) == 1
    return outcome


async def moving_to_one(db: Database, system: Actor) -> Outcome[object]:
    calendar = new_id()
    places = [window(calendar, n) for n in range(7, 17)]
    people = [new_id() for _ in places]
    for place, person in zip(places, people, strict=True):
        await in_slot(db, system, place, person)
    target = window(calendar, 20)
    clients: list[Client] = [partial(move, db, system, p, target) for p in people]
    clients += [partial(in_slot, db, system, target) for _ in range(10)]
    return await race(clients)


async def test_swapping_and_moving_while_others_book(db: Database, system: Actor) -> None:
    for _ in range(20):
        outcome = (await swapping(db, system, move)).clean()
        assert set(outcome.refused) <= {"SLOT_UNAVAILABLE"}
    await disjoint(db, system)


async def test_many_move_to_one_slot(db: Database, system: Actor) -> None:
    for _ in range(5):
        outcome = (await moving_to_one(db, system)).clean()
        assert len(outcome.won) == 1
    await disjoint(db, system)


async def move_free(db: Database, system: Actor, calendar: UUID, holder: UUID, start: int) -> UUID:
    begins = NINE + timedelta(minutes=start)
    async with db.transaction(system) as tx:
        return await inventory.move(tx, calendar, begins, begins + timedelta(minutes=30), holder_id=holder, until=None)


async def test_free_times_move_over_each_other_while_others_book(db: Database, system: Actor) -> None:
    for _ in range(10):
        calendar = new_id()
        people = [new_id() for _ in range(10)]
        async with db.transaction(system) as tx:
            for n, person in enumerate(people):
                begins = NINE + timedelta(minutes=40 * n)
                await inventory.take(tx, calendar, begins, begins + timedelta(minutes=30), holder_id=person, until=None)
        clients: list[Client] = [
            partial(move_free, db, system, calendar, p, 40 * n + random.choice([-40, -15, -5, 5, 10, 15, 40]))
            for n, p in enumerate(people)
        ]
        clients += [partial(take, db, system, calendar, random.randrange(0, 400), 10) for _ in range(30)]
        (await race(clients)).clean()
        held = await rows(db, "SELECT holder_id FROM allocations WHERE calendar_id = $1 AND holds", calendar)
        assert set(people) <= {h["holder_id"] for h in held}
    await disjoint(db, system)


async def test_control_without_the_constraint_time_is_taken_twice(overlapping: Database) -> None:
    tenant = await make.tenant(overlapping)
    system = Actor.system(tenant.id)
    await one_time(overlapping, system)
    with pytest.raises(AssertionError):
        await disjoint(overlapping, system)


async def test_control_without_the_constraint_partly_overlapping_times_are_all_had(overlapping: Database) -> None:
    tenant = await make.tenant(overlapping)
    system = Actor.system(tenant.id)
    await overlapping_times(overlapping, system)
    with pytest.raises(AssertionError):
        await disjoint(overlapping, system)


async def test_control_without_the_constraint_a_slots_gaps_are_filled_twice(overlapping: Database) -> None:
    tenant = await make.tenant(overlapping)
    system = Actor.system(tenant.id)
    await a_slot_for_twelve(overlapping, system)
    with pytest.raises(AssertionError):
        await disjoint(overlapping, system)


async def test_control_without_the_order_of_locks_those_who_swap_wait_in_a_circle(db: Database, system: Actor) -> None:
    for _ in range(30):
        if (await swapping(db, system, move_carelessly)).deadlocks:
            return
    pytest.fail("nobody waited in a circle: this race shows nothing")
