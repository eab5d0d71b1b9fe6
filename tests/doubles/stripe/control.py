"""The double's verbs over HTTP, for a test that runs in another process: `POST /_control/{verb}`, a JSON object."""

import dataclasses
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.doubles.stripe.wire import Refusal

if TYPE_CHECKING:
    from tests.doubles.stripe.double import StripeDouble

__all__ = ["Control"]

_OF_THE_DOUBLE = (
    "inject",
    "heal",
    "deliver_to",
    "advance",
    "calls",
    "intents",
    "charges",
    "refunds",
    "events",
    "totals",
)
_OF_THE_WEBHOOKS = ("release", "pending")
_OF_THE_PAYER = (
    "succeed",
    "fail",
    "authenticate",
    "expire_authorization",
    "dispute",
    "close_dispute",
    "settle_refund",
    "settle_payout",
    "onboard",
)


class Control:
    """The body's fields are the verb's arguments by name; the answer is what it returns, as JSON."""

    def __init__(self, double: "StripeDouble") -> None:
        self._double = double

    async def answer(self, request: Request) -> Response:
        """404 for another verb, 400 for what can't be done."""
        verb = self._verb(request.path_params["verb"])
        if verb is None:
            return JSONResponse({"error": "no such verb"}, 404)
        try:
            result = verb(**json.loads(await request.body() or "{}"))
        except (Refusal, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return Response(json.dumps(result, default=dataclasses.asdict), media_type="application/json")

    def _verb(self, name: str) -> Callable[..., Any] | None:
        double = self._double
        owners = (
            (double, _OF_THE_DOUBLE),
            (double.webhooks, _OF_THE_WEBHOOKS),
            (double.payer, _OF_THE_PAYER),
        )
        return next((getattr(owner, name) for owner, names in owners if name in names), None)
