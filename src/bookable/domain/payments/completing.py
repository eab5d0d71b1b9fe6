"""What nobody waits for any more is brought to its end: calls cut short, refunds unsent, webhooks that never came."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.logs import get_logger

from . import queries
from .inbox import handle_event
from .opening import LEASE
from .ports import PaymentGateway
from .records import Payment
from .refunding import send_refund
from .settling import advance

__all__ = ["Jobs", "complete_abandoned", "reconcile"]

_A_DAY = timedelta(days=1)
_OFTEN = timedelta(minutes=2)
_SELDOM = timedelta(hours=2)
_AT_MOST = timedelta(days=8)
"""Longer than any authorisation lasts; after that the provider has nothing new to say of an unpaid intent."""

T = TypeVar("T")
_log = get_logger("payments")


async def complete_abandoned(db: Database, system: Actor, gateway: PaymentGateway) -> int:
    """Find out what became of the calls whose caller is gone, send refunds that are still pending, and work off
    webhooks whose job was lost; answers how many. Meant to run every ten seconds."""
    async with db.transaction(system) as tx:
        left = await tx.all(queries.abandoned, provider=gateway.name)
        unsent = await tx.all(queries.unsent, lease=LEASE)
        unhandled = await tx.all(queries.unhandled, provider=gateway.name, lease=LEASE, at_most=_A_DAY)
    done = await _each(left, lambda payment: _find_out(db, system, gateway, payment))
    done += await _each(unsent, lambda refund_id: send_refund(db, system, gateway, refund_id))
    done += await _each(unhandled, lambda event_id: handle_event(db, system, gateway, event_id))
    return done


async def reconcile(db: Database, system: Actor, gateway: PaymentGateway) -> int:
    """Ask for payments of which nothing was heard for a while, in case a webhook was missed for good; answers
    how many. Meant to run every minute."""
    async with db.transaction(system) as tx:
        quiet = await tx.all(queries.unheard_of, provider=gateway.name, often=_OFTEN, seldom=_SELDOM, at_most=_AT_MOST)
    return await _each(quiet, lambda payment_id: advance(db, system, gateway, payment_id))


async def _find_out(db: Database, system: Actor, gateway: PaymentGateway, payment: Payment) -> None:
    if payment.intent_id is None:
        # The call made an intent that nobody knows, or none: either takes no money.
        async with db.transaction(system) as tx:
            await tx.run(queries.release, id=payment.id, attempt_was=payment.attempt)
        return
    await advance(db, system, gateway, payment.id, attempt=payment.attempt)


async def _each(found: Iterable[T], deed: Callable[[T], Awaitable[object]]) -> int:
    """One that fails is left for the next round, and stops no other."""
    done = 0
    for one in found:
        try:
            await deed(one)
            done += 1
        except Exception as error:  # noqa: BLE001 - told, and found again in the next round
            _log.warning("not_completed", what=type(one).__name__, error=type(error).__name__)
    return done


class Jobs:
    """The module's work for later, with the gateway it is done at: names and timetable are in `subscriptions`."""

    def __init__(self, gateway: PaymentGateway) -> None:
        self._gateway = gateway

    async def send_refund(self, db: Database, system: Actor, *, refund_id: str) -> None:
        await send_refund(db, system, self._gateway, UUID(refund_id))

    async def handle_event(self, db: Database, system: Actor, *, event_id: str) -> None:
        await handle_event(db, system, self._gateway, event_id)

    async def complete_abandoned(self, db: Database, system: Actor) -> None:
        await complete_abandoned(db, system, self._gateway)

    async def reconcile(self, db: Database, system: Actor) -> None:
        await reconcile(db, system, self._gateway)
