"""Notes on half-done calls, under their keys."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from bookable.kernel.db import app_now, command, query

from .tables import provider_notes as t

__all__ = ["add", "note"]

note = query(
    sa.select(t.c.note).where(
        t.c.provider == sa.bindparam("provider", type_=sa.Text()), t.c.key == sa.bindparam("key", type_=sa.Text())
    ),
    dict[str, Any],
)

add = command(
    insert(t)
    .values(
        provider=sa.bindparam("provider"), key=sa.bindparam("key"), note=sa.bindparam("noted"), created_at=app_now()
    )
    .on_conflict_do_nothing()
)
