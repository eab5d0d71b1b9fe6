"""A limit is a number of calls in a period; a standing is what is left of it."""

import math
import re
from dataclasses import dataclass

from bookable.kernel.errors import RateLimited

__all__ = ["Limit", "OverLimit", "Standing"]

_WRITTEN = re.compile(r"(\d+)\s*(?:/|per)\s*(\d*)\s*(second|minute|hour|day)s?", re.IGNORECASE)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls in so many seconds; `amount` None is no limit at all.

    An exact limit asks the store on every call and counts a moving window: never more than `amount` in
    any period. Another is counted here and told to the store in batches (see `RateLimiter`).
    """

    name: str
    amount: int | None
    seconds: int
    exact: bool = False

    @classmethod
    def parse(cls, name: str, text: str, *, exact: bool = False) -> "Limit":
        """From a setting such as `10/minute`, `100 per 5 minutes` or `off`. Raises ValueError."""
        if text.strip().lower() == "off":
            return cls(name, None, 1, exact)
        written = _WRITTEN.fullmatch(text.strip())
        if written is None:
            raise ValueError(f"{text!r} is no rate limit: write 10/minute, or off")
        amount, seconds = int(written[1]), int(written[2] or 1) * _SECONDS[written[3].lower()]
        if amount < 1 or seconds < 1:
            raise ValueError(f"{text!r} would let nobody in")
        return cls(name, amount, seconds, exact)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands; `reset_after` is in seconds. `limit` is None where there is none."""

    limit: int | None
    remaining: int
    reset_after: float

    def headers(self) -> dict[str, str]:
        """`RateLimit-Limit`, `-Remaining` and `-Reset`, in whole seconds; none where there is no limit."""
        if self.limit is None:
            return {}
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(math.ceil(self.reset_after)),
        }


class OverLimit(RateLimited):
    """Over a limit; `standing` says by which numbers, `retry_after` when the next call may get through."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(retry_after=max(1, math.ceil(standing.reset_after)))
        self.standing = standing
