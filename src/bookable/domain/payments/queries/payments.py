"""Reading and moving payments. Every move is conditional on what it leaves, or under the row's lock."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from bookable.kernel.db import app_now, command, query

from ..records import Payment, Status
from ..tables import payments
from .rows import a_payment, bind, payment_columns, payments_here

_by_intent = sa.and_(payments_here, payments.c.intent_id == bind("intent_id", sa.Text()))
_until = app_now() + bind("lease", sa.Interval())

by_id = query(sa.select(*payment_columns).where(a_payment), Payment)
locked = query(sa.select(*payment_columns).where(a_payment).with_for_update(), Payment)
by_intent = query(sa.select(*payment_columns).where(_by_intent), Payment)

of_provider = query(
    sa.select(payments.c.id).where(_by_intent, payments.c.provider == bind("provider", sa.Text())), UUID
)

for_purpose = query(
    sa.select(*payment_columns).where(
        payments_here,
        payments.c.subject_id == bind("subject_id", sa.Uuid()),
        payments.c.purpose == bind("purpose", sa.Text()),
        payments.c.status != Status.CANCELLED,
    ),
    Payment,
)

of_subjects = query(
    sa.select(*payment_columns)
    .where(payments_here, payments.c.subject_id == sa.any_(bind("subject_ids", ARRAY(sa.Uuid))))
    .order_by(payments.c.id),
    Payment,
)

of_owner = query(
    sa.select(*payment_columns)
    .where(payments_here, payments.c.owner_id == bind("owner_id", sa.Uuid()))
    .order_by(payments.c.id),
    Payment,
)

# Whoever will change a subject and its payments takes this first: then they meet here and never in a deadlock.
lock_subject = command(
    sa.select(
        sa.func.pg_advisory_xact_lock(
            sa.func.hashtextextended(sa.cast(bind("subject_id", sa.Uuid()), sa.Text), sa.literal(0))
        )
    )
)

# Without a target: whichever of the unique keys it meets, the payment is there already.
add = command(
    insert(payments)
    .values(
        tenant_id=bind("tenant_id"),
        id=bind("id"),
        subject_id=bind("subject_id"),
        purpose=bind("purpose"),
        owner_id=bind("owner_id"),
        payee=bind("payee"),
        amount_cents=bind("amount_cents"),
        fee_cents=bind("fee_cents"),
        tax_cents=bind("tax_cents"),
        currency=bind("currency"),
        manual_capture=bind("manual_capture"),
        status=Status.PENDING,
        created_at=app_now(),
        updated_at=app_now(),
    )
    .on_conflict_do_nothing()
)

# The first intent stays; a second one was never told to anyone and can't be paid.
keep_intent = command(
    sa.update(payments)
    .where(a_payment, payments.c.intent_id.is_(None))
    .values(provider=bind("provider"), intent_id=bind("intent"), working_until=None, updated_at=app_now())
)

lease = query(
    sa.update(payments)
    .where(a_payment)
    .values(
        working_until=_until,
        attempt=bind("attempt"),
        version=payments.c.version + 1,
        updated_at=app_now(),
    )
    .returning(*payment_columns),
    Payment,
)

extend = query(sa.update(payments).where(a_payment).values(working_until=_until).returning(*payment_columns), Payment)

# A lease that a later attempt took stays with that one.
release = command(
    sa.update(payments).where(a_payment, payments.c.attempt == bind("attempt_was")).values(working_until=None)
)

failed_to_create = command(
    sa.update(payments)
    .where(a_payment, payments.c.intent_id.is_(None))
    .values(attempt=payments.c.attempt + 1, working_until=None)
)

move = query(
    sa.update(payments)
    .where(a_payment)
    .values(
        status=bind("status"),
        failure_code=bind("failure_code"),
        captured_cents=bind("captured_cents"),
        method_type=bind("method_type"),
        card_brand=bind("card_brand"),
        last4=bind("last4"),
        paid_at=bind("paid_at"),
        working_until=bind("working_until"),
        version=payments.c.version + 1,
        updated_at=app_now(),
    )
    .returning(*payment_columns),
    Payment,
)

mark_disputed = query(
    sa.update(payments)
    .where(a_payment, payments.c.disputed_at.is_(None))
    .values(disputed_at=app_now(), version=payments.c.version + 1, updated_at=app_now())
    .returning(*payment_columns),
    Payment,
)

count_disputed = command(
    sa.update(payments)
    .where(a_payment)
    .values(disputed_cents=payments.c.disputed_cents + bind("amount"), updated_at=app_now())
)

hand_over = command(
    sa.update(payments)
    .where(payments_here, payments.c.owner_id == bind("old_owner", sa.Uuid()))
    .values(owner_id=bind("new_owner"), updated_at=app_now())
)
