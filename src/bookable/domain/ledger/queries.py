"""Writing movements, reading accounts, and walking the chain."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, array, insert

from bookable.kernel.db import Record, app_now, command, query

from .records import Batch, Line, Monthly, Movement, Sealed
from .tables import ledger_batches as batches
from .tables import ledger_movements as movements
from .tables import ledger_sealed as sealed

__all__ = [
    "add",
    "add_batch",
    "add_sealed",
    "balance",
    "balances",
    "batch_after",
    "by_month",
    "last_batch",
    "last_sealed",
    "lock",
    "places",
    "statement",
    "totals",
    "unsealed",
    "unsealed_since",
]


class Total(Record, frozen=True):
    """Everything that ever moved in a unit: the number of movements and their sum."""

    unit: str
    movements: int
    amount: int


class Balance(Record, frozen=True):
    """An account and what it comes to."""

    account: str
    amount: int


def _bind(name: str, kind: sa.types.TypeEngine[Any]) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=kind)


def _leg(account: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """What a movement did to the account. None when it is not among its accounts."""
    place = sa.func.array_position(movements.c.accounts, account, type_=sa.Integer)
    return sa.type_coerce(movements.c.amounts[place], sa.BigInteger)


def _sum(amount: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.coalesce(sa.func.sum(amount), 0), sa.BigInteger)


_mine = movements.c.tenant_id == _bind("tenant_id", sa.Uuid())
_account = _bind("account", sa.Text())
_of_account = sa.and_(_mine, movements.c.accounts.contains(sa.cast(array([_account]), ARRAY(sa.Text))))

# Without a conflict target, so that nobody needs to read the ledger in order to write to it.
add = command(
    insert(movements)
    .values(
        tenant_id=_bind("tenant_id", sa.Uuid()),
        id=_bind("id", sa.Uuid()),
        kind=_bind("kind", sa.Text()),
        source=_bind("source", sa.Text()),
        subject_id=_bind("subject_id", sa.Uuid()),
        unit=_bind("unit", sa.Text()),
        accounts=_bind("accounts", ARRAY(sa.Text)),
        amounts=_bind("amounts", ARRAY(sa.BigInteger)),
        memo=_bind("memo", JSONB()),
        moved_at=app_now(),
    )
    .on_conflict_do_nothing()
)

_line = (
    movements.c.id,
    movements.c.kind,
    movements.c.source,
    movements.c.subject_id,
    _leg(_account).label("amount"),
    movements.c.moved_at,
)

balance = query(sa.select(_sum(_leg(_account))).where(_of_account, movements.c.unit == _bind("unit", sa.Text())), int)

_all = sa.cast(_bind("wanted", ARRAY(sa.Text)), ARRAY(sa.Text))
_legs_of = (
    sa.func.unnest(movements.c.accounts, movements.c.amounts)
    .table_valued(sa.column("account", sa.Text), sa.column("amount", sa.BigInteger), name="leg")
    .render_derived()
)

# One statement, hence one snapshot: balances read together belong together.
balances = query(
    sa.select(_legs_of.c.account, _sum(_legs_of.c.amount).label("amount"))
    .select_from(movements.join(_legs_of, sa.true()))
    .where(
        _mine,
        movements.c.accounts.overlap(_all),
        movements.c.unit == _bind("unit", sa.Text()),
        _legs_of.c.account == sa.any_(_all),
    )
    .group_by(_legs_of.c.account),
    Balance,
)

# Newest first, from before the movement `before`: UUIDv7 are in the order of time.
statement = query(
    sa.select(*_line)
    .where(_of_account, movements.c.unit == _bind("unit", sa.Text()), movements.c.id < _bind("before", sa.Uuid()))
    .order_by(movements.c.id.desc())
    .limit(_bind("limit", sa.Integer())),
    Line,
)

_month = sa.cast(sa.func.date_trunc("month", sa.func.timezone("UTC", movements.c.moved_at)), sa.Date)
_groups = (_month.label("month"), movements.c.unit, movements.c.kind)

by_month = query(
    sa.select(
        *_groups,
        _sum(_leg(_account)).label("amount"),
        _sum(_leg(_bind("beside", sa.Text()))).label("beside"),
    )
    .where(_of_account)
    .group_by(*_groups)
    .order_by(*_groups),
    Monthly,
)

_legs = sa.select(movements.c.unit, sa.func.unnest(movements.c.amounts, type_=sa.BigInteger).label("amount"))
_spread = _legs.where(_mine).subquery()
_counts = sa.select(movements.c.unit, sa.func.count().label("n")).where(_mine).group_by(movements.c.unit).subquery()

totals = query(
    sa.select(_counts.c.unit, _counts.c.n.label("movements"), _sum(_spread.c.amount).label("amount"))
    .join(_spread, _spread.c.unit == _counts.c.unit)
    .group_by(_counts.c.unit, _counts.c.n)
    .order_by(_counts.c.unit),
    Total,
)

# One sealer a tenant at a time; whoever comes second finds nothing to do and leaves. Writers never ask for it.
lock = query(
    sa.select(
        sa.func.pg_try_advisory_xact_lock(
            sa.func.hashtextextended(sa.literal("ledger.seal:") + sa.cast(_bind("tenant_id", sa.Uuid()), sa.Text), 0)
        )
    ),
    bool,
)

_columns = tuple(movements.c[name] for name in Movement.__struct_fields__)
_is_sealed = (
    sa.exists()
    .where(sealed.c.tenant_id == movements.c.tenant_id, sealed.c.movement_id == movements.c.id)
    .correlate(movements)
)

unsealed = query(
    sa.select(*_columns)
    .where(_mine, movements.c.id > _bind("after", sa.Uuid()), ~_is_sealed)
    .order_by(movements.c.id)
    .limit(_bind("limit", sa.Integer())),
    Movement,
)

unsealed_since = query(
    sa.select(movements.c.id)
    .where(_mine, ~_is_sealed, movements.c.moved_at < app_now() - _bind("age", sa.Interval()))
    .order_by(movements.c.id),
    UUID,
)

_batch = tuple(batches.c[name] for name in Batch.__struct_fields__)
_our_batches = batches.c.tenant_id == _bind("tenant_id", sa.Uuid())

last_batch = query(sa.select(*_batch).where(_our_batches).order_by(batches.c.number.desc()).limit(1), Batch)

batch_after = query(
    sa.select(*_batch)
    .where(_our_batches, batches.c.number > _bind("number", sa.BigInteger()))
    .order_by(batches.c.number)
    .limit(1),
    Batch,
)

last_sealed = query(
    sa.select(sealed.c.movement_id)
    .where(sealed.c.tenant_id == _bind("tenant_id", sa.Uuid()))
    .order_by(sealed.c.movement_id.desc())
    .limit(1),
    UUID,
)

add_batch = command(
    insert(batches).values(
        tenant_id=_bind("tenant_id", sa.Uuid()),
        number=_bind("number", sa.BigInteger()),
        previous_hash=_bind("previous_hash", sa.LargeBinary()),
        hash=_bind("hash", sa.LargeBinary()),
        movements=_bind("movements", sa.Integer()),
        sealed_at=app_now(),
    )
)

add_sealed = command(
    insert(sealed).values(
        tenant_id=_bind("tenant_id", sa.Uuid()),
        movement_id=_bind("movement_id", sa.Uuid()),
        batch=_bind("batch", sa.BigInteger()),
        position=_bind("position", sa.Integer()),
        digest=_bind("digest", sa.LargeBinary()),
    )
)

# The movements are joined from the outside: one that is gone leaves its place empty.
places = query(
    sa.select(
        sealed.c.movement_id,
        sealed.c.position,
        sealed.c.digest,
        *(movements.c[name] for name in Sealed.__struct_fields__[3:]),
    )
    .select_from(
        sealed.outerjoin(
            movements,
            sa.and_(movements.c.tenant_id == sealed.c.tenant_id, movements.c.id == sealed.c.movement_id),
        )
    )
    .where(sealed.c.tenant_id == _bind("tenant_id", sa.Uuid()), sealed.c.batch == _bind("number", sa.BigInteger()))
    .order_by(sealed.c.position),
    Sealed,
)
