"""What the ledger answers: lines of a statement, months of an account, and the report of a check."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bookable.kernel.db import Record

__all__ = ["Batch", "Line", "Monthly", "Movement", "Problem", "Report", "Sealed"]


class Movement(Record, frozen=True):
    """One thing that happened: `amounts[i]` was added to `accounts[i]`, in `unit`; together they are zero."""

    id: UUID
    tenant_id: UUID
    kind: str
    source: str
    subject_id: UUID
    unit: str
    accounts: list[str]
    amounts: list[int]
    memo: dict[str, Any]
    moved_at: datetime


class Line(Record, frozen=True):
    """What one movement did to one account."""

    id: UUID
    kind: str
    source: str
    subject_id: UUID
    amount: int
    moved_at: datetime


class Monthly(Record, frozen=True):
    """What movements of a kind did to an account in a month (UTC), and what the same movements did to another."""

    month: date
    unit: str
    kind: str
    amount: int
    beside: int


class Batch(Record, frozen=True):
    """A link of the hash chain."""

    number: int
    previous_hash: bytes
    hash: bytes
    movements: int


class Sealed(Record, frozen=True):
    """A place in a batch, and the movement that should stand there; `movement` fields are None when it is gone."""

    movement_id: UUID
    position: int
    digest: bytes
    tenant_id: UUID | None
    kind: str | None
    source: str | None
    subject_id: UUID | None
    unit: str | None
    accounts: list[str] | None
    amounts: list[int] | None
    memo: dict[str, Any] | None
    moved_at: datetime | None

    def movement(self) -> Movement | None:
        """The movement, unless it is gone."""
        if self.kind is None:
            return None
        fields = [getattr(self, name) for name in Movement.__struct_fields__[1:]]
        return Movement(self.movement_id, *fields)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the ledger that can't be, by tenant; `movement_id` names the movement where one is to blame."""

    tenant: str
    what: str
    movement_id: UUID | None = None
    batch: int | None = None


@dataclass(slots=True)
class Report:
    """What a check read and found. `heads` are the last hashes by tenant: keep them elsewhere, and a chain
    that was cut short shows too."""

    movements: int = 0
    batches: int = 0
    unsealed: int = 0
    totals: dict[str, int] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    @property
    def first_broken(self) -> UUID | None:
        """The earliest movement that a problem names."""
        return next((p.movement_id for p in self.problems if p.movement_id), None)
