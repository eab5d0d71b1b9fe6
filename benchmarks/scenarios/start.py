"""Starting: how long until a newcomer's first start answers, and until every later one does."""

import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.machine import free_port
from benchmarks.processes import Running
from benchmarks.report import Figure

__all__ = ["measure"]

_ROOT = Path(__file__).parent.parent.parent
_LATER = 3


def measure(bench: Bench) -> None:
    """An empty DATA_DIR, then the same one again: engines, schema, demo data and all."""
    bench.say("starting from nothing, and again …")
    with tempfile.TemporaryDirectory(prefix="bookable-newcomer-") as home:
        first, *later = [_start(bench, Path(home)) for _ in range(1 + _LATER)]
    again, cpu = sorted(later)[len(later) // 2]
    bench.report.facts["start"] = {"first": first, "later": later}
    rows = [["first", f"{first[0]:.1f}", f"{first[1]:.2f}"], ["later", f"{again:.1f}", f"{cpu:.2f}"]]
    bench.report.table("Start to ready", ["", "seconds", "CPU seconds of the server"], rows)
    bench.report.add(Figure("start: a later one is ready", f"{again:.1f} s", "< 3 s", again < 3))


def _start(bench: Bench, home: Path) -> tuple[float, float]:
    """Seconds until it answers, and seconds of CPU that the server has used by then; the engines are not counted."""
    port = free_port()
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR")}
    env = kept | {"PYTHONPATH": str(_ROOT / "src"), "DATA_DIR": str(home), "PORT": str(port), "LOG_FORMAT": "json"}
    began = time.perf_counter()
    command = [str(Path(sys.executable).parent / "bookable"), "serve"]
    server = Running(command, env=env, cwd=_ROOT, log=bench.folder / "start.log", port=port)
    try:
        server.wait("/ready")
        return time.perf_counter() - began, server.own_cpu
    finally:
        server.stop()
