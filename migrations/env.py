"""Alembic's entry: the tables of every module, reached through one connection that the caller hands over."""

import sqlalchemy as sa
from alembic import context

from bookable.schema import metadata


def ours(_: object, name: str | None, type_: str, *__: object) -> bool:
    """Procrastinate keeps its own tables, in step with its own migrations."""
    return not (type_ == "table" and (name or "").startswith("procrastinate_"))


connection: sa.Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, include_object=ours, compare_server_default=False)
with context.begin_transaction():
    context.run_migrations()
