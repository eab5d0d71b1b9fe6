"""Making a backup: everything there is at one moment, in a file that is there whole or not at all."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

import psycopg

from bookable import migrate
from bookable.settings import Settings

from . import programs, queries
from .archive import DUMP, MEDIA, Manifest, Writer
from .errors import BackupError

__all__ = ["PARTIAL", "Made", "make", "owner_of", "pictures_of"]

PARTIAL = ".partial"
_AT_ONCE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is on the disk."""

    path: Path
    bytes: int
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class _Source:
    schema: str
    postgresql: str


def make(url: str, path: Path, *, pictures: Path | None, at: datetime) -> Made:
    """Back the database at `url` (its owner's address) up into the new file `path`, with the folder `pictures`.

    What is written is what was committed when it began; nobody has to wait for it. Raises `BackupError`.
    """
    source = _looked_at(url)
    try:
        with _being_written(path) as file:
            writer = Writer(file, at=at)
            writer.add(DUMP, programs.dumped(url))
            _add_pictures(writer, pictures)
            manifest = writer.finish(
                bookable=metadata.version("bookable"),
                postgresql=source.postgresql,
                schema=source.schema,
                pictures=pictures is not None,
            )
        return Made(path, path.stat().st_size, manifest)
    except OSError as error:
        raise BackupError(f"{path} can't be written: {error.strerror or error}") from None


def owner_of(settings: Settings) -> str:
    """The address whose role owns the tables: another one would not see every row."""
    chosen = settings.database_migration_url or settings.database_url
    assert chosen is not None
    return chosen.get_secret_value()


def pictures_of(settings: Settings) -> Path | None:
    """The folder where pictures are kept; None where they are in a bucket, which is backed up by other means."""
    if settings.pictures is None:
        return (settings.data_dir / "media").resolve()
    parts = urlsplit(settings.pictures)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _looked_at(url: str) -> _Source:
    """Refuses what pg_dump would fail at, before anything is begun and in words that say what to do."""
    try:
        with psycopg.connect(url) as owner:
            server, known = owner.info.server_version // 10_000, programs.major_version()
            if server > known:
                raise BackupError(
                    f"PostgreSQL {server} is newer than the pg_dump at hand, which is {known}: use a newer one"
                )
            sees = owner.execute(queries.READS_ALL_ROWS).fetchone()
            if not (sees and sees[0]):
                raise BackupError(
                    f"The role {owner.info.user} can't read every row: ALTER ROLE {owner.info.user} BYPASSRLS, "
                    "or name one that can in DATABASE_MIGRATION_URL"
                )
            version = owner.info.parameter_status("server_version") or str(server)
    except psycopg.Error as error:
        raise BackupError(f"The database can't be asked: {_first_line(error)}") from None
    schema = migrate.present(url)
    if schema is None:
        raise BackupError("The database is empty: there is nothing to back up")
    return _Source(schema, version.split()[0])


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _add_pictures(writer: Writer, folder: Path | None) -> None:
    """After the dump: what it names is there, and what came since is swept away some day by who finds it unnamed."""
    if folder is None:
        return
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or "#" in path.name:  # one that is just being received
            continue
        try:
            with path.open("rb") as content:
                writer.add(f"{MEDIA}{path.relative_to(folder).as_posix()}", _chunks(content))
        except FileNotFoundError:
            continue  # thrown away meanwhile


def _chunks(content: IO[bytes]) -> Iterator[bytes]:
    while chunk := content.read(_AT_ONCE):
        yield chunk


@contextmanager
def _being_written(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name only when it is whole and on the disk. A write that is killed leaves a hidden one,
    which the next one takes over."""
    partial = path.with_name(f".{path.name}{PARTIAL}")
    with open(os.open(partial, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        _take(file, partial, path)
        try:
            if path.exists():
                raise BackupError(f"{path} is there already, and a backup is never written over")
            file.truncate(0)
            yield file
            file.flush()
            os.fsync(file.fileno())
            partial.rename(path)
            _flush_name(path.parent)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def _take(file: IO[bytes], partial: Path, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours = partial.stat().st_ino == os.fstat(file.fileno()).st_ino
    except (BlockingIOError, FileNotFoundError):
        ours = False
    if not ours:
        raise BackupError(f"{path} is being written by another process")


def _flush_name(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
