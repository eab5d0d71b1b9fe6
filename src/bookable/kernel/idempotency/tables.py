"""Keys that clients gave their writes, and the answers those got."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from bookable.kernel.db import metadata, public

__all__ = ["idempotency_keys"]

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("principal", sa.Text, primary_key=True),
    sa.Column("route", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.LargeBinary, nullable=False),
    sa.Column("attempt", sa.Uuid, nullable=False),
    sa.Column("work_id", sa.Uuid),
    sa.Column("locked_until", sa.DateTime(timezone=True)),
    sa.Column("holder", sa.BigInteger),
    sa.Column("status", sa.Integer),
    sa.Column("headers", JSONB),
    sa.Column("body", sa.LargeBinary, info={"sealed": "attempt"}),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_idempotency_keys_created_at", "created_at"),
    info={"policy": public()},
)
