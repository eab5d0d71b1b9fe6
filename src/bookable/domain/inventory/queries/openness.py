"""Statements about what is full on a day, to be set into somebody else's list."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from bookable.domain.inventory.tables import allocations, calendar_slots
from bookable.kernel.db import app_now, metadata

from .parts import TENANT, expired

__all__ = ["full", "full_or_over"]

_a, _s, _l = allocations.c, calendar_slots.c, metadata.tables["listings"].c
_DAY = sa.bindparam("full_day", type_=sa.Date)


def _parts(name: str) -> sa.TableValuedAlias:
    """The parts of the day that there are, and when each opens on the wall."""
    names = sa.bindparam("full_parts", type_=ARRAY(sa.Text))
    opens = sa.bindparam("full_opens", type_=ARRAY(sa.Time))
    columns = (sa.column("name", sa.Text), sa.column("opens", sa.Time))
    return sa.func.unnest(names, opens).table_valued(*columns, name=name).render_derived()


def _ahead(opens: sa.ColumnElement[Any], zone: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether a part has not begun yet where the listing is."""
    return sa.func.timezone(zone, _DAY + opens, type_=sa.DateTime(timezone=True)) > app_now()


_part, _any = _parts("part"), _parts("any_part")
_lapsed = (
    sa.select(sa.func.count())
    .where(_a.tenant_id == TENANT, _a.calendar_id == _s.calendar_id, _a.slot_day == _s.day, _a.slot == _s.slot)
    .where(_a.holds, expired(_a.expires_at))
    .correlate(calendar_slots)
    .scalar_subquery()
)
_still_ahead = (
    sa.select(sa.func.count())
    .select_from(_any)
    .where(_ahead(_any.c.opens, _l.time_zone))
    .correlate(_l.id.table)
    .scalar_subquery()
)
full: sa.Select[Any] = (
    sa.select(_l.id)
    .select_from(
        calendar_slots.join(_part, _part.c.name == _s.slot).join(
            _l.id.table, sa.and_(_l.tenant_id == _s.tenant_id, _l.id == _s.calendar_id)
        )
    )
    .where(_s.tenant_id == TENANT, _s.day == _DAY, _l.tenant_id == TENANT, _ahead(_part.c.opens, _l.time_zone))
    .where(sa.or_(sa.not_(_s.is_open), _s.taken - _lapsed >= _s.capacity))
    .group_by(_l.id, _l.time_zone)
    .having(sa.func.count() == _still_ahead)
)
"""All parts still ahead have a row that is closed or full. Costs what the day's rows cost, however many listings."""

full_or_over: sa.Select[Any] = (
    sa.union_all(
        full,
        sa.select(_l.id).where(
            _l.tenant_id == TENANT, _l.time_zone == sa.any_(sa.bindparam("full_zones", type_=ARRAY(sa.Text)))
        ),
    )
    .subquery("full_or_over")
    .select()
)
"""The same, and all of whom the day is over; for today's list and past ones."""
