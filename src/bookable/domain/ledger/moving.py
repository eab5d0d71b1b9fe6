"""Movements between accounts, and what accounts come to."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from bookable.kernel.db import Transaction
from bookable.kernel.ids import new_id

from . import queries
from .records import Line, Monthly

__all__ = ["balance", "balances", "by_month", "move", "statement"]

_LAST = UUID(int=2**128 - 1)


async def move(
    tx: Transaction,
    kind: str,
    *,
    source: str,
    subject_id: UUID,
    unit: str,
    amounts: Mapping[str, int],
    memo: Mapping[str, Any] | None = None,
) -> bool:
    """Add each amount to its account. Once only for each `source`: False when it was booked before.

    `amounts` must come to zero, or the database refuses the transaction; accounts that get nothing are left out.
    Anyone acting in the tenant may move; only the house (a widened actor) reads. `memo` is JSON without floats.
    """
    legs = {account: amount for account, amount in amounts.items() if amount}
    if not legs:
        return False
    added = await tx.run(
        queries.add,
        id=new_id(),
        kind=kind,
        source=source,
        subject_id=subject_id,
        unit=unit,
        accounts=list(legs),
        amounts=list(legs.values()),
        memo=dict(memo or {}),
    )
    return added == 1


async def balance(tx: Transaction, account: str, unit: str) -> int:
    """Everything that was ever added to the account, in this unit."""
    return await tx.one(queries.balance, account=account, unit=unit)


async def balances(tx: Transaction, accounts: Sequence[str], unit: str) -> dict[str, int]:
    """The balance of each account, all at one instant."""
    found = {b.account: b.amount for b in await tx.all(queries.balances, wanted=list(accounts), unit=unit)}
    return {account: found.get(account, 0) for account in accounts}


async def by_month(tx: Transaction, account: str, *, beside: str) -> list[Monthly]:
    """The account by month (UTC), unit and kind of movement, with what the same movements did to `beside`."""
    return await tx.all(queries.by_month, account=account, beside=beside)


async def statement(
    tx: Transaction, account: str, unit: str, *, limit: int = 100, before: UUID | None = None
) -> list[Line]:
    """The account's movements, newest first; `before` is the id of the last line seen."""
    return await tx.all(queries.statement, account=account, unit=unit, limit=limit, before=before or _LAST)
