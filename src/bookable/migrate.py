"""Bringing a database to the newest schema: safe from many processes at once, quick when there is nothing to do."""

from pathlib import Path

import asyncpg

from bookable.kernel.db import metadata
from bookable.settings import WrongSettings

__all__ = ["head", "is_newest", "present", "sqlalchemy_url", "upgrade"]

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_THERE = "SELECT to_regclass('alembic_version') IS NOT NULL"
_VERSION = "SELECT version_num FROM alembic_version"
_OURS_IS_OLDER = "The database is of schema {}, made by a newer Bookable; this one knows {}. Start the newer one."
_LOCK = 0x626F6F6B  # "book": one migration at a time in a database


def head() -> str:
    """The newest revision in the source tree: file names begin with their number."""
    return max(p.stem.split("_", 1)[0] for p in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def present(url: str) -> str | None:
    """The revision the database is at; None for an empty one."""
    import psycopg  # late: migrations speak through it, and most servers have none to apply

    with psycopg.connect(url) as conn:
        there = conn.execute(_THERE).fetchone()
        version = conn.execute(_VERSION).fetchone() if there and there[0] else None
        return version[0] if version else None


async def is_newest(url: str) -> bool:
    """Whether there is nothing to apply; asked through the driver that every process has loaded anyway.

    Raises `WrongSettings` when the database is ahead of us.
    """
    conn = await asyncpg.connect(url)
    try:
        return bool(await conn.fetchval(_THERE)) and _known(await conn.fetchval(_VERSION)) == head()
    finally:
        await conn.close()


def _known(version: str | None) -> str | None:
    if version is not None and version > head():
        raise WrongSettings(_OURS_IS_OLDER.format(version, head()))
    return version


def sqlalchemy_url(url: str) -> str:
    """The same address for SQLAlchemy, with the driver that migrations use."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]


def upgrade(url: str) -> bool:
    """Apply what is missing, in one transaction; answers whether anything was. Raises `WrongSettings` as above."""
    if _known(present(url)) == head():
        return False
    import sqlalchemy as sa
    from alembic import command
    from alembic.config import Config

    import bookable.schema  # noqa: F401 - fills the metadata

    engine = sa.create_engine(sqlalchemy_url(url), poolclass=sa.NullPool)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["target_metadata"] = metadata
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:k)"), {"k": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()
    return True
