"""What a payment provider must be able to do for us, in our own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from bookable.kernel.money import Money

__all__ = [
    "GatewayEvent",
    "GatewayIntent",
    "GatewayRefund",
    "IntentState",
    "PaymentGateway",
    "RefundState",
]


class IntentState(StrEnum):
    """Where the provider says an intent stands."""

    REQUIRES_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELLED = "canceled"


class RefundState(StrEnum):
    """Where the provider says a refund stands."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class GatewayIntent:
    """The provider's intent as it is now. `decline_code` is set when the last attempt was refused."""

    id: str
    state: IntentState
    amount: Money
    captured: int
    refunded: int
    client_secret: str
    metadata: Mapping[str, str]
    charge_id: str | None = None
    method_type: str | None = None
    card_brand: str | None = None
    last4: str | None = None
    decline_code: str | None = None
    disputed: bool = False
    capture_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class GatewayRefund:
    """The provider's refund as it is now."""

    id: str
    intent_id: str
    state: RefundState
    amount: Money
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """A webhook whose signature held: `object_id` is the intent, refund, account or payout it speaks of."""

    id: str
    type: str
    created: datetime
    intent_id: str | None
    payload: Mapping[str, Any]


class PaymentGateway(Protocol):
    """A payment provider. Every write takes our own idempotency key: the same key never acts twice.

    Raises `PaymentRefused` (errors) when the card is declined (the intent can be tried again),
    `Unavailable` when it is not known whether the call took effect: ask `intent()` before repeating
    with another key; repeating with the same key is always safe. `NotFound` for ids it does not know.
    """

    name: str
    publishable_key: str

    async def create_intent(
        self,
        amount: Money,
        *,
        key: str,
        metadata: Mapping[str, str],
        description: str | None = None,
        manual_capture: bool = False,
        tenant_id: UUID | None = None,
    ) -> GatewayIntent: ...

    async def confirm(self, intent_id: str, *, key: str, method: str | None = None) -> GatewayIntent: ...

    async def capture(self, intent_id: str, *, key: str, amount: int | None = None) -> GatewayIntent: ...

    async def cancel(self, intent_id: str, *, key: str) -> GatewayIntent: ...

    async def refund(
        self,
        intent_id: str,
        amount: Money,
        *,
        key: str,
        metadata: Mapping[str, str],
        reason: str | None = None,
    ) -> GatewayRefund: ...

    async def intent(self, intent_id: str) -> GatewayIntent: ...

    async def refunds(self, intent_id: str) -> list[GatewayRefund]:
        """Every refund of the intent, oldest first."""
        ...

    def verify(self, body: bytes, signature: str | None, *, secret: str) -> GatewayEvent:
        """The event in a signed webhook. Raises `InvalidSignature` (400) when the signature is missing,
        wrong, or its timestamp more than 300 s from real time in either direction."""
        ...

    async def aclose(self) -> None: ...
