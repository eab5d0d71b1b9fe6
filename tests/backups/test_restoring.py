"""What was backed up is what is restored, row for row and rule for rule; and what can't be done is refused in time."""

import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bookable import backups, migrate
from bookable.backups import BackupError, programs
from bookable.backups.archive import DUMP, Writer, dump_of
from bookable.embedded import binary_of_postgres
from bookable.kernel.db import Database, metadata
from tests.doubles.postgres import NewerPostgres

from .conftest import AT

Empty = Callable[[], str]


def contents(url: str) -> dict[str, str]:
    """A checksum of every table's rows."""
    with psycopg.connect(url) as owner:
        tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {
            name: owner.execute(
                f"SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM {name} t"
            ).fetchone()[0]  # type: ignore[index]  # an aggregate has a row
            for (name,) in tables
        }


def rules(url: str) -> str:
    """Everything that is not a row: tables, constraints, indexes, functions, policies, rights, owners. Parentheses
    are left out: PostgreSQL writes some conditions with fewer of them once it has read its own words."""
    program = str(binary_of_postgres("pg_dump"))
    printed = subprocess.run([program, "--schema-only", f"--dbname={url}"], capture_output=True, text=True, check=True)
    return re.sub(r"\\(un)?restrict \w+|[()]", "", printed.stdout)


def tables_in(url: str) -> int:
    with psycopg.connect(url) as owner:
        row = owner.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert row is not None
        return int(row[0])


def restored(path: Path, url: str, pictures: Path | None) -> backups.Restored:
    return backups.restore(path, url, user_url=url, pictures=pictures)


async def test_a_restored_database_is_the_one_that_was_backed_up(
    house: Database, backup: Path, empty: Empty, tmp_path: Path
) -> None:
    url = empty()
    there = restored(backup, url, tmp_path / "again")
    assert contents(url) == contents(house.url)
    assert sum(not rows.startswith("0 ") for rows in contents(url).values()) >= 5, "tables with rows in them"
    assert rules(url) == rules(house.url)
    assert (there.manifest.schema, there.migrated) == (migrate.head(), False)
    assert (await backups.check(url)).ok


async def test_row_security_is_forced_as_before(house: Database, backup: Path, empty: Empty, tmp_path: Path) -> None:
    url = empty()
    restored(backup, url, tmp_path / "again")
    with psycopg.connect(url) as owner:
        assert owner.execute("SELECT count(*) > 0 FROM users").fetchone() == (True,)
        forced = owner.execute("SELECT relname FROM pg_class WHERE relforcerowsecurity AND relrowsecurity").fetchall()
        owner.execute("SET ROLE bookable_app")
        assert owner.execute("SELECT count(*) FROM users").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("ALTER TABLE users DISABLE ROW LEVEL SECURITY")
    assert len(forced) >= 30


def test_the_pictures_come_back_and_what_was_being_received_does_not(
    backup: Path, empty: Empty, pictures: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    assert restored(backup, empty(), again).pictures == 1
    found = {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}
    assert found == {p.relative_to(pictures): p.read_bytes() for p in pictures.rglob("*.webp")}


def test_a_database_that_holds_anything_is_left_alone(backup: Path, house: Database, tmp_path: Path) -> None:
    before = contents(house.url)
    with pytest.raises(BackupError, match="is not empty"):
        restored(backup, house.url, tmp_path / "again")
    assert contents(house.url) == before
    assert not (tmp_path / "again").exists()


def test_an_altered_backup_is_refused_before_anything_is_done(backup: Path, empty: Empty, tmp_path: Path) -> None:
    whole = bytearray(backup.read_bytes())
    whole[5000] ^= 1
    backup.write_bytes(whole)
    url = empty()
    with pytest.raises(BackupError, match="altered"):
        restored(backup, url, tmp_path / "again")
    assert (tables_in(url), (tmp_path / "again").exists()) == (0, False)


def test_a_dump_that_breaks_off_in_the_middle_leaves_the_database_empty(
    backup: Path, empty: Empty, tmp_path: Path
) -> None:
    """Its checksum is right: it was broken when it was written."""
    with dump_of(backup) as dump:
        half = dump.read()[:-30_000]
    broken = tmp_path / "broken.tar"
    with broken.open("w+b") as file:
        writer = Writer(file, at=AT)
        writer.add(DUMP, [half])
        writer.finish(bookable="0.1.0", postgresql="18.6", schema=migrate.head(), pictures=False)
    url = empty()
    with pytest.raises(BackupError, match="pg_restore"):
        restored(broken, url, None)
    assert tables_in(url) == 0
    assert restored(backup, url, tmp_path / "again").pictures == 1, "the same database takes a sound one"


def test_an_older_backup_is_brought_to_the_newest_schema(empty: Empty, house: Database, tmp_path: Path) -> None:
    old, new = empty(), empty()
    _migrated(old, "0002")
    path = backups.make(old, tmp_path / "old.tar", pictures=None, at=AT).path
    there = restored(path, new, None)
    assert (there.manifest.schema, there.migrated) == ("0002", True)
    assert migrate.present(new) == migrate.head()
    assert rules(new) == rules(house.url)


def test_a_backup_of_a_newer_version_is_refused(empty: Empty, tmp_path: Path) -> None:
    newer = tmp_path / "newer.tar"
    with newer.open("w+b") as file:
        writer = Writer(file, at=AT)
        writer.add(DUMP, [b"whatever"])
        writer.finish(bookable="9.0.0", postgresql="18.6", schema="9000", pictures=False)
    url = empty()
    with pytest.raises(BackupError, match=r"newer Bookable \(9\.0\.0\)"):
        restored(newer, url, None)
    assert tables_in(url) == 0


def test_pictures_need_a_folder(backup: Path, empty: Empty) -> None:
    with pytest.raises(BackupError, match="MEDIA_URL"):
        restored(backup, empty(), None)


def test_a_backup_is_never_written_over_and_only_its_owner_may_read_it(house: Database, backup: Path) -> None:
    before = backup.read_bytes()
    assert backup.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BackupError, match="is there already"):
        backups.make(house.url, backup, pictures=None, at=AT)
    assert backup.read_bytes() == before
    assert [path.name for path in backup.parent.iterdir() if path.is_file()] == ["backup.tar"]


