"""Slots of a day: room by count, a place in time behind it, and holds that lapse by the clock alone."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from bookable.domain import inventory
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import ValidationFailed
from bookable.kernel.ids import new_id

MORNING = inventory.DayPart("morning", time(9), time(12))
AFTERNOON = inventory.DayPart("afternoon", time(12), time(17))
DAY = date(2031, 5, 14)
HALF_HOUR = timedelta(minutes=30)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2031, 5, 14, hour, minute, tzinfo=UTC)


@pytest.fixture
def calendar() -> UUID:
    return new_id()


def slot(calendar: UUID, part: inventory.DayPart = MORNING, day: date = DAY) -> inventory.Window:
    return inventory.window(calendar, "UTC", day, part)


async def take(
    db: Database,
    system: Actor,
    place: inventory.Window,
    *,
    length: timedelta = HALF_HOUR,
    holder: UUID | None = None,
    until: datetime | None = None,
) -> inventory.Taken:
    async with db.transaction(system) as tx:
        return await inventory.take_in_slot(tx, place, length, holder_id=holder or new_id(), until=until)


async def room(db: Database, system: Actor, calendar: UUID, *rules: inventory.SlotRule) -> None:
    async with db.transaction(system) as tx:
        await inventory.set_rules(tx, calendar, "UTC", rules)


async def seen(db: Database, system: Actor, calendar: UUID, day: date = DAY) -> dict[str, int]:
    async with db.transaction(system) as tx:
        found = await inventory.availability(tx, calendar, "UTC", [MORNING, AFTERNOON], day, day)
        assert await inventory.mismatches(tx) == []
    assert all(a.is_open == (a.remaining > 0) for a in found)
    return {a.part: a.remaining for a in found}


async def test_a_slot_nobody_has_said_anything_about_is_open_for_one(
    db: Database, system: Actor, calendar: UUID
) -> None:
    assert await seen(db, system, calendar) == {"morning": 1, "afternoon": 1}
    taken = await take(db, system, slot(calendar))
    assert (taken.starts_at, taken.ends_at) == (at(9), at(9, 30))
    with pytest.raises(inventory.SlotTaken):
        await take(db, system, slot(calendar))
    assert await seen(db, system, calendar) == {"morning": 0, "afternoon": 1}


async def test_meetings_are_placed_one_after_another_and_into_gaps(db: Database, system: Actor, calendar: UUID) -> None:
    await room(db, system, calendar, inventory.SlotRule(DAY, "morning", capacity=4))
    first = new_id()
    await take(db, system, slot(calendar), holder=first)
    second = await take(db, system, slot(calendar), length=timedelta(minutes=60))
    assert second.starts_at == at(9, 30)
    async with db.transaction(system) as tx:
        assert await inventory.release(tx, first) == 1
    third = await take(db, system, slot(calendar), length=timedelta(minutes=60))
    fourth = await take(db, system, slot(calendar), length=timedelta(minutes=15))
    assert (third.starts_at, fourth.starts_at) == (at(10, 30), at(9))


async def test_a_meeting_that_no_gap_is_long_enough_for_leaves_the_count_alone(
    db: Database, system: Actor, calendar: UUID
) -> None:
    await room(db, system, calendar, inventory.SlotRule(DAY, "morning", capacity=5))
    for _ in range(3):
        await take(db, system, slot(calendar), length=timedelta(minutes=50))
    async with db.transaction(system) as tx:
        with pytest.raises(inventory.SlotTaken):
            await inventory.take_in_slot(tx, slot(calendar), timedelta(minutes=40), holder_id=new_id(), until=None)
    assert (await seen(db, system, calendar))["morning"] == 2


async def test_a_hold_that_lapsed_is_no_hindrance_and_is_counted_as_free(
    db: Database, system: Actor, calendar: UUID, clock: Clock
) -> None:
    await take(db, system, slot(calendar), until=clock.now() + timedelta(minutes=15))
    assert (await seen(db, system, calendar))["morning"] == 0
    clock.offset = timedelta(minutes=15, seconds=1)
    assert (await seen(db, system, calendar))["morning"] == 1
    again = await take(db, system, slot(calendar))
    assert again.starts_at == at(9)
    assert (await seen(db, system, calendar))["morning"] == 0


async def test_an_expired_hold_gives_way_where_it_blocks_the_only_gap(
    db: Database, system: Actor, calendar: UUID, clock: Clock
) -> None:
    await room(db, system, calendar, inventory.SlotRule(DAY, "morning", capacity=9))
    await take(db, system, slot(calendar), length=timedelta(hours=2), until=clock.now() + timedelta(minutes=15))
    clock.offset = timedelta(minutes=16)
    taken = await take(db, system, slot(calendar), length=timedelta(hours=3))
    assert taken.starts_at == at(9)
    assert (await seen(db, system, calendar))["morning"] == 8


async def test_what_is_firm_does_not_lapse(db: Database, system: Actor, calendar: UUID, clock: Clock) -> None:
    holder = new_id()
    await take(db, system, slot(calendar), holder=holder, until=clock.now() + timedelta(minutes=15))
    async with db.transaction(system) as tx:
        assert await inventory.firm_up(tx, holder)
    clock.offset = timedelta(days=1)
    with pytest.raises(inventory.SlotTaken):
        await take(db, system, slot(calendar))


async def test_money_that_comes_late_keeps_the_time_only_while_it_is_free(
    db: Database, system: Actor, calendar: UUID, clock: Clock
) -> None:
    free, gone = new_id(), new_id()
    until = clock.now() + timedelta(minutes=15)
    await take(db, system, slot(calendar), holder=free, until=until)
    await take(db, system, slot(calendar, AFTERNOON), holder=gone, until=until)
    clock.offset = timedelta(minutes=20)
    await take(db, system, slot(calendar, AFTERNOON))
    async with db.transaction(system) as tx:
        assert await inventory.firm_up(tx, free)
        assert not await inventory.firm_up(tx, gone)
        with pytest.raises(inventory.SlotTaken):
            await inventory.retake(tx, gone)
        await inventory.release(tx, free)
        assert not await inventory.firm_up(tx, free)
        await inventory.retake(tx, free)
        assert await inventory.firm_up(tx, free)
    assert await seen(db, system, calendar) == {"morning": 0, "afternoon": 0}


async def test_giving_back_twice_gives_back_once(db: Database, system: Actor, calendar: UUID) -> None:
    await room(db, system, calendar, inventory.SlotRule(DAY, "morning", capacity=2))
    holder = new_id()
    await take(db, system, slot(calendar), holder=holder)
    await take(db, system, slot(calendar))
    async with db.transaction(system) as tx:
        assert await inventory.release(tx, holder) == 1
        assert await inventory.release(tx, holder) == 0
    assert (await seen(db, system, calendar))["morning"] == 1


async def test_moving_gives_one_slot_back_and_takes_the_other(db: Database, system: Actor, calendar: UUID) -> None:
    holder = new_id()
    await take(db, system, slot(calendar), holder=holder)
    async with db.transaction(system) as tx:
        moved = await inventory.move_in_slot(tx, slot(calendar, AFTERNOON), HALF_HOUR, holder_id=holder, until=None)
    assert moved.starts_at == at(12)
    assert await seen(db, system, calendar) == {"morning": 1, "afternoon": 0}


async def test_moving_to_a_taken_slot_leaves_everything_as_it_was(db: Database, system: Actor, calendar: UUID) -> None:
    holder = new_id()
    await take(db, system, slot(calendar), holder=holder)
    await take(db, system, slot(calendar, AFTERNOON))
    async with db.transaction(system) as tx:
        with pytest.raises(inventory.SlotTaken):
            await inventory.move_in_slot(tx, slot(calendar, AFTERNOON), HALF_HOUR, holder_id=holder, until=None)
        assert await inventory.firm_up(tx, holder)
    with pytest.raises(inventory.SlotTaken):
        await take(db, system, slot(calendar))


async def test_moving_within_its_own_full_slot_is_possible(db: Database, system: Actor, calendar: UUID) -> None:
    holder = new_id()
    await take(db, system, slot(calendar), holder=holder)
    async with db.transaction(system) as tx:
        moved = await inventory.move_in_slot(tx, slot(calendar), HALF_HOUR, holder_id=holder, until=None)
    assert moved.starts_at == at(9)
    assert (await seen(db, system, calendar))["morning"] == 0


async def test_a_closed_slot_can_not_be_taken_and_keeps_what_it_has(
    db: Database, system: Actor, calendar: UUID
) -> None:
    holder = new_id()
    await take(db, system, slot(calendar), holder=holder)
    await room(db, system, calendar, inventory.SlotRule(DAY, "morning", is_open=False, capacity=3))
    assert (await seen(db, system, calendar))["morning"] == 0
    with pytest.raises(inventory.SlotTaken):
        await take(db, system, slot(calendar))
    async with db.transaction(system) as tx:
        assert await inventory.firm_up(tx, holder)


async def test_a_maximum_below_what_is_booked_is_refused_with_the_figures(
    db: Database, system: Actor, calendar: UUID, clock: Clock
) -> None:
    await room(db, system, calendar, inventory.SlotRule(DAY, "morning", capacity=3))
    await take(db, system, slot(calendar), until=clock.now() + timedelta(minutes=15))
    await take(db, system, slot(calendar))
    rules = (inventory.SlotRule(DAY, "afternoon", capacity=5), inventory.SlotRule(DAY, "morning", capacity=1))
    with pytest.raises(inventory.BelowTaken) as refused:
        await room(db, system, calendar, *rules)
    assert refused.value.details["items"] == [
        {"date": "2031-05-14", "timeSlot": "morning", "maxBookings": 1, "booked": 2}
    ]
    assert await seen(db, system, calendar) == {"morning": 1, "afternoon": 1}
    clock.offset = timedelta(minutes=16)
    await room(db, system, calendar, *rules)
    assert await seen(db, system, calendar) == {"morning": 0, "afternoon": 5}


async def test_a_slot_named_twice_is_a_mistake(db: Database, system: Actor, calendar: UUID) -> None:
    with pytest.raises(ValidationFailed):
        await room(
            db, system, calendar, inventory.SlotRule(DAY, "morning"), inventory.SlotRule(DAY, "morning", capacity=2)
        )


async def test_what_has_begun_is_not_available(db: Database, system: Actor, calendar: UUID, clock: Clock) -> None:
    today = clock.now().date()
    assert await seen(db, system, calendar, today - timedelta(days=1)) == {"morning": 0, "afternoon": 0}


async def test_a_look_spans_92_days_and_no_more(db: Database, system: Actor, calendar: UUID) -> None:
    async with db.transaction(system) as tx:
        found = await inventory.availability(tx, calendar, "UTC", [MORNING], DAY, DAY + timedelta(91))
        assert len(found) == 92
        with pytest.raises(ValidationFailed):
            await inventory.availability(tx, calendar, "UTC", [MORNING], DAY, DAY + timedelta(92))
        with pytest.raises(ValidationFailed):
            await inventory.availability(tx, calendar, "UTC", [MORNING], DAY, DAY - timedelta(1))
