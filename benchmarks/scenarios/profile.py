"""Where the server's CPU goes, function by function: for whoever wants to make it less."""

import pstats
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.plans import Order, Plan
from benchmarks.stacks import Stack, fetch

__all__ = ["measure"]

_SHOWN = 45
_MINE = "SELECT id::text FROM bookings WHERE user_id = $1::uuid LIMIT 100"


def measure(bench: Bench) -> None:
    """One profiled server for each kind of request; its own idle time is in `poll` and `run`."""
    for start, name in enumerate(("list", "get", "book")):
        to = bench.folder / f"{name}.prof"
        with bench.profiled(to) as stack:
            plan = _plan(bench, name, stack, 800_000 + start * 20_000)
            start_at = 810_000 + start * 20_000
            order = Order(port=stack.server.port, plan=plan, seconds=bench.options.seconds * 5, start=start_at)
            outcome = bench.generator.run(order)
        print(f"\n===== {name}: {outcome.sent} requests =====")
        _show(to)


def _plan(bench: Bench, name: str, stack: Stack, start: int) -> Plan:
    if name == "list":
        return stack.lists()
    if name == "book":
        return stack.books()
    bench.generator.run(Order(port=stack.server.port, plan=stack.books(), seconds=30, start=start, requests=100))
    return stack.gets(fetch(stack.database_url, _MINE, stack.my_id))


def _show(to: Path) -> None:
    found = pstats.Stats(str(to))
    found.strip_dirs().sort_stats("tottime").print_stats(_SHOWN)
    found.sort_stats("cumulative").print_stats(_SHOWN)
