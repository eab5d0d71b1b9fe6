"""Statements about the slots of a day: room by count, and a place in time behind it."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from bookable.domain.inventory.records import Mismatch, SlotState, Try
from bookable.domain.inventory.tables import allocations, calendar_slots
from bookable.kernel.db import Query, app_now, command, query

from .parts import (
    CALENDAR,
    DAYS,
    HOLDER,
    SLOTS,
    TENANT,
    UNTIL,
    a_calendar,
    expired,
    instant,
    overlaps,
    range_of,
    slots_locked,
)

__all__ = ["below_taken", "give_back", "keep_both", "lapse", "mismatches", "place", "states", "take", "write_rules"]

_a, _s = allocations.c, calendar_slots.c
_DAY = sa.bindparam("day", type_=sa.Date)
_SLOT = sa.bindparam("slot", type_=sa.Text)
_KEY = ["tenant_id", "calendar_id", "day", "slot"]


def _attempt(counted: sa.CTE | None) -> Query[Try]:
    """The earliest gap in the window that is long enough, taken; with `counted`, only if that has a row."""
    opens, closes, length = instant("opens_at"), instant("closes_at"), sa.bindparam("length", type_=sa.Interval)
    busy = (
        sa.select(_a.during)
        .where(
            _a.tenant_id == TENANT, _a.calendar_id == CALENDAR, _a.holds, overlaps(_a.during, range_of(opens, closes))
        )
        .cte("busy")
    )
    starts = sa.union_all(sa.select(opens.label("start")), sa.select(sa.func.upper(busy.c.during))).subquery("starts")
    start = starts.c.start
    meeting = range_of(start, start + length)
    gap = (
        sa.select(meeting.label("during"))
        .where(start >= opens, start + length <= closes)
        .where(~sa.exists(sa.select(1).select_from(busy).where(overlaps(busy.c.during, meeting))))
        .order_by(start)
        .limit(1)
        .subquery("gap")
    )
    new = sa.select(
        TENANT,
        sa.bindparam("id", type_=sa.Uuid),
        CALENDAR,
        gap.c.during,
        UNTIL,
        _DAY,
        _SLOT,
        HOLDER,
        app_now(),
    ).select_from(gap)
    if counted is not None:
        new = new.where(sa.exists(sa.select(1).select_from(counted)))
    into = ["tenant_id", "id", "calendar_id", "during", "expires_at", "slot_day", "slot", "holder_id", "created_at"]
    placed = (
        pg.insert(allocations)
        .from_select(into, new, include_defaults=False)
        .on_conflict_do_nothing()
        .returning(_a.id, _a.during)
        .cte("placed")
    )
    one = sa.select(sa.literal_column("1")).subquery("one")
    answer = sa.select(
        (sa.exists(sa.select(1).select_from(counted)) if counted is not None else sa.true()).label("counted"),
        placed.c.id,
        sa.func.lower(placed.c.during).label("starts_at"),
        sa.func.upper(placed.c.during).label("ends_at"),
    ).select_from(one.outerjoin(placed, sa.true()))
    return query(answer if counted is None else answer.add_cte(a_calendar()), Try)


_counted = (
    pg.insert(calendar_slots)
    .values(tenant_id=TENANT, calendar_id=CALENDAR, day=_DAY, slot=_SLOT, taken=1)
    .on_conflict_do_update(
        index_elements=_KEY,
        set_={"taken": _s.taken + 1},
        where=sa.and_(_s.is_open, _s.taken < _s.capacity),
    )
    .returning(_s.day)
    .cte("counted")
)

take = _attempt(_counted)
"""Count and place in one statement. The slot's row stays locked whatever the answer. Where others were waited for,
the gap is from before they were done: then nothing is placed, and `place` looks again under the lock."""

place = _attempt(None)
"""Place what has been counted already."""

give_back = command(
    sa.update(calendar_slots)
    .values(taken=_s.taken - 1)
    .where(_s.tenant_id == TENANT, _s.calendar_id == CALENDAR, _s.day == _DAY, _s.slot == _SLOT)
)
"""Undo a count that found no place."""

_asked = sa.select(CALENDAR, sa.func.unnest(DAYS), sa.func.unnest(SLOTS))
_locked = slots_locked(_asked)
_lapsed = (
    sa.update(allocations)
    .values(holds=False)
    .where(_a.tenant_id == TENANT, _a.calendar_id == CALENDAR, _a.holds, _a.slot.is_not(None), expired(_a.expires_at))
    .where(sa.tuple_(_a.slot_day, _a.slot).in_(sa.select(_locked.c.day, _locked.c.slot)))
    .returning(_a.slot_day, _a.slot)
    .cte("lapsed")
)
_freed = (
    sa.select(_lapsed.c.slot_day, _lapsed.c.slot, sa.func.count().label("n"))
    .group_by(_lapsed.c.slot_day, _lapsed.c.slot)
    .subquery("freed")
)
lapse = command(
    sa.update(calendar_slots)
    .values(taken=_s.taken - _freed.c.n)
    .where(_s.tenant_id == TENANT, _s.calendar_id == CALENDAR, _s.day == _freed.c.slot_day, _s.slot == _freed.c.slot)
)
"""Give back what expired holds have in these slots; touches as many rows as slots got something back."""

_both = sa.union(
    sa.select(CALENDAR.label("calendar_id"), _DAY.label("day"), _SLOT.label("slot")),
    sa.select(_a.calendar_id, _a.slot_day, _a.slot).where(
        _a.tenant_id == TENANT, _a.holder_id == HOLDER, _a.holds, _a.slot.is_not(None)
    ),
).subquery("both")
keep_both = command(
    pg.insert(calendar_slots)
    .from_select(
        _KEY,
        sa.select(TENANT, _both.c.calendar_id, _both.c.day, _both.c.slot).order_by(
            _both.c.calendar_id, _both.c.day, _both.c.slot
        ),
        include_defaults=False,
    )
    .on_conflict_do_update(index_elements=_KEY, set_={"taken": _s.taken})
    .add_cte(a_calendar())
)
"""Lock the slot that a holder is in and the one they want, in order, so that two who swap never wait in a circle."""

_rules = sa.select(
    sa.func.unnest(DAYS).label("day"),
    sa.func.unnest(SLOTS).label("slot"),
    sa.func.unnest(sa.bindparam("opens", type_=pg.ARRAY(sa.Boolean))).label("is_open"),
    sa.func.unnest(sa.bindparam("capacities", type_=pg.ARRAY(sa.Integer))).label("capacity"),
).subquery("rules")
_written = pg.insert(calendar_slots).from_select(
    [*_KEY, "is_open", "capacity"],
    sa.select(TENANT, CALENDAR, _rules.c.day, _rules.c.slot, _rules.c.is_open, _rules.c.capacity).order_by(
        _rules.c.day, _rules.c.slot
    ),
    include_defaults=False,
)
write_rules = command(
    _written.on_conflict_do_update(
        index_elements=_KEY,
        set_={"is_open": _written.excluded.is_open, "capacity": _written.excluded.capacity},
        where=_s.taken <= _written.excluded.capacity,
    ).add_cte(a_calendar())
)
"""Set what an owner says, slot by slot in order; touches only slots where it is not below what is taken."""


def _live(condition: sa.ColumnElement[bool]) -> sa.Select[tuple[object, ...]]:
    """Slots with a row, and what is taken in them without the holds that have lapsed."""
    gone = (
        sa.select(_a.slot_day, _a.slot, sa.func.count().label("n"))
        .where(_a.tenant_id == TENANT, _a.calendar_id == CALENDAR, _a.holds, _a.slot.is_not(None))
        .where(expired(_a.expires_at))
        .group_by(_a.slot_day, _a.slot)
        .subquery("gone")
    )
    return (
        sa.select(_s.day, _s.slot, _s.is_open, _s.capacity, (_s.taken - sa.func.coalesce(gone.c.n, 0)).label("taken"))
        .select_from(
            calendar_slots.outerjoin(gone, sa.and_(gone.c.slot_day == _s.day, gone.c.slot == _s.slot)),
        )
        .where(_s.tenant_id == TENANT, _s.calendar_id == CALENDAR, condition)
        .order_by(_s.day, _s.slot)
    )


states = query(
    _live(_s.day.between(sa.bindparam("first", type_=sa.Date), sa.bindparam("last", type_=sa.Date))), SlotState
)
below_taken = query(
    _live(sa.tuple_(_s.day, _s.slot).in_(sa.select(sa.func.unnest(DAYS), sa.func.unnest(SLOTS)))), SlotState
)

_recount = (
    sa.select(sa.func.count())
    .where(_a.tenant_id == _s.tenant_id, _a.calendar_id == _s.calendar_id, _a.slot_day == _s.day, _a.slot == _s.slot)
    .where(_a.holds)
    .scalar_subquery()
)
mismatches = query(
    sa.select(
        sa.func.concat(_s.calendar_id, " ", _s.day, " ", _s.slot).label("of"),
        _s.taken.label("counted"),
        _recount.label("recounted"),
    ).where(_s.tenant_id == TENANT, _s.taken != _recount),
    Mismatch,
)
