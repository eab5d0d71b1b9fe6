"""Looking through all the people of a tenant, for its admins."""

from functools import cache

import sqlalchemy as sa

from bookable.kernel.db import Query, query

from ..records import DayCount, User
from ..tables import users

_tenant = sa.bindparam("tenant_id", type_=sa.Uuid)
_user = tuple(users.c[name] for name in User.__struct_fields__)

_pattern = sa.bindparam("pattern", type_=sa.Text)
_whole_name = users.c.first_name + " " + users.c.last_name


def _found(search: bool) -> list[sa.ColumnElement[bool]]:
    found = [users.c.tenant_id == _tenant, users.c.deleted_at.is_(None)]
    return [*found, sa.or_(users.c.email.ilike(_pattern), _whole_name.ilike(_pattern))] if search else found


@cache
def found(*, search: bool, after: bool) -> Query[User]:
    """Newest first; with `after`, those that come after the position `(created_at, id)`."""
    position = sa.tuple_(
        sa.bindparam("after_at", type_=users.c.created_at.type), sa.bindparam("after_id", type_=sa.Uuid)
    )
    conditions = [*_found(search), *([sa.tuple_(users.c.created_at, users.c.id) < position] if after else [])]
    newest = sa.select(*_user).where(*conditions).order_by(users.c.created_at.desc(), users.c.id.desc())
    limit, offset = (sa.bindparam(name, type_=sa.BigInteger) for name in ("limit", "offset"))
    return query(newest.limit(limit).offset(offset), User)


@cache
def count(*, search: bool) -> Query[int]:
    return query(sa.select(sa.func.count()).select_from(users).where(*_found(search)), int)


_day = sa.cast(sa.func.timezone("UTC", users.c.created_at), sa.Date).label("day")

by_day = query(
    sa.select(_day, sa.func.count().label("count"))
    .where(users.c.tenant_id == _tenant, users.c.created_at >= sa.bindparam("since", type_=sa.DateTime(timezone=True)))
    .group_by(_day)
    .order_by(_day),
    DayCount,
)
