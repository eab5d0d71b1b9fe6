"""What goes wrong with the next calls, on request."""

import re
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Fault", "Faults", "Mode"]


class Mode(StrEnum):
    """Where a call breaks. "Stored" as at Stripe: the same key gets the same 500 again for a day."""

    DOWN = "down"  # 503 before anything: no effect, nothing stored
    RATE_LIMIT = "rate_limit"  # 429: no effect, nothing stored
    RESET_BEFORE = "reset_before"  # the connection is cut: no effect, nothing stored
    ERROR_BEFORE = "error_before"  # 500 without the effect, stored
    ERROR_AFTER = "error_after"  # 500 after the effect, stored
    RESET_AFTER = "reset_after"  # the effect and the answer are there, the connection is cut
    HANG_BEFORE = "hang_before"  # `seconds` pass with the key claimed, then all is well
    HANG_AFTER = "hang_after"  # all is well, but the answer waits for `seconds`


@dataclass
class Fault:
    """`mode` for the next `times` calls whose "METHOD /path" matches the regular expression `match`."""

    mode: Mode
    times: int = 1
    match: str = ""
    seconds: float = 30.0


class Faults:
    """Faults in the order in which they were asked for; the first that matches is used up."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Behind those that wait already."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """All is well again."""
        self._waiting.clear()

    def take(self, call: str) -> Fault | None:
        """The fault of this call, if it has one."""
        for fault in self._waiting:
            if fault.times > 0 and re.search(fault.match, call):
                fault.times -= 1
                return fault
        return None
