"""`make check`: the migrations make exactly the tables, policies and rights that the modules describe."""

import os
import sys
import warnings

import psycopg
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bookable.kernel.db.schema import policies
from bookable.migrate import sqlalchemy_url, upgrade
from bookable.schema import metadata
from tests import servers

_NAME = "bookable_migrations"


def differences(url: str) -> list[str]:
    """What autogenerate would still change, and policies that differ from the tables'."""
    engine = sa.create_engine(sqlalchemy_url(url), poolclass=sa.NullPool)
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": lambda _, name, kind, *__: (
                    not (kind == "table" and name.startswith("procrastinate_"))
                ),
                "compare_type": True,
            },
        )
        found = [str(d) for d in compare_metadata(context, metadata)]
        found += _policies(connection)
    engine.dispose()
    return found


def _ours(_: object, name: str | None, kind: str, *__: object) -> bool:
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def _policies(connection: sa.Connection) -> list[str]:
    """Each policied table is copied to a scratch schema under the modules' policies; PostgreSQL prints both alike."""
    connection.execute(sa.text("CREATE SCHEMA scratch"))
    connection.execute(sa.text("SET LOCAL search_path = scratch, public"))
    for table in metadata.sorted_tables:
        if table.info.get("policy") is not None:
            connection.execute(sa.text(f"CREATE TABLE scratch.{table.name} (LIKE public.{table.name})"))
            for statement in policies(table):
                connection.execute(sa.text(statement))
    rows = connection.execute(
        sa.text(
            "SELECT schemaname, tablename, policyname, cmd, qual, with_check FROM pg_policies"
            " WHERE schemaname IN ('public', 'scratch')"
        )
    ).all()
    there = {tuple(r[1:]) for r in rows if r[0] == "public"}
    wanted = {tuple(r[1:]) for r in rows if r[0] == "scratch"}
    forced = connection.execute(
        sa.text(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND NOT (relrowsecurity AND relforcerowsecurity)"
        )
    ).scalars()
    bound = {t.name for t in metadata.sorted_tables if t.info.get("policy") is not None and t.info.get("forced", True)}
    unforced = set(forced) & bound
    connection.rollback()
    return (
        [f"policy missing in the migrations: {p}" for p in wanted - there]
        + [f"policy only in the migrations: {p}" for p in there - wanted]
        + [f"row-level security is not forced on {t}" for t in sorted(unforced)]
    )


def main() -> int:
    """Exit 1 and say what differs, or exit 0 in silence."""
    servers.start(cache=False)
    try:
        name = _NAME + os.environ.get("BOOKABLE_TEST_DB_SUFFIX", "")
        with psycopg.connect(servers.admin_url(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {name}")
        url = servers.admin_url().rsplit("/", 1)[0] + f"/{name}"
        upgrade(url)
        found = differences(url)
        with psycopg.connect(servers.admin_url(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    finally:
        servers.stop()
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
