"""The second wall: whatever a query forgets, the database shows nobody the rows of another tenant or another person.

Every table of the house is walked; one that stands under no policy must be named here, with its reason.
"""

import datetime
import re
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE

from bookable.kernel.db import Database
from bookable.kernel.ids import new_id
from bookable.schema import metadata
from tests import make

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
WITHOUT_POLICY = {
    "tenants": "which storefronts there are is public",
    "revocations": "random ids only, followed by every process across tenants",
    "sandbox_mails": "a provider's memory, never in production",
    "sandbox_intents": "a provider's memory, never in production",
    "sandbox_answers": "a provider's memory, never in production",
    "sandbox_faults": "a provider's memory, never in production",
    "sandbox_deliveries": "a provider's memory, never in production",
    "sandbox_clock": "a provider's memory, never in production",
    "sandbox_orders": "a provider's memory, never in production",
    "sandbox_seats": "a provider's memory, never in production",
    "provider_notes": "a provider's own numbers, under keys that only whoever made them knows",
}
POLICED = [t for t in metadata.sorted_tables if t.info.get("policy") is not None]


def test_every_table_stands_under_a_policy_or_is_named_here_with_its_reason() -> None:
    assert {t.name for t in metadata.sorted_tables} - {t.name for t in POLICED} == set(WITHOUT_POLICY)


@pytest.fixture
async def conn(db: Database) -> AsyncIterator[Connection]:
    """A connection in a transaction that will be undone: checks can be dropped in it, and rows of any shape laid."""
    owner = await asyncpg.connect(make.dsn(db))
    undone = owner.transaction()
    await undone.start()
    await owner.execute("SET LOCAL session_replication_role = replica")
    yield owner
    await undone.rollback()
    await owner.close()


def value_for(column: sa.Column[Any]) -> Any:
    """Something that the column takes."""
    kind = column.type
    for types, value in (
        (sa.Uuid, new_id()),
        (sa.Boolean, True),
        (sa.LargeBinary, b"x"),
        (sa.Date, datetime.date(2030, 1, 1)),
        (sa.DateTime, datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)),
        (JSONB, "{}"),
        (TSTZRANGE, asyncpg.Range(datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC), None)),
        (sa.Numeric, Decimal(1)),
        (sa.Integer, 1),
    ):
        if isinstance(kind, types):
            return value
    if isinstance(kind, ARRAY):
        return ["a", "b"] if isinstance(kind.item_type, sa.Text) else [1, -1]
    return "x"


async def lay(conn: Connection, table: sa.Table, **given: UUID) -> None:
    """A row of this table, whatever its checks say; afterwards the connection is the application's role."""
    for check in (c for c in table.constraints if isinstance(c, sa.CheckConstraint)):
        await conn.execute(f"ALTER TABLE {table.name} DROP CONSTRAINT IF EXISTS {check.name}")
    filled = [c for c in table.columns if c.computed is None and c.identity is None]
    names = [c.name for c in filled if not c.nullable or c.name in given]
    values = [given.get(n, value_for(table.c[n])) for n in names]
    marks = ", ".join(f"${i}" for i in range(1, len(names) + 1))
    await conn.execute(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})", *values)
    await conn.execute("SET LOCAL ROLE bookable_app")


async def seen(conn: Connection, table: sa.TableClause, *, tenant: UUID | None, person: UUID | None, scope: str) -> int:
    """How many rows of the table somebody sees."""
    for name, value in (("tenant_id", tenant), ("user_id", person), ("scope", scope)):
        await conn.execute(f"SET LOCAL app.{name} = '{value or ''}'")
    return int(await conn.fetchval(f"SELECT count(*) FROM {table.name}"))


def owners(table: sa.Table) -> list[str]:
    """The columns that say whose a row is."""
    return re.findall(r"(\w+) = nullif\(current_setting\('app\.user_id'", table.info["policy"].using)


