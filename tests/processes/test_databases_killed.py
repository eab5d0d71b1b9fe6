"""PostgreSQL or Valkey is killed under load: clients are told to come again, and it comes back by itself."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from bookable import embedded
from bookable.embedded.places import Place
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.events import Subscriptions
from bookable.kernel.tenants import Tenant
from tests import make_catalogue
from tests.processes.books import Books
from tests.processes.customers import PASSWORD, Customer, Line, Wishes
from tests.processes.programs import Server
from tests.processes.test_killed import settled

KILLS = int(os.environ.get("BOOKABLE_KILLS", "5"))
SEED = int(os.environ.get("BOOKABLE_KILL_SEED", "0")) or random.randrange(1, 2**32)


def _pid(data_dir: Path, name: str) -> int:
    pid: int = Place(data_dir, name).state["pid"]
    return pid


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Server]:
    """A server with nothing but a DATA_DIR: it runs its own PostgreSQL and Valkey."""
    tmp_path.chmod(0o755)
    server = Server("--no-seed", log=tmp_path / "serve.log", data_dir=tmp_path / "data")
    server.start_and_wait()
    yield server
    server.stop()


async def _celebrities(url: str) -> list[UUID]:
    db = await Database.connect(url, Clock(), Subscriptions(), size=2)
    async with db.pool.acquire() as conn:
        tenant_id = await conn.fetchval("SELECT id FROM tenants WHERE slug = 'starrymeet'")
    made = [await make_catalogue.listing(db, tenant_id, time_zone="UTC") for _ in range(5)]
    await db.close()
    return made


async def test_a_postgres_killed_under_load_is_back_and_nobody_sees_a_500(alone: Server, tmp_path: Path) -> None:
    print(f"BOOKABLE_KILL_SEED={SEED}")
    dice = random.Random(SEED)
    place = Place(tmp_path / "data", "postgres")
    url = f"postgresql://bookable:{place.secret()[0]}@127.0.0.1:{place.state['port']}/bookable"
    wishes, books = Wishes(await _celebrities(url), days=4 * KILLS, thinking=1.0), Books(url)
    back: list[float] = []

    async def trouble(line: Line) -> None:
        for _ in range(KILLS):
            await asyncio.sleep(dice.uniform(0.3, 1.5))
            os.kill(_pid(tmp_path / "data", "postgres"), signal.SIGKILL)
            began = time.monotonic()
            await asyncio.sleep(0.3)
            await line.ask("GET", "/celebrities")
            back.append(time.monotonic() - began)

    async with Line.open(f"{alone.address}/starrymeet/api") as line:
        customers = [Customer(line, wishes, random.Random(dice.random())) for _ in range(10)]
        await asyncio.gather(trouble(line), *(customer.live(KILLS) for customer in customers))
    converged = await settled(books)
    ended = books.must_agree_with([story for customer in customers for story in customer.stories])
    print(
        f"{dict(ended)}; answers {dict(line.seen)}; back after {[f'{s:.1f}' for s in back]} s, settled {converged:.1f}"
    )
    assert max(back) < 15
    assert line.seen["503"] > 0, "nobody noticed"
    assert line.seen["500"] == line.seen["502"] == line.seen["without retry-after"] == 0
    assert alone.is_ready()


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[embedded.Running]:
    """A Valkey of the test's own, which is kept up."""
    with embedded.start_valkey(tmp_path / "cache", durable=False) as valkey:
        yield valkey


@pytest.fixture
def limited(own_valkey: embedded.Running, serving: Callable[..., Server], celebrities: list[UUID]) -> Server:
    """A server with the contract's limits on guessing, and celebrities to browse."""
    limits = {
        "rate_limit_credentials": "10/minute",
        "rate_limit_account": "5/minute",
        "rate_limit_reads": "6000/minute",
    }
    server = serving(redis_url=own_valkey.url, **limits)
    server.start_and_wait()
    return server


@asynccontextmanager
async def _browsing(address: str) -> AsyncIterator[tuple[Counter[int], list[float]]]:
    """Somebody looks at celebrities all the while."""
    answers: Counter[int] = Counter()
    times: list[float] = []

    async def browse() -> None:
        async with httpx.AsyncClient(base_url=address, timeout=30) as client:
            while True:
                began = time.monotonic()
                answers[(await client.get("/celebrities")).status_code] += 1
                times.append(time.monotonic() - began)
                await asyncio.sleep(0.02)

    browsing = asyncio.create_task(browse())
    yield answers, times
    assert not browsing.done(), browsing
    browsing.cancel()


async def _guess(address: str, tries: int) -> Counter[int]:
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        wrong = ({"email": f"g{n}@example.com", "password": PASSWORD} for n in range(tries))
        answers = await asyncio.gather(*(client.post("/auth/login", json=body) for body in wrong))
    assert all("retry-after" in a.headers for a in answers if a.status_code in (429, 503))
    return Counter(a.status_code for a in answers)


async def test_without_valkey_browsing_goes_on_and_guessing_stays_limited(
    limited: Server, shop: Tenant, tmp_path: Path
) -> None:
    address = f"{limited.address}/{shop.slug}/api"
    async with _browsing(address) as (answers, times):
        await asyncio.sleep(0.5)
        stuck = _pid(tmp_path / "cache", "valkey")
        os.kill(stuck, signal.SIGSTOP)
        guesses = await _guess(address, 30)
        await asyncio.sleep(1)
        os.kill(stuck, signal.SIGCONT)
        await asyncio.sleep(0.5)
        os.kill(stuck, signal.SIGKILL)
        guesses += await _guess(address, 30)
        await asyncio.sleep(0.5)
    print(f"browsing {dict(answers)}, slowest {max(times):.2f} s; guessing {dict(guesses)}")
    assert answers.keys() == {200}
    assert max(times) < 5
    assert guesses[401] <= 20, "ten a minute, and ten more when a cache that lost its memory is back"
    assert guesses.keys() <= {401, 429, 503}
    began = time.monotonic()
    while not limited.is_ready():
        assert time.monotonic() < began + 15, "it does not recover"
        await asyncio.sleep(0.1)
