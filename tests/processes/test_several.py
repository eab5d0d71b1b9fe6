"""WORKERS=2: two processes behind one port, which leave the jobs to others when they are told to."""

import asyncio
from collections.abc import Callable

import asyncpg
import pytest

from tests.processes.programs import Server


async def at_work(url: str, *, within: float) -> bool:
    """Whether anybody takes jobs off the queue."""
    conn = await asyncpg.connect(url)
    try:
        for _ in range(int(within / 0.1)):
            if await conn.fetchval("SELECT count(*) FROM procrastinate_workers"):
                return True
            await asyncio.sleep(0.1)
        return False
    finally:
        await conn.close()


@pytest.mark.parametrize(("words", "work"), [(("--no-worker",), False), ((), True)], ids=["others work", "they work"])
async def test_several_processes_work_jobs_off_unless_others_do(
    words: tuple[str, ...], work: bool, serving: Callable[..., Server], own_url: str
) -> None:
    server = serving(*words, workers=2)
    server.start_and_wait()
    try:
        assert await at_work(own_url, within=20 if work else 3) is work
    finally:
        server.stop()  # in order, so that its processes end with it
