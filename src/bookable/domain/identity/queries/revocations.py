"""Writing down what is taken back, and following what others wrote."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from bookable.kernel.db import Record, command, query

from ..tables import revocations


class Revoked(Record, frozen=True):
    """One that was taken back, beside where to read on from; without a subject when there is none."""

    watermark: int
    subject: UUID | None
    version: int | None
    revoked_at: datetime | None


_row = (
    sa.insert(revocations)
    .values(
        subject=sa.bindparam("revoked_subject", type_=sa.Uuid),
        version=sa.bindparam("revoked_version", type_=sa.Integer),
    )
    .returning(revocations.c.id)
    .cte("row")
)

revoke = command(sa.select(sa.func.pg_notify("bookable", "revocations")).select_from(_row))

_oldest_open = sa.cast(sa.cast(sa.func.pg_snapshot_xmin(sa.func.pg_current_snapshot()), sa.Text), sa.BigInteger).label(
    "watermark"
)
_one = sa.select(_oldest_open).subquery("here")

revoked_since = query(
    # Real time, as the revoked are kept by it.
    sa.select(_one.c.watermark, revocations.c.subject, revocations.c.version, revocations.c.revoked_at)
    .select_from(
        _one.outerjoin(
            revocations,
            sa.and_(
                revocations.c.written_by >= sa.bindparam("watermark", type_=sa.BigInteger),
                revocations.c.revoked_at > sa.func.clock_timestamp() - sa.bindparam("keep", type_=sa.Interval),
            ),
        )
    )
    .order_by(revocations.c.id),
    Revoked,
)


forget_revocations = command(
    sa.delete(revocations).where(
        revocations.c.revoked_at < sa.func.clock_timestamp() - sa.bindparam("keep", type_=sa.Interval)
    )
)
