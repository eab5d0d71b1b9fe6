"""Films that people have, how many, how they were brought in, what is said of them, and how they are shown."""

import sqlalchemy as sa

from bookable.kernel.db import metadata, owned_by, reference, tenant_key

__all__ = ["comments", "film_ids", "films", "imports", "own_films", "preferences", "tallies"]

_instant = sa.DateTime(timezone=True)
_policy = owned_by("owner_id")

films = sa.Table(
    "films",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("owner_id", sa.Uuid, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("title_key", sa.Text(collation="C"), nullable=False),
    sa.Column("year", sa.SmallInteger),
    sa.Column("image_url", sa.Text),
    sa.Column("notes", sa.Text),
    sa.Column("watched", sa.Boolean, nullable=False, server_default="false"),
    sa.Column("rating", sa.Double),
    sa.Column("share_token", sa.Text),
    sa.Column("created_at", _instant, nullable=False),
    sa.Column("updated_at", _instant, nullable=False),
    reference("owner_id", "users"),
    sa.UniqueConstraint("tenant_id", "share_token", name="uq_films_share_token"),
    sa.CheckConstraint("rating BETWEEN 0 AND 10", name="rating"),
    sa.CheckConstraint("year BETWEEN 1888 AND 9999", name="year"),
    # One index for each order of a list: a page is a walk along it, however many films there are.
    sa.Index("ix_films_created_at", "tenant_id", "owner_id", "created_at", "id"),
    sa.Index("ix_films_title", "tenant_id", "owner_id", "title_key", "id"),
    sa.Index("ix_films_year", "tenant_id", "owner_id", sa.text("coalesce(year::integer, 0)"), "id"),
    sa.Index("ix_films_rating", "tenant_id", "owner_id", sa.text("coalesce(rating, '-1'::double precision)"), "id"),
    sa.Index("ix_films_grams", sa.text("film_grams(owner_id, title_key)"), postgresql_using="gin"),
    info={"policy": _policy, "forced": False},
)
"""`film_grams` are the pieces of three letters that a title has, each mixed with its owner: a search reads what the
index knows of one collection alone.

`title_key` is what is searched and sorted by: without case and accents. A share token opens one film for reading,
and stands here as it is, so that asking for the link twice gives the same one."""

own_films = films.to_metadata(sa.MetaData(), name="own_films")
"""The same rows, with the same condition inside the view instead of in a policy, read as the table's owner: behind a
policy PostgreSQL neither uses the index for words nor looks at statistics. Whoever reads it bare sees their own."""

film_ids = sa.table("film_ids", sa.column("tenant_id", sa.Uuid), sa.column("id", sa.BigInteger))
"""Which films there are in one's tenant, and nothing else of them: tells what is another's from what is not there."""

tallies = sa.Table(
    "film_tallies",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("owner_id", sa.Uuid, primary_key=True),
    sa.Column("year", sa.SmallInteger, primary_key=True),
    sa.Column("films", sa.Integer, nullable=False),
    sa.Column("changes", sa.BigInteger, nullable=False, server_default="0"),
    sa.CheckConstraint("films >= 0", name="films"),
    info={"policy": _policy},
)
"""How many films somebody has of each year (0: of none), kept in the transaction that changes it. `changes` grows
with every change, so whatever was counted under the same sum still holds."""

comments = sa.Table(
    "film_comments",
    metadata,
    *tenant_key(),
    sa.Column("film_id", sa.BigInteger, nullable=False),
    sa.Column("author_id", sa.Uuid, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", _instant, nullable=False),
    sa.ForeignKeyConstraint(
        ["tenant_id", "film_id"], ["films.tenant_id", "films.id"], name="fk_film_id_films", ondelete="CASCADE"
    ),
    reference("author_id", "users"),
    sa.Index("ix_film_comments_film_id", "tenant_id", "film_id", "id"),
    sa.Index("ix_film_comments_author_id", "tenant_id", "author_id"),
    info={"policy": owned_by("author_id")},
)

preferences = sa.Table(
    "film_preferences",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("theme", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("page_size", sa.SmallInteger, nullable=False),
    reference("user_id", "users"),
    sa.CheckConstraint("page_size BETWEEN 1 AND 100", name="page_size"),
    info={"policy": owned_by("user_id")},
)

imports = sa.Table(
    "film_imports",
    metadata,
    sa.Column("tenant_id", sa.Uuid, primary_key=True),
    sa.Column("owner_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("attempt", sa.Uuid, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("bytes_total", sa.BigInteger),
    sa.Column("bytes_received", sa.BigInteger, nullable=False),
    sa.Column("bytes_read", sa.BigInteger, nullable=False),
    sa.Column("imported", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("started_at", _instant, nullable=False),
    sa.Column("seen_at", _instant, nullable=False),
    sa.Column("finished_at", _instant),
    reference("owner_id", "users"),
    sa.CheckConstraint("state IN ('running', 'done', 'failed')", name="state"),
    sa.CheckConstraint("(state = 'running') = (finished_at IS NULL)", name="finished"),
    sa.Index("ix_film_imports_started_at", "tenant_id", "owner_id", "started_at", "id"),
    info={"policy": _policy},
)
"""The id may be the client's choice, so it is one's own: nobody learns by a conflict that another has it. `seen_at` is
the last sign of life; whoever has given none for long is dead, and `attempt` keeps it from coming back."""
