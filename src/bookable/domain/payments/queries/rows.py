"""Which rows a statement is about: always the transaction's tenant's."""

from typing import Any

import sqlalchemy as sa

from ..records import Payment, Refund
from ..tables import payments, refunds

__all__ = ["a_payment", "a_refund", "bind", "payment_columns", "payments_here", "refund_columns", "refunds_here"]


def bind(name: str, kind: sa.types.TypeEngine[Any] | None = None) -> sa.BindParameter[Any]:
    """A parameter; its type where the statement does not tell it."""
    return sa.bindparam(name, type_=kind)


payment_columns = tuple(payments.c[name] for name in Payment.__struct_fields__)
payments_here = payments.c.tenant_id == bind("tenant_id", sa.Uuid())
a_payment = sa.and_(payments_here, payments.c.id == bind("id", sa.Uuid()))

refund_columns = tuple(refunds.c[name] for name in Refund.__struct_fields__)
refunds_here = refunds.c.tenant_id == bind("tenant_id", sa.Uuid())
a_refund = sa.and_(refunds_here, refunds.c.id == bind("id", sa.Uuid()))
