"""Backups: one file with the whole database and the pictures, proved by being restored.

`make` writes one, `restore` brings it into an empty database, `Daily` has one made every day. What a backup does not
hold are the settings: without the `ENCRYPTION_KEY` of its time, what is sealed in it stays sealed.
"""

from .archive import Manifest
from .daily import Daily
from .errors import BackupError
from .making import Made, make
from .restoring import Restored, check, restore

__all__ = ["BackupError", "Daily", "Made", "Manifest", "Restored", "check", "make", "restore"]
