"""Statements about everything that a holder has, whatever it was taken from."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from bookable.domain.inventory.records import Claim, PlaceClaim
from bookable.domain.inventory.tables import allocations, calendar_slots, calendars, pool_holds, pools
from bookable.kernel.db import command, query

from .parts import HOLDER, TENANT, calendars_locked, pools_locked, slots_locked

__all__ = [
    "firm_up",
    "forget_places",
    "forget_time",
    "has_places",
    "has_time",
    "lapsed_places",
    "lapsed_time",
    "release",
    "vacate",
]

_a, _s, _h, _p = allocations.c, calendar_slots.c, pool_holds.c, pools.c
_HOLDERS = sa.bindparam("holders", type_=pg.ARRAY(sa.Uuid))
_theirs = sa.and_(_a.tenant_id == TENANT, _a.holder_id == sa.any_(_HOLDERS), _a.holds)
_their_places = sa.and_(_h.tenant_id == TENANT, _h.holder_id == sa.any_(_HOLDERS), _h.holds)

_slots = slots_locked(sa.select(_a.calendar_id, _a.slot_day, _a.slot).where(_theirs, _a.slot.is_not(None)))
_calendars = calendars_locked(sa.select(_a.calendar_id).where(_theirs, _a.slot.is_(None)))


def _rows(cte: sa.CTE) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(cte).scalar_subquery()


# Counting the locked rows is what makes PostgreSQL lock them before it goes on.
_time_locked = _rows(_slots) + _rows(_calendars) >= 0
_pools = pools_locked(sa.select(_h.pool_id).where(_their_places), _time_locked)
_all_locked = sa.and_(_time_locked, _rows(_pools) >= 0)

_firm_time = (
    sa.update(allocations).values(expires_at=None).where(_theirs, _all_locked).returning(_a.id).cte("firm_time")
)
_firm_places = (
    sa.update(pool_holds).values(expires_at=None).where(_their_places, _all_locked).returning(_h.id).cte("firm_places")
)
_ever_time = sa.select(sa.func.count()).where(_a.tenant_id == TENANT, _a.holder_id == sa.any_(_HOLDERS))
_ever_places = sa.select(sa.func.count()).where(_h.tenant_id == TENANT, _h.holder_id == sa.any_(_HOLDERS))
firm_up = query(
    sa.select(_rows(_firm_time) + _rows(_firm_places) == _ever_time.scalar_subquery() + _ever_places.scalar_subquery()),
    bool,
)
"""Whatever still stands, stands for good; answers whether that is all they ever took."""

_free_time = (
    sa.update(allocations)
    .values(holds=False)
    .where(_theirs, _all_locked)
    .returning(_a.calendar_id, _a.slot_day, _a.slot)
    .cte("free_time")
)
_by_slot = (
    sa.select(_free_time.c.calendar_id, _free_time.c.slot_day, _free_time.c.slot, sa.func.count().label("n"))
    .where(_free_time.c.slot.is_not(None))
    .group_by(_free_time.c.calendar_id, _free_time.c.slot_day, _free_time.c.slot)
    .subquery("by_slot")
)
_slots_back = (
    sa.update(calendar_slots)
    .values(taken=_s.taken - _by_slot.c.n)
    .where(
        _s.tenant_id == TENANT,
        _s.calendar_id == _by_slot.c.calendar_id,
        _s.day == _by_slot.c.slot_day,
        _s.slot == _by_slot.c.slot,
    )
    .returning(_s.day)
    .cte("slots_back")
)
_free_places = (
    sa.update(pool_holds)
    .values(holds=False)
    .where(_their_places, _all_locked)
    .returning(_h.pool_id, _h.quantity)
    .cte("free_places")
)
_by_pool = (
    sa.select(_free_places.c.pool_id, sa.func.sum(_free_places.c.quantity).label("n"))
    .group_by(_free_places.c.pool_id)
    .subquery("by_pool")
)
_pools_back = (
    sa.update(pools)
    .values(taken=_p.taken - _by_pool.c.n)
    .where(_p.tenant_id == TENANT, _p.id == _by_pool.c.pool_id)
    .returning(_p.id)
    .cte("pools_back")
)
release = query(
    sa.select(_rows(_free_time) + _rows(_free_places)).add_cte(_slots_back, _pools_back),
    int,
)
"""Everything back where it was taken from, and counted once; answers how many claims that were."""

_left = (
    sa.delete(allocations)
    .where(_a.tenant_id == TENANT, _a.holder_id == HOLDER, _a.holds)
    .returning(_a.calendar_id, _a.slot_day, _a.slot)
    .cte("left")
)
vacate = command(
    sa.update(calendar_slots)
    .values(taken=_s.taken - 1)
    .where(
        _s.tenant_id == TENANT,
        _s.calendar_id == _left.c.calendar_id,
        _s.day == _left.c.slot_day,
        _s.slot == _left.c.slot,
    )
)
"""Leave the one time they have, as if it had never been theirs; its slot or calendar is locked already."""

lapsed_time = query(
    sa.select(
        _a.id,
        _a.calendar_id,
        calendars.c.time_zone,
        _a.slot_day,
        _a.slot,
        sa.func.lower(_a.during).label("starts_at"),
        sa.func.upper(_a.during).label("ends_at"),
    )
    .join_from(allocations, calendars, sa.and_(calendars.c.tenant_id == _a.tenant_id, calendars.c.id == _a.calendar_id))
    .where(_a.tenant_id == TENANT, _a.holder_id == HOLDER, ~_a.holds)
    .order_by(_a.calendar_id, _a.slot_day, _a.slot, sa.func.lower(_a.during)),
    Claim,
)
lapsed_places = query(
    sa.select(_h.id, _h.pool_id, _h.quantity)
    .where(_h.tenant_id == TENANT, _h.holder_id == HOLDER, ~_h.holds)
    .order_by(_h.pool_id),
    PlaceClaim,
)
forget_time = command(sa.delete(allocations).where(_a.tenant_id == TENANT, _a.holder_id == HOLDER, ~_a.holds))
forget_places = command(sa.delete(pool_holds).where(_h.tenant_id == TENANT, _h.holder_id == HOLDER, ~_h.holds))
has_time = query(sa.select(sa.func.count()).where(_theirs), int)
has_places = query(sa.select(sa.func.coalesce(sa.func.sum(_h.quantity), 0)).where(_their_places), int)
