"""What stands at the root of the server works with: the house's own parts, and the sandbox's doors."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from bookable.domain import media
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.jobs.workshop import Workshop
from bookable.kernel.security.tokens import AccessTokens
from bookable.kernel.tenants import Directory

from .doors import Faults, Mailbox, Payer

__all__ = ["RootPorts", "SandboxPorts"]


@dataclass(frozen=True, slots=True)
class SandboxPorts:
    """The doors that exist outside production only."""

    workshop: Workshop
    save_clock: Callable[[timedelta], Awaitable[None]]
    mailbox: Mailbox
    payer: Payer
    faults: Faults


@dataclass(frozen=True, slots=True)
class RootPorts:
    """Health, pictures, keys and pages. `kinds` have a storefront; `sandbox` is None in production.

    `cache_answers` asks Valkey for a pong.
    """

    db: Database
    clock: Clock
    tenants: Directory
    pictures: media.Store
    access: AccessTokens
    kinds: frozenset[str]
    cache_answers: Callable[[], Awaitable[None]]
    sandbox: SandboxPorts | None
