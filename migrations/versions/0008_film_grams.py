"""Films are searched by pieces of their titles that are mixed with the owner."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_GRAMS = """
CREATE FUNCTION film_grams(owner uuid, title text) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    seed bigint := uuid_hash_extended(owner, 0);
    found bigint[] := '{}';
BEGIN
    FOR at IN 1 .. length(title) - 2 LOOP
        found := found || hashtextextended(substr(title, at, 3), seed);
    END LOOP;
    RETURN found;
END
$$
"""


def upgrade() -> None:
    op.execute(_GRAMS)
    op.drop_index("ix_films_words", "films")
    op.create_index(
        "ix_films_grams", "films", [sa.literal_column("film_grams(owner_id, title_key)")], postgresql_using="gin"
    )


def downgrade() -> None:
    raise NotImplementedError("Bookable only migrates forward; restore a backup to go back.")
