"""Looking payments up, by whoever may see them."""

from collections.abc import Sequence
from uuid import UUID

from bookable.kernel.db import Transaction

from . import queries
from .records import Payment, Refund

__all__ = ["by_intent", "get", "of_subject", "of_subjects", "refunds_of"]


async def get(tx: Transaction, payment_id: UUID) -> Payment:
    """Raises `NotFound` when there is none that this transaction may see."""
    return await tx.one(queries.by_id, id=payment_id)


async def by_intent(tx: Transaction, intent_id: str) -> Payment:
    """The payment behind the provider's intent. Raises `NotFound`."""
    return await tx.one(queries.by_intent, intent_id=intent_id)


async def of_subject(tx: Transaction, subject_id: UUID) -> list[Payment]:
    """Every payment for the subject, oldest first, cancelled ones too."""
    return await tx.all(queries.of_subjects, subject_ids=[subject_id])


async def of_subjects(tx: Transaction, subject_ids: Sequence[UUID]) -> dict[UUID, Payment]:
    """The latest payment of each subject that has one; for lists."""
    found = await tx.all(queries.of_subjects, subject_ids=list(subject_ids)) if subject_ids else []
    return {payment.subject_id: payment for payment in found}


async def refunds_of(tx: Transaction, payment_id: UUID) -> list[Refund]:
    """Its refunds, oldest first. The transaction must see the whole tenant."""
    return await tx.all(queries.refunds_of, payment_id=payment_id)
