"""The double in the hand of a test: start and stop it, break things, move its clock, count what it charged."""

import asyncio
import copy
import re
import threading
import time
from collections import Counter
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from tests.doubles.loopback import listen
from tests.doubles.stripe.control import Control
from tests.doubles.stripe.faults import Fault, Faults, Mode
from tests.doubles.stripe.payer import Payer
from tests.doubles.stripe.server import Api, Call, CuttingProtocol
from tests.doubles.stripe.webhooks import Plan, Webhooks
from tests.doubles.stripe.wire import Json
from tests.doubles.stripe.world import World

__all__ = ["StripeDouble"]


class StripeDouble:
    """Stripe on loopback, in a thread of its own. `with StripeDouble() as stripe: …stripe.url…`.

    Every method may be called from any thread; the same things can be done by `POST /_control/{verb}`.
    """

    def __init__(self, secret_key: str = "sk_test_double", port: int = 0) -> None:
        self.secret_key = secret_key
        self.webhooks = Webhooks()
        self._world = World()
        self.payer = Payer(self._world, self.webhooks)
        self._faults = Faults()
        self._api = Api(self._world, self.webhooks, self._faults, secret_key)
        self._socket = listen(port)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(self._config())
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> Self:
        """Returns when it answers."""
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return self

    def stop(self) -> None:
        """Hanging calls are cut off."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(5)
        self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def inject(self, mode: Mode | str, *, times: int = 1, match: str = "", seconds: float = 30.0) -> None:
        """The next `times` calls whose "METHOD /path" matches go wrong as `Mode` says."""
        self._faults.add(Fault(Mode(mode), times, match, seconds))

    def heal(self) -> None:
        """No more faults."""
        self._faults.clear()

    def deliver_to(self, url: str, secret: str, **plan: float) -> None:
        """Events go to `url`, signed with `secret`, by the `Plan` of these options."""
        self.webhooks.configure(Plan(url, secret, **plan))  # type: ignore[arg-type]  # numbers and flags as Plan has them

    def advance(self, seconds: int) -> None:
        """The double's clock moves: keys are forgotten after a day, holds lapse after seven."""
        with self._world.lock:
            self._world.offset += seconds
        self.payer.lapse_authorizations()

    def calls(self, match: str = "") -> list[Call]:
        """What came in, oldest first, where "METHOD /path" matches."""
        return [call for call in list(self._api.calls) if re.search(match, f"{call.method} {call.path}")]

    def intents(self, **metadata: str) -> list[Json]:
        """Every intent that bears this metadata, oldest first."""
        return [found for found in self._all("pi") if metadata.items() <= found["metadata"].items()]

    def charges(self, intent_id: str | None = None, *, status: str = "succeeded") -> list[Json]:
        """Charges in this state: one of them is one time that money was taken or held."""
        return [c for c in self._all("ch") if c["status"] == status and intent_id in {None, c["payment_intent"]}]

    def refunds(self, intent_id: str | None = None) -> list[Json]:
        """Refunds, those of what was never captured included."""
        return [refund for refund in self._all("re") if intent_id in {None, refund["payment_intent"]}]

    def events(self, type: str = "") -> list[Json]:  # noqa: A002 - the field's name on the wire
        """What happened, oldest first."""
        return [event for event in self._all("evt") if event["type"].startswith(type)]

    def totals(self) -> dict[str, dict[str, int]]:
        """By currency: what was captured, refunded of it, disputed, transferred and paid out (failed ones not)."""
        with self._world.lock:
            world = copy.deepcopy(self._world.objects)
        sums: dict[str, Counter[str]] = {}
        for found in world.values():
            for name, amount in _counted(found).items():
                sums.setdefault(found["currency"], Counter())[name] += amount
        return {currency: dict(counted) for currency, counted in sums.items()}

    def _all(self, prefix: str) -> list[Json]:
        with self._world.lock:
            return copy.deepcopy(self._world.all(prefix))

    def _config(self) -> uvicorn.Config:
        control = Control(self)
        app = Starlette(
            routes=[
                Route("/_control/{verb}", control.answer, methods=["POST"]),
                Route("/{path:path}", self._api.answer, methods=["GET", "POST", "DELETE"]),
            ]
        )
        return uvicorn.Config(
            app,
            http=CuttingProtocol,
            lifespan="off",
            log_level="error",
            access_log=False,
            timeout_graceful_shutdown=1,
        )

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self.webhooks.open(asyncio.get_running_loop())
        await self._server.serve(sockets=[self._socket])


def _counted(found: Json) -> dict[str, int]:
    kind = found["object"]
    if kind == "charge" and found["captured"]:
        released = found["amount"] - found["amount_captured"]
        refunded = found["amount_refunded"] - released
        return {"captured": found["amount_captured"], "refunded": refunded}
    if kind == "dispute" and found["status"] != "won":
        return {"disputed": found["amount"]}
    if kind == "transfer":
        return {"transferred": found["amount"]}
    if kind == "payout" and found["status"] != "failed":
        return {"paid_out": found["amount"]}
    return {}
