"""The verbs of the port as calls to Stripe's v1 API."""

import time
from collections.abc import Awaitable, Collection, Mapping
from typing import Final
from uuid import UUID

import stripe
from stripe.params import (
    PaymentIntentCaptureParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    RefundCreateParams,
    RefundListParams,
)

from bookable.domain.payments.ports import (
    GatewayEvent,
    GatewayIntent,
    GatewayRefund,
    IntentState,
    PaymentGateway,
    RefundTooLarge,
)
from bookable.integrations import signatures
from bookable.integrations.stripe import reading
from bookable.integrations.stripe.amounts import to_wire
from bookable.integrations.stripe.failures import UNEXPECTED_STATE, translated
from bookable.kernel.errors import InvalidState
from bookable.kernel.money import Money

__all__ = ["StripeGateway"]

_CHARGE: Final = ["latest_charge"]
_OPEN: Final = (IntentState.REQUIRES_METHOD, IntentState.REQUIRES_CONFIRMATION, IntentState.REQUIRES_ACTION)
_HELD: Final = (IntentState.REQUIRES_CAPTURE,)
_CAPTURED: Final = (IntentState.SUCCEEDED,)
_PAID: Final = (IntentState.PROCESSING, *_HELD, *_CAPTURED)
_CANCELLED: Final = (IntentState.CANCELLED,)
_REASONS: Final = frozenset({"duplicate", "fraudulent", "requested_by_customer"})


class StripeGateway(PaymentGateway):
    """Stripe behind our port. Each call is tried three times in all, with one key, before `Unavailable`."""

    name = "stripe"

    def __init__(
        self,
        secret_key: str,
        *,
        publishable_key: str = "",
        api_base: str | None = None,
        timeout: float = 10.0,
    ) -> None:
        self.publishable_key = publishable_key
        self._http = stripe.HTTPXClient(timeout=timeout)
        client = stripe.StripeClient(
            secret_key,
            http_client=self._http,
            max_network_retries=2,
            base_addresses={"api": api_base} if api_base else None,
        )
        self._intents = client.v1.payment_intents
        self._refunds = client.v1.refunds

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
        params: PaymentIntentCreateParams = {
            "amount": to_wire(amount.amount, amount.currency),
            "currency": amount.currency.lower(),
            "capture_method": "manual" if manual_capture else "automatic",
            # Without redirects a confirmation needs no return address, so that the server can confirm.
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {**metadata, **whose},
            "expand": _CHARGE,
        }
        if description:
            params["description"] = description
        with translated():
            return reading.intent(await self._intents.create_async(params, {"idempotency_key": key}))

    async def confirm(self, intent_id: str, *, key: str, method: str | None = None) -> GatewayIntent:
        params: PaymentIntentConfirmParams = {"expand": _CHARGE}
        if method:
            params["payment_method"] = method
        call = self._intents.confirm_async(intent_id, params, {"idempotency_key": key})
        return await self._move(intent_id, call, to=_PAID, allowed=_OPEN)

    async def capture(self, intent_id: str, *, key: str, amount: Money | None = None) -> GatewayIntent:
        params: PaymentIntentCaptureParams = {"expand": _CHARGE}
        if amount is not None:
            params["amount_to_capture"] = to_wire(amount.amount, amount.currency)
        call = self._intents.capture_async(intent_id, params, {"idempotency_key": key})
        taken = await self._move(intent_id, call, to=_CAPTURED, allowed=_HELD)
        if amount is not None and taken.captured != amount.amount:
            raise InvalidState(taken.state, list(_HELD), "Another amount was captured before.")
        return taken

    async def cancel(self, intent_id: str, *, key: str) -> GatewayIntent:
        call = self._intents.cancel_async(intent_id, {"expand": _CHARGE}, {"idempotency_key": key})
        return await self._move(intent_id, call, to=_CANCELLED, allowed=[*_OPEN, *_HELD])

    async def refund(
        self,
        intent_id: str,
        amount: Money,
        *,
        key: str,
        metadata: Mapping[str, str],
        reason: str | None = None,
    ) -> GatewayRefund:
        why = {"reason": reason[:500]} if reason and reason not in _REASONS else {}
        params: RefundCreateParams = {
            "payment_intent": intent_id,
            "amount": to_wire(amount.amount, amount.currency),
            "metadata": {**metadata, **why},
        }
        if reason in _REASONS:
            params["reason"] = reason
        with translated(missing="payment_intent"):
            try:
                return reading.refund(await self._refunds.create_async(params, {"idempotency_key": key}))
            except stripe.InvalidRequestError as error:
                if error.code is None or error.code == UNEXPECTED_STATE:
                    await self._require_refundable(intent_id, amount)
                raise

    async def intent(self, intent_id: str) -> GatewayIntent:
        with translated():
            return reading.intent(await self._intents.retrieve_async(intent_id, {"expand": _CHARGE}))

    async def refunds(self, intent_id: str) -> list[GatewayRefund]:
        params: RefundListParams = {"payment_intent": intent_id, "limit": 100, "expand": ["data.charge"]}
        with translated(missing="payment_intent"):
            pages = await self._refunds.list_async(params)
            return reading.refunds([found async for found in pages.auto_paging_iter()])

    def verify(self, body: bytes, signature: str | None, *, secret: str) -> GatewayEvent:
        # Real time, not the application's clock: the sender knows no other.
        signatures.verify(body, signature, secret, now=time.time())
        return reading.event(body)

    async def aclose(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK left it untyped

    async def _require_refundable(self, intent_id: str, amount: Money) -> None:
        # Stripe has no code for "greater than unrefunded amount", so the intent itself must say what is wrong.
        found = await self.intent(intent_id)
        if not found.captured:
            raise InvalidState(found.state, list(_CAPTURED))
        if amount.amount > found.captured - found.refunded:
            raise RefundTooLarge

    async def _move(
        self,
        intent_id: str,
        call: Awaitable[stripe.PaymentIntent],
        *,
        to: Collection[IntentState],
        allowed: Collection[IntentState],
    ) -> GatewayIntent:
        """What the call answers; or the intent as it is, when it already stands where the call leads."""
        with translated():
            try:
                return reading.intent(await call)
            except stripe.InvalidRequestError as error:
                if error.code != UNEXPECTED_STATE:
                    raise
        found = await self.intent(intent_id)
        if found.state not in to:
            raise InvalidState(found.state, list(allowed))
        return found
