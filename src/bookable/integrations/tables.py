"""What we note down for providers that can't be asked what came of a call. It stands outside the tenants."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from bookable.kernel.db import metadata

__all__ = ["provider_notes"]

provider_notes = sa.Table(
    "provider_notes",
    metadata,
    sa.Column("provider", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("note", JSONB, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)
