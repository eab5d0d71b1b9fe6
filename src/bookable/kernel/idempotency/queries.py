"""Claiming a key, keeping the answer under it, letting it go."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from bookable.kernel.db import Record, app_now, command, query

from .tables import idempotency_keys as keys

__all__ = ["Kept", "claim", "forget_older", "keep", "let_go", "present"]


class Kept(Record, frozen=True):
    """What is known under a key: an answer once `status` is set, work in progress until then."""

    attempt: UUID
    fingerprint: bytes
    status: int | None
    headers: dict[str, str] | None
    body: bytes | None


def _interval(name: str) -> sa.ColumnElement[object]:
    return sa.func.make_interval(0, 0, 0, 0, 0, 0, sa.bindparam(name, type_=sa.Double))


_mine = (
    keys.c.tenant_id == sa.bindparam("tenant_id"),
    keys.c.principal == sa.bindparam("principal"),
    keys.c.route == sa.bindparam("route"),
    keys.c.key == sa.bindparam("key"),
)

_new = {
    "fingerprint": sa.bindparam("fingerprint"),
    "attempt": sa.bindparam("attempt"),
    "work_id": sa.bindparam("attempt"),
    "locked_until": app_now() + _interval("lease_seconds"),
    "holder": sa.bindparam("holder", type_=sa.BigInteger),
    "created_at": app_now(),
}

_insert = insert(keys).values(
    tenant_id=sa.bindparam("tenant_id"),
    principal=sa.bindparam("principal"),
    route=sa.bindparam("route"),
    key=sa.bindparam("key"),
    **_new,
)

# Whoever lives holds the lock of its own key; only for somebody else's can that be told from here. It is let go with
# the transaction.
_its_holder_is_dead = sa.and_(
    keys.c.holder != sa.bindparam("process", type_=sa.BigInteger), sa.func.pg_try_advisory_xact_lock(keys.c.holder)
)

_begun = sa.and_(keys.c.status.is_(None), keys.c.fingerprint == _insert.excluded.fingerprint)

claim = query(
    _insert.on_conflict_do_update(
        index_elements=[keys.c.tenant_id, keys.c.principal, keys.c.route, keys.c.key],
        set_={
            "fingerprint": _insert.excluded.fingerprint,
            "attempt": _insert.excluded.attempt,
            "work_id": sa.case(
                (_begun, sa.func.coalesce(keys.c.work_id, _insert.excluded.work_id)), else_=_insert.excluded.work_id
            ),
            "locked_until": _insert.excluded.locked_until,
            "holder": _insert.excluded.holder,
            "created_at": sa.case((_begun, keys.c.created_at), else_=_insert.excluded.created_at),
            "status": None,
            "headers": None,
            "body": None,
        },
        where=sa.or_(
            sa.and_(
                keys.c.status.is_(None),
                sa.or_(keys.c.locked_until <= app_now(), _its_holder_is_dead),
                keys.c.fingerprint == _insert.excluded.fingerprint,
            ),
            keys.c.created_at <= app_now() - _interval("kept_seconds"),
        ),
    ).returning(keys.c.work_id),
    UUID,
)
"""Mine if nobody has it, if whoever had it was lost on the way, or if its time is over. What was begun keeps its name:
answers the one that the work goes by."""

present = query(
    sa.select(keys.c.attempt, keys.c.fingerprint, keys.c.status, keys.c.headers, keys.c.body).where(*_mine),
    Kept,
)

keep = command(
    sa.update(keys)
    .where(*_mine, keys.c.attempt == sa.bindparam("attempt"))
    .values(
        status=sa.bindparam("answer_status"),
        headers=sa.bindparam("answer_headers"),
        body=sa.bindparam("answer_body"),
        locked_until=None,
        holder=None,
    )
)

let_go = command(
    sa.update(keys)
    .where(*_mine, keys.c.attempt == sa.bindparam("attempt"), keys.c.status.is_(None))
    .values(locked_until=app_now(), holder=None)
)
"""Free at once for whoever comes with the same request; the name of the work stays."""

forget_older = command(
    sa.delete(keys).where(
        keys.c.tenant_id == sa.bindparam("tenant_id"), keys.c.created_at <= app_now() - _interval("kept_seconds")
    )
)
