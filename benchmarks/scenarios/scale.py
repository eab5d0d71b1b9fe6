"""Size: the same pages, found among so many listings and among many more."""

import asyncio

import asyncpg

from benchmarks.bench import Bench
from benchmarks.contract import ContractBroken
from benchmarks.plans import Order
from benchmarks.report import Figure

__all__ = ["measure"]

_WAYS = {
    "by rating": "",
    "in a category": "&category=Musicians",
    "by price": "&sort=price",
    "price and rating": "&minPrice=100000&maxPrice=400000&sort=-price",
    "by name, page 5": "&sort=name&page=5",
    "search, common word": "&search=pianist",
    "search, two words": "&search=chess%20climber",
    "search, a name": "&search=Alada",
}
_SECONDS = 1.5


def measure(bench: Bench) -> None:
    """Median times of single requests at both sizes, way by way."""
    small = len(bench.listings)
    before = _medians(bench)
    more = bench.options.scale - small
    if more > 0:
        bench.say(f"adding {more} listings …")
        bench.house.seed(more)
    asyncio.run(_settle(bench.house.engines.database_url))
    after = _medians(bench)
    rows = [[way, f"{before[way]:.2f}", f"{after[way]:.2f}", f"{after[way] / before[way]:.2f}"] for way in _WAYS]
    bench.report.facts["scale"] = {"sizes": [small, bench.options.scale], "before": before, "after": after}
    head = ["p50 ms", f"{small:,}", f"{bench.options.scale:,}", "ratio"]
    bench.report.table("Lists and searches by size (one connection)", head, rows)
    worst = max(_WAYS, key=lambda way: after[way] / before[way])
    factor = after[worst] / before[worst]
    bench.report.add(Figure(f"scale: p50, the worst ({worst})", f"{factor:.2f} ×", "≤ 1.5 ×", factor <= 1.5))


def _medians(bench: Bench) -> dict[str, float]:
    asyncio.run(_settle(bench.house.engines.database_url))
    return {way: _median(bench, query) for way, query in _WAYS.items()}


def _median(bench: Bench, query: str) -> float:
    plan = bench.ours.lists(query)
    order = Order(port=bench.ours.server.port, plan=plan, connections=1, seconds=_SECONDS)
    bench.generator.run(order)
    outcome = bench.generator.run(order)
    if not outcome.all_were(200):
        raise ContractBroken(f"{plan.path} answered {outcome.statuses}")
    return outcome.p50


async def _settle(url: str) -> None:
    """What autovacuum would do a minute later."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
