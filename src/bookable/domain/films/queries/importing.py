"""Statements over imports: begun, told of, ended, looked at, forgotten."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from bookable.kernel.db import app_now, command, query

from ..errors import INTERRUPTED
from ..records import Import
from ..tables import imports
from .columns import owner, tenant

__all__ = ["begin", "count", "end", "forget", "forget_older", "latest", "latest_after", "one", "tell"]

i = imports.c
_SILENCE: sa.ColumnElement[Any] = sa.literal_column("interval '30 seconds'")
_id = sa.bindparam("import_id", type_=sa.Uuid)
_attempt = sa.bindparam("attempt", type_=sa.Uuid)
_COUNTS = ("bytes_received", "bytes_read", "imported", "failed")
_so_far: dict[str, Any] = {name: sa.bindparam(f"now_{name}", type_=i[name].type) for name in ("bytes_total", *_COUNTS)}
_dead = sa.and_(i.state == sa.literal_column("'running'"), i.seen_at < app_now() - _SILENCE)
_own = sa.and_(i.tenant_id == tenant, i.owner_id == owner)
_under_way = sa.and_(_own, i.id == _id, i.attempt == _attempt, i.state == sa.literal_column("'running'"))

_anew: dict[str, Any] = {
    "attempt": _attempt,
    "state": "running",
    "bytes_total": sa.bindparam("announced", type_=sa.BigInteger),
    **dict.fromkeys(_COUNTS, 0),
    "error": None,
    "started_at": app_now(),
    "seen_at": app_now(),
    "finished_at": None,
}
begin = query(
    insert(imports)
    .values(tenant_id=tenant, owner_id=owner, id=_id, **_anew)
    .on_conflict_do_update(
        index_elements=["tenant_id", "owner_id", "id"],
        set_=_anew,
        where=sa.or_(i.state == sa.literal_column("'failed'"), _dead),
    )
    .returning(i.id),
    UUID,
)
"""A new one, or one that has failed from the beginning again; no row when it is under way or done."""

tell = command(sa.update(imports).where(_under_way).values(seen_at=app_now(), **_so_far))
end = command(
    sa.update(imports)
    .where(_under_way)
    .values(
        state=sa.bindparam("how", type_=sa.Text),
        error=sa.bindparam("why", type_=sa.Text),
        seen_at=app_now(),
        finished_at=app_now(),
        **_so_far,
    )
)

_shown: dict[str, Any] = {name: i[name] for name in Import.__struct_fields__} | {
    "state": sa.case((_dead, "failed"), else_=i.state).label("state"),
    "imported": sa.case((_dead, 0), else_=i.imported).label("imported"),
    "error": sa.case((_dead, INTERRUPTED), else_=i.error).label("error"),
    "finished_at": sa.case((_dead, i.seen_at), else_=i.finished_at).label("finished_at"),
}
_seen = sa.select(*_shown.values()).where(_own)
one = query(_seen.where(i.id == _id), Import)
_latest = _seen.order_by(i.started_at.desc(), i.id.desc()).limit(sa.bindparam("limit", type_=sa.BigInteger))
latest = query(_latest.offset(sa.bindparam("offset", type_=sa.BigInteger)), Import)
latest_after = query(
    _latest.where(
        sa.tuple_(i.started_at, i.id)
        < sa.tuple_(sa.bindparam("after", type_=i.started_at.type), sa.bindparam("after_id", type_=sa.Uuid))
    ),
    Import,
)
count = query(sa.select(sa.func.count()).select_from(imports).where(_own), int)
forget = command(sa.delete(imports).where(_own))
forget_older = command(
    sa.delete(imports).where(i.tenant_id == tenant, i.started_at < app_now() - sa.bindparam("kept", type_=sa.Interval))
)
