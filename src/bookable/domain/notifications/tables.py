"""What was told to whom, by which channel, once."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from bookable.kernel.db import metadata, owned_by, tenant_key
from bookable.kernel.db.sealed import SEALED

__all__ = ["notifications"]

_instant = sa.DateTime(timezone=True)

notifications = sa.Table(
    "notifications",
    metadata,
    *tenant_key(),
    sa.Column("user_id", sa.Uuid),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Uuid),
    sa.Column("address", sa.Text),
    sa.Column("dedupe_key", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Column("created_at", _instant, nullable=False),
    sa.Column("sealed", sa.LargeBinary, info=SEALED),
    sa.Column("sent_at", _instant),
    sa.Column("failed_at", _instant),
    sa.Column("failure", sa.Text),
    sa.Column("read_at", _instant),
    sa.UniqueConstraint("tenant_id", "dedupe_key", name="uq_notifications_dedupe_key"),
    sa.Index("ix_notifications_subject_id", "tenant_id", "subject_id"),
    sa.Index("ix_notifications_user_id", "tenant_id", "user_id", "created_at", "id"),
    info={"policy": owned_by("user_id")},
)
"""`subject_id` is the booking that it is about; `sealed` is the secret that a mail carries, from when it is first
tried until it is sent; `failed_at` and `failure` say that a mail was refused for good."""
