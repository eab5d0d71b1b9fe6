"""`python -m bookable.seeding [--demo]`: bring a house up to date in a process of its own; `serving` starts it."""

import asyncio
import signal
import sys

from bookable import migrate, settings
from bookable.kernel import logs

from .starting import prepare


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """The newest schema, the storefronts, and with `--demo` demo data where it is missing."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C reaches both processes; the other one says so
    ready = settings.load()
    logs.configure(ready.log_level, json=ready.json_logs)
    if migrate.upgrade(ready.owner_url):
        _say("The database is at the newest schema.")
    asyncio.run(prepare(ready, demo="--demo" in sys.argv[1:], say=_say))


if __name__ == "__main__":
    main()
