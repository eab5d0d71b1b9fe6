"""Where the bytes of pictures lie: a directory, S3, or whatever else obstore speaks to; named so that names say all.

A name holds the SHA-256 of what it names, so what is behind it never changes: it can be kept for ever by whoever has
read it, and nothing is ever overwritten. It is visible whole or not at all.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import obstore
from obstore.store import LocalStore, from_url

from bookable.kernel.errors import Unavailable

__all__ = ["Picture", "Store", "path_of"]

_PATH = re.compile(r"[0-9a-f]{32}/[0-9a-f]{32}-([0-9a-f]{64})\.webp")


@dataclass(frozen=True, slots=True)
class Picture:
    """Stored bytes. `etag` is their SHA-256 in hex."""

    data: bytes
    etag: str
    content_type: str = "image/webp"


def path_of(tenant_id: UUID, media_id: UUID, digest: bytes) -> str:
    """The name of a picture's bytes."""
    return f"{tenant_id.hex}/{media_id.hex}-{digest.hex()}.webp"


class Store:
    """`Store("file:///var/lib/bookable/media")`, `Store("s3://bucket/media")` (credentials from `AWS_*`)."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._root: Path | None = Path(unquote(parts.path)) if parts.scheme == "file" else None
        self._objects: Any = LocalStore(prefix=self._root, mkdir=True) if self._root else from_url(url)

    async def put(self, path: str, data: bytes) -> None:
        """Written to the disk and then there, whole. Raises `Unavailable`."""
        await _answered(obstore.put_async(self._objects, path, data))
        if self._root is not None:
            await asyncio.to_thread(_flush, self._root / path)

    async def read(self, path: str) -> Picture | None:
        """What the name stands for; None for nothing, and for a name that is none of ours."""
        match = _PATH.fullmatch(path)
        if match is None:
            return None
        try:
            found = await _answered(obstore.get_async(self._objects, path))
            data = bytes(await _answered(found.bytes_async()))
        except FileNotFoundError:
            return None
        return Picture(data, match[1])

    async def received(self, path: str) -> bytes | None:
        """Bytes as somebody sent them, which are not for showing; None for none."""
        try:
            found = await _answered(obstore.get_async(self._objects, path))
            return bytes(await _answered(found.bytes_async()))
        except FileNotFoundError:
            return None

    async def address_to_send(self, path: str, lifetime: timedelta) -> str | None:
        """A signed address that takes a PUT, where the store has its own door (S3); None for a directory."""
        if self._root is not None:
            return None
        signed: str = await _answered(obstore.sign_async(self._objects, "PUT", path, lifetime))
        return signed

    async def delete(self, path: str) -> None:
        """Gone, or not there before."""
        try:
            await _answered(obstore.delete_async(self._objects, path))
        except FileNotFoundError:
            return

    async def older_than(self, tenant_id: UUID, moment: datetime) -> AsyncIterator[list[str]]:
        """The names of a tenant's pictures that were stored before `moment`, in batches."""
        stream = obstore.list(self._objects, prefix=tenant_id.hex, chunk_size=500)
        async for batch in stream:
            yield [found["path"] for found in batch if found["last_modified"] < moment]

    @staticmethod
    def digest(data: bytes) -> bytes:
        """SHA-256."""
        return sha256(data).digest()


def _flush(path: Path) -> None:
    """The bytes and the name outlast a power cut."""
    for place in (path, path.parent, path.parent.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


async def _answered(call: Any) -> Any:
    """What the store answers; its not answering is a fact with a name."""
    try:
        return await asyncio.wait_for(call, 20)
    except FileNotFoundError:
        raise
    except (obstore.exceptions.BaseError, OSError, TimeoutError) as error:
        raise Unavailable(retry_after=5) from error
