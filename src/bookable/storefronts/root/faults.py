"""Trouble with a provider, to order."""

from typing import Annotated

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .doors import Faults
from .wire import answer, endpoint, read

__all__ = ["routes"]


class Fault(BaseModel):
    """`{"provider": "stripe", "mode": "down", "times": 1}`."""

    provider: Annotated[str, Field(max_length=40)]
    mode: Annotated[str, Field(max_length=40)]
    times: Annotated[int, Field(ge=1, le=1_000_000)] = 1


def routes(faults: Faults) -> list[Route]:
    """`/sandbox/faults`: POST orders trouble with one provider, DELETE ends all of it."""

    async def order(request: Request) -> Response:
        wanted = await read(request, Fault)
        await faults.order(wanted.provider, wanted.mode, wanted.times)
        return answer({"provider": wanted.provider, "mode": wanted.mode, "times": wanted.times}, 201)

    async def clear(_: Request) -> Response:
        await faults.clear()
        return Response(status_code=204)

    return [
        Route("/sandbox/faults", endpoint(order), methods=["POST"]),
        Route("/sandbox/faults", endpoint(clear), methods=["DELETE"]),
    ]
