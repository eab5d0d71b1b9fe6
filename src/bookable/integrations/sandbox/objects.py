"""The real object store, of which every call can be made to go wrong."""

from collections.abc import Mapping

from bookable.domain import media
from bookable.kernel.db import Database

from .faults import strike

__all__ = ["SandboxStore"]


class SandboxStore(media.Store):
    """A `media.Store` with trouble to order (`/sandbox/faults`, provider `objects`)."""

    def __init__(self, url: str, db: Database, access: Mapping[str, str] | None = None) -> None:
        super().__init__(url, access)
        self._db = db

    async def put(self, path: str, data: bytes) -> None:
        async with strike(self._db, "objects"):
            await super().put(path, data)

    async def read(self, path: str) -> media.Picture | None:
        async with strike(self._db, "objects"):
            return await super().read(path)

    async def received(self, path: str, size: int) -> bytes | None:
        async with strike(self._db, "objects"):
            return await super().received(path, size)

    async def delete(self, path: str) -> None:
        async with strike(self._db, "objects"):
            await super().delete(path)
