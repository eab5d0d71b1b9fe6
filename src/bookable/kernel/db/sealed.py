"""Columns whose values are sealed: found by their mark, and sealed anew when the key changes.

A column is marked with `info=SEALED`; its values are bound to table, row id, column and tenant (`Bound`). A table
whose rows are named by another UUID says which: `info={"sealed": "attempt"}`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from bookable.kernel.actors import Actor
from bookable.kernel.security.sealing import Bound, SealBroken, Sealer

from .database import Database
from .queries import Record, command, query
from .schema import metadata

__all__ = ["SEALED", "Resealed", "reseal", "sealed_columns"]

SEALED = {"sealed": "id"}
_AT_ONCE = 500


class Sealed(Record, frozen=True):
    """A sealed value and the row it is bound to."""

    id: UUID
    value: bytes


def sealed_columns() -> Iterator[sa.Column[bytes]]:
    """Every marked column of every table that has been loaded."""
    for table in metadata.sorted_tables:
        yield from (c for c in table.columns if c.info.get("sealed"))


@dataclass(slots=True)
class Resealed:
    """What a rotation did: `done` values are under the newest key now, `broken` could not be opened by any."""

    done: int = 0
    broken: int = 0


async def reseal(db: Database, system: Actor, sealer: Sealer, so_far: Resealed) -> Resealed:
    """Seal what the tenant has under older keys with the newest one, while others read and write."""
    for column in sealed_columns():
        await _column(db, system, sealer, column, so_far)
    return so_far


async def _column(db: Database, system: Actor, sealer: Sealer, column: sa.Column[bytes], so_far: Resealed) -> None:
    table = column.table
    row_id = table.c[column.info["sealed"]]
    some = query(
        sa.select(row_id.label("id"), column.label("value"))
        .where(table.c.tenant_id == sa.bindparam("tenant_id"), column.is_not(None), row_id > sa.bindparam("after"))
        .order_by(row_id)
        .limit(_AT_ONCE),
        Sealed,
    )
    exchange = command(
        sa.update(table)
        .where(
            table.c.tenant_id == sa.bindparam("tenant_id"),
            row_id == sa.bindparam("row_id"),
            column == sa.bindparam("old"),
        )
        .values({column.name: sa.bindparam("new")})
    )
    after = UUID(int=0)
    while True:
        async with db.transaction(system) as tx:
            rows = await tx.all(some, after=after)
            for row in rows:
                if not sealer.needs_rotation(row.value):
                    continue
                try:
                    new = sealer.reseal(row.value, aad=Bound(table.name, row.id, column.name, system.tenant_id))
                except SealBroken:
                    so_far.broken += 1
                    continue
                so_far.done += await tx.run(exchange, row_id=row.id, old=row.value, new=new)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].id
