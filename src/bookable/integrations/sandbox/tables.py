"""What the sandbox providers remember. They stand outside the tenants, as the real ones do."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from bookable.kernel.db import metadata

__all__ = [
    "sandbox_answers",
    "sandbox_clock",
    "sandbox_deliveries",
    "sandbox_faults",
    "sandbox_intents",
    "sandbox_mails",
    "sandbox_orders",
    "sandbox_seats",
]

_instant = sa.DateTime(timezone=True)

sandbox_mails = sa.Table(
    "sandbox_mails",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("storefront", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("html", sa.Text, nullable=False),
    sa.Column("headers", JSONB, nullable=False),
    sa.Column("message", sa.LargeBinary, nullable=False),
    sa.Column("created_at", _instant, nullable=False),
    sa.Index("ix_sandbox_mails_recipient", "recipient", "id"),
)

sandbox_intents = sa.Table(
    "sandbox_intents",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("tenant_id", sa.Uuid, nullable=False),
    sa.Column("state", JSONB, nullable=False),
    sa.Column("created_at", _instant, nullable=False),
    sa.Column("updated_at", _instant, nullable=False),
)

sandbox_answers = sa.Table(
    "sandbox_answers",
    metadata,
    sa.Column("provider", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("answer", JSONB, nullable=False),
    sa.Column("created_at", _instant, nullable=False),
)

sandbox_faults = sa.Table(
    "sandbox_faults",
    metadata,
    sa.Column("provider", sa.Text, primary_key=True),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
)

sandbox_deliveries = sa.Table(
    "sandbox_deliveries",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("tenant_id", sa.Uuid, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("created_at", _instant, nullable=False),
    sa.Column("delivered_at", _instant),
)

sandbox_clock = sa.Table(
    "sandbox_clock",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("offset_seconds", sa.Double, nullable=False),
    sa.CheckConstraint("id = 1", name="one_row"),
)

sandbox_seats = sa.Table(
    "sandbox_seats",
    metadata,
    sa.Column("flight", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("cabin", sa.Text, primary_key=True),
    sa.Column("taken", sa.Integer, nullable=False),
    sa.CheckConstraint("taken >= 0", name="taken"),
)

sandbox_orders = sa.Table(
    "sandbox_orders",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("state", JSONB, nullable=False),
    sa.Column("created_at", _instant, nullable=False),
    sa.Column("cancelled_at", _instant),
)
