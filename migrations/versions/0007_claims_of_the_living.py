"""A claimed idempotency key names the process that holds it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("idempotency_keys", sa.Column("holder", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("idempotency_keys", "holder")