@pytest.mark.parametrize("table", POLICED, ids=lambda t: t.name)
async def test_another_tenant_and_a_query_without_context_see_and_touch_nothing(
    conn: Connection, table: sa.Table
) -> None:
    here, there = new_id(), new_id()
    await lay(conn, table, tenant_id=here)
    assert await seen(conn, table, tenant=here, person=None, scope="tenant") == 1, "the house itself must see it"
    for tenant, person, scope in ((None, None, "own"), (None, new_id(), "tenant"), (there, new_id(), "tenant")):
        assert await seen(conn, table, tenant=tenant, person=person, scope=scope) == 0
    if table.info.get("immutable"):
        return
    assert await conn.execute(f"DELETE FROM {table.name}") == "DELETE 0"
    assert await conn.execute(f"UPDATE {table.name} SET tenant_id = tenant_id") == "UPDATE 0"


@pytest.mark.parametrize("table", [t for t in POLICED if owners(t)], ids=lambda t: t.name)
async def test_another_person_of_the_same_tenant_sees_and_touches_nothing(conn: Connection, table: sa.Table) -> None:
    here, mine = new_id(), new_id()
    await lay(conn, table, tenant_id=here, **dict.fromkeys(owners(table), mine))
    assert await seen(conn, table, tenant=here, person=mine, scope="own") == 1
    assert await seen(conn, table, tenant=here, person=new_id(), scope="own") == 0
    assert await conn.execute(f"DELETE FROM {table.name}") == "DELETE 0"
    assert await conn.execute(f"UPDATE {table.name} SET tenant_id = tenant_id") == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await lay_as_application(conn, table, tenant_id=here, **dict.fromkeys(owners(table), mine))


@pytest.mark.parametrize("table", POLICED, ids=lambda t: t.name)
async def test_no_row_can_be_laid_into_another_tenant(conn: Connection, table: sa.Table) -> None:
    await conn.execute(f"SET LOCAL app.tenant_id = '{new_id()}'; SET LOCAL app.scope = 'tenant'")
    await conn.execute("SET LOCAL ROLE bookable_app")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await lay_as_application(conn, table, tenant_id=new_id())


async def test_the_application_is_neither_owner_nor_above_the_policies(conn: Connection) -> None:
    role = await conn.fetchrow("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'bookable_app'")
    assert role is not None
    assert tuple(role) == (False, False)
    owned = await conn.fetchval(
        "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = 'bookable_app')"
    )
    assert owned == 0


async def test_what_is_read_past_a_policy_can_not_be_written(conn: Connection) -> None:
    """`open_listings` shows public rows to statements that name the tenant themselves; the others bind themselves to
    whoever looks. None is a way in."""
    views = {v["viewname"] for v in await conn.fetch("SELECT viewname FROM pg_views WHERE schemaname = 'public'")}
    assert views == {"open_listings", "own_films", "film_ids"}
    granted = await conn.fetch(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
        " WHERE table_name = ANY($1) AND grantee = 'bookable_app'",
        list(views),
    )
    assert {tuple(g) for g in granted} == {(view, "SELECT") for view in views}


async def test_a_view_of_films_shows_what_the_policy_would(conn: Connection) -> None:
    here, mine = new_id(), new_id()
    await lay(conn, metadata.tables["films"], tenant_id=here, owner_id=mine)
    own, ids = sa.table("own_films"), sa.table("film_ids")
    assert await seen(conn, own, tenant=here, person=mine, scope="own") == 1
    assert await seen(conn, own, tenant=here, person=None, scope="tenant") == 1
    for tenant, person, scope in ((None, None, "own"), (here, new_id(), "own"), (new_id(), mine, "tenant")):
        assert await seen(conn, own, tenant=tenant, person=person, scope=scope) == 0
    assert await seen(conn, ids, tenant=here, person=None, scope="own") == 1
    assert await seen(conn, ids, tenant=new_id(), person=mine, scope="tenant") == 0


async def lay_as_application(conn: Connection, table: sa.Table, **given: UUID) -> None:
    """The same row, laid by the application's role: the policy speaks before any check does."""
    names = [c.name for c in table.columns if not c.nullable or c.name in given]
    names = [n for n in names if table.c[n].computed is None and table.c[n].identity is None]
    values = [given.get(n, value_for(table.c[n])) for n in names]
    marks = ", ".join(f"${i}" for i in range(1, len(names) + 1))
    await conn.execute(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})", *values)
