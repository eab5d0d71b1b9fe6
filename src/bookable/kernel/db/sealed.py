"""Columns whose values are sealed: found by their mark, and sealed anew when the key changes.

A column is marked with `info=SEALED`; its values are bound to table, row id, column and tenant (`Bound`).
"""

from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa

from bookable.kernel.actors import Actor
from bookable.kernel.security.sealing import Bound, Sealer

from .database import Database
from .queries import Record, command, query
from .schema import metadata

__all__ = ["SEALED", "reseal", "sealed_columns"]

SEALED = {"sealed": True}
_AT_ONCE = 500


class Sealed(Record, frozen=True):
    """A sealed value and the row it is bound to."""

    id: UUID
    value: bytes


def sealed_columns() -> Iterator[sa.Column[bytes]]:
    """Every marked column of every table that has been loaded."""
    for table in metadata.sorted_tables:
        yield from (c for c in table.columns if c.info.get("sealed"))


async def reseal(db: Database, system: Actor, sealer: Sealer) -> int:
    """Seal what the tenant has under older keys with the newest one, while others read and write; answers how many."""
    return sum([await _column(db, system, sealer, column) for column in sealed_columns()])


async def _column(db: Database, system: Actor, sealer: Sealer, column: sa.Column[bytes]) -> int:
    table = column.table
    some = query(
        sa.select(table.c.id, column.label("value"))
        .where(table.c.tenant_id == sa.bindparam("tenant_id"), column.is_not(None), table.c.id > sa.bindparam("after"))
        .order_by(table.c.id)
        .limit(_AT_ONCE),
        Sealed,
    )
    exchange = command(
        sa.update(table)
        .where(
            table.c.tenant_id == sa.bindparam("tenant_id"),
            table.c.id == sa.bindparam("row_id"),
            column == sa.bindparam("old"),
        )
        .values({column.name: sa.bindparam("new")})
    )
    done, after = 0, UUID(int=0)
    while True:
        async with db.transaction(system) as tx:
            rows = await tx.all(some, after=after)
            for row in rows:
                if sealer.needs_rotation(row.value):
                    bound = Bound(table.name, row.id, column.name, system.tenant_id)
                    new = sealer.reseal(row.value, aad=bound)
                    done += await tx.run(exchange, row_id=row.id, old=row.value, new=new)
        if len(rows) < _AT_ONCE:
            return done
        after = rows[-1].id
