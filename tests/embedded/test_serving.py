"""The embedded servers are real ones, set up as we need them and closed to everybody else."""

import os
import socket
import stat
import subprocess
import time
from pathlib import Path

import asyncpg
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bookable import embedded
from bookable.embedded.places import Place
from tests.embedded.conftest import note, notes, running


async def test_every_client_we_use_connects_with_the_address_as_it_is(data_dir: Path) -> None:
    with embedded.start(data_dir, durable=False) as servers:
        connection = await asyncpg.connect(servers.database_url)
        version = await connection.fetchval("SELECT current_setting('server_version_num')::int")
        await connection.close()
        with psycopg.connect(servers.admin_url) as admin:
            database = admin.execute("SELECT current_database()").fetchone()
        measured = _pgbench(servers.database_url)
        with redis.from_url(servers.redis_url) as cache:
            policy = cache.config_get("maxmemory-policy")

    assert version >= 180000
    assert database == ("postgres",)
    assert "transactions actually processed: 1/1" in measured
    assert policy == {"maxmemory-policy": "volatile-lru"}


def test_a_lasting_server_is_durable_and_has_what_migrations_need(new_data_dir: Path) -> None:
    wanted = {"fsync": "on", "synchronous_commit": "on", "TimeZone": "UTC", "jit": "off", "max_connections": "200"}
    with embedded.start_postgres(new_data_dir) as postgres, psycopg.connect(postgres.url) as db:
        settings = {name: db.execute("SELECT current_setting(%s)", [name]).fetchone() for name in wanted}
        for extension in ("pg_trgm", "btree_gist", "unaccent", "citext"):
            db.execute(f"CREATE EXTENSION {extension}")
        trigrams = db.execute("SELECT show_trgm('É')").fetchone()
        lowered = db.execute("SELECT lower('ÉÖ')").fetchone()

    assert settings == {name: (value,) for name, value in wanted.items()}
    assert trigrams != ([],), "letters beyond ASCII must count as letters"
    assert lowered == ("éö",)


def test_nobody_comes_in_without_the_password(data_dir: Path) -> None:
    with embedded.start(data_dir, durable=False) as servers:
        database, cache = Place(data_dir, "postgres"), Place(data_dir, "valkey")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(servers.database_url.replace(database.secret()[0], "guess"))
        with (
            pytest.raises(redis.AuthenticationError),
            redis.Redis(port=cache.state["port"], retry=Retry(NoBackoff(), 0)) as stranger,
        ):
            stranger.ping()
        command_lines = b"".join(
            Path(f"/proc/{place.state['pid']}/cmdline").read_bytes() for place in (database, cache)
        )

    for place in (database, cache):
        assert place.secret()[0].encode() not in command_lines
        assert stat.S_IMODE(place.home.stat().st_mode) == 0o700
        for path in (data_dir / "embedded" / f"{place.name}.secret", place.log):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_start_is_quick_and_finds_everything(new_data_dir: Path) -> None:
    said: list[str] = []
    with embedded.start(new_data_dir, say=said.append) as servers:
        note(servers, "kept")
        first = servers.database_url
    assert not running(new_data_dir)
    assert len(said) == 1
    began = time.monotonic()
    with embedded.start(new_data_dir, say=said.append) as servers:
        took = time.monotonic() - began
        assert notes(servers) == ["kept"]
        assert servers.database_url == first
    assert len(said) == 1, "a later start has nothing to tell"
    assert took < 3


def test_two_data_dirs_live_side_by_side(data_dir: Path, tmp_path: Path) -> None:
    with embedded.start(data_dir, durable=False) as one, embedded.start(tmp_path / "other", durable=False) as other:
        note(one, "one")
        note(other, "other")
        assert (notes(one), notes(other)) == (["one"], ["other"])


def test_a_port_that_was_taken_meanwhile_is_changed(data_dir: Path) -> None:
    with embedded.start(data_dir, durable=False) as servers:
        note(servers, "kept")
        before = servers.postgres.port
    with socket.create_server(("127.0.0.1", before)), embedded.start(data_dir, durable=False) as servers:
        assert servers.postgres.port != before
        assert notes(servers) == ["kept"]


def test_a_lost_password_is_replaced(data_dir: Path) -> None:
    with embedded.start(data_dir, durable=False) as servers:
        note(servers, "kept")
    (data_dir / "embedded" / "postgres.secret").unlink()
    with embedded.start(data_dir, durable=False) as servers:
        assert notes(servers) == ["kept"]


def test_a_start_that_fails_says_in_one_line_where_to_look(new_data_dir: Path) -> None:
    with embedded.start(new_data_dir, durable=False):
        pass
    with (new_data_dir / "postgres/data/postgresql.conf").open("a") as settings:
        settings.write("no such setting\n")
    with pytest.raises(embedded.EmbeddedError) as failed:
        embedded.start(new_data_dir, durable=False)
    assert str(new_data_dir / "postgres.log") in str(failed.value)
    assert len(str(failed.value).splitlines()) == 1


def test_a_data_dir_that_cannot_be_is_refused_in_one_line(new_data_dir: Path) -> None:
    (new_data_dir / "file").touch()
    with pytest.raises(embedded.EmbeddedError, match=r"DATA_DIR .* can't be written"):
        embedded.start(new_data_dir / "file" / "inside")
    assert os.listdir(new_data_dir) == ["file"]


def _pgbench(address: str) -> str:
    program = str(embedded.binary_of_postgres("pgbench"))
    run = subprocess.run(
        [program, "-n", "-t", "1", "-f", "/dev/stdin", address], input=b"SELECT 1;", capture_output=True
    )
    return run.stdout.decode() + run.stderr.decode()
