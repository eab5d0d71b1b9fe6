"""Statements over what is said of films."""

import sqlalchemy as sa

from bookable.kernel.db import app_now, command, query

from ..records import Comment
from ..tables import comments
from .columns import film_id, tenant

__all__ = ["add", "count", "forget", "of_film"]

_about = sa.and_(comments.c.tenant_id == tenant, comments.c.film_id == film_id)
_author = sa.bindparam("author_id", type_=sa.Uuid)
_shown = [comments.c[name] for name in Comment.__struct_fields__]

add = query(
    sa.insert(comments)
    .values(
        tenant_id=tenant,
        id=sa.bindparam("id", type_=sa.Uuid),
        film_id=film_id,
        author_id=_author,
        text=sa.bindparam("text", type_=sa.Text),
        created_at=app_now(),
    )
    .returning(*_shown),
    Comment,
)
of_film = query(
    sa.select(*_shown)
    .where(_about, comments.c.id > sa.bindparam("after", type_=sa.Uuid))
    .order_by(comments.c.id)
    .limit(sa.bindparam("limit", type_=sa.BigInteger))
    .offset(sa.bindparam("offset", type_=sa.BigInteger)),
    Comment,
)
count = query(sa.select(sa.func.count()).select_from(comments).where(_about), int)
forget = command(sa.delete(comments).where(comments.c.tenant_id == tenant, comments.c.author_id == _author))
