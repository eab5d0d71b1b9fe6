"""A job that failed is tried again later and later; one that never works out waits among the dead letters."""

import random

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from bookable.kernel.db import TransactionConflict

__all__ = ["Patience"]

_TRIES = 12
_LONGEST = 6 * 3600


class Patience(BaseRetryStrategy):
    """Twelve tries over about half a day: 1 s, doubling to 6 h, with jitter; a mere meeting of transactions at once."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to try again; None gives up, and the job stays to be looked at (`bookable jobs list`)."""
        if job.attempts + 1 >= _TRIES:
            return None
        if isinstance(exception, TransactionConflict):
            return RetryDecision(retry_in={"seconds": 1})
        seconds = min(2 ** (1.3 * job.attempts), _LONGEST) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter
        return RetryDecision(retry_in={"seconds": max(1, round(seconds))})
