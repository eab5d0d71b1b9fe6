"""Pictures that people gave us: what they are, whose, and where the bytes lie."""

import sqlalchemy as sa

from bookable.kernel.db import metadata, owned_by, tenant_key

__all__ = ["media", "uploads"]

media = sa.Table(
    "media",
    metadata,
    *tenant_key(),
    sa.Column("owner_id", sa.Uuid, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("ix_media_owner_id", "tenant_id", "owner_id"),
    info={"policy": owned_by("owner_id")},
)

uploads = sa.Table(
    "uploads",
    metadata,
    *tenant_key(),
    sa.Column("owner_id", sa.Uuid, nullable=False),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("small", sa.Text),
    sa.Column("medium", sa.Text),
    sa.Column("large", sa.Text),
    sa.CheckConstraint("num_nonnulls(small, medium, large) IN (0, 3)", name="whole"),
    sa.Index("ix_uploads_owner_id", "tenant_id", "owner_id"),
    info={"policy": owned_by("owner_id")},
)
"""Pictures that are announced before they are sent; once checked, the paths of their three sizes."""
