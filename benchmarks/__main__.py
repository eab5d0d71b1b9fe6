"""`python -m benchmarks [ping list get book sale scale films start memory profile]`: measure; say what was reached."""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.contract import ContractBroken
from benchmarks.house import House
from benchmarks.load import Generator
from benchmarks.report import Report
from benchmarks.scenarios import films, memory, profile, requests, sale, scale, start
from benchmarks.windows import WrongAnswers
from bookable import embedded

_REQUESTS = ("ping", "list", "get", "book")
_OTHERS = {"sale": sale, "memory": memory, "start": start, "scale": scale, "films": films, "profile": profile}
_BY_DEFAULT = [*_REQUESTS, "sale", "memory", "start", "scale", "films"]
_FEWEST = 3_000


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("scenarios", nargs="*", help=f"any of {' '.join(_BY_DEFAULT)} profile; all but profile")
    parser.add_argument("--rounds", type=int, default=5, help="windows of each stack for each kind of request")
    parser.add_argument("--seconds", type=float, default=1.0, help="the length of a window")
    parser.add_argument("--warm-up", type=float, default=2.0, help="seconds of load before the first window")
    parser.add_argument("--listings", type=int, default=10_000, help="how many listings there are")
    parser.add_argument("--scale", type=int, default=100_000, help="how many there are for the scenario scale")
    parser.add_argument("--films", type=int, default=1_000_000, help="how many the larger collection has")
    parser.add_argument("--no-peer", action="store_true", help="leave the Node peer out")
    parser.add_argument("--keep", type=Path, help="an existing folder for logs, scripts and profiles")
    options = parser.parse_args()
    unknown = set(options.scenarios) - set(_REQUESTS) - set(_OTHERS)
    if unknown or options.listings < _FEWEST:
        parser.error(f"no such scenario: {', '.join(unknown)}" if unknown else f"--listings is at least {_FEWEST}")
    options.scenarios = options.scenarios or _BY_DEFAULT
    return options


def _run(bench: Bench) -> None:
    asked = bench.options.scenarios
    if kinds := [name for name in _REQUESTS if name in asked]:
        requests.measure(bench, kinds)
    for name, scenario in _OTHERS.items():
        if name in asked:
            scenario.measure(bench)


def main() -> int:
    """Measure; 1 when a stack broke the contract, whatever the figures are."""
    options, report = _options(), Report()
    with tempfile.TemporaryDirectory(prefix="bookable-bench-") as temporary:
        folder = options.keep or Path(temporary)
        print("starting PostgreSQL and Valkey …", flush=True)
        with embedded.start(Path(temporary) / "engines") as engines, Generator() as generator:
            bench = Bench(options, folder, House(engines, folder), generator, report)
            try:
                _run(bench)
            except (ContractBroken, WrongAnswers) as broken:
                print(f"\nNo figure: {broken}", file=sys.stderr)
                return 1
            finally:
                bench.close()
                print(f"\nwritten to {report.close().relative_to(Path.cwd())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
