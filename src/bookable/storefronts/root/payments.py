"""The sandbox's payer: pays, refuses, proves who they are, lets a hold lapse, takes the money back."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .doors import Payer
from .wire import answer, endpoint, read

__all__ = ["Act", "routes"]

_LONGEST = 7 * 24 * 3600


class Act(StrEnum):
    """What the payer, or the payer's bank, can do."""

    SUCCEED = "succeed"
    FAIL = "fail"
    AUTHENTICATE = "authenticate"
    EXPIRE_AUTHORIZATION = "expire-authorization"
    DISPUTE = "dispute"


class HowTold(BaseModel):
    """`{"duplicate": n, "delaySeconds": s}`: the webhook comes n times more, s seconds later."""

    duplicate: Annotated[int, Field(ge=0, le=100)] = 0
    delay_seconds: Annotated[float, Field(alias="delaySeconds", ge=0, le=_LONGEST, allow_inf_nan=False)] = 0


def routes(payer: Payer) -> list[Route]:
    """`POST /sandbox/payments/{intentId}/{act}`; answers the intent's id and where it stands at the provider."""

    def deed(act: Act) -> Route:
        async def serve(request: Request) -> Response:
            intent_id = request.path_params["intent_id"]
            told = await read(request, HowTold)
            status = await payer.act(intent_id, act.value, duplicate=told.duplicate, delay_seconds=told.delay_seconds)
            return answer({"paymentIntentId": intent_id, "status": status})

        return Route(f"/sandbox/payments/{{intent_id}}/{act}", endpoint(serve), methods=["POST"])

    return [deed(act) for act in Act]
