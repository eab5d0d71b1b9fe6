"""Deferring a job within a transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import queries

if TYPE_CHECKING:
    from bookable.kernel.db import Transaction

__all__ = ["Deferred", "defer", "flush"]


@dataclass(frozen=True, slots=True)
class Deferred:
    """A job that is written when its transaction commits. `at` is by the application's clock."""

    task: str
    args: dict[str, Any]
    at: datetime | None = None
    lock: str | None = None
    priority: int = 0


def defer(
    tx: "Transaction",
    task: str,
    *,
    at: datetime | None = None,
    lock: str | None = None,
    priority: int = 0,
    **args: Any,
) -> None:
    """Have `task` done after this transaction commits, and not at all if it doesn't.

    `args` must be JSON; the tenant goes with them. Jobs with the same `lock` run one after another.
    """
    tx.deferred.append(Deferred(task, {"tenant_id": str(tx.actor.tenant_id), **args}, at, lock, priority))


async def flush(tx: "Transaction", conn: Any) -> None:
    """Write the transaction's jobs; `Database` calls this just before it commits."""
    if not tx.deferred:
        return
    offset = tx.clock.offset
    rows = [
        {
            "task": d.task,
            "args": d.args,
            "at": (d.at - offset).isoformat() if d.at else None,
            "lock": d.lock,
            "priority": d.priority,
        }
        for d in tx.deferred
    ]
    await conn.execute(queries.DEFER, rows)
