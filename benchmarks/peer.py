"""The peer: the same endpoints on Fastify and Prisma, with the same rows, on the same PostgreSQL."""

import asyncio
import io
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import asyncpg
import jwt

from benchmarks.machine import free_port
from benchmarks.processes import Running, run
from benchmarks.stacks import Person, Stack

__all__ = ["PeerUnavailable", "install", "start"]

_HERE = Path(__file__).parent / "peers" / "fastify-prisma"
_SECRET = "a-secret-of-the-peer-that-only-the-benchmarks-know"
_DATABASE = "peer"
_COPIED = {
    "listings": (
        "SELECT id, username, display_name, category, bio, location, avatar_url, cover_url, time_zone, currency,"
        " average_rating::float8, rating_count, bookings_count, is_verified, is_featured, is_active, created_at"
        " FROM listings WHERE tenant_id = $1"
    ),
    "offers": "SELECT id, listing_id, name, duration_minutes, price_cents, is_active FROM offers WHERE tenant_id = $1",
    "users": "SELECT id, email FROM users WHERE tenant_id = $1",
    "favourites": "SELECT user_id, listing_id, created_at FROM favourites WHERE tenant_id = $1",
}


class PeerUnavailable(Exception):
    """This machine can't run the peer; the text says why."""


def install(log: Path) -> None:
    """Node packages exactly as locked, and the generated client; nothing is fetched but packages, and only once."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise PeerUnavailable("node and npm are not on this machine")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < (20, 19):
        raise PeerUnavailable(f"node {version} is older than 20.19")
    lock, done = _HERE / "package-lock.json", _HERE / "node_modules" / ".installed"
    if done.exists() and done.stat().st_mtime >= max(lock.stat().st_mtime, (_HERE / "schema.prisma").stat().st_mtime):
        return
    # Generating needs no engine, but looks for one and would download it: any program that exists will do.
    env = dict(os.environ, PRISMA_SCHEMA_ENGINE_BINARY=node, CHECKPOINT_DISABLE="1", PRISMA_HIDE_UPDATE_MESSAGE="1")
    try:
        run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], env=env, cwd=_HERE, log=log)
        run([npm, "run", "generate"], env=env, cwd=_HERE, log=log)
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        raise PeerUnavailable(f"its packages can't be installed: {error}") from error
    done.touch()


def start(like: Stack, log: Path) -> Stack:
    """The peer with a copy of the other stack's rows, and the same customers."""
    url = like.database_url.rpartition("/")[0] + f"/{_DATABASE}"
    asyncio.run(_fill(like.database_url, url))
    port = free_port()
    env = {
        "PATH": os.environ["PATH"],
        "NODE_ENV": "production",
        "DATABASE_URL": url,
        "JWT_SECRET": _SECRET,
        "PORT": str(port),
    }
    node = shutil.which("node")
    assert node is not None
    server = Running([node, "src/server.js"], env=env, cwd=_HERE, log=log, port=port)
    server.wait("/health")
    return Stack(
        name="Fastify + Prisma",
        server=server,
        base="/api",
        ping="/health",
        database_url=url,
        me=_signed_in(like.me),
        other=_signed_in(like.other),
        people=[_signed_in(person) for person in like.people],
        celebrities=like.celebrities,
    )


def _signed_in(person: Person) -> Person:
    """The same customer, with a token that the peer takes."""
    claims = {"sub": person.id, "role": "user", "exp": int(time.time()) + 6 * 3600}
    return Person(person.id, jwt.encode(claims, _SECRET, algorithm="HS256"))


async def _fill(source_url: str, url: str) -> None:
    """Make the peer's database and copy the rows over."""
    source = await asyncpg.connect(source_url)
    try:
        await source.execute(f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)")
        await source.execute(f"CREATE DATABASE {_DATABASE}")
        tenant = await source.fetchval("SELECT id FROM tenants WHERE slug = 'starrymeet'")
        target = await asyncpg.connect(url)
        try:
            await target.execute((_HERE / "tables.sql").read_text())
            for table, rows in _COPIED.items():
                held = io.BytesIO()
                await source.copy_from_query(rows, tenant, output=held, format="binary")
                held.seek(0)
                await target.copy_to_table(table, source=held, format="binary")
            await target.execute("VACUUM ANALYZE")
        finally:
            await target.close()
    finally:
        await source.close()
