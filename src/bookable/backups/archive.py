"""The file that a backup is: a tar with `database.dump`, `media/…`, and at its end a manifest that proves the rest.

It is written in one go, with no second copy on the disk: sizes and checksums are known when a member has been
written, so the manifest comes last, and after it the manifest's own checksum.
"""

import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec

from .errors import BackupError

__all__ = ["DUMP", "MEDIA", "Manifest", "Writer", "dump_of", "pictures_in", "verified"]

DUMP = "database.dump"
MEDIA = "media/"
_MANIFEST, _SEAL = "manifest.json", "manifest.sha256"
_FORMAT = 1
_BLOCK = tarfile.BLOCKSIZE
_AT_ONCE = 1024 * 1024


class Entry(msgspec.Struct, frozen=True):
    """One member: its name, its size and its SHA-256."""

    name: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is of. `schema` is the newest migration in it; `pictures` says whether it holds a media folder."""

    format: int = _FORMAT
    made_at: datetime
    bookable: str
    postgresql: str
    schema: str
    pictures: bool
    files: list[Entry]


class Writer:
    """Writes members one after another into an open file, then the manifest."""

    def __init__(self, file: IO[bytes], *, at: datetime) -> None:
        self._file = file
        self._at = at
        self._entries: list[Entry] = []

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """One member; its size is written into its header when the last chunk has come."""
        start = self._file.tell()
        self._file.write(self._header(name, 0))
        digest, size = sha256(), 0
        for chunk in chunks:
            self._file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        self._file.write(bytes(-size % _BLOCK))
        end = self._file.tell()
        self._file.seek(start)
        self._file.write(self._header(name, size))
        self._file.seek(end)
        self._entries.append(Entry(name, size, digest.hexdigest()))

    def finish(self, *, bookable: str, postgresql: str, schema: str, pictures: bool) -> Manifest:
        """Write the manifest and the end."""
        manifest = Manifest(
            made_at=self._at,
            bookable=bookable,
            postgresql=postgresql,
            schema=schema,
            pictures=pictures,
            files=list(self._entries),
        )
        text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        self.add(_MANIFEST, [text])
        self.add(_SEAL, [sha256(text).hexdigest().encode()])
        self._file.write(bytes(2 * _BLOCK))
        return manifest

    def _header(self, name: str, size: int) -> bytes:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(self._at.timestamp())
        return info.tobuf(tarfile.GNU_FORMAT)  # of one length for one name, whatever the size


def verified(path: Path) -> Manifest:
    """The manifest, once every byte has been read and found as it was written. Raises `BackupError`."""
    try:
        with _opened(path) as tar:
            found = tar.getmembers()
            manifest = _manifest(tar, found)
            for entry, info in zip(manifest.files, found, strict=False):
                if (entry.bytes, entry.sha256) != _measured(tar, info):
                    raise _Altered(entry.name)
            _must_end(found[-1], path)
        return manifest
    except (tarfile.TarError, msgspec.MsgspecError, ValueError, EOFError, _Altered) as wrong:
        raise BackupError(f"{path} is no backup, or was cut short or altered: {wrong}") from None
    except OSError as error:
        raise BackupError(f"{path} can't be read: {error.strerror}") from None


@contextmanager
def dump_of(path: Path) -> Iterator[IO[bytes]]:
    """The database's dump in a verified backup, to be read."""
    with _opened(path) as tar:
        yield _content(tar, tar.getmember(DUMP))


def pictures_in(path: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    """The pictures of a verified backup: each one's path below the media folder, and its bytes."""
    with _opened(path) as tar:
        for info in tar:
            if info.name.startswith(MEDIA):
                yield PurePosixPath(info.name.removeprefix(MEDIA)), _content(tar, info).read()


class _Altered(Exception):
    """It is not as it was written."""


def _opened(path: Path) -> tarfile.TarFile:
    return tarfile.open(path, "r:")


def _content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    found = tar.extractfile(info)
    if found is None:
        raise _Altered(info.name)
    return found


def _manifest(tar: tarfile.TarFile, found: list[tarfile.TarInfo]) -> Manifest:
    """The manifest as it was sealed, naming all that is there and nothing else."""
    names = [info.name for info in found]
    if names[-2:] != [_MANIFEST, _SEAL]:
        raise _Altered("it has no manifest")
    text = _content(tar, found[-2]).read()
    if sha256(text).hexdigest().encode() != _content(tar, found[-1]).read():
        raise _Altered(_MANIFEST)
    if (known := msgspec.json.decode(text).get("format")) != _FORMAT:
        raise _Altered(f"its format is {known!r}, and this version reads {_FORMAT}")
    manifest = msgspec.json.decode(text, type=Manifest)
    if names[:-2] != [entry.name for entry in manifest.files] or DUMP not in names:
        raise _Altered("its members are not those of its manifest")
    for name in names:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise _Altered(name)
    return manifest


def _measured(tar: tarfile.TarFile, info: tarfile.TarInfo) -> tuple[int, str]:
    digest, size = sha256(), 0
    content = _content(tar, info)
    while chunk := content.read(_AT_ONCE):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def _must_end(last: tarfile.TarInfo, path: Path) -> None:
    if path.stat().st_size != last.offset_data + -(-last.size // _BLOCK) * _BLOCK + 2 * _BLOCK:
        raise _Altered("its end is missing")
