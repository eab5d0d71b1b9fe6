"""One run of the benchmarks: what it is asked to do, and what all of its scenarios share."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks import peer
from benchmarks.house import House
from benchmarks.load import Generator
from benchmarks.processes import Running
from benchmarks.report import Report
from benchmarks.stacks import Stack

__all__ = ["Bench"]


@dataclass
class Bench:
    """Servers are started when a scenario first asks for them, and stopped at the end."""

    options: argparse.Namespace
    folder: Path
    house: House
    generator: Generator
    report: Report
    _servers: list[Running] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Tell whoever waits what is being done."""
        print(text, flush=True)

    @cached_property
    def listings(self) -> list[str]:
        """Seeds the house, once; the ids of what can be booked there."""
        self.say(f"seeding {self.options.listings} listings …")
        self.house.seed(self.options.listings)
        return self.house.listings()

    @cached_property
    def ours(self) -> Stack:
        """Bookable, with everything switched on."""
        _ = self.listings
        server = self.house.serve()
        self._servers.append(server)
        return self.house.stack(server)

    @cached_property
    def theirs(self) -> Stack | None:
        """The peer with the same rows; None where it can't be had, and then it has been said why."""
        if self.options.no_peer:
            return None
        try:
            self.say("preparing the peer …")
            peer.install(self.folder / "peer-install.log")
        except peer.PeerUnavailable as why:
            self.say(f"no peer: {why}")
            self.report.facts["no_peer"] = str(why)
            return None
        stack = peer.start(self.ours, self.folder / "peer.log")
        self._servers.append(stack.server)
        return stack

    @property
    def stacks(self) -> list[Stack]:
        """Those that can be compared, the reference first."""
        return [s for s in (self.theirs, self.ours) if s is not None]

    @contextmanager
    def profiled(self, to: Path) -> Iterator[Stack]:
        """Bookable under the profiler, for as long as the block lasts."""
        _ = self.listings
        server = self.house.serve(profile=to)
        try:
            yield self.house.stack(server)
        finally:
            server.stop()

    def close(self) -> None:
        """End every server that was started."""
        for server in self._servers:
            server.stop()
