"""The payment provider that needs no account: our port over intents of its own, with Stripe's manners."""

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from bookable.domain.payments.ports import GatewayEvent, GatewayIntent, GatewayRefund, PaymentGateway, PaymentRefused
from bookable.integrations import signatures, webhook_events
from bookable.kernel.db import Database, Transaction
from bookable.kernel.money import Money

from ..faults import strike
from . import store
from .intents import Intent

__all__ = ["SandboxGateway"]

Answer = dict[str, Any]


class SandboxGateway(PaymentGateway):
    """Stateful and shared by every process; its webhooks leave as jobs, signed as Stripe's are."""

    name = "sandbox"
    publishable_key = "pk_sandbox"

    def __init__(self, db: Database) -> None:
        self._db = db

    async def create_intent(
        self,
        amount: Money,
        *,
        key: str,
        metadata: Mapping[str, str],
        description: str | None = None,
        manual_capture: bool = False,
        tenant_id: UUID | None = None,
    ) -> GatewayIntent:
        whose = {"tenant_id": str(tenant_id)} if tenant_id else {}
        question = {
            "create": [amount.amount, amount.currency, manual_capture, description],
            "metadata": {**metadata, **whose},
        }

        async def deed(tx: Transaction) -> Answer:
            name = f"pi_{secrets.token_hex(12)}"
            made = Intent(
                id=name,
                tenant_id=str(tenant_id) if tenant_id else None,
                amount=amount.amount,
                currency=amount.currency,
                manual_capture=manual_capture,
                client_secret=f"{name}_secret_{secrets.token_hex(12)}",
                metadata={**metadata, **whose},
                created=int(tx.clock.now().timestamp()),
                description=description,
            )
            await store.save_new(tx, made)
            return _answer(made)

        return await self._once(key, question, deed)

    async def confirm(self, intent_id: str, *, key: str, method: str | None = None) -> GatewayIntent:
        async def deed(tx: Transaction) -> Answer:
            intent = await store.load(tx, intent_id, to_change=True)
            events = intent.confirm(method, int(tx.clock.now().timestamp()))
            await store.change(tx, intent, events)
            declined = "payment_intent.payment_failed" in events
            return {"refused": intent.decline_code} if declined else _answer(intent)

        return await self._once(key, {"confirm": intent_id, "method": method}, deed)

    async def capture(self, intent_id: str, *, key: str, amount: Money | None = None) -> GatewayIntent:
        async def deed(tx: Transaction) -> Answer:
            intent = await store.load(tx, intent_id, to_change=True)
            await store.change(tx, intent, intent.capture(amount.amount if amount else None))
            return _answer(intent)

        return await self._once(key, {"capture": intent_id, "amount": str(amount)}, deed)

    async def cancel(self, intent_id: str, *, key: str) -> GatewayIntent:
        async def deed(tx: Transaction) -> Answer:
            intent = await store.load(tx, intent_id, to_change=True)
            await store.change(tx, intent, intent.cancel())
            return _answer(intent)

        return await self._once(key, {"cancel": intent_id}, deed)

    async def refund(
        self,
        intent_id: str,
        amount: Money,
        *,
        key: str,
        metadata: Mapping[str, str],
        reason: str | None = None,
    ) -> GatewayRefund:
        async def deed(tx: Transaction) -> Answer:
            intent = await store.load(tx, intent_id, to_change=True)
            made = intent.refund(amount.amount, dict(metadata), reason)
            await store.change(tx, intent, ["refund.created", "charge.refunded"], refund=made)
            return {"refund": msgspec.to_builtins(intent.seen_refund(made))}

        question = {"refund": intent_id, "amount": str(amount), "metadata": dict(metadata), "reason": reason}
        async with strike(self._db, "stripe"):
            given = await store.once(self._db, key, question, deed)
        return msgspec.convert(given["refund"], GatewayRefund)

    async def intent(self, intent_id: str) -> GatewayIntent:
        return (await self._look(intent_id)).seen()

    async def refunds(self, intent_id: str) -> list[GatewayRefund]:
        intent = await self._look(intent_id)
        return [intent.seen_refund(one) for one in intent.refunds]

    def verify(self, body: bytes, signature: str | None, *, secret: str) -> GatewayEvent:
        # Real time, not the application's clock: the sender of a webhook knows no other.
        signatures.verify(body, signature, secret, now=time.time())
        return webhook_events.read(body, lambda amount, currency: Money(amount, currency.upper()))

    async def aclose(self) -> None:
        """The pool is the application's; there is nothing to let go of."""

    async def _look(self, intent_id: str) -> Intent:
        async with strike(self._db, "stripe"), self._db.transaction(store.outside) as tx:
            return await store.load(tx, intent_id)

    async def _once(
        self, key: str, question: dict[str, Any], deed: Callable[[Transaction], Awaitable[Answer]]
    ) -> GatewayIntent:
        async with strike(self._db, "stripe"):
            given = await store.once(self._db, key, question, deed)
            if "refused" in given:
                raise PaymentRefused(details={"reason": given["refused"]})
        return msgspec.convert(given["intent"], GatewayIntent)


def _answer(intent: Intent) -> Answer:
    return {"intent": msgspec.to_builtins(intent.seen())}
