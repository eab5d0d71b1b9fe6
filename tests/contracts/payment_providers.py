"""The providers that the payment contract runs over: each with a gateway, a payer to act, and its webhooks."""

import asyncio
from typing import Protocol
from uuid import UUID

import asyncpg

from bookable.domain.payments.ports import GatewayEvent, PaymentGateway
from bookable.integrations import sandbox
from bookable.integrations.stripe import StripeGateway
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from tests.doubles.receiver import Received, Receiver
from tests.doubles.stripe import StripeDouble

__all__ = ["PaymentProvider", "SandboxProvider", "StripeProvider", "events"]


class PaymentProvider(Protocol):
    """A provider in the hand of a test. The acts of the payer send the webhooks that go with them."""

    gateway: PaymentGateway
    secret: str
    """Signs the webhooks."""

    async def succeed(self, intent_id: str) -> None: ...

    async def fail(self, intent_id: str) -> None: ...

    async def authenticate(self, intent_id: str) -> None: ...

    async def expire_authorization(self, intent_id: str) -> None: ...

    async def dispute(self, intent_id: str) -> None: ...

    async def lose_answers(self) -> None:
        """From now on calls take effect, but their answers get lost, until `heal`."""

    async def heal(self) -> None: ...

    async def deliveries(self) -> list[Received]:
        """The webhooks sent since the last time, in the order they came, with header and body as they came."""
        ...

    async def intents(self, booking: str) -> int:
        """How many intents there are whose metadata has this `booking`."""
        ...


class StripeProvider:
    """The live adapter, with Stripe's double at the other end."""

    def __init__(self, double: StripeDouble, receiver: Receiver) -> None:
        self.double = double
        self.receiver = receiver
        self.secret = "whsec_contract"
        self.gateway: PaymentGateway = StripeGateway(double.secret_key, publishable_key="pk_test", api_base=double.url)
        double.deliver_to(receiver.url, self.secret)

    async def succeed(self, intent_id: str) -> None:
        self.double.payer.succeed(intent_id)

    async def fail(self, intent_id: str) -> None:
        self.double.payer.fail(intent_id)

    async def authenticate(self, intent_id: str) -> None:
        self.double.payer.authenticate(intent_id)

    async def expire_authorization(self, intent_id: str) -> None:
        self.double.payer.expire_authorization(intent_id)

    async def dispute(self, intent_id: str) -> None:
        self.double.payer.dispute(intent_id)

    async def lose_answers(self) -> None:
        self.double.inject("reset_after", times=1_000, match="POST")

    async def heal(self) -> None:
        self.double.heal()

    async def deliveries(self) -> list[Received]:
        await asyncio.to_thread(self.double.webhooks.drain)
        return self.receiver.take()

    async def intents(self, booking: str) -> int:
        return len(self.double.intents(booking=booking))


class SandboxProvider:
    """The sandbox, whose webhooks are sent to a receiver over real HTTP when they are asked for."""

    def __init__(self, db: Database, receiver: Receiver) -> None:
        self._db = db
        self._receiver = receiver
        self.secret = "whsec_contract"
        self.gateway: PaymentGateway = sandbox.SandboxGateway(db)
        self._send = sandbox.OverHttp(lambda _: receiver.url)
        self._payer = sandbox.Payer(db, self.secret, self._send)
        self._faults = sandbox.Faults(db)

    async def succeed(self, intent_id: str) -> None:
        await self._payer.act(intent_id, "succeed")

    async def fail(self, intent_id: str) -> None:
        await self._payer.act(intent_id, "fail")

    async def authenticate(self, intent_id: str) -> None:
        await self._payer.act(intent_id, "authenticate")

    async def expire_authorization(self, intent_id: str) -> None:
        await self._payer.act(intent_id, "expire-authorization")

    async def dispute(self, intent_id: str) -> None:
        await self._payer.act(intent_id, "dispute")

    async def lose_answers(self) -> None:
        await self._faults.order("stripe", "error-after-effect", 1_000)

    async def heal(self) -> None:
        await self._faults.clear()

    async def deliveries(self) -> list[Received]:
        for row in await self._rows("SELECT id FROM sandbox_deliveries WHERE delivered_at IS NULL ORDER BY id"):
            await self._payer.deliver(self._db, Actor.nobody(UUID(int=0)), delivery_id=str(row["id"]))
        return self._receiver.take()

    async def intents(self, booking: str) -> int:
        about = "SELECT id FROM sandbox_intents WHERE state->'metadata'->>'booking' = $1"
        return len(await self._rows(about, booking))

    async def close(self) -> None:
        await self.heal()
        await self._send.aclose()

    async def _rows(self, statement: str, *args: str) -> list[asyncpg.Record]:
        async with self._db.pool.acquire() as conn:
            return list(await conn.fetch(statement, *args))


def events(provider: PaymentProvider, deliveries: list[Received]) -> list[GatewayEvent]:
    """The deliveries as the gateway reads them, each signature checked."""
    return [
        provider.gateway.verify(one.body, one.headers.get("stripe-signature"), secret=provider.secret)
        for one in deliveries
    ]
