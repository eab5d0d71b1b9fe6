"""Where the bytes of pictures lie: a directory, or S3 and what speaks like it; named so that names say all.

A name holds the SHA-256 of what it names, so what is behind it never changes: it can be kept for ever by whoever has
read it, and nothing is ever overwritten. It is visible whole or not at all.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import obstore
from obstore.store import LocalStore, S3Store

from bookable.kernel.errors import Unavailable

from .errors import WrongBytes

__all__ = ["Picture", "Store", "path_of"]

_PATH = re.compile(r"[0-9a-f]{32}/[0-9a-f]{32}-([0-9a-f]{64})\.webp")
_REFUSED = re.compile(r"status code: 4\d\d .*?<Code>(\w+)</Code>", re.DOTALL)
_ELSEWHERE = "incorrectly configured region"
"""What obstore says of a redirect; S3 sends one where a bucket is in another region."""
_PATIENCE = 20


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
    """`Store("file:///var/lib/bookable/media")`, `Store("s3://bucket/media", {"region": "eu-central-1"})`."""

    def __init__(self, url: str, access: Mapping[str, str] | None = None) -> None:
        """`access` says how to come to S3: `region`, `endpoint`, `access_key_id`, `secret_access_key`,
        `session_token`. What it leaves out is taken from `AWS_*` and the machine's role."""
        parts = urlsplit(url)
        self._root: Path | None = Path(unquote(parts.path)) if parts.scheme == "file" else None
        self._objects: Any = LocalStore(prefix=self._root, mkdir=True) if self._root else _s3(url, access or {})

    async def refusal(self) -> str | None:
        """Why the store will not have us, in its own word (`NoSuchBucket`); None when it will.

        Raises `Unavailable` when it can't be found out.
        """
        try:
            await asyncio.wait_for(obstore.list(self._objects, prefix="0", chunk_size=1).collect_async(), _PATIENCE / 4)
        except (obstore.exceptions.BaseError, OSError, TimeoutError) as error:
            if _ELSEWHERE in str(error):
                return "PermanentRedirect"
            if code := _REFUSED.search(str(error)):
                return code[1]
            raise Unavailable(retry_after=5) from error
        return None

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

    async def received(self, path: str, size: int) -> bytes | None:
        """Bytes as somebody sent them, which are not for showing; None for none.

        Raises `WrongBytes` unless they are `size` many. A store's own door lets in any number of them, so that is
        asked before they are read.
        """
        try:
            found = await _answered(obstore.get_async(self._objects, path))
            if found.meta["size"] != size:
                raise WrongBytes
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
        batches = aiter(obstore.list(self._objects, prefix=tenant_id.hex, chunk_size=500))
        while batch := await _answered(anext(batches, None)):
            yield [found["path"] for found in batch if found["last_modified"] < moment]

    @staticmethod
    def digest(data: bytes) -> bytes:
        """SHA-256."""
        return sha256(data).digest()


def _s3(url: str, access: Mapping[str, str]) -> S3Store:
    config: Any = dict(access)
    plain = access.get("endpoint", "").startswith("http://")
    return S3Store.from_url(url, config=config, client_options={"allow_http": True} if plain else None)


def _flush(path: Path) -> None:
    """The bytes and the name outlast a power cut."""
    for place in (path, path.parent, path.parent.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


async def _answered(call: Any) -> Any:
    """What the store answers; its not answering is a fact with a name, and so is that it is gone as a whole."""
    try:
        return await asyncio.wait_for(call, _PATIENCE)
    except FileNotFoundError as error:
        if "<Code>NoSuchBucket</Code>" not in str(error):
            raise
        raise Unavailable(retry_after=5) from error
    except (obstore.exceptions.BaseError, OSError, TimeoutError) as error:
        raise Unavailable(retry_after=5) from error
