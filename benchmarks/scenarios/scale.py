"""Size: the same pages, found among so many listings and among many more; both servers in turn."""

from statistics import median

from benchmarks.bench import Bench
from benchmarks.contract import ContractBroken
from benchmarks.house import House
from benchmarks.plans import Order
from benchmarks.report import Figure
from benchmarks.stacks import Stack

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
_ROUNDS = 3


def measure(bench: Bench) -> None:
    """Median times of single requests at both sizes, way by way."""
    small, scale = bench.ours, bench.options.scale
    bench.say(f"seeding {scale} listings …")
    house = House(bench.house.engines, bench.folder, database="large")
    house.seed(scale)
    for one in (bench.house, house):
        one.settle()
    server = house.serve()
    try:
        large = house.stack(server)
        found = {way: _in_turn(bench, small, large, query) for way, query in _WAYS.items()}
    finally:
        server.stop()
    rows = [[way, f"{few:.2f}", f"{many:.2f}", f"{many / few:.2f}"] for way, (few, many) in found.items()]
    bench.report.facts["scale"] = {"sizes": [len(bench.listings), scale], "p50_ms": found}
    head = ["p50 ms", f"{len(bench.listings):,}", f"{scale:,}", "ratio"]
    bench.report.table("Lists and searches by size (one connection)", head, rows)
    worst = max(found, key=lambda way: found[way][1] / found[way][0])
    factor = found[worst][1] / found[worst][0]
    bench.report.add(Figure(f"scale: p50, the worst ({worst})", f"{factor:.2f} ×", "≤ 1.5 ×", factor <= 1.5))


def _in_turn(bench: Bench, small: Stack, large: Stack, query: str) -> tuple[float, float]:
    """Windows of one and the other; the first of each only warms up."""
    times = [(_p50(bench, small, query), _p50(bench, large, query)) for _ in range(_ROUNDS + 1)][1:]
    return median(few for few, _ in times), median(many for _, many in times)


def _p50(bench: Bench, stack: Stack, query: str) -> float:
    plan = stack.lists(query)
    outcome = bench.generator.run(Order(port=stack.server.port, plan=plan, connections=1, seconds=0.5))
    if not outcome.all_were(200):
        raise ContractBroken(f"{plan.path} answered {outcome.statuses}")
    return outcome.p50
