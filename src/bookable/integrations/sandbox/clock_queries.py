"""Reading and setting the sandbox's clock."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from bookable.kernel.db import command, query

from .tables import sandbox_clock

__all__ = ["present", "save", "tell_everyone"]

present = query(sa.select(sandbox_clock.c.offset_seconds), float)

_insert = insert(sandbox_clock).values(id=sa.literal_column("1"), offset_seconds=sa.bindparam("offset_seconds"))

save = command(
    _insert.on_conflict_do_update(
        index_elements=[sandbox_clock.c.id], set_={"offset_seconds": _insert.excluded.offset_seconds}
    )
)

tell_everyone = query(sa.select(sa.func.pg_notify("bookable", "clock")), str)
