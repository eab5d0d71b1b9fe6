"""Ordering trouble, and using it up."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from bookable.kernel.db import command, query

from .tables import sandbox_faults as t

__all__ = ["clear", "order", "take"]

_ordered = insert(t).values(provider=sa.bindparam("provider"), mode=sa.bindparam("mode"), times=sa.bindparam("times"))

order = command(
    _ordered.on_conflict_do_update(
        index_elements=[t.c.provider], set_={"mode": _ordered.excluded.mode, "times": _ordered.excluded.times}
    )
)

take = query(
    sa.update(t)
    .where(t.c.provider == sa.bindparam("provider", type_=sa.Text()), t.c.times > 0)
    .values(times=t.c.times - 1)
    .returning(t.c.mode),
    str,
)

clear = command(sa.delete(t))
