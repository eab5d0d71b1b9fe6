"""`bookable`, with every call counted and timed: where a server's CPU goes. Only ever used by the benchmarks.

BENCH_PROFILE names the file; it is written when the server ends. Times are inflated, shares are about right.
"""

import cProfile
import os

from bookable.cli import app

__all__ = ["main"]


def main() -> None:
    """Run the command line under the profiler."""
    profile = cProfile.Profile()
    try:
        profile.runcall(app)
    finally:
        profile.dump_stats(os.environ["BENCH_PROFILE"])


if __name__ == "__main__":
    main()
