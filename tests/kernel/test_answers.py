"""An answer is asked for once, however many want it, in however many processes; an old one is better than none."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bookable.kernel.answers import Answers
from bookable.kernel.breaker import Breaker
from bookable.kernel.clock import Clock
from bookable.kernel.errors import Conflict, Unavailable
from tests import make

SECOND = timedelta(seconds=1)


def made(redis_url: str, clock: Clock) -> Answers:
    return Answers(
        redis_url,
        clock,
        fresh=timedelta(minutes=5),
        stale=timedelta(minutes=20),
        patience=3 * SECOND,
        impatience=SECOND / 2,
    )


@pytest.fixture
async def two(redis_url: str, clock: Clock) -> AsyncIterator[tuple[Answers, Answers]]:
    """Two houses that share a Valkey."""
    houses = made(redis_url, clock), made(redis_url, clock)
    yield houses
    for house in houses:
        await house.aclose()


def asked(calls: list[int], seconds: float = 0.1) -> Callable[[], Awaitable[bytes]]:
    """Somebody who answers in a while, and counts."""

    async def ask() -> bytes:
        calls.append(1)
        await asyncio.sleep(seconds)
        return b'{"n":%d}' % len(calls)

    return ask


async def refuse() -> bytes:
    raise Unavailable


async def test_fifty_who_ask_at_once_in_two_houses_make_one_call(two: tuple[Answers, Answers]) -> None:
    calls: list[int] = []
    key = make.word()
    found = await asyncio.gather(*(two[n % 2].get(key, asked(calls)) for n in range(50)))
    assert len(calls) == 1
    assert {a.body for a in found} == {b'{"n":1}'}
    assert sum(not a.cached for a in found) == 1, "the others were answered with what was found for the first"


async def test_without_a_shared_claim_each_house_would_call(redis_url: str, clock: Clock) -> None:
    """The negative control: houses that share no Valkey call once each, so it is the claim that makes it one."""
    calls: list[int] = []
    key = make.word()
    alone = [made("redis://127.0.0.1:1/0", clock) for _ in range(2)]
    await asyncio.gather(*(alone[n % 2].get(key, asked(calls)) for n in range(50)))
    assert len(calls) == 2
    for house in alone:
        await house.aclose()


async def test_processes_share_one_call(redis_url: str, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    program = f"""
import asyncio
from datetime import timedelta
from bookable.kernel.answers import Answers
from bookable.kernel.clock import Clock

async def ask():
    with open({str(calls)!r}, "a") as file:
        file.write("x")
    await asyncio.sleep(1.5)
    return b"1"

async def main():
    terms = dict(fresh=timedelta(minutes=5), stale=timedelta(0), patience=timedelta(seconds=9))
    answers = Answers({redis_url!r}, Clock(), impatience=timedelta(seconds=1), **terms)
    await asyncio.gather(*(answers.get({make.word()!r}, ask) for _ in range(25)))
    await answers.aclose()

asyncio.run(main())
"""
    running = [await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd="src") for _ in range(2)]
    assert [await process.wait() for process in running] == [0, 0]
    assert calls.read_text() == "x"


async def test_what_is_kept_is_fresh_then_stale_then_gone(two: tuple[Answers, Answers], clock: Clock) -> None:
    key, one = make.word(), two[0]
    first = await one.get(key, asked([]))
    assert (first.cached, first.stale) == (False, False)
    assert (await one.get(key, refuse)).cached
    clock.offset += timedelta(minutes=6)
    old = await one.get(key, refuse)
    assert (old.stale, old.body) == (True, first.body)
    clock.offset += timedelta(minutes=20)
    with pytest.raises(Unavailable):
        await one.get(key, refuse)


async def test_whoever_is_too_slow_is_cut_off(two: tuple[Answers, Answers], clock: Clock) -> None:
    key, one = make.word(), two[0]
    await one.get(key, asked([]))
    clock.offset += timedelta(minutes=6)
    began = asyncio.get_running_loop().time()
    assert (await one.get(key, asked([], seconds=30))).stale
    assert asyncio.get_running_loop().time() - began < 2
    with pytest.raises(Unavailable):
        await one.get(make.word(), asked([], seconds=30))


async def test_one_failure_is_told_to_all_who_wait(two: tuple[Answers, Answers]) -> None:
    calls: list[int] = []

    async def ask() -> bytes:
        calls.append(1)
        await asyncio.sleep(0.2)
        raise Unavailable

    key = make.word()
    told = await asyncio.gather(*(two[n % 2].get(key, ask) for n in range(20)), return_exceptions=True)
    assert all(isinstance(error, Unavailable) for error in told)
    assert len(calls) <= 2


async def test_whoever_goes_away_takes_nothing_from_the_others(two: tuple[Answers, Answers]) -> None:
    calls: list[int] = []
    key = make.word()
    first = asyncio.create_task(two[0].get(key, asked(calls, 0.3)))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(two[0].get(key, asked(calls, 0.3)))
    await asyncio.sleep(0.05)
    first.cancel()
    assert (await second).body == b'{"n":1}'


async def test_a_provider_that_keeps_failing_is_left_alone_and_tried_again() -> None:
    calls: list[int] = []
    breaker = Breaker("somebody", failures=3, rest=timedelta(milliseconds=200))

    async def fail() -> None:
        calls.append(1)
        raise Unavailable

    for _ in range(6):
        with pytest.raises(Unavailable):
            await breaker.call(fail, within=SECOND)
    assert len(calls) == 3
    await asyncio.sleep(0.25)
    await breaker.call(asked([]), within=SECOND)
    assert not breaker.is_open


async def test_a_refusal_is_an_answer() -> None:
    breaker = Breaker("somebody", failures=1)

    async def refuse_for_good() -> None:
        raise Conflict

    for _ in range(3):
        with pytest.raises(Conflict):
            await breaker.call(refuse_for_good, within=SECOND)
    assert not breaker.is_open
