"""Statements about flights that were booked, and who travels."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from bookable.kernel.db import app_now, command, query

from ..records import Booked, Passenger, SealedPassenger
from ..tables import flight_bookings, flight_travellers

__all__ = [
    "add",
    "add_traveller",
    "anonymise",
    "begin_order",
    "booked",
    "give_back",
    "given_back",
    "kept_after_all",
    "ordered",
    "passengers",
    "refused",
    "sealed_passengers",
    "unordered",
]

_b, _t = flight_bookings.c, flight_travellers.c
_tenant = sa.bindparam("tenant_id", type_=sa.Uuid)
_id = sa.bindparam("id", type_=sa.Uuid)
_ids = sa.any_(sa.bindparam("ids", type_=pg.ARRAY(sa.Uuid)))
_this = sa.and_(_b.tenant_id == _tenant, _b.id == _id)

_GIVEN = ("id", "owner_id", "offer_id", "offer", "created_at")
add = command(
    pg.insert(flight_bookings).values(
        tenant_id=_tenant,
        order_state=sa.literal_column("'none'"),
        **{name: sa.bindparam(name, type_=_b[name].type) for name in _GIVEN},
    )
)
_TRAVELLER = tuple(c.name for c in flight_travellers.columns if c.name != "tenant_id")
add_traveller = command(
    pg.insert(flight_travellers).values(
        tenant_id=_tenant, **{name: sa.bindparam(name, type_=_t[name].type) for name in _TRAVELLER}
    )
)

_BOOKED = tuple(_b[name] for name in Booked.__struct_fields__)
booked = query(sa.select(*_BOOKED).where(_b.tenant_id == _tenant, _b.id == _ids), Booked)
passengers = query(
    sa.select(*(_t[name] for name in Passenger.__struct_fields__))
    .where(_t.tenant_id == _tenant, _t.booking_id == _ids)
    .order_by(_t.booking_id, _t.place),
    Passenger,
)
sealed_passengers = query(
    sa.select(*(_t[name] for name in SealedPassenger.__struct_fields__))
    .where(_t.tenant_id == _tenant, _t.booking_id == _id)
    .order_by(_t.place),
    SealedPassenger,
)


def _in(*states: str) -> sa.ColumnElement[bool]:
    return _b.order_state.in_([sa.literal_column(f"'{s}'") for s in states])


def _to(state: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{state}'")


begin_order = query(
    sa.update(flight_bookings)
    .values(order_state=_to("placing"), ordered_at=sa.func.coalesce(_b.ordered_at, app_now()))
    .where(_this, _in("none", "placing"))
    .returning(*_BOOKED),
    Booked,
)
ordered = command(
    sa.update(flight_bookings)
    .values(
        order_state=_to("placed"),
        order_id=sa.bindparam("order_id", type_=sa.Text),
        provider_reference=sa.bindparam("provider_reference", type_=sa.Text),
    )
    .where(_this, _in("placing"))
)
refused = command(sa.update(flight_bookings).values(order_state=_to("refused")).where(_this, _in("none", "placing")))
unordered = query(
    sa.update(flight_bookings).values(order_state=_to("refused")).where(_this, _in("none")).returning(_b.id), UUID
)
"""Nobody will order it any more; no row where somebody may have."""
give_back = query(
    sa.update(flight_bookings).values(order_state=_to("returning")).where(_this, _in("placed")).returning(_b.id), UUID
)
given_back = command(sa.update(flight_bookings).values(order_state=_to("returned")).where(_this, _in("returning")))
kept_after_all = command(sa.update(flight_bookings).values(order_state=_to("placed")).where(_this, _in("returning")))

anonymise = command(
    sa.update(flight_travellers)
    .values(
        first_name="",
        last_name="",
        date_of_birth=sa.func.date_trunc("year", sa.cast(_t.date_of_birth, sa.DateTime)).cast(sa.Date),
        nationality=None,
        passport=None,
        passport_ending=None,
        passport_expiry=None,
    )
    .where(_t.tenant_id == _tenant, _t.owner_id == sa.bindparam("user_id", type_=sa.Uuid))
)
"""Of who travelled, the party's ages remain, by the year; nobody's name, papers or birthday do."""
