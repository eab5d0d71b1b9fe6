"""The application's time: real time, plus the offset that the sandbox's clock door has set for everyone.

Tokens, holds, offers and idempotency keys follow this clock; rate limits and webhook tolerance keep real time.
SQL asks the same clock through the function `app_now()`, which every transaction feeds with the offset.
"""

from datetime import UTC, datetime, timedelta

__all__ = ["Clock"]


class Clock:
    """Now, as this installation has it. One instance a process; `offset` is zero in production."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC) + self.offset

    def real(self) -> datetime:
        """The machine's own present, whatever the sandbox says."""
        return datetime.now(UTC)
