"""What a payment provider must be able to do for us, in our own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from bookable.kernel.money import Money

from .errors import InvalidSignature, KeyReused, PaymentRefused, RefundTooLarge

__all__ = [
    "GatewayAccount",
    "GatewayEvent",
    "GatewayIntent",
    "GatewayRefund",
    "IntentState",
    "InvalidSignature",
    "KeyReused",
    "PaymentGateway",
    "PaymentRefused",
    "RefundState",
    "RefundTooLarge",
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
    """The provider's intent as it is now.

    `captured` and `refunded` are minor units that really moved: an authorisation given back is neither.
    `decline_code` says why the last attempt was refused; `capture_before` when a hold lapses by itself.
    """

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
class GatewayAccount:
    """Where a payee's money goes, and whether the provider lets it."""

    id: str
    charges_enabled: bool
    payouts_enabled: bool


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """A webhook whose signature held. `object_id` is the intent, charge, refund, dispute, account or payout
    it speaks of, `intent_id` the intent behind it. It may come twice, late or out of order: ask `intent()`.

    `amount`, `status` and `metadata` are the object's own, `account_id` the connected account it happened in,
    `account` what an event of an account says.
    """

    id: str
    type: str
    created: datetime
    object_id: str
    intent_id: str | None
    payload: Mapping[str, Any]
    amount: Money | None = None
    status: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    account_id: str | None = None
    account: GatewayAccount | None = None


class PaymentGateway(Protocol):
    """A payment provider. Every write takes our own idempotency key: the same key never acts twice.

    A verb that finds the intent already where it leads answers it as it is. Raises

    - `PaymentRefused`: the card was declined; `details.reason` says why, the intent can be tried again;
    - `Unavailable`: not known whether it took effect. The same key is always safe to repeat, for 24 hours.
      A provider may answer the same failure each time: look with `intent()` or `refunds()` (by metadata)
      whether it happened, and only when it did not, go on with a new key;
    - `KeyReused`: the key was first used with other parameters;
    - `InvalidState`: the intent stands where the verb can't be done;
    - `RefundTooLarge`: more than what is captured and not yet refunded;
    - `NotFound`: the provider knows no such intent.
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

    async def capture(self, intent_id: str, *, key: str, amount: Money | None = None) -> GatewayIntent:
        """All of what is held, or `amount` of it; the rest goes back to the card. Once per intent."""
        ...

    async def cancel(self, intent_id: str, *, key: str) -> GatewayIntent:
        """An intent that took no money yet; what was held goes back to the card."""
        ...

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
        """Every refund of captured money, oldest first, also those that failed."""
        ...

    def verify(self, body: bytes, signature: str | None, *, secret: str) -> GatewayEvent:
        """The event in a signed webhook. Raises `InvalidSignature` (400) when the signature is missing,
        wrong, or its timestamp more than 300 s from real time in either direction; `Malformed` when what
        was rightly signed is not an event."""
        ...

    async def aclose(self) -> None: ...
