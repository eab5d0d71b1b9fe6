"""A wire between a client and a server on loopback that sees what goes over it, and can act at that very moment."""

import asyncio
import re
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, Self

from tests.doubles.loopback import listen

__all__ = ["Http", "Postgres", "Trap", "When", "Wire"]

_HEARS_AFTER = 1.0
"""Seconds that a server has to do what it was told before the line to it is cut."""


class When(StrEnum):
    """At which moment of a message's way a trap springs."""

    BEFORE = "before it is passed on"
    PASSED = "when it has been passed on"
    ANSWERED = "when its answer has come"
    HEARD = "when its answer has been passed on"


@dataclass
class Trap:
    """`act`, once, when `sees(message, story)` says so for the `nth` time; then the line is cut.

    `story` is what was said on the same connection since `message`'s beginning, `message` included.
    """

    sees: Callable[[bytes, Sequence[bytes]], bool]
    when: When
    act: Callable[[], None]
    nth: int = 1
    sprung: threading.Event = field(default_factory=threading.Event)

    def spring(self) -> None:
        self.act()
        self.sprung.set()


class Messages(Protocol):
    """A protocol's messages, cut out of the stream."""

    def feed(self, data: bytes) -> list[bytes]:
        """Those that are whole now."""
        ...

    def begins(self, message: bytes) -> bool:
        """Whether a new story begins with it."""
        ...


class Http:
    """Requests, or answers, of known length."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes]:
        self._buffer += data
        whole = []
        while (end := self._end()) and end <= len(self._buffer):
            whole.append(self._buffer[:end])
            self._buffer = self._buffer[end:]
        return whole

    def begins(self, message: bytes) -> bool:
        return True

    def _end(self) -> int:
        head, found, _ = self._buffer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        return len(head) + 4 + (int(length[1]) if length else 0) if found else 0


class Postgres:
    """What a client says to PostgreSQL: a story is a transaction."""

    _STARTUP = 196_608

    def __init__(self) -> None:
        self._buffer = b""
        self._started = False

    def feed(self, data: bytes) -> list[bytes]:
        self._buffer += data
        whole = []
        while (end := self._end()) and end <= len(self._buffer):
            message, self._buffer = self._buffer[:end], self._buffer[end:]
            self._started = self._started or int.from_bytes(message[4:8]) == self._STARTUP
            whole.append(message)
        return whole

    def begins(self, message: bytes) -> bool:
        return message[:1] == b"Q" and message[5:].startswith(b"BEGIN")

    def _end(self) -> int:
        """Messages have a type and a length; those before the start have a length alone."""
        at = 1 if self._started else 0
        return at + int.from_bytes(self._buffer[at : at + 4]) if len(self._buffer) >= at + 4 else 0


class _Chunks:
    """Answers as they come."""

    def feed(self, data: bytes) -> list[bytes]:
        return [data]

    def begins(self, message: bytes) -> bool:
        return True


class _Cut(Exception):
    """The line is cut."""


class Wire:
    """Listens on loopback in a thread of its own: `with Wire(port, Http) as wire: …wire.port…`."""

    def __init__(self, port: int, asked: type[Messages], answered: type[Messages] = _Chunks) -> None:
        self._server_port = port
        self._asked, self._answered = asked, answered
        self._trap: Trap | None = None
        self._seen = 0
        self._lines: set[asyncio.Task[None]] = set()
        self._socket = listen()
        self.port: int = self._socket.getsockname()[1]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def set(self, trap: Trap) -> Trap:
        """The one that is set, in place of any other."""
        self._seen, self._trap = 0, trap
        return trap

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(5)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connected, sock=self._socket)
        await self._over.wait()
        server.close()
        await asyncio.gather(*self._lines)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        try:
            await self._relay(reader, writer)
        finally:
            self._lines.discard(task)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server = await asyncio.open_connection("127.0.0.1", self._server_port)
        except OSError:
            writer.close()
            return
        line = _Line(self, reader, writer, *server)
        ends = (line.ask(self._asked()), line.answer(self._answered()), self._over.wait())
        tasks = [asyncio.ensure_future(one) for one in ends]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)  # somebody hung up, or was made to
        for one in (writer, server[1]):
            one.close()

    def sprung_by(self, message: bytes, story: Sequence[bytes]) -> Trap | None:
        """The trap, if this is what it waits for."""
        trap = self._trap
        if trap is None or not trap.sees(message, story):
            return None
        self._seen += 1
        if self._seen < trap.nth:
            return None
        self._trap = None
        return trap


@dataclass
class _Line:
    """One connection and its other half."""

    wire: Wire
    client: asyncio.StreamReader
    to_client: asyncio.StreamWriter
    server: asyncio.StreamReader
    to_server: asyncio.StreamWriter
    trap: Trap | None = None
    """What waits for the next answer."""

    async def ask(self, messages: Messages) -> None:
        story: deque[bytes] = deque(maxlen=500)
        while data := await self.client.read(1 << 16):
            for message in messages.feed(data):
                if messages.begins(message):
                    story.clear()
                story.append(message)
                await self._pass_on(message, self.wire.sprung_by(message, story))

    async def _pass_on(self, message: bytes, trap: Trap | None) -> None:
        if trap is not None and trap.when is When.BEFORE:
            trap.spring()
            raise _Cut
        self.trap = trap
        self.to_server.write(message)
        await self.to_server.drain()
        if trap is not None and trap.when is When.PASSED:
            trap.spring()
            await asyncio.sleep(_HEARS_AFTER)
            raise _Cut

    async def answer(self, messages: Messages) -> None:
        while data := await self.server.read(1 << 16):
            for message in messages.feed(data):
                trap, self.trap = self.trap, None
                if trap is not None and trap.when is When.PASSED:
                    raise _Cut
                if trap is not None and trap.when is When.ANSWERED:
                    trap.spring()
                    raise _Cut
                self.to_client.write(message)
                await self.to_client.drain()
                if trap is not None and trap.when is When.HEARD:
                    trap.spring()
                    raise _Cut
