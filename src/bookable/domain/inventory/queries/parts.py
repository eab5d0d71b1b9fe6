"""Pieces that several statements share: parameters, ranges, and the locks that every change begins with."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from bookable.domain.inventory.tables import calendar_slots, calendars, pools
from bookable.kernel.db import app_now

__all__ = [
    "CALENDAR",
    "DAYS",
    "HOLDER",
    "SLOTS",
    "TENANT",
    "UNTIL",
    "a_calendar",
    "calendars_locked",
    "expired",
    "instant",
    "overlaps",
    "pools_locked",
    "range_of",
    "slots_locked",
]

TENANT = sa.bindparam("tenant_id", type_=sa.Uuid)
CALENDAR = sa.bindparam("calendar_id", type_=sa.Uuid)
HOLDER = sa.bindparam("holder_id", type_=sa.Uuid)
DAYS = sa.bindparam("days", type_=pg.ARRAY(sa.Date))
SLOTS = sa.bindparam("slots", type_=pg.ARRAY(sa.Text))


def instant(name: str) -> sa.BindParameter[Any]:
    """An instant that the caller gives."""
    return sa.bindparam(name, type_=sa.DateTime(timezone=True))


UNTIL = instant("until")


def range_of(start: sa.ColumnElement[Any], end: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """`[start, end)`: what ends at an instant does not touch what begins there."""
    return sa.func.tstzrange(start, end, type_=pg.TSTZRANGE)


def overlaps(left: Any, right: Any) -> sa.ColumnElement[bool]:
    """Whether two ranges share an instant."""
    return left.op("&&", is_comparison=True)(right)  # type: ignore[no-any-return]


def expired(expires_at: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether a hold is over by the clock, written down or not."""
    return expires_at <= app_now()


def a_calendar() -> sa.CTE:
    """The calendar, made at its first use; checked references are looked at when the whole statement is done."""
    return (
        pg.insert(calendars)
        .values(tenant_id=TENANT, id=CALENDAR, time_zone=sa.bindparam("time_zone", type_=sa.Text), created_at=app_now())
        .on_conflict_do_nothing()
        .returning(calendars.c.id)
        .cte("a_calendar")
    )


def slots_locked(keys: sa.Select[Any]) -> sa.CTE:
    """The rows of `(calendar_id, day, slot)` in `keys`, locked in their order: the first lock of every change."""
    s = calendar_slots.c
    return (
        sa.select(s.calendar_id, s.day, s.slot)
        .where(s.tenant_id == TENANT, sa.tuple_(s.calendar_id, s.day, s.slot).in_(keys))
        .order_by(s.calendar_id, s.day, s.slot)
        .with_for_update(key_share=True)
        .cte("slots_locked")
    )


def calendars_locked(ids: sa.Select[Any]) -> sa.CTE:
    """The calendars themselves, locked in order: the second lock, for time that lies in no slot."""
    return (
        sa.select(calendars.c.id)
        .where(calendars.c.tenant_id == TENANT, calendars.c.id.in_(ids))
        .order_by(calendars.c.id)
        .with_for_update(key_share=True)
        .cte("calendars_locked")
    )


def pools_locked(ids: sa.Select[Any], after: sa.ColumnElement[bool]) -> sa.CTE:
    """The pools, locked in order, once `after` has been worked out: the third lock."""
    return (
        sa.select(pools.c.id)
        .where(pools.c.tenant_id == TENANT, pools.c.id.in_(ids), after)
        .order_by(pools.c.id)
        .with_for_update(key_share=True)
        .cte("pools_locked")
    )
