"""What a server does not load at its start: libraries that some answer needs, and most processes never give."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_STARTED = """
import asyncio, sys
from bookable import cli, settings
from bookable.app import Application

async def main() -> None:
    server = Application(settings.load(), works="works" in sys.argv)
    await server.open()
    print(*sys.modules, sep="\\n")
    await server.close()

asyncio.run(main())
"""
_LATE = {
    *("fastapi", "graphql", "strawberry", "httpx", "jinja2", "icalendar", "reportlab", "PIL"),
    *("stripe", "aiosmtplib", "alembic", "sqlalchemy.orm", "opentelemetry.exporter"),
}
_FOR_WORK = {"procrastinate", "psycopg"}


def loaded(*words: str, database_url: str, redis_url: str, folder: Path) -> set[str]:
    """The modules of a server that has just started, with no provider's account."""
    named = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "DATA_DIR": str(folder)}
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "PYTHONPATH")}
    said = subprocess.run(
        [sys.executable, "-c", _STARTED, *words],
        cwd=folder,
        env={"PYTHONPATH": str(Path(__file__).parents[1] / "src"), **kept, **named},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(said.stdout.split())


@pytest.mark.parametrize(("words", "more"), [((), set()), (("works",), _FOR_WORK)], ids=["serving", "working too"])
def test_a_server_starts_without_what_only_some_answers_need(
    words: tuple[str, ...], more: set[str], database_url: str, redis_url: str, tmp_path: Path
) -> None:
    modules = loaded(*words, database_url=database_url, redis_url=redis_url, folder=tmp_path)

    assert "bookable.storefronts.starrymeet.bookings" in modules
    assert modules & (_LATE | _FOR_WORK) == more
