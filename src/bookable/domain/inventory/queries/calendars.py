"""Statements about time taken freely from a calendar, in no slot."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from bookable.domain.inventory.tables import allocations, calendars
from bookable.kernel.db import app_now, query

from .parts import CALENDAR, HOLDER, TENANT, UNTIL, a_calendar, calendars_locked, expired, instant, overlaps, range_of

__all__ = ["lapse", "lock", "take"]

_a = allocations.c
_during = range_of(instant("starts_at"), instant("ends_at"))

take = query(
    pg.insert(allocations)
    .values(
        tenant_id=TENANT,
        id=sa.bindparam("id", type_=sa.Uuid),
        calendar_id=CALENDAR,
        during=_during,
        expires_at=UNTIL,
        holder_id=HOLDER,
        created_at=app_now(),
    )
    .on_conflict_do_nothing()
    .add_cte(a_calendar())
    .returning(_a.id),
    UUID,
)
"""The promise: the exclusion constraint refuses what overlaps, and the refusal is no row instead of an error."""

_over = sa.and_(
    _a.tenant_id == TENANT,
    _a.calendar_id == CALENDAR,
    _a.holds,
    _a.slot.is_(None),
    expired(_a.expires_at),
    overlaps(_a.during, _during),
)
_locked = calendars_locked(sa.select(_a.calendar_id).where(_over))
_let_go = (
    sa.update(allocations)
    .values(holds=False)
    .where(_over, _a.calendar_id.in_(sa.select(_locked.c.id)))
    .returning(_a.id)
    .cte("let_go")
)
_in_the_way = sa.exists().where(
    _a.tenant_id == TENANT, _a.calendar_id == CALENDAR, _a.holds, overlaps(_a.during, _during)
)
lapse = query(
    sa.select(sa.or_(sa.exists(sa.select(1).select_from(_locked)), ~_in_the_way).label("worth_another_try")).add_cte(
        _let_go
    ),
    bool,
)
"""Let go of expired holds that are in the way, under the calendar's lock. True where that may have made room:
something had expired, whoever let go of it, or nothing is in the way any more."""

lock = query(
    sa.select(calendars.c.id)
    .where(calendars.c.tenant_id == TENANT, calendars.c.id == CALENDAR)
    .with_for_update(key_share=True),
    UUID,
)
