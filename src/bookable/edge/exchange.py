"""One request and its answer, as the edge watches them pass: counted, timed, and answered once."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any

from bookable.edge.cors import HeaderList
from bookable.edge.headers import DefaultHeaders
from bookable.edge.refusals import TooLarge

__all__ = ["App", "Exchange", "Message", "Receive", "Scope", "Send"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_SLOWEST_UPLOAD = 32 * 1024
_DRAIN_BYTES = 16 * 1024 * 1024
_DRAIN_SECONDS = 5.0


class Exchange:
    """What stands between the server and the application for one request.

    The application's answer with status 500 is held back until it returns: if it raises instead, the
    answer is ours to give.
    """

    __slots__ = (
        *("_complete", "_defaults", "_extra", "_held", "_receive", "_send"),
        *("awaits_body", "began", "body_limit", "task", "disconnected", "received", "status", "timed_out", "too_large"),
    )

    def __init__(
        self, receive: Receive, send: Send, defaults: DefaultHeaders, extra: HeaderList, body_limit: int
    ) -> None:
        self._receive, self._send = receive, send
        self._defaults, self._extra = defaults, extra
        self._held: list[Message] | None = None
        self.began = perf_counter()
        self.task: asyncio.Task[Any] | None = None
        self.body_limit = body_limit
        self.received = self.status = 0
        self._complete = self.awaits_body = self.disconnected = self.timed_out = self.too_large = False

    async def receive(self) -> Message:
        """For the application: the body, up to its limit."""
        self.awaits_body = not self._complete
        message = await self._receive()
        self.awaits_body = False
        if message["type"] == "http.disconnect":
            self.disconnected = True
            return message
        self.received += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self.received > self.body_limit:
            self.too_large = True
            raise TooLarge
        return message

    async def send(self, message: Message) -> None:
        """For the application: its answer, unless one of ours takes its place."""
        if (self.timed_out or self.too_large) and not self.status:
            return
        if self._held is not None:
            self._held.append(message)
        elif message["type"] == "http.response.start" and message["status"] == 500:
            self._held = [message]
        else:
            await self._pass_on(message)

    async def let_go(self) -> None:
        """Send what was held back."""
        held, self._held = self._held, None
        for message in held or ():
            await self._pass_on(message)

    async def answer(self, status: int, headers: HeaderList, body: bytes, *, drain: bool = False) -> None:
        """Our own answer, in place of one held back. With `drain`, what is still coming in is read first.

        A client that is still writing does not read; hanging up on it would lose the answer on its way.
        """
        self._held = None
        start = headers if status == 204 else (*headers, (b"content-length", str(len(body)).encode()))
        await self._pass_on({"type": "http.response.start", "status": status, "headers": start})
        await self._send({"type": "http.response.body", "body": body, "more_body": drain})
        if drain:
            await self._drain()
            await self._send({"type": "http.response.body", "body": b""})

    def give_up_if_late(self, now: float, seconds: float) -> None:
        """End the application's work unless it has begun to answer; a body that is arriving gets more time."""
        late = now > self.began + seconds + self.received / _SLOWEST_UPLOAD
        if late and not self.status and not self.timed_out and self.task is not None:
            self.timed_out = True
            self.task.cancel()

    async def _pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message.get("headers", ())
            message["headers"] = [*headers, *self._defaults.missing_from(headers), *self._extra]
            self.status = message["status"]
        await self._send(message)

    async def _drain(self) -> None:
        read = 0
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                while read < _DRAIN_BYTES:
                    message = await self._receive()
                    read += len(message.get("body", b""))
                    if not message.get("more_body", False):
                        return
        except TimeoutError:
            return
