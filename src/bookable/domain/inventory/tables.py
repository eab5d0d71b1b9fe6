"""What can be taken, by whom, until when: the database itself forbids taking it twice."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint

from bookable.kernel.db import metadata, public, reference, tenant_key

__all__ = ["allocations", "calendar_slots", "calendars", "pool_holds", "pools"]

_instant = sa.DateTime(timezone=True)

calendars = sa.Table(
    "calendars",
    metadata,
    *tenant_key(),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("created_at", _instant, nullable=False),
    info={"policy": public()},
)

calendar_slots = sa.Table(
    "calendar_slots",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("calendar_id", sa.Uuid, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("slot", sa.Text, primary_key=True),
    sa.Column("is_open", sa.Boolean, nullable=False, server_default="true"),
    sa.Column("capacity", sa.Integer, nullable=False, server_default="1"),
    sa.Column("taken", sa.Integer, nullable=False, server_default="0"),
    reference("calendar_id", "calendars"),
    sa.CheckConstraint("taken BETWEEN 0 AND capacity", name="not_oversold"),
    sa.Index("ix_calendar_slots_day", "tenant_id", "day"),
    info={"policy": public()},
)
"""A named part of a day, with room for `capacity` allocations one after another. No row: open, room for one."""

allocations = sa.Table(
    "allocations",
    metadata,
    *tenant_key(),
    sa.Column("calendar_id", sa.Uuid, nullable=False),
    sa.Column("during", TSTZRANGE, nullable=False),
    sa.Column("holds", sa.Boolean, nullable=False, server_default="true"),
    sa.Column("expires_at", _instant),
    sa.Column("slot_day", sa.Date),
    sa.Column("slot", sa.Text),
    sa.Column("holder_id", sa.Uuid, nullable=False),
    sa.Column("created_at", _instant, nullable=False),
    reference("calendar_id", "calendars"),
    ExcludeConstraint(
        (sa.literal_column("tenant_id"), "="),
        (sa.literal_column("calendar_id"), "="),
        (sa.literal_column("during"), "&&"),
        using="gist",
        where=sa.text("holds"),
        name="ex_allocations_no_overlap",
    ),
    sa.Index("ix_allocations_holder_id", "tenant_id", "holder_id"),
    sa.Index(
        "ix_allocations_slot",
        "tenant_id",
        "calendar_id",
        "slot_day",
        "slot",
        postgresql_where=sa.text("holds AND slot IS NOT NULL"),
    ),
    info={"policy": public()},
)
"""Time taken from a calendar. `expires_at`: only held, and free again by itself after that instant."""

pools = sa.Table(
    "pools",
    metadata,
    *tenant_key(),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("taken", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", _instant, nullable=False),
    sa.CheckConstraint("taken BETWEEN 0 AND capacity", name="not_oversold"),
    info={"policy": public()},
)

pool_holds = sa.Table(
    "pool_holds",
    metadata,
    *tenant_key(),
    sa.Column("pool_id", sa.Uuid, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("holds", sa.Boolean, nullable=False, server_default="true"),
    sa.Column("expires_at", _instant),
    sa.Column("holder_id", sa.Uuid, nullable=False),
    sa.Column("created_at", _instant, nullable=False),
    reference("pool_id", "pools"),
    sa.CheckConstraint("quantity > 0", name="quantity"),
    sa.Index("ix_pool_holds_pool_id", "tenant_id", "pool_id", "expires_at", postgresql_where=sa.text("holds")),
    sa.Index("ix_pool_holds_holder_id", "tenant_id", "holder_id"),
    info={"policy": public()},
)
