"""What flight providers remember: the sandbox airline's seats and orders, and our notes on half-done orders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = ("provider_notes", "sandbox_orders", "sandbox_seats")


def upgrade() -> None:
    op.create_table(
        "provider_notes",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("note", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "key", name=op.f("pk_provider_notes")),
    )
    op.create_table(
        "sandbox_orders",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_orders")),
        sa.UniqueConstraint("key", name=op.f("uq_sandbox_orders_key")),
    )
    op.create_table(
        "sandbox_seats",
        sa.Column("flight", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("cabin", sa.Text(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_sandbox_seats_taken")),
        sa.PrimaryKeyConstraint("flight", "day", "cabin", name=op.f("pk_sandbox_seats")),
    )
    for table in _TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO bookable_app")


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
