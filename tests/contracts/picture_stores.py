"""What the contract of `media.Store` runs over: the store, and what a test must do behind its back."""

import os
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bookable.domain.media import Store
from tests.doubles.s3 import Kept, S3Double

__all__ = ["FilesProvider", "PictureStore", "S3Provider"]


class PictureStore(Protocol):
    """A store with its operator's hand on it."""

    store: Store

    def names(self) -> set[str]:
        """What lies there, below the store's prefix."""
        ...

    def date(self, path: str, at: datetime) -> None:
        """As if it had been stored then."""
        ...

    def break_down(self) -> None:
        """From here on nothing can be stored."""
        ...


class FilesProvider:
    """A directory."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.store = Store(root.as_uri())

    def names(self) -> set[str]:
        return {str(p.relative_to(self._root)) for p in self._root.rglob("*") if p.is_file()}

    def date(self, path: str, at: datetime) -> None:
        os.utime(self._root / path, (at.timestamp(), at.timestamp()))

    def break_down(self) -> None:
        for one in self._root.rglob("*"):
            if one.is_file():
                one.unlink()
        for one in self._root.iterdir():
            one.rmdir()
        self._root.rmdir()
        self._root.write_bytes(b"a file where a directory should be")


class S3Provider:
    """A bucket, below a prefix."""

    def __init__(self, double: S3Double, prefix: str) -> None:
        self._double, self._prefix = double, prefix
        keys = double.keys
        access = {"access_key_id": keys.access_key_id, "secret_access_key": keys.secret, "region": keys.region}
        self.store = Store(f"s3://{double.bucket}/{prefix}", {**access, "endpoint": double.url})

    def names(self) -> set[str]:
        return {k.removeprefix(f"{self._prefix}/") for k in self._double.objects if k.startswith(self._prefix)}

    def date(self, path: str, at: datetime) -> None:
        kept = self._double.objects[f"{self._prefix}/{path}"]
        self._double.objects[f"{self._prefix}/{path}"] = Kept(kept.data, kept.content_type, at)

    def break_down(self) -> None:
        self._double.bucket = "another"
