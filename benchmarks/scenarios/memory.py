"""Memory: what one worker holds after load, and whether it grows with more of it."""

from benchmarks.bench import Bench
from benchmarks.plans import Order
from benchmarks.report import Figure

__all__ = ["measure"]

_BURSTS = 4


def measure(bench: Bench) -> None:
    """Bursts of lists and bookings, the memory after each."""
    stack, seconds = bench.ours, bench.options.seconds * 3
    found = [stack.server.memory_mb]
    start = 700_000
    for _ in range(_BURSTS):
        for plan in (stack.lists(), stack.books()):
            order = Order(port=stack.server.port, plan=plan, seconds=seconds, start=start)
            start += bench.generator.run(order).sent
        found.append(stack.server.memory_mb)
    bench.report.facts["memory_mb"] = found
    row = ["Bookable, one worker", *(f"{mb:.0f}" for mb in found)]
    bench.report.table("Resident memory, MB", ["", "before", *(f"burst {n + 1}" for n in range(_BURSTS))], [row])
    bench.report.add(Figure("memory of a worker after load", f"{found[-1]:.0f} MB", "< 150 MB", found[-1] < 150))
