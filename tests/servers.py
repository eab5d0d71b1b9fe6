"""Where this run's PostgreSQL and Valkey are: embedded, or those that TEST_DATABASE_URL and TEST_REDIS_URL name.

The controller of a parallel run starts them; its workers find the addresses in the environment.
"""

import os
import shutil
import tempfile
from pathlib import Path

from bookable import embedded

__all__ = ["admin_url", "redis_url", "start", "stop"]

_DATABASE = "TEST_DATABASE_URL"
_REDIS = "TEST_REDIS_URL"
_started: list[embedded.Running] = []
_folders: list[Path] = []


def start(*, cache: bool = True) -> None:
    """Start whatever is not named."""
    if os.environ.get(_DATABASE) and (os.environ.get(_REDIS) or not cache):
        return
    folder = Path(tempfile.mkdtemp(prefix="bookable-test-"))
    folder.chmod(0o755)
    _folders.append(folder)
    if not os.environ.get(_DATABASE):
        postgres = embedded.start_postgres(folder, durable=False)
        _started.append(postgres)
        os.environ[_DATABASE] = postgres.url
    if cache and not os.environ.get(_REDIS):
        valkey = embedded.start_valkey(folder, durable=False)
        _started.append(valkey)
        os.environ[_REDIS] = valkey.url


def stop() -> None:
    """Stop what `start` started, and leave nothing behind."""
    while _started:
        _started.pop().stop()
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)


def admin_url() -> str:
    """A superuser's address, in a database that always exists."""
    return os.environ[_DATABASE].rsplit("/", 1)[0] + "/postgres"


def redis_url(number: int = 0) -> str:
    """Valkey, in the numbered database."""
    return os.environ[_REDIS].rsplit("/", 1)[0] + f"/{number}"
