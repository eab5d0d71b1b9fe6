"""The sandbox's clock and queue: tomorrow, now."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, model_validator
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bookable.kernel.clock import Clock
from bookable.kernel.errors import FieldError

from .ports import SandboxPorts
from .wire import answer, endpoint, read

__all__ = ["routes"]

_FURTHEST = timedelta(days=3660)


class MoveClock(BaseModel):
    """`{"advanceSeconds": n}` or `{"now": "…"}`."""

    advance_seconds: Annotated[float | None, Field(alias="advanceSeconds", ge=0, allow_inf_nan=False)] = None
    now: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "MoveClock":
        if (self.advance_seconds is None) == (self.now is None):
            raise ValueError("give advanceSeconds or now")
        return self


def routes(clock: Clock, ports: SandboxPorts) -> list[Route]:
    """`/sandbox/clock` and `/sandbox/jobs/run`."""

    async def show(_: Request) -> Response:
        return _standing(clock)

    async def move(request: Request) -> Response:
        wish = await read(request, MoveClock)
        target = wish.now.astimezone(UTC) if wish.now else clock.now() + timedelta(seconds=wish.advance_seconds or 0)
        offset = target - clock.real()
        if wish.now and target < clock.now():
            raise FieldError("now", "The clock goes forward only; DELETE returns it to real time.")
        if offset > _FURTHEST:
            raise FieldError("now" if wish.now else "advanceSeconds", "At most ten years ahead.")
        await ports.workshop.move_clock(offset, ports.save_clock)
        return _standing(clock)

    async def reset(_: Request) -> Response:
        await ports.workshop.move_clock(timedelta(0), ports.save_clock)
        return _standing(clock)

    async def run_jobs(_: Request) -> Response:
        done = await ports.workshop.run_due()
        return answer({"items": [{"task": d.task, "outcome": d.outcome} for d in done], "count": len(done)})

    return [
        Route("/sandbox/clock", endpoint(show), methods=["GET"]),
        Route("/sandbox/clock", endpoint(move), methods=["POST"]),
        Route("/sandbox/clock", endpoint(reset), methods=["DELETE"]),
        Route("/sandbox/jobs/run", endpoint(run_jobs), methods=["POST"]),
    ]


def _standing(clock: Clock) -> Response:
    now: datetime = clock.now()
    return answer({"now": now, "offsetSeconds": clock.offset.total_seconds()})
