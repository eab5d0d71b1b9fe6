"""One backup a day, made by a process of its own beside the worker, and the old ones thrown away."""

import asyncio
import json
import os
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from bookable.kernel import metrics
from bookable.kernel.db import Database
from bookable.kernel.logs import get_logger
from bookable.settings import Settings

from .errors import BackupError
from .making import PARTIAL, owner_of, pictures_of

__all__ = ["Daily"]

_NAME = re.compile(r"bookable-daily-\d{4}-\d\d-\d\d\.tar")
_SOURCE = Path(__file__).resolve().parents[2]
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Daily:
    """Backups of one database in one folder, of which the newest `keep` stay.

    A day (in UTC) has one name, and a name is never written over: however many ask, one is made.
    """

    folder: Path
    keep: int
    url: str
    pictures: Path | None

    @classmethod
    def named_in(cls, settings: Settings) -> Self | None:
        """As the settings say; None where they name no folder. The newest one there is already is among the metrics."""
        if settings.backup_dir is None:
            return None
        daily = cls(settings.backup_dir.resolve(), settings.backup_keep, owner_of(settings), pictures_of(settings))
        daily.tell()
        return daily

    def tell(self) -> None:
        """Put the time of the newest one among the metrics."""
        if there := self._there():
            metrics.backed_up(there[-1].stat().st_mtime)

    async def make_if_due(self, db: Database) -> None:
        """Today's, unless it is there. What goes wrong is said, and raised for the job to be tried again."""
        path = self._todays(db.clock.real())
        if not path.exists():
            try:
                await self._make(path)
            except (BackupError, OSError) as error:
                _log.error("backup_failed", why=str(error))
                raise
            _log.info("backup_made", file=path.name, bytes=path.stat().st_size)
        self._throw_away_old()
        self.tell()

    def _todays(self, now: datetime) -> Path:
        return self.folder / f"bookable-daily-{now.astimezone(UTC):%Y-%m-%d}.tar"

    def _there(self) -> list[Path]:
        """Oldest first."""
        return sorted(path for path in self.folder.glob("*.tar") if _NAME.fullmatch(path.name))

    async def _make(self, path: Path) -> None:
        """Its own process: neither the event loop nor this process's memory bear it. It ends when the job does."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bookable.backups"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(_SOURCE), os.getenv("PYTHONPATH")]))},
            start_new_session=True,
        )
        wish = {"url": self.url, "path": str(path), "pictures": str(self.pictures) if self.pictures else None}
        try:
            _, said = await process.communicate(json.dumps(wish).encode())
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        if process.returncode != 0:
            lines = said.decode(errors="replace").strip().splitlines()
            raise BackupError(lines[-1] if lines else f"the process ended with {process.returncode}")

    def _throw_away_old(self) -> None:
        for path in self._there()[: -self.keep]:
            path.unlink(missing_ok=True)
            _log.info("backup_thrown_away", file=path.name)
        for path in self.folder.glob(f".bookable-daily-*{PARTIAL}"):  # of a process that was killed, on another day
            path.unlink(missing_ok=True)
