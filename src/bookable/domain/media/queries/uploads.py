"""Statements over pictures that are announced."""

import sqlalchemy as sa

from bookable.kernel.db import app_now, command, query

from ..records import Size, Upload
from ..tables import uploads

__all__ = ["add", "complete", "drop_stale", "forget", "one", "own"]

_tenant = sa.bindparam("tenant_id", type_=sa.Uuid)
_owner = sa.bindparam("owner_id", type_=sa.Uuid)
_here = sa.and_(uploads.c.tenant_id == _tenant, uploads.c.id == sa.bindparam("upload_id", type_=sa.Uuid))
_theirs = sa.and_(uploads.c.tenant_id == _tenant, uploads.c.owner_id == _owner)
_shown = [uploads.c[name] for name in Upload.__struct_fields__]

add = query(
    sa.insert(uploads)
    .values(
        tenant_id=_tenant,
        id=sa.bindparam("id", type_=sa.Uuid),
        owner_id=_owner,
        content_type=sa.bindparam("content_type", type_=sa.Text),
        size=sa.bindparam("size", type_=sa.Integer),
        created_at=app_now(),
        expires_at=app_now() + sa.bindparam("lifetime", type_=sa.Interval),
    )
    .returning(*_shown),
    Upload,
)
one = query(sa.select(*_shown).where(_here), Upload)
own = query(sa.select(*_shown).where(_here, uploads.c.owner_id == _owner), Upload)
complete = query(
    sa.update(uploads)
    .where(_here, uploads.c.owner_id == _owner, uploads.c.large.is_(None))
    .values({size.value: sa.bindparam(size.value, type_=sa.Text) for size in Size})
    .returning(*_shown),
    Upload,
)
drop_stale = command(sa.delete(uploads).where(_theirs, uploads.c.large.is_(None), uploads.c.expires_at < app_now()))
forget = command(sa.delete(uploads).where(_theirs))
