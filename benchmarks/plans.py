"""What the load generator sends: one request many times over, with something different in each where it matters."""

from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ["Order", "Outcome", "Plan"]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A request as a template: `{name}` in path, headers and body stands for what the request's choices call so.

    The n-th request counts through all combinations of `counted`, the first fastest, so that no two are alike;
    from each of `cycled` it takes the n-th choice, over and over. `{n}` is the number itself.
    """

    method: str
    path: str
    expects: int
    headers: dict[str, str] = {}
    body: str = ""
    counted: list[list[dict[str, str]]] = []
    cycled: list[list[dict[str, str]]] = []

    def raw(self, n: int) -> bytes:
        """The n-th request, as it goes over the wire."""
        picked = self._picked(n)
        body = _filled(self.body, picked).encode()
        lines = [f"{self.method} {_filled(self.path, picked)} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {_filled(value, picked)}" for name, value in self.headers.items()]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join((*lines, "", "")).encode() + body

    def _picked(self, n: int) -> dict[str, str]:
        picked = {"n": str(n)}
        for choices in self.cycled:
            picked |= choices[n % len(choices)]
        for choices in self.counted:
            n, at = divmod(n, len(choices))
            picked |= choices[at]
        return picked


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One window of load: until so many seconds are over or so many requests are made. `start`: the first number."""

    port: int
    plan: Plan
    connections: int = 32
    seconds: float = 1.0
    start: int = 0
    requests: int | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: how many answers by status, and how long they took in milliseconds. 0: no answer at all."""

    sent: int
    seconds: float
    statuses: dict[int, int]
    p50: float
    p99: float
    longest: float

    @property
    def per_second(self) -> float:
        return self.sent / self.seconds

    def all_were(self, status: int) -> bool:
        """Whether every answer was the one that was expected."""
        return self.statuses == {status: self.sent}

    def facts(self) -> Mapping[str, Any]:
        """For the result file."""
        found: dict[str, Any] = msgspec.to_builtins(self, str_keys=True)
        return found


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text