def test_what_a_killed_process_left_is_in_nobodys_way(house: Database, tmp_path: Path) -> None:
    (tmp_path / ".new.tar.partial").write_bytes(b"half a backup" * 100_000)
    made = backups.make(house.url, tmp_path / "new.tar", pictures=None, at=AT)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["new.tar"]
    assert made.bytes < 1_000_000


def test_an_empty_database_a_wrong_password_and_a_full_wish_are_said_in_a_line(
    empty: Empty, house: Database, tmp_path: Path
) -> None:
    wrong = house.url.replace(house.url.split(":")[2].split("@")[0], "wr0ng-passw0rd")
    for url, path, why in (
        (empty(), tmp_path / "a.tar", "nothing to back up"),
        (wrong, tmp_path / "b.tar", "can't be asked"),
        (house.url, tmp_path / "none" / "c.tar", "can't be written"),
    ):
        with pytest.raises(BackupError, match=why) as said:
            backups.make(url, path, pictures=None, at=AT)
        assert "\n" not in str(said.value)
        assert "wr0ng-passw0rd" not in str(said.value)
    assert list(tmp_path.iterdir()) == []


def test_a_role_that_row_security_holds_back_is_refused_by_name(house: Database, tmp_path: Path) -> None:
    role = f"held_back_{house.url.rsplit('/', 1)[1]}"
    with psycopg.connect(house.url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'held'")
        try:
            url = house.url.split("://")[0] + f"://{role}:held@" + house.url.split("@")[1]
            with pytest.raises(BackupError, match=f"ALTER ROLE {role} BYPASSRLS"):
                backups.make(url, tmp_path / "a.tar", pictures=None, at=AT)
        finally:
            owner.execute(f"DROP ROLE {role}")


def test_a_server_that_is_newer_than_pg_dump_is_refused(tmp_path: Path) -> None:
    with NewerPostgres() as newer, pytest.raises(BackupError, match="PostgreSQL 99 is newer than the pg_dump at hand"):
        backups.make(newer.url, tmp_path / "a.tar", pictures=None, at=AT)


def test_pg_dump_itself_refuses_one_and_its_words_are_passed_on() -> None:
    with NewerPostgres() as newer, pytest.raises(BackupError, match=r"server version mismatch.*99"):
        list(programs.dumped(newer.url))


@contextmanager
def pg_dump_waiting(url: str) -> Iterator[threading.Thread]:
    """A dump that goes on for as long as somebody holds a lock it needs."""
    with psycopg.connect(url) as owner:
        owner.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        dumping = threading.Thread(target=lambda: list(programs.dumped(url)))
        dumping.start()
        try:
            yield dumping
        finally:
            owner.rollback()
            dumping.join(30)


def test_the_password_stands_on_no_command_line(house: Database) -> None:
    password = house.url.split(":")[2].split("@")[0]
    with pg_dump_waiting(house.url) as dumping:
        mine: list[bytes] = []
        while not mine:
            assert dumping.is_alive()
            lines = [_command_line(pid) for pid in os.listdir("/proc") if pid.isdigit()]
            mine = [line for line in lines if b"pg_dump\0" in line]
    assert not [line for line in mine if password.encode() in line or b"postgresql://" in line]


def _command_line(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _migrated(url: str, revision: str) -> None:
    engine = sa.create_engine(migrate.sqlalchemy_url(url), poolclass=sa.NullPool)
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.attributes["target_metadata"] = metadata
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
