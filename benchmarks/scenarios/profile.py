"""Where the server's CPU goes, function by function: for whoever wants to make it less."""

import signal
from collections import Counter
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.plans import Order, Plan
from benchmarks.ready import booked
from benchmarks.stacks import Stack

__all__ = ["measure"]

_SHOWN = 40
_FIRST = {"list": 0, "get": 800_000, "book": 850_000}


def measure(bench: Bench) -> None:
    """A server of its own for each kind of request; what it does before the load is not looked at."""
    for name in _FIRST:
        to = bench.folder / f"{name}.stacks"
        with bench.profiled(to) as stack:
            plan = _plan(bench, name, stack)
            _load(bench, stack, plan, bench.options.warm_up, _FIRST[name] + 1_000)
            stack.server.signal(signal.SIGUSR1)
            before = stack.server.cpu
            sent = _load(bench, stack, plan, bench.options.seconds * 5, _FIRST[name] + 10_000)
            cost = (stack.server.cpu - before) / sent * 1e6
        print(f"\n{name}: {sent} requests, {cost:.0f} µs of CPU each, in % of it")
        _show(to)


def _load(bench: Bench, stack: Stack, plan: Plan, seconds: float, start: int) -> int:
    return bench.generator.run(Order(port=stack.server.port, plan=plan, seconds=seconds, start=start)).sent


def _plan(bench: Bench, name: str, stack: Stack) -> Plan:
    if name == "list":
        return stack.lists()
    if name == "book":
        return stack.books()
    return stack.gets(booked(bench, stack, 300))


def _show(to: Path) -> None:
    """The functions that were running most, and those below which most was running."""
    alone: Counter[str] = Counter()
    below: Counter[str] = Counter()
    for line in to.read_text().splitlines():
        seen, _, stack = line.partition(" ")
        frames = [_short(frame) for frame in stack.split(";")]
        alone[frames[-1]] += int(seen)
        below.update(dict.fromkeys(frames, int(seen)))
    for title, found in (("itself", alone), ("with all that it calls", below)):
        print(f"\n  {title}")
        for frame, times in found.most_common(_SHOWN):
            print(f"  {times / alone.total():6.1%}  {frame}")


def _short(frame: str) -> str:
    for known in ("site-packages/", "src/", "python3.11/"):
        frame = frame.rpartition(known)[2]
    return frame
