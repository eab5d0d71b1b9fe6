"""A list narrowed to a day leaves out who has nothing left on it."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from bookable.domain import catalogue, inventory
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from tests import make_catalogue

PARTS = (inventory.DayPart("morning", time(9), time(12)), inventory.DayPart("evening", time(17), time(21)))


async def shown(db: Database, actor: Actor, day: date) -> set[UUID]:
    async with db.transaction(actor) as tx:
        excluding = inventory.unavailable_on(day, PARTS, tx.clock.now())
        page = await catalogue.browse(tx, catalogue.Filters(), excluding=excluding)
    assert page.total == len(page.items)
    return {item.id for item in page.items}


async def fill(
    db: Database, system: Actor, listing: UUID, day: date, *parts: str, until: datetime | None = None
) -> None:
    async with db.transaction(system) as tx:
        for part in PARTS:
            if part.name in parts:
                place = inventory.window(listing, "UTC", day, part)
                await inventory.take_in_slot(tx, place, timedelta(minutes=30), holder_id=new_id(), until=until)


async def test_who_is_full_or_closed_all_day_is_left_out(
    db: Database, tenant: Tenant, system: Actor, clock: Clock
) -> None:
    day = (clock.now() + timedelta(days=30)).date()
    free, half, full, shut, held = [await make_catalogue.listing(db, tenant.id, time_zone="UTC") for _ in range(5)]
    await fill(db, system, half, day, "morning")
    await fill(db, system, full, day, "morning", "evening")
    await fill(db, system, held, day, "morning", "evening", until=clock.now() + timedelta(minutes=15))
    async with db.transaction(system) as tx:
        rules = [inventory.SlotRule(day, p.name, is_open=False) for p in PARTS]
        await inventory.set_rules(tx, shut, "UTC", rules)
    assert await shown(db, system, day) == {free, half}
    assert await shown(db, system, day + timedelta(days=1)) == {free, half, full, shut, held}
    clock.offset = timedelta(minutes=16)
    assert await shown(db, system, day) == {free, half, held}


async def test_what_has_begun_where_they_are_is_not_to_be_had(
    db: Database, tenant: Tenant, system: Actor, clock: Clock
) -> None:
    today = clock.now().date() + timedelta(days=1)
    clock.offset = datetime(today.year, today.month, today.day, 13, tzinfo=UTC) - clock.now()
    london, _, lima = [
        await make_catalogue.listing(db, tenant.id, time_zone=zone)
        for zone in ("Etc/UTC", "Asia/Tokyo", "America/Lima")
    ]
    assert await shown(db, system, today) == {london, lima}
    await fill(db, system, london, today, "evening")
    await fill(db, system, lima, today, "evening")
    assert await shown(db, system, today) == {lima}
    assert await shown(db, system, today - timedelta(days=1)) == set()
