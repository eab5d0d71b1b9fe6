"""What one request costs: ping, list, get and book, in turn on every stack, beside the same SQL by pgbench."""

from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from benchmarks import contract
from benchmarks.bench import Bench
from benchmarks.capture import transaction_of
from benchmarks.pgbench import Script, script_of
from benchmarks.plans import Plan
from benchmarks.ready import booked
from benchmarks.report import Figure
from benchmarks.stacks import FIRST_DAY, Stack
from benchmarks.windows import Series

__all__ = ["measure"]

_READY = 300
"""Bookings that there are before any is got."""
_GOALS = {"list": 0.5, "get": 1.0, "book": 0.5}


@dataclass
class _Kind:
    """One kind of request: a series for each stack, and pgbench's own figures."""

    name: str
    series: list[Series]
    script: Script | None
    tps: list[float]


def measure(bench: Bench, names: list[str]) -> None:
    """Every named kind; the contract first."""
    stacks = bench.stacks
    contract.check(stacks, bench.generator, bench.listings[100])
    bench.say("every stack holds to the contract: equal answers, nothing booked twice")
    kinds = [_kind(bench, name, stacks) for name in names]
    for kind in kinds:
        bench.say(f"measuring {kind.name} …")
        _in_turn(bench, kind)
    _print(bench, kinds)


def _kind(bench: Bench, name: str, stacks: list[Stack]) -> _Kind:
    plans = [_plan(bench, name, stack) for stack in stacks]
    start = _READY if name == "book" else 0
    series = [Series(s, p, bench.generator, start=start) for s, p in zip(stacks, plans, strict=True)]
    return _Kind(name, series, None if name == "ping" else _script(bench, name, plans[-1]), [])


def _plan(bench: Bench, name: str, stack: Stack) -> Plan:
    if name == "ping":
        return stack.pings()
    if name == "list":
        return stack.lists()
    return stack.books() if name == "book" else stack.gets(booked(bench, stack, _READY))


def _script(bench: Bench, name: str, plan: Plan) -> Script:
    """The SQL that our own server runs for this request, as pgbench can run it."""
    stack, engines = bench.ours, bench.house.engines
    celebrity, day = bench.listings[200], FIRST_DAY + timedelta(days=1)
    if name == "book":
        plan = stack.books_only(celebrity, "morning", day)

    def request() -> None:
        answer = contract.once(stack, plan)
        assert answer.status_code == plan.expects, answer.text

    statements = transaction_of(engines.admin_url, engines.postgres.log, request)
    return script_of(
        name,
        statements,
        url=stack.database_url,
        folder=bench.folder,
        listings=bench.listings[2000:],
        booked=(celebrity, day, stack.me.id) if name == "book" else None,
    )


def _in_turn(bench: Bench, kind: _Kind) -> None:
    seconds = bench.options.seconds
    for series in kind.series:
        series.warm_up(bench.options.warm_up)
    if kind.script:
        kind.script.run(1)
    for _ in range(bench.options.rounds):
        for series in kind.series:
            series.window(seconds)
        if kind.script:
            kind.tps.append(kind.script.run(max(2, round(seconds))))


def _print(bench: Bench, kinds: list[_Kind]) -> None:
    rows = []
    for kind in kinds:
        facts = {s.stack.name: s.facts() for s in kind.series}
        ours, theirs = facts[bench.ours.name], facts.get(bench.theirs.name) if bench.theirs else None
        tps = median(kind.tps) if kind.tps else None
        bench.report.facts[kind.name] = facts | {"pgbench_tps": tps}
        ratio = ours["cpu_us"] / theirs["cpu_us"] if theirs else None
        share = ours["per_second"] / tps if tps else None
        rows.append(
            [
                kind.name,
                f"{ours['cpu_us']:.0f}",
                f"{theirs['cpu_us']:.0f}" if theirs else "–",
                _two(ratio),
                f"{ours['per_second']:.0f}",
                f"{theirs['per_second']:.0f}" if theirs else "–",
                f"{tps:.0f}" if tps else "–",
                _two(share),
                f"{ours['p50_ms']:.1f}/{ours['p99_ms']:.1f}",
            ]
        )
        _judge(bench, kind.name, ratio, share)
    head = ["", "CPU µs", "peer's", "ratio", "per s", "peer's", "pgbench", "ratio", "p50/p99 ms"]
    bench.report.table("One request (CPU of the server process; 32 connections)", head, rows)


def _judge(bench: Bench, name: str, ratio: float | None, share: float | None) -> None:
    if ratio is not None and name in _GOALS:
        goal = _GOALS[name]
        bench.report.add(Figure(f"{name}: CPU against the peer's", f"{ratio:.2f}", f"≤ {goal}", ratio <= goal))
    if share is not None and name == "book":
        bench.report.add(Figure("book: throughput against pgbench", f"{share:.2f}", "≥ 0.3", share >= 0.3))


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
