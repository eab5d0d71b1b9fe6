"""Statements about pools: places that are all alike, held by count."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from bookable.domain.inventory.records import Mismatch, Places
from bookable.domain.inventory.tables import pool_holds, pools
from bookable.kernel.db import app_now, command, query

from .parts import HOLDER, TENANT, UNTIL, expired, pools_locked

__all__ = ["add", "figures", "lapse", "mismatches", "resize", "take"]

_p, _h = pools.c, pool_holds.c
_POOL = sa.bindparam("pool_id", type_=sa.Uuid)
_QUANTITY = sa.bindparam("quantity", type_=sa.Integer)
_CAPACITY = sa.bindparam("capacity", type_=sa.Integer)

add = command(
    sa.insert(pools)
    .values(tenant_id=TENANT, id=sa.bindparam("id", type_=sa.Uuid), capacity=_CAPACITY, created_at=app_now())
    .inline()
)

_counted = (
    sa.update(pools)
    .values(taken=_p.taken + _QUANTITY)
    .where(_p.tenant_id == TENANT, _p.id == _POOL, _p.taken + _QUANTITY <= _p.capacity)
    .returning(_p.id)
    .cte("counted")
)
take = command(
    pg.insert(pool_holds).from_select(
        ["tenant_id", "id", "pool_id", "quantity", "expires_at", "holder_id", "created_at"],
        sa.select(TENANT, sa.bindparam("id", type_=sa.Uuid), _counted.c.id, _QUANTITY, UNTIL, HOLDER, app_now()),
        include_defaults=False,
    )
)
"""Count and hold in one statement; no row where fewer are left."""

_over = sa.and_(_h.tenant_id == TENANT, _h.pool_id == _POOL, _h.holds, expired(_h.expires_at))
_locked = pools_locked(sa.select(_h.pool_id).where(_over), sa.true())
_lapsed = (
    sa.update(pool_holds)
    .values(holds=False)
    .where(_over, _h.pool_id.in_(sa.select(_locked.c.id)))
    .returning(_h.quantity)
    .cte("lapsed")
)
_given = sa.select(sa.func.sum(_lapsed.c.quantity).label("n")).subquery("given")
_back = (
    sa.update(pools)
    .values(taken=_p.taken - _given.c.n)
    .where(_p.tenant_id == TENANT, _p.id == _POOL, _given.c.n.is_not(None))
    .returning(_p.id)
    .cte("back")
)
_room = sa.exists().where(_p.tenant_id == TENANT, _p.id == _POOL, _p.taken + _QUANTITY <= _p.capacity)
lapse = query(
    sa.select(sa.or_(sa.exists(sa.select(1).select_from(_locked)), _room).label("worth_another_try")).add_cte(_back),
    bool,
)
"""Give back what expired holds have. True where that may have made room: something had expired, whoever let go of it,
or somebody else has made room since."""

resize = command(
    sa.update(pools).values(capacity=_CAPACITY).where(_p.tenant_id == TENANT, _p.id == _POOL, _p.taken <= _CAPACITY)
)

_gone = sa.select(sa.func.coalesce(sa.func.sum(_h.quantity), 0)).where(_over).scalar_subquery()
figures = query(
    sa.select(_p.capacity, (_p.taken - _gone).label("taken")).where(_p.tenant_id == TENANT, _p.id == _POOL), Places
)

_recount = (
    sa.select(sa.func.coalesce(sa.func.sum(_h.quantity), 0))
    .where(_h.tenant_id == _p.tenant_id, _h.pool_id == _p.id, _h.holds)
    .scalar_subquery()
)
mismatches = query(
    sa.select(sa.func.concat("pool ", _p.id).label("of"), _p.taken.label("counted"), _recount.label("recounted")).where(
        _p.tenant_id == TENANT, _p.taken != _recount
    ),
    Mismatch,
)
