"""Statements over kept pictures."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from bookable.kernel.db import app_now, query

from ..records import Media
from ..tables import media

__all__ = ["MOST_PER_OWNER", "add", "known", "of_owner", "remove", "remove_all", "remove_others"]

MOST_PER_OWNER = 1_500
"""Pictures that one person may have at a time."""

_tenant = sa.bindparam("tenant_id", type_=sa.Uuid)
_id = sa.bindparam("media_id", type_=sa.Uuid)
_owner = sa.bindparam("owner_id", type_=sa.Uuid)
_columns = tuple(c for c in media.c if c.name not in {"tenant_id", "sha256"})
_theirs = sa.and_(media.c.tenant_id == _tenant, media.c.owner_id == _owner)

_given = ("purpose", "content_type", "size", "width", "height", "sha256", "path")
_m = media.alias("m")
_has = sa.select(sa.func.count()).where(_m.c.tenant_id == _tenant, _m.c.owner_id == _owner).scalar_subquery()
add = query(
    sa.insert(media)
    .from_select(
        ["tenant_id", "id", "owner_id", *_given, "created_at"],
        sa.select(_tenant, _id, _owner, *(sa.bindparam(c, type_=media.c[c].type) for c in _given), app_now()).where(
            _has < MOST_PER_OWNER
        ),
    )
    .returning(*_columns),
    Media,
)
"""Nothing when the owner has as many as one may."""

of_owner = query(sa.select(*_columns).where(_theirs).order_by(media.c.id), Media)
remove = query(sa.delete(media).where(media.c.tenant_id == _tenant, media.c.id == _id).returning(*_columns), Media)
remove_all = query(sa.delete(media).where(_theirs).returning(media.c.path), str)
remove_others = query(
    sa.delete(media)
    .where(_theirs, media.c.purpose == sa.bindparam("purpose", type_=sa.Text), media.c.id != _id)
    .returning(media.c.path),
    str,
)
known = query(
    sa.select(media.c.path).where(
        media.c.tenant_id == _tenant, media.c.path == sa.any_(sa.bindparam("paths", type_=ARRAY(sa.Text)))
    ),
    str,
)
