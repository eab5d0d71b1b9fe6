"""A list for one day shows who can still be booked then, by their own clock, and counts no one else."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from bookable.domain import catalogue, inventory
from bookable.domain.catalogue import Filters
from bookable.domain.inventory import DayPart, SlotRule
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from tests import make_catalogue

PARTS = (
    DayPart("morning", time(9), time(12)),
    DayPart("afternoon", time(12), time(17)),
    DayPart("evening", time(17), time(21)),
)
DAY = date(2031, 5, 14)
CLOSED = [SlotRule(DAY, part.name, is_open=False) for part in PARTS]


async def listed(db: Database, tenant: Tenant, day: date = DAY, **filters: Any) -> set[str]:
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        full = inventory.full_on(day, PARTS, tx.clock.now())
        page = await catalogue.browse(tx, Filters(**filters), excluding=full)
    assert page.total == len(page.items)
    return {item.display_name for item in page.items}


async def rule(db: Database, tenant: Tenant, listing: UUID, rules: list[SlotRule]) -> None:
    async with db.transaction(Actor.system(tenant.id)) as tx:
        await inventory.set_rules(tx, listing, "UTC", rules)


async def take(
    db: Database, tenant: Tenant, listing: UUID, part: DayPart, *, day: date = DAY, until: datetime | None = None
) -> None:
    async with db.transaction(Actor.system(tenant.id)) as tx:
        place = inventory.window(listing, "UTC", day, part)
        await inventory.take_in_slot(tx, place, timedelta(minutes=30), holder_id=new_id(), until=until)


@pytest.fixture
async def open_one(db: Database, tenant: Tenant) -> UUID:
    return await make_catalogue.listing(db, tenant.id, display_name="Open", time_zone="UTC")


@pytest.fixture
async def other(db: Database, tenant: Tenant) -> UUID:
    return await make_catalogue.listing(db, tenant.id, display_name="Other", time_zone="UTC", category="Business")


async def test_who_is_closed_all_day_is_left_out(db: Database, tenant: Tenant, open_one: UUID, other: UUID) -> None:
    await rule(db, tenant, other, CLOSED[:2])
    assert await listed(db, tenant) == {"Open", "Other"}
    await rule(db, tenant, other, CLOSED)
    assert await listed(db, tenant) == {"Open"}
    assert await listed(db, tenant, category="Business") == set()
    assert await listed(db, tenant, DAY + timedelta(days=1)) == {"Open", "Other"}


async def test_who_is_full_is_left_out_until_there_is_room(
    db: Database, tenant: Tenant, open_one: UUID, other: UUID
) -> None:
    for part in PARTS:
        await take(db, tenant, other, part)
    assert await listed(db, tenant) == {"Open"}
    assert await listed(db, tenant, search="other") == set()
    await rule(db, tenant, other, [SlotRule(DAY, "evening", capacity=2)])
    assert await listed(db, tenant) == {"Open", "Other"}


async def test_a_hold_that_has_lapsed_is_room(db: Database, tenant: Tenant, other: UUID) -> None:
    await rule(db, tenant, other, CLOSED[1:])
    until = db.clock.now() + timedelta(minutes=15)
    await take(db, tenant, other, PARTS[0], until=until)
    assert await listed(db, tenant) == set()
    db.clock.offset += timedelta(minutes=16)
    assert await listed(db, tenant) == {"Other"}


async def test_a_day_that_is_over_where_they_are_is_no_day_for_them(db: Database, tenant: Tenant) -> None:
    """At 10:00 UTC on the 14th it is 23:00 of that day in Auckland and 00:00 in Honolulu."""
    for name, zone in (("Auckland", "Pacific/Auckland"), ("London", "UTC"), ("Honolulu", "Pacific/Honolulu")):
        await make_catalogue.listing(db, tenant.id, display_name=name, time_zone=zone)
    db.clock.offset = datetime(2031, 5, 14, 10, tzinfo=UTC) - db.clock.real()
    assert await listed(db, tenant) == {"London", "Honolulu"}
    assert await listed(db, tenant, DAY - timedelta(days=1)) == set()
    assert await listed(db, tenant, DAY + timedelta(days=1)) == {"Auckland", "London", "Honolulu"}


async def test_of_today_only_what_is_ahead_counts(db: Database, tenant: Tenant, other: UUID) -> None:
    await rule(db, tenant, other, CLOSED[1:])
    db.clock.offset = datetime(2031, 5, 14, 8, tzinfo=UTC) - db.clock.real()
    assert await listed(db, tenant) == {"Other"}
    db.clock.offset = datetime(2031, 5, 14, 10, tzinfo=UTC) - db.clock.real()
    assert await listed(db, tenant) == set()
