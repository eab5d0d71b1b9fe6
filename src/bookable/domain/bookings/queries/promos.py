"""Statements about promo codes."""

import sqlalchemy as sa

from bookable.domain import inventory
from bookable.kernel.db import app_now, command, metadata, query

from ..records import Promo
from ..tables import promo_codes
from .columns import TENANT, uuid

__all__ = ["add", "by_code", "newest"]

_pools = metadata.tables["pools"]
_ = inventory
_c = promo_codes.c
_GIVEN = ("id", "code", "percent_off", "amount_off_cents", "currency", "starts_at", "ends_at", "pool_id", "listing_id")

add = command(
    sa.insert(promo_codes)
    .values(tenant_id=TENANT, created_at=app_now(), **{n: sa.bindparam(n, type_=_c[n].type) for n in _GIVEN})
    .inline()
)
_read = (
    sa.select(
        *(_c[n] for n in _GIVEN), _c.created_at, _pools.c.capacity.label("max_uses"), _pools.c.taken.label("uses")
    )
    .select_from(promo_codes.outerjoin(_pools, sa.and_(_pools.c.tenant_id == _c.tenant_id, _pools.c.id == _c.pool_id)))
    .where(_c.tenant_id == TENANT)
)
by_code = query(_read.where(_c.code == sa.bindparam("code", type_=sa.Text)), Promo)
by_id = query(_read.where(_c.id == uuid("id")), Promo)
newest = query(_read.order_by(_c.created_at.desc(), _c.id.desc()).limit(sa.bindparam("limit", type_=sa.Integer)), Promo)
