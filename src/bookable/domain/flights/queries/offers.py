"""Statements about offers."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from bookable.kernel.db import app_now, command, query

from ..records import OfferRow
from ..tables import flight_offers

__all__ = ["add", "by_id", "forget_older"]

_o = flight_offers.c
_tenant = _o.tenant_id == sa.bindparam("tenant_id", type_=sa.Uuid)

add = command(
    pg.insert(flight_offers).values(
        tenant_id=sa.bindparam("tenant_id", type_=sa.Uuid),
        id=sa.bindparam("id", type_=sa.Uuid),
        offer=sa.bindparam("offer", type_=pg.JSONB),
        created_at=sa.bindparam("created_at", type_=sa.DateTime(timezone=True)),
        expires_at=sa.bindparam("expires_at", type_=sa.DateTime(timezone=True)),
    )
)
by_id = query(
    sa.select(_o.id, _o.offer, _o.expires_at).where(_tenant, _o.id == sa.bindparam("id", type_=sa.Uuid)), OfferRow
)
forget_older = command(
    sa.delete(flight_offers).where(_tenant, _o.expires_at < app_now() - sa.bindparam("age", type_=sa.Interval))
)
