"""Statements about whole days: which calendars have nothing left on one."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from bookable.domain import catalogue
from bookable.domain.inventory.tables import allocations, calendar_slots
from bookable.kernel.db import metadata

from .parts import SLOTS, TENANT, expired

__all__ = ["full_later", "full_now"]

# A calendar has its listing's id. Read by name, as foreign keys do.
_listings = metadata.tables["listings"]
_ = catalogue
_a, _s, _l = allocations.c, calendar_slots.c, _listings.c
_DAY = sa.bindparam("on_day", type_=sa.Date)
_lapsed = (
    sa.select(sa.func.count())
    .where(_a.tenant_id == _s.tenant_id, _a.calendar_id == _s.calendar_id, _a.slot_day == _s.day, _a.slot == _s.slot)
    .where(_a.holds, _a.slot.is_not(None), expired(_a.expires_at))
    .scalar_subquery()
)
_shut = sa.and_(
    _s.tenant_id == TENANT,
    _s.day == _DAY,
    sa.or_(~_s.is_open, sa.and_(_s.taken >= _s.capacity, _s.taken - _lapsed >= _s.capacity)),
)

full_later = (
    sa.select(_s.calendar_id.label("id"))
    .where(_shut, _s.slot == sa.any_(SLOTS))
    .group_by(_s.calendar_id)
    .having(sa.func.count() >= sa.func.cardinality(SLOTS))
)
"""Calendars of which every slot of the day is closed or full."""

_pairs = sa.select(
    sa.func.unnest(sa.bindparam("left_zones", type_=pg.ARRAY(sa.Text))).label("zone"),
    sa.func.unnest(sa.bindparam("left_slots", type_=pg.ARRAY(sa.Text))).label("slot"),
).subquery("pairs")
_many = sa.select(_pairs.c.zone, sa.func.count().label("slots")).group_by(_pairs.c.zone).subquery("many")
_shut_of_the_rest = (
    sa.select(_s.calendar_id.label("id"))
    .select_from(
        calendar_slots.join(_listings, sa.and_(_l.tenant_id == _s.tenant_id, _l.id == _s.calendar_id))
        .join(_pairs, sa.and_(_pairs.c.zone == _l.time_zone, _pairs.c.slot == _s.slot))
        .join(_many, _many.c.zone == _l.time_zone)
    )
    .where(_shut)
    .group_by(_s.calendar_id, _many.c.slots)
    .having(sa.func.count() >= _many.c.slots)
)
_over = sa.select(_l.id).where(
    _l.tenant_id == TENANT, _l.time_zone == sa.any_(sa.bindparam("over_zones", type_=pg.ARRAY(sa.Text)))
)
full_now = sa.select(sa.union_all(_shut_of_the_rest, _over).subquery("full_now").c.id)
"""The same for a day that has begun somewhere: slots that have begun in a calendar's zone are not to be had there."""
