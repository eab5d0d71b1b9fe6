"""Events on their way to our endpoint: signed with the real algorithm, and as unreliable as asked for."""

import asyncio
import json
import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass

import httpx
from stripe import WebhookSignature

from tests.doubles.stripe.wire import Json

__all__ = ["Delivery", "Plan", "Webhooks"]


@dataclass(frozen=True)
class Plan:
    """Where events go and what happens to them on the way. The same `seed` gives the same luck.

    Each event is sent `1 + duplicates` times, each copy `delay` plus up to `jitter` seconds later (which mixes
    their order), unless it is dropped (with probability `drop`). With `hold` they wait for `release`. With
    `before_answer` they arrive before the call that caused them is answered. What is not answered 2xx is sent
    again up to `retries` times.
    """

    url: str
    secret: str
    duplicates: int = 0
    delay: float = 0.0
    jitter: float = 0.0
    drop: float = 0.0
    hold: bool = False
    before_answer: bool = False
    retries: int = 3
    retry_after: float = 0.2
    timeout: float = 10.0
    seed: int = 0


@dataclass(frozen=True)
class Delivery:
    """One attempt; `status` is 0 when nobody answered."""

    event_id: str
    type: str
    status: int


class Webhooks:
    """Sends on the event loop of the double; every method may be called from any thread."""

    def __init__(self) -> None:
        self.held: list[Json] = []
        self.dropped: list[Json] = []
        self.deliveries: list[Delivery] = []
        self._plan: Plan | None = None
        self._luck = random.Random(0)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._under_way: set[Future[None]] = set()

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on deliveries run on this loop."""
        self._loop = loop

    def configure(self, plan: Plan | None) -> None:
        """Events that come from now on go by this plan; with None they go nowhere."""
        self._plan = plan
        self._luck = random.Random(plan.seed if plan else 0)

    async def dispatch(self, events: list[Json], *, answering: bool = True) -> None:
        """Send the events by the plan; returns when they have arrived if they must come before the answer."""
        plan = self._plan
        if plan is None:
            return
        if plan.hold:
            self.held += events
            return
        chosen = [event for event in events if not self._lost(event, plan)]
        sent = [asyncio.wrap_future(one) for one in self._start(chosen, plan)]
        if plan.before_answer and answering:
            await asyncio.gather(*sent)

    def later(self, events: list[Json]) -> None:
        """Send by the plan what no call has caused."""
        if events and self._loop:
            asyncio.run_coroutine_threadsafe(self.dispatch(events, answering=False), self._loop)

    def release(self, order: Callable[[list[Json]], Iterable[Json]] = list, *, times: int = 1) -> None:
        """Send what was held, each `times` times, one after the other in the order that `order` makes."""
        events, self.held = self.held, []
        plan = self._plan
        if plan and self._loop:
            copies = [event for event in order(events) for _ in range(times)]
            self._track(asyncio.run_coroutine_threadsafe(self._in_a_row(copies, plan), self._loop))

    def pending(self) -> int:
        """Deliveries not finished yet."""
        return sum(not one.done() for one in list(self._under_way))

    def drain(self, timeout: float = 10.0) -> None:
        """Block this thread until all that was sent has arrived or was given up. Raises TimeoutError."""
        end = time.monotonic() + timeout
        time.sleep(0.02)
        while self.pending():
            if time.monotonic() > end:
                raise TimeoutError(f"{self.pending()} deliveries are still under way")
            time.sleep(0.01)

    def _lost(self, event: Json, plan: Plan) -> bool:
        lost = self._luck.random() < plan.drop
        if lost:
            self.dropped.append(event)
        return lost

    def _start(self, events: list[Json], plan: Plan) -> list["Future[None]"]:
        assert self._loop is not None
        futures, before = [], None
        for number in range(len(events) * (1 + plan.duplicates)):
            wait = plan.delay + self._luck.uniform(0, plan.jitter)
            tried = asyncio.Event()
            sending = self._send(events[number % len(events)], plan, wait, after=before, tried=tried)
            futures.append(self._track(asyncio.run_coroutine_threadsafe(sending, self._loop)))
            before = None if plan.jitter else tried
        return futures

    def _track(self, one: "Future[None]") -> "Future[None]":
        self._under_way.add(one)
        one.add_done_callback(self._under_way.discard)
        return one

    async def _in_a_row(self, events: list[Json], plan: Plan) -> None:
        for event in events:
            await self._send(event, plan, 0)

    async def _send(
        self,
        event: Json,
        plan: Plan,
        wait: float,
        *,
        after: asyncio.Event | None = None,
        tried: asyncio.Event | None = None,
    ) -> None:
        """Sends are in order where each waits until the one before it was tried once."""
        await asyncio.sleep(wait)
        if after is not None:
            await after.wait()
        body = json.dumps(event, indent=2).encode()
        async with httpx.AsyncClient(timeout=plan.timeout, trust_env=False) as client:
            for attempt in range(1 + plan.retries):
                await asyncio.sleep(plan.retry_after * attempt)
                status = await _post(client, plan, body)
                if tried is not None:
                    tried.set()
                self.deliveries.append(Delivery(event["id"], event["type"], status))
                if 200 <= status < 300:
                    return


async def _post(client: httpx.AsyncClient, plan: Plan, body: bytes) -> int:
    # Real time, not the double's: the tolerance of the receiver is about real time.
    signature = WebhookSignature.generate_signature_header(body.decode(), plan.secret, int(time.time()))
    headers = {"Stripe-Signature": signature, "Content-Type": "application/json; charset=utf-8"}
    try:
        return (await client.post(plan.url, content=body, headers=headers)).status_code
    except httpx.HTTPError:
        return 0
