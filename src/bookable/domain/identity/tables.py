"""Users of a tenant, their sessions, and the single-use tokens that mails carry."""

import sqlalchemy as sa

from bookable.kernel.db import metadata, owned_by, reference, tenant_key

__all__ = ["revocations", "sessions", "tokens", "users"]

_instant = sa.DateTime(timezone=True)

users = sa.Table(
    "users",
    metadata,
    *tenant_key(),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("email_key", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text),
    sa.Column("first_name", sa.Text, nullable=False),
    sa.Column("last_name", sa.Text, nullable=False),
    sa.Column("phone", sa.Text),
    sa.Column("avatar_url", sa.Text),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("token_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("email_verified_at", _instant),
    sa.Column("suspended_at", _instant),
    sa.Column("deleted_at", _instant),
    sa.Column("created_at", _instant, nullable=False),
    sa.Column("updated_at", _instant, nullable=False),
    sa.Column("last_login_at", _instant),
    sa.UniqueConstraint("tenant_id", "email_key", name="uq_users_email_key"),
    sa.Index("ix_users_created_at", "tenant_id", "created_at", "id"),
    info={"policy": owned_by("id")},
)

sessions = sa.Table(
    "sessions",
    metadata,
    *tenant_key(),
    sa.Column("user_id", sa.Uuid, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
    sa.Column("token_hash", sa.LargeBinary, nullable=False),
    sa.Column("previous_hash", sa.LargeBinary),
    sa.Column("rotated_at", _instant, nullable=False),
    sa.Column("created_at", _instant, nullable=False),
    sa.Column("last_used_at", _instant, nullable=False),
    sa.Column("expires_at", _instant, nullable=False),
    sa.Column("user_agent", sa.Text),
    sa.Column("address", sa.Text),
    sa.Column("ended_at", _instant),
    sa.Column("end_reason", sa.Text),
    reference("user_id", "users"),
    sa.Index("ix_sessions_user_id", "tenant_id", "user_id"),
    info={"policy": owned_by("user_id")},
)

tokens = sa.Table(
    "tokens",
    metadata,
    *tenant_key(),
    sa.Column("user_id", sa.Uuid, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("token_hash", sa.LargeBinary, nullable=False),
    sa.Column("created_at", _instant, nullable=False),
    sa.Column("expires_at", _instant, nullable=False),
    sa.Column("used_at", _instant),
    reference("user_id", "users"),
    sa.UniqueConstraint("tenant_id", "token_hash", name="uq_tokens_token_hash"),
    sa.Index("ix_tokens_user_id", "tenant_id", "user_id", "purpose"),
    info={"policy": owned_by("user_id")},
)

revocations = sa.Table(
    "revocations",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("subject", sa.Uuid, nullable=False),
    sa.Column("version", sa.Integer),
    sa.Column("revoked_at", _instant, nullable=False, server_default=sa.text("clock_timestamp()")),
    sa.Column(
        "written_by",
        sa.BigInteger,
        nullable=False,
        server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
    ),
    sa.Index("ix_revocations_revoked_at", "revoked_at"),
    sa.Index("ix_revocations_written_by", "written_by"),
)
"""Sessions that have ended and users whose older tokens no longer count; every process follows this table.
It holds random ids only, and is read across tenants, so it stands under no policy. Followers remember the
oldest transaction that was still open, not the highest id: a row with a low id may be committed late."""
