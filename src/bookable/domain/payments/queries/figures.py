"""What came in and went back."""

from typing import Any

import sqlalchemy as sa

from bookable.kernel.db import query

from ..records import Day, RefundStatus
from ..tables import payments, refunds
from .rows import bind, payments_here, refunds_here


def _day(instant: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.cast(sa.func.timezone("UTC", instant), sa.Date)


def _between(instant: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    at = sa.DateTime(timezone=True)
    return sa.and_(instant >= bind("since", at), instant < bind("until", at))


_none = sa.literal(0, sa.Integer)
_came = sa.select(
    _day(payments.c.paid_at).label("day"),
    payments.c.currency,
    sa.literal(1, sa.Integer).label("payments"),
    payments.c.captured_cents.label("gross"),
    payments.c.fee_cents.label("fee"),
    payments.c.tax_cents.label("tax"),
    _none.label("refunded"),
).where(payments_here, _between(payments.c.paid_at))
_went = (
    sa.select(_day(refunds.c.settled_at), payments.c.currency, _none, _none, _none, _none, refunds.c.amount_cents)
    .join(payments, sa.and_(payments.c.tenant_id == refunds.c.tenant_id, payments.c.id == refunds.c.payment_id))
    .where(refunds_here, refunds.c.status == RefundStatus.SUCCEEDED, _between(refunds.c.settled_at))
)
_flows = sa.union_all(_came, _went).subquery()


def _total(column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.sum(column), sa.BigInteger)


revenue = query(
    sa.select(
        _flows.c.day,
        _flows.c.currency,
        _total(_flows.c.payments).label("payments"),
        _total(_flows.c.gross).label("gross_cents"),
        _total(_flows.c.fee).label("fee_cents"),
        _total(_flows.c.tax).label("tax_cents"),
        _total(_flows.c.refunded).label("refunded_cents"),
    )
    .group_by(_flows.c.day, _flows.c.currency)
    .order_by(_flows.c.day, _flows.c.currency),
    Day,
)
