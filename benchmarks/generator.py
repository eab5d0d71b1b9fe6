"""The load generator: a process of its own that keeps so many connections busy, one request at a time on each.

Reads orders from its input and writes outcomes to its output, one JSON line each.
"""

import asyncio
import sys
from time import perf_counter
from typing import cast

import msgspec
import uvloop

from benchmarks.plans import Order, Outcome

__all__ = ["main"]

_GRACE = 15.0


class Window:
    """One order being carried out."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.sent = 0
        self.statuses: dict[int, int] = {}
        self.times: list[float] = []
        self.began = perf_counter()
        self.ends = self.began + order.seconds
        self.finished = self.began

    def next(self) -> bytes | None:
        """The next request, as long as there is one."""
        order = self.order
        if perf_counter() >= self.ends or (order.requests is not None and self.sent >= order.requests):
            return None
        self.sent += 1
        return order.plan.raw(order.start + self.sent - 1)

    def answered(self, status: int, seconds: float) -> None:
        """One more answer; status 0 where the connection broke instead."""
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.times.append(seconds * 1000)
        self.finished = perf_counter()

    def outcome(self) -> Outcome:
        """What came of it all."""
        if lost := self.sent - len(self.times):
            self.statuses[0] = self.statuses.get(0, 0) + lost
        times = sorted(self.times) or [0.0]
        return Outcome(
            sent=self.sent,
            seconds=max(self.finished - self.began, 1e-6),
            statuses=self.statuses,
            p50=times[len(times) // 2],
            p99=times[min(len(times) - 1, len(times) * 99 // 100)],
            longest=times[-1],
        )


class Connection(asyncio.Protocol):
    """One keep-alive connection: sends a request, waits for the whole answer, sends the next."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.WriteTransport
        self._buffer = b""
        self._since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.WriteTransport", transport)
        self._go_on()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self._buffer = rest[_length(head) :]
        self.window.answered(int(head[9:12]), perf_counter() - self._since)
        self._go_on()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.over.done():
            self.window.answered(0, perf_counter() - self._since)
            self.over.set_result(None)

    def _go_on(self) -> None:
        request = self.window.next()
        if request is None:
            self.over.set_result(None)
            self.transport.close()
            return
        self._since = perf_counter()
        self.transport.write(request)


def _length(head: bytes) -> int:
    """What Content-Length says; both servers send it with every answer."""
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def carry_out(order: Order) -> Outcome:
    """The order's load; what is on its way at the end is waited for."""
    loop = asyncio.get_running_loop()
    window = Window(order)
    made = [
        loop.create_connection(lambda: Connection(window), "127.0.0.1", order.port) for _ in range(order.connections)
    ]
    connections = [protocol for _, protocol in await asyncio.gather(*made)]
    await asyncio.wait([c.over for c in connections], timeout=order.seconds + _GRACE)
    for connection in connections:
        connection.transport.abort()
    return window.outcome()


def main() -> None:
    """Serve orders until the input ends."""
    for line in sys.stdin:
        outcome = uvloop.run(carry_out(msgspec.json.decode(line, type=Order)))
        sys.stdout.write(msgspec.json.encode(outcome).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
