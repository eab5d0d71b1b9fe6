"""Film collections: the same pages for somebody who has ten thousand and for somebody who has a million, in turn."""

from dataclasses import dataclass
from statistics import median

import httpx

from benchmarks.bench import Bench
from benchmarks.collections import COMMON, RARER, fill, sign_up, word
from benchmarks.contract import ContractBroken
from benchmarks.house import House
from benchmarks.plans import Order, Plan
from benchmarks.processes import Running
from benchmarks.report import Figure
from benchmarks.stacks import Person

__all__ = ["measure"]

_PATH = "/movies/movies?limit=20"
_SMALL = 10_000
_ROUNDS, _REQUESTS = 4, 120
_LISTS = {
    "newest": "",
    "by title": "&sort=title",
    "by year": "&sort=year",
    "by rating": "&sort=-rating",
    "ten years": "&yearFrom=1990&yearTo=1999",
    "in the middle": "&sort=-createdAt",
    "in the middle, by title": "&sort=title",
}
_SEARCHES = {
    "five films": [word("rare", n) for n in range(_SMALL // 5)],
    "one film in 500": [word("rarer", n) for n in range(RARER)],
    "one film in 50, again": [word("common", n) for n in range(COMMON)],
    "two words, one in 25,000": [f"{word('common', n % COMMON)}%20{word('rarer', n)}" for n in range(RARER)],
}
"""A word is asked for once, but for the last but one kind, of which there are few: those are counted already."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Somebody's films, on the server at this port."""

    port: int
    owner: Person
    size: int

    def page(self, query: str, words: list[str]) -> Plan:
        """Pages of 20; `{word}` in the query is each of the words in turn."""
        cycled = [[{"word": word} for word in words]]
        return Plan(method="GET", path=_PATH + query, expects=200, headers=self._headers, cycled=cycled)

    def listed(self, way: str) -> Plan:
        """The page of a list, by a cursor where it is in the middle."""
        query = _LISTS[way]
        if way.startswith("in the middle"):
            address = f"http://127.0.0.1:{self.port}{_PATH}{query}&page={self.size // 40}"
            meta = httpx.get(address, headers=self._headers, timeout=30).json()["meta"]
            query += f"&cursor={meta['nextCursor']}"
        return self.page(query, [""])

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.owner.token}"}


def measure(bench: Bench) -> None:
    """Median times of single requests in both collections, way by way."""
    house = House(bench.house.engines, bench.folder, database="films")
    house.seed(0)
    server = house.serve(limited=False)
    try:
        both = [_collection(bench, house, server, size) for size in (_SMALL, bench.options.films)]
        house.settle()
        lists = {way: _in_turn(bench, both, [one.listed(way) for one in both]) for way in _LISTS}
        searches = {
            way: _in_turn(bench, both, [one.page("&search={word}", words) for one in both])
            for way, words in _SEARCHES.items()
        }
    finally:
        server.stop()
    _report(bench, "lists", lists)
    _report(bench, "searches", searches)


def _collection(bench: Bench, house: House, server: Running, size: int) -> Collection:
    bench.say(f"seeding {size} films …")
    owner = sign_up(server.url + "/movies", f"bench-{size}")
    fill(house.database_url, owner, size)
    return Collection(server.port, owner, size)


def _in_turn(bench: Bench, both: list[Collection], plans: list[Plan]) -> tuple[float, float]:
    """Windows of one and the other; the first of each only warms up."""
    times = []
    for n in range(_ROUNDS):
        pair = zip(both, plans, strict=True)
        times.append([_p50(bench, one, plan, start=n * _REQUESTS) for one, plan in pair])
    return median(few for few, _ in times[1:]), median(many for _, many in times[1:])


def _p50(bench: Bench, one: Collection, plan: Plan, *, start: int) -> float:
    order = Order(port=one.port, plan=plan, connections=1, seconds=60, start=start, requests=_REQUESTS)
    outcome = bench.generator.run(order)
    if not outcome.all_were(200):
        raise ContractBroken(f"{plan.path} answered {outcome.statuses}")
    return outcome.p50


def _report(bench: Bench, what: str, found: dict[str, tuple[float, float]]) -> None:
    sizes = [f"{_SMALL:,}", f"{bench.options.films:,}"]
    rows = [[way, f"{few:.2f}", f"{many:.2f}", f"{many / few:.2f}"] for way, (few, many) in found.items()]
    bench.report.facts[f"films_{what}"] = {"sizes": sizes, "p50_ms": found}
    bench.report.table(f"Films: {what} by size of the collection (one connection)", ["p50 ms", *sizes, "ratio"], rows)
    worst = max(found, key=lambda way: found[way][1] / found[way][0])
    factor = found[worst][1] / found[worst][0]
    bench.report.add(Figure(f"films: {what}, p50, the worst ({worst})", f"{factor:.2f} ×", "≤ 1.5 ×", factor <= 1.5))
