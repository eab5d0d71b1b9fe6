"""Imports of films that can be watched."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "film_imports",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bytes_total", sa.BigInteger(), nullable=True),
        sa.Column("bytes_received", sa.BigInteger(), nullable=False),
        sa.Column("bytes_read", sa.BigInteger(), nullable=False),
        sa.Column("imported", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name=op.f("ck_film_imports_state")),
        sa.CheckConstraint("(state = 'running') = (finished_at IS NULL)", name=op.f("ck_film_imports_finished")),
        sa.ForeignKeyConstraint(["tenant_id", "owner_id"], ["users.tenant_id", "users.id"], name="fk_owner_id_users"),
        sa.PrimaryKeyConstraint("tenant_id", "owner_id", "id", name=op.f("pk_film_imports")),
    )
    op.create_index("ix_film_imports_started_at", "film_imports", ["tenant_id", "owner_id", "started_at", "id"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON film_imports TO bookable_app")
    for statement in _POLICIES:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Bookable only migrates forward; restore a backup to go back.")


_POLICIES = (
    "ALTER TABLE film_imports ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE film_imports FORCE ROW LEVEL SECURITY",
    "CREATE POLICY film_imports_read ON film_imports FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid AND (current_setting('app.scope', true) = 'tenant' OR owner_id = nullif(current_setting('app.user_id', true), '')::uuid))",
    "CREATE POLICY film_imports_insert ON film_imports FOR INSERT WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid AND (current_setting('app.scope', true) = 'tenant' OR owner_id = nullif(current_setting('app.user_id', true), '')::uuid))",
    "CREATE POLICY film_imports_update ON film_imports FOR UPDATE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid AND (current_setting('app.scope', true) = 'tenant' OR owner_id = nullif(current_setting('app.user_id', true), '')::uuid)) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid AND (current_setting('app.scope', true) = 'tenant' OR owner_id = nullif(current_setting('app.user_id', true), '')::uuid))",
    "CREATE POLICY film_imports_delete ON film_imports FOR DELETE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid AND (current_setting('app.scope', true) = 'tenant' OR owner_id = nullif(current_setting('app.user_id', true), '')::uuid))",
)
