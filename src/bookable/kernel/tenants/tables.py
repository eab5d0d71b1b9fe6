"""The table of tenants: one row a storefront that people can reach. Holds nothing private."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from bookable.kernel.db import metadata

__all__ = ["tenants"]

tenants = sa.Table(
    "tenants",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("slug", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("hosts", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("fee_bps", sa.Integer, nullable=False),
    sa.Column("tax_bps", sa.Integer, nullable=False),
    sa.Column("settings", JSONB, nullable=False, server_default="{}"),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
    sa.CheckConstraint("slug ~ '^[a-z][a-z0-9-]{1,40}$'", name="slug"),
    sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    sa.CheckConstraint("fee_bps BETWEEN 0 AND 10000 AND tax_bps BETWEEN 0 AND 10000", name="bps"),
)
