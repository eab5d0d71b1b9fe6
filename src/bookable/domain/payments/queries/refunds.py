"""Promising, sending and settling refunds."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from bookable.kernel.db import app_now, command, query

from ..records import Payment, Refund, RefundStatus
from ..tables import payments, refunds
from .rows import a_payment, a_refund, bind, payment_columns, refund_columns, refunds_here

# As a literal: so the planner sees that the index of the pending has them all.
_is_pending = refunds.c.status == sa.literal_column(f"'{RefundStatus.PENDING}'")

refund_by_id = query(sa.select(*refund_columns).where(a_refund), Refund)
refund_locked = query(sa.select(*refund_columns).where(a_refund).with_for_update(), Refund)

refund_of_provider = query(
    sa.select(*refund_columns)
    .where(refunds_here, refunds.c.provider_refund_id == bind("provider_refund_id", sa.Text()))
    .with_for_update(),
    Refund,
)

refunds_of = query(
    sa.select(*refund_columns)
    .where(refunds_here, refunds.c.payment_id == bind("payment_id", sa.Uuid()))
    .order_by(refunds.c.id),
    Refund,
)

_left = payments.c.captured_cents - payments.c.refunded_cents - payments.c.refunding_cents - payments.c.disputed_cents
_wanted = bind("amount", sa.Integer())

# The promise that refunds never exceed the capture: condition and count are one statement.
promise_refund = query(
    sa.update(payments)
    .where(a_payment, _wanted > 0, _wanted <= _left)
    .values(refunding_cents=payments.c.refunding_cents + _wanted, updated_at=app_now())
    .returning(*payment_columns),
    Payment,
)

# A refund that the provider made by itself is a fact; it only has to fit beside ours that are on their way.
admit_refund = query(
    sa.update(payments)
    .where(
        a_payment,
        payments.c.refunded_cents + payments.c.refunding_cents + _wanted <= payments.c.captured_cents,
    )
    .values(refunding_cents=payments.c.refunding_cents + _wanted, updated_at=app_now())
    .returning(*payment_columns),
    Payment,
)

count_refund = query(
    sa.update(payments)
    .where(a_payment)
    .values(
        refunded_cents=payments.c.refunded_cents + bind("refunded", sa.Integer()),
        refunding_cents=payments.c.refunding_cents + bind("refunding", sa.Integer()),
        status=bind("status"),
        refunded_at=bind("refunded_at"),
        version=payments.c.version + 1,
        updated_at=app_now(),
    )
    .returning(*payment_columns),
    Payment,
)

add_refund = command(
    insert(refunds)
    .values(
        tenant_id=bind("tenant_id"),
        id=bind("id"),
        payment_id=bind("payment_id"),
        amount_cents=bind("amount_cents"),
        status=RefundStatus.PENDING,
        reason=bind("reason"),
        provider_refund_id=bind("provider_refund_id"),
        requested_by=bind("requested_by"),
        created_at=bind("created_at"),
    )
    .on_conflict_do_nothing()
)

_quiet = sa.or_(refunds.c.sent_at.is_(None), refunds.c.sent_at < app_now() - bind("lease", sa.Interval()))

# One sender at a time: the next one comes when this one's call can't be under way any more.
send = query(
    sa.update(refunds)
    .where(a_refund, _is_pending, _quiet)
    .values(sent_at=app_now(), tries=refunds.c.tries + 1)
    .returning(*refund_columns),
    Refund,
)

settle_refund = command(
    sa.update(refunds)
    .where(a_refund)
    .values(
        status=bind("status"),
        provider_refund_id=bind("provider_refund_id"),
        failure_code=bind("failure_code"),
        settled_at=bind("settled_at"),
    )
)

# Ever more seldom the older it is: a bank may take days.
unsent = query(
    sa.select(refunds.c.id)
    .where(
        refunds_here,
        _is_pending,
        sa.func.coalesce(refunds.c.sent_at, refunds.c.created_at)
        < app_now()
        - sa.func.greatest(bind("lease", sa.Interval()), (app_now() - refunds.c.created_at).op("/", precedence=8)(8)),
    )
    .order_by(refunds.c.id)
    .limit(100),
    UUID,
)
