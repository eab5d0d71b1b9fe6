"""What nobody waits for any more."""

from uuid import UUID

import sqlalchemy as sa

from bookable.kernel.db import app_now, query

from ..records import UNPAID, Payment, Status
from ..tables import payments
from .rows import bind, payment_columns, payments_here

# As literals: so the planner sees that the index of the unsettled has them all.
_names = ", ".join(f"'{one}'" for one in sorted(UNPAID))
_unpaid = sa.literal_column(f"payments.status IN ({_names})", sa.Boolean())

_ours = sa.and_(payments_here, payments.c.provider == bind("provider", sa.Text()))

abandoned = query(
    sa.select(*payment_columns)
    .where(
        payments_here,
        payments.c.working_until < app_now(),
        sa.or_(payments.c.intent_id.is_(None), payments.c.provider == bind("provider", sa.Text())),
    )
    .order_by(payments.c.working_until)
    .limit(100),
    Payment,
)

_asked_at = sa.func.coalesce(payments.c.checked_at, payments.c.updated_at, type_=sa.DateTime(timezone=True))
_age = app_now() - payments.c.created_at
_patience = sa.case(
    (payments.c.status == Status.PROCESSING, bind("often", sa.Interval())),
    else_=sa.func.least(
        sa.func.greatest(bind("often", sa.Interval()), _age.op("/", precedence=8)(4)), bind("seldom", sa.Interval())
    ),
)

# Those under way are asked for often; those that a payer may have left for good, ever more seldom, for eight days.
unheard_of = query(
    sa.update(payments)
    .where(
        _ours,
        _unpaid,
        payments.c.intent_id.is_not(None),
        payments.c.created_at > app_now() - bind("at_most", sa.Interval()),
        _asked_at < app_now() - _patience,
    )
    .values(checked_at=app_now())
    .returning(payments.c.id),
    UUID,
)
