"""A payment, a refund, and what may follow what."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from bookable.kernel.db import Record
from bookable.kernel.money import Money

__all__ = ["PAID", "UNPAID", "Day", "InboxRow", "Payment", "Refund", "RefundStatus", "Status"]


class Status(StrEnum):
    """Where a payment stands. Money never comes back to an unpaid state; `cancelled` and `refunded` are the ends."""

    PENDING = "pending"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SUCCEEDED = "succeeded"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


UNPAID = frozenset({Status.PENDING, Status.PROCESSING, Status.AUTHORIZED, Status.FAILED})
PAID = frozenset({Status.SUCCEEDED, Status.PARTIALLY_REFUNDED, Status.REFUNDED})


class RefundStatus(StrEnum):
    """Where a refund stands; a failed one has given its amount back to what can be refunded."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Payment(Record, frozen=True):
    """Money for a subject, from its owner, to a payee. `attempt` counts tries, `version` every change."""

    id: UUID
    subject_id: UUID
    purpose: str
    owner_id: UUID
    payee: str
    amount_cents: int
    fee_cents: int
    tax_cents: int
    currency: str
    status: Status
    manual_capture: bool
    provider: str | None
    intent_id: str | None
    version: int
    attempt: int
    working_until: datetime | None
    captured_cents: int
    refunded_cents: int
    refunding_cents: int
    disputed_cents: int
    method_type: str | None
    card_brand: str | None
    last4: str | None
    failure_code: str | None
    disputed_at: datetime | None
    paid_at: datetime | None
    refunded_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def amount(self) -> Money:
        return Money(self.amount_cents, self.currency)

    @property
    def refundable_cents(self) -> int:
        """What is left to refund: neither gone back, nor on its way, nor disputed."""
        return max(0, self.captured_cents - self.refunded_cents - self.refunding_cents - self.disputed_cents)

    @property
    def is_paid(self) -> bool:
        """The money came, whatever became of it later."""
        return self.status in PAID


class Refund(Record, frozen=True):
    """Money on its way back. `requested_by` is None for one that was made at the provider itself."""

    id: UUID
    payment_id: UUID
    amount_cents: int
    status: RefundStatus
    reason: str | None
    provider_refund_id: str | None
    requested_by: UUID | None
    tries: int
    sent_at: datetime | None
    failure_code: str | None
    created_at: datetime
    settled_at: datetime | None


class InboxRow(Record, frozen=True):
    """A webhook as it was understood, and whether its work is done."""

    event_id: str
    type: str
    event: dict[str, Any]
    handled_at: datetime | None


class Day(Record, frozen=True):
    """What came in and went back on a day (UTC): `fee_cents` of what came in is ours, `tax_cents` the authorities'."""

    day: date
    currency: str
    payments: int
    gross_cents: int
    fee_cents: int
    tax_cents: int
    refunded_cents: int
