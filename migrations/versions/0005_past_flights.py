"""What suppliers held and is over is found by an index of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_bookings_ends_at",
        "bookings",
        ["tenant_id", "ends_at"],
        unique=False,
        postgresql_where=sa.text("status = 'confirmed' AND supplier IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_bookings_ends_at",
        table_name="bookings",
        postgresql_where=sa.text("status = 'confirmed' AND supplier IS NOT NULL"),
    )
