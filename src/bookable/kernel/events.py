"""What has happened, told to whoever listens: in the same transaction, or afterwards in a job of their own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from bookable.kernel.actors import Actor
from bookable.kernel.jobs import defer

if TYPE_CHECKING:
    from bookable.kernel.db import Database, Transaction

__all__ = ["Chore", "Event", "Subscriptions", "Timed", "publish"]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact, in the past tense, with the ids that a listener needs to look the rest up. JSON through and through."""


E = TypeVar("E", bound=Event)
Job = Callable[..., Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Timed:
    """Work that comes round by the clock: a cron expression (with seconds), and whose turn it is."""

    cron: str
    task: str


@dataclass(frozen=True, slots=True)
class Chore:
    """Work of the whole house that comes round by the clock."""

    cron: str
    task: str
    handler: Callable[["Database"], Awaitable[object]]


@dataclass(slots=True)
class Subscriptions:
    """Who hears what. Built once by `bookable.subscriptions`, then only read."""

    inside: dict[type[Event], list[Callable[[Any, Any], Awaitable[object]]]] = field(default_factory=dict)
    later: dict[type[Event], list[str]] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    timetable: list[Timed] = field(default_factory=list)
    chores: list[Chore] = field(default_factory=list)

    def within(self, event: type[E], handler: Callable[["Transaction", E], Awaitable[object]]) -> None:
        """`handler(tx, event)` is part of the publisher's own transaction, and fails with it."""
        self.inside.setdefault(event, []).append(handler)

    def after(self, event: type[E], task: str, handler: Callable[["Database", Actor, E], Awaitable[object]]) -> None:
        """`handler(db, system, event)` runs in a job once the publisher has committed; at least once, so idempotent."""

        async def job(db: "Database", actor: Actor, *, event_data: dict[str, Any]) -> None:
            await handler(db, actor, msgspec.convert(event_data, event))

        self.job(task, job)
        self.later.setdefault(event, []).append(task)

    def job(self, task: str, handler: Job) -> None:
        """`handler(db, system, **args)` does what `defer(tx, task, **args)` asked for."""
        if task in self.jobs:
            raise ValueError(f"two jobs are called {task}")
        self.jobs[task] = handler

    def every(self, cron: str, task: str, handler: Job) -> None:
        """`handler(db, system)` runs for every tenant when `cron` comes round."""
        self.job(task, handler)
        self.timetable.append(Timed(cron, task))

    def once(self, cron: str, task: str, handler: Callable[["Database"], Awaitable[object]]) -> None:
        """`handler(db)` runs once when `cron` comes round, whatever the number of tenants and of processes. Failing,
        it is tried again as jobs are, and is a dead letter in the end; what it has done it must not do again."""
        self.chores.append(Chore(cron, task, handler))


async def publish(tx: "Transaction", event: Event) -> None:
    """Tell everyone who listens. What they do within the transaction stands or falls with it."""
    heard = tx.subscriptions
    for handler in heard.inside.get(type(event), ()):
        await handler(tx, event)
    for task in heard.later.get(type(event), ()):
        defer(tx, task, event_data=msgspec.to_builtins(event))
