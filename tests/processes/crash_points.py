"""The twelve moments of a payment at which a server is killed, and the trap that a wire is set for each of them."""

import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from tests.doubles.wire import Trap, When

__all__ = ["POINTS", "Marks", "Point", "Step"]

_COMMIT = b"Q\0\0\0\x0bCOMMIT\0"
_COMMITS = 5
"""How many transactions a step has at least, so that a seed may choose one."""


class Step(StrEnum):
    """What the server was doing."""

    CREATE = "create-intent"
    CONFIRM = "confirm"
    REFUND = "refund"
    WEBHOOK = "webhook"


@dataclass
class Marks:
    """What a step is known by on the wire: the booking, its intent once there is one, the client's key."""

    booking: UUID
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    intent: str = ""
    payment: UUID | None = None

    def on(self, text: bytes) -> bool:
        """Whether one of them is there, as PostgreSQL is told of it."""
        ids = [one.bytes for one in (self.booking, self.payment) if one]
        return any(mark in text for mark in (*ids, *(name.encode() for name in (self.key, self.intent) if name)))


@dataclass(frozen=True)
class Point:
    """A step, and at which of its messages it is cut short; where there are several such moments, a seed chooses."""

    step: Step
    at_stripe: bool
    moments: tuple[When, ...]

    def __str__(self) -> str:
        place = "its call to Stripe" if self.at_stripe else "a COMMIT"
        return f"{self.step}: {place}, {' or '.join(self.moments)}"

    def trap(self, marks: Marks, dice: random.Random, act: Callable[[], None]) -> Trap:
        """What springs there, for this booking alone."""
        when = dice.choice(self.moments)
        if self.at_stripe:
            return Trap(lambda message, _: _calls(message, self.step, marks), when, act)
        nth = dice.randint(1, 2 if self.step is Step.WEBHOOK else _COMMITS)
        return Trap(lambda message, story: _commits(message, story, marks), when, act, nth)


def _calls(message: bytes, step: Step, marks: Marks) -> bool:
    """Whether it is this step's POST to Stripe."""
    head, _, body = message.partition(b"\r\n\r\n")
    match step:
        case Step.CREATE:
            return head.startswith(b"POST /v1/payment_intents HTTP") and str(marks.booking).encode() in body
        case Step.CONFIRM:
            return head.startswith(f"POST /v1/payment_intents/{marks.intent}/confirm ".encode())
        case _:
            return head.startswith(b"POST /v1/refunds ") and marks.intent.encode() in body


def _commits(message: bytes, story: Sequence[bytes], marks: Marks) -> bool:
    return message == _COMMIT and marks.on(b"".join(story))


_EARLY, _LATE = (When.BEFORE, When.PASSED), (When.ANSWERED, When.HEARD)
POINTS = [
    *(Point(step, True, moments) for step in (Step.CREATE, Step.CONFIRM, Step.REFUND) for moments in (_EARLY, _LATE)),
    *(
        Point(step, False, (when,))
        for step in (Step.CREATE, Step.CONFIRM, Step.WEBHOOK)
        for when in (When.BEFORE, When.PASSED)
    ),
]
