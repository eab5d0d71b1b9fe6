"""`bookable`, looked at once in each millisecond of CPU: where a server's time goes. Only ever used by the benchmarks.

BENCH_PROFILE names a file for the stacks, one a line: how often it was seen, then its frames from the outermost in.
Time in C and in the kernel counts for the Python function that went there.
"""

import os
import signal
from collections import Counter
from pathlib import Path
from types import FrameType

from bookable.cli import app

__all__ = ["main"]

_EVERY = 0.001
_seen: Counter[tuple[str, ...]] = Counter()


def _look(_: int, frame: FrameType | None) -> None:
    stack = []
    while frame is not None:
        code = frame.f_code
        stack.append(f"{code.co_filename}:{code.co_firstlineno}:{code.co_qualname}")
        frame = frame.f_back
    _seen[tuple(reversed(stack))] += 1


def main() -> None:
    """Run the command line, and write down what was seen when it ends. SIGUSR1 forgets what was seen so far."""
    signal.signal(signal.SIGPROF, _look)
    signal.signal(signal.SIGUSR1, lambda *_: _seen.clear())
    signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
    try:
        app()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        lines = (f"{n} {';'.join(stack)}" for stack, n in _seen.most_common())
        Path(os.environ["BENCH_PROFILE"]).write_text("\n".join(lines))


if __name__ == "__main__":
    main()
