"""Restoring a backup: into an empty database, all of it or nothing, brought up to the present schema and checked."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bookable import migrate
from bookable.domain import ledger
from bookable.kernel.clock import Clock
from bookable.kernel.db import APP_ROLE, Database
from bookable.kernel.events import Subscriptions

from . import archive, queries
from .archive import Manifest
from .errors import BackupError
from .filling import fill

__all__ = ["Restored", "check", "restore"]

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there again; `migrated` says that the backup was older than this version."""

    manifest: Manifest
    pictures: int
    migrated: bool


def restore(path: Path, url: str, *, user_url: str, pictures: Path | None) -> Restored:
    """Fill the empty database at `url` (its owner's address) and the folder `pictures` from a backup.

    `user_url` is what servers connect with. Nothing is written until every byte of the file has been checked.
    Raises `BackupError`, and the database is then as empty as before.
    """
    manifest = archive.verified(path)
    if manifest.schema > migrate.head():
        raise BackupError(
            f"{path} is of schema {manifest.schema}, made by a newer Bookable ({manifest.bookable}); "
            f"this one knows {migrate.head()}: restore it with that version"
        )
    if manifest.pictures and pictures is None:
        raise BackupError("The backup holds pictures: set MEDIA_URL to a folder (file:///…) to restore them into")
    try:
        _make_ready(url, user_url)
        put = _put_pictures(path, pictures) if pictures else 0
        with archive.dump_of(path) as dump:
            fill(url, dump)
    except psycopg.Error as error:
        raise BackupError(f"The database does not take it: {error.diag.message_primary or error}") from None
    except OSError as error:
        raise BackupError(f"{pictures} can't be written: {error.strerror or error}") from None
    return Restored(manifest, put, migrate.upgrade(url))


async def check(url: str) -> ledger.Report:
    """The ledger's own proof, of what was restored."""
    db = await Database.connect(url, Clock(), Subscriptions(), size=2)
    try:
        return await ledger.check(db)
    finally:
        await db.close()


def _make_ready(url: str, user_url: str) -> None:
    """Empty, and with the application's role, which belongs to the server and is in no dump."""
    user = psycopg.conninfo.conninfo_to_dict(user_url).get("user")
    with psycopg.connect(url, autocommit=True) as owner:
        found = owner.execute(queries.TABLES).fetchone()
        if found is None or found[0]:
            raise BackupError(
                f"The database {owner.info.dbname} is not empty ({found and found[0]} tables and sequences): "
                "a backup is restored into a new one only"
            )
        owner.execute(queries.MAKE_APP_ROLE)
        for role in dict.fromkeys((owner.info.user, user)):
            member = owner.execute(queries.IS_MEMBER, (role, APP_ROLE)).fetchone()
            if role and not (member and member[0]):
                names = {"role": psycopg.sql.Identifier(APP_ROLE), "user": psycopg.sql.Identifier(str(role))}
                owner.execute(queries.GRANT_APP_ROLE.format(**names))


def _put_pictures(path: Path, folder: Path) -> int:
    """A picture's name holds its checksum: one that is there already is the same one."""
    put = 0
    for name, content in archive.pictures_in(path):
        target = folder / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = target.with_name(f"{target.name}#restoring")
            fresh.write_bytes(content)
            fresh.rename(target)
        put += 1
    return put
