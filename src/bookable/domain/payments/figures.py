"""What the money comes to: by day for the house, by month for a payee, and all of a person's for an export."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from bookable.domain import ledger
from bookable.kernel.db import Transaction

from . import queries
from .accounting import FEES, payable
from .records import Day

__all__ = ["Earned", "Earnings", "earnings", "export", "revenue"]

_PRIVATE = frozenset({"version", "attempt", "working_until", "manual_capture", "intent_id", "payee", "fee_cents"})


@dataclass(slots=True)
class Earned:
    """In minor units: what customers paid without tax (`gross`), our `fees` in it, what was given back
    (`refunds`), what was paid out; and `balance`, what is left for the payee: gross − fees − refunds − paid_out."""

    gross: int = 0
    fees: int = 0
    refunds: int = 0
    paid_out: int = 0

    @property
    def balance(self) -> int:
        return self.gross - self.fees - self.refunds - self.paid_out


@dataclass(slots=True)
class Earnings:
    """A payee's figures in one currency, in all and by month (its first day, UTC)."""

    total: Earned = field(default_factory=Earned)
    months: dict[date, Earned] = field(default_factory=lambda: defaultdict(Earned))


async def earnings(tx: Transaction, payee: str) -> dict[str, Earnings]:
    """By currency. From the ledger, so the transaction must see the whole tenant."""
    found: dict[str, Earnings] = defaultdict(Earnings)
    for row in await ledger.by_month(tx, payable(payee), beside=FEES):
        of_currency = found[row.unit]
        for figures in (of_currency.total, of_currency.months[row.month]):
            _add(figures, row)
    return dict(found)


def _add(figures: Earned, row: ledger.Monthly) -> None:
    if row.kind == "charge":
        figures.gross -= row.amount + row.beside
        figures.fees -= row.beside
    elif row.kind in {"refund", "refund_failed"}:
        figures.refunds += row.amount + row.beside
        figures.fees -= row.beside
    elif row.kind == "payout":
        figures.paid_out += row.amount


async def revenue(tx: Transaction, *, since: datetime, until: datetime) -> list[Day]:
    """What came in and went back on each day (UTC) from `since` to before `until`, days without either left out.

    The transaction must see the whole tenant.
    """
    return await tx.all(queries.revenue, since=since, until=until)


async def export(tx: Transaction, owner_id: UUID) -> list[dict[str, Any]]:
    """Everything held on what this person paid, as JSON; what only concerns the machinery is left out."""
    told = [msgspec.to_builtins(payment) for payment in await tx.all(queries.of_owner, owner_id=owner_id)]
    return [{name: value for name, value in row.items() if name not in _PRIVATE} for row in told]
