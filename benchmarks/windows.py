"""Windows of load in turn, reference and candidate, so that what the machine does meanwhile hits both alike."""

from statistics import median

from benchmarks.load import Generator
from benchmarks.plans import Order, Outcome, Plan
from benchmarks.stacks import Stack

__all__ = ["Series", "WrongAnswers"]


class WrongAnswers(Exception):
    """Something else than the expected status was answered: there is no figure."""


class Series:
    """One stack answering one kind of request, window after window, from the plan's `start`-th request on."""

    def __init__(self, stack: Stack, plan: Plan, generator: Generator, *, start: int = 0) -> None:
        self.stack = stack
        self.plan = plan
        self._generator = generator
        self._sent = start
        self.cpu_us: list[float] = []
        self.per_second: list[float] = []
        self.p50: list[float] = []
        self.p99: list[float] = []

    def warm_up(self, seconds: float) -> None:
        """Load that counts for nothing."""
        self._load(seconds)

    def window(self, seconds: float) -> None:
        """Load that counts."""
        before = self.stack.server.cpu
        outcome = self._load(seconds)
        self.cpu_us.append((self.stack.server.cpu - before) / outcome.sent * 1e6)
        self.per_second.append(outcome.per_second)
        self.p50.append(outcome.p50)
        self.p99.append(outcome.p99)

    def _load(self, seconds: float) -> Outcome:
        order = Order(port=self.stack.server.port, plan=self.plan, seconds=seconds, start=self._sent)
        outcome = self._generator.run(order)
        self._sent += outcome.sent
        if not outcome.all_were(self.plan.expects):
            raise WrongAnswers(f"{self.stack.name}, {self.plan.method} {self.plan.path}: {outcome.statuses}")
        return outcome

    def facts(self) -> dict[str, float]:
        """The medians."""
        return {
            "cpu_us": round(median(self.cpu_us), 1),
            "per_second": round(median(self.per_second), 1),
            "p50_ms": round(median(self.p50), 2),
            "p99_ms": round(median(self.p99), 2),
        }
