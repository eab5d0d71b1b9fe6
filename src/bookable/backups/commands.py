"""Backing up and restoring by hand: what the settings name, and what is said of it."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from bookable.kernel.clock import Clock
from bookable.settings import Settings

from .errors import BackupError
from .making import make, owner_of, pictures_of
from .restoring import check, restore

__all__ = ["back_up", "bring_back"]

Say = Callable[[str], None]


def back_up(settings: Settings, file: Path | None, say: Say) -> bool:
    """Into `file`, or one named by the time. Whether it was done; what kept it from being done is said on stderr."""
    now = Clock().real()
    path = file or (settings.backup_dir or Path()) / f"bookable-{now:%Y-%m-%dT%H%M%SZ}.tar"
    try:
        made = make(owner_of(settings), path, pictures=pictures_of(settings), at=now)
    except BackupError as wrong:
        return _refused(wrong)
    held = f"schema {made.manifest.schema}, {len(made.manifest.files) - 1} pictures, {made.bytes:,} bytes"
    say(f"{made.path} is whole: {held}.")
    return True


def bring_back(settings: Settings, file: Path, say: Say) -> bool:
    """From `file`. Whether it was done and the ledger holds; what kept it from being done is said on stderr."""
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    try:
        there = restore(file, owner_of(settings), user_url=url, pictures=pictures_of(settings))
    except BackupError as wrong:
        return _refused(wrong)
    say(f"{file} of {there.manifest.made_at:%Y-%m-%d %H:%M:%S} UTC is restored, {there.pictures} pictures with it.")
    if there.migrated:
        say(f"Its schema was {there.manifest.schema}, and is the newest now.")
    report = asyncio.run(check(url))
    for problem in report.problems:
        say(str(problem))
    say(f"{report.movements} movements of money: {'sound' if report.ok else f'{len(report.problems)} problems'}.")
    return report.ok


def _refused(why: BackupError) -> bool:
    sys.stderr.write(f"{why}\n")
    return False
