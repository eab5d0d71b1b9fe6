"""Stripe's objects as ours."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import stripe

from bookable.domain.payments.ports import GatewayEvent, GatewayIntent, GatewayRefund, IntentState, RefundState
from bookable.integrations import webhook_events
from bookable.integrations.stripe.amounts import from_wire

__all__ = ["event", "intent", "refund", "refunds"]

_REFUND_STATES = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}


def intent(found: stripe.PaymentIntent) -> GatewayIntent:
    """From a PaymentIntent whose `latest_charge` was expanded."""
    wire: dict[str, Any] = found.to_dict()
    charge: dict[str, Any] = wire.get("latest_charge") or {}
    details = charge.get("payment_method_details") or {}
    method = details.get("type")
    how = details.get(method) or {}
    currency = wire["currency"]
    return GatewayIntent(
        id=wire["id"],
        state=IntentState(wire["status"]),
        amount=from_wire(wire["amount"], currency),
        captured=from_wire(wire["amount_received"], currency).amount,
        refunded=from_wire(_refunded(charge), currency).amount,
        client_secret=wire.get("client_secret") or "",
        metadata=wire.get("metadata") or {},
        charge_id=charge.get("id"),
        method_type=method,
        card_brand=how.get("brand"),
        last4=how.get("last4"),
        decline_code=_decline(wire.get("last_payment_error")),
        disputed=bool(charge.get("disputed")),
        capture_before=_instant(how.get("capture_before")),
    )


def refund(found: stripe.Refund) -> GatewayRefund:
    """From a Refund; Stripe's `canceled` is a failure too: the money stayed."""
    wire: dict[str, Any] = found.to_dict()
    return GatewayRefund(
        id=wire["id"],
        intent_id=wire.get("payment_intent") or "",
        state=_REFUND_STATES.get(wire["status"], RefundState.PENDING),
        amount=from_wire(wire["amount"], wire["currency"]),
        metadata=wire.get("metadata") or {},
    )


def refunds(newest_first: list[stripe.Refund]) -> list[GatewayRefund]:
    """Those that give captured money back, oldest first; `charge` was expanded."""
    oldest_first = newest_first[::-1]
    release = next((r for r in oldest_first if _is_release(r.to_dict())), None)
    return [refund(r) for r in oldest_first if r is not release]


def event(body: bytes) -> GatewayEvent:
    """From the body of a webhook. Raises `Malformed` when it is not an event of the v1 API."""
    return webhook_events.read(body, from_wire)


def _refunded(charge: Mapping[str, Any]) -> int:
    # Stripe counts the part of a hold that was never captured as refunded, too.
    if not charge.get("captured"):
        return 0
    return max(0, int(charge["amount_refunded"]) - _released(charge))


def _released(charge: Mapping[str, Any]) -> int:
    return int(charge["amount"]) - int(charge["amount_captured"])


def _is_release(wire: Mapping[str, Any]) -> bool:
    # What gives back an uncaptured hold bears no word of ours and is exactly the part not captured.
    charge = wire.get("charge") or {}
    released = _released(charge) if charge else 0
    return bool(released) and wire["amount"] == released and not wire.get("metadata")


def _decline(failure: Mapping[str, Any] | None) -> str | None:
    return (failure.get("decline_code") or failure.get("code")) if failure else None


def _instant(unix: int | None) -> datetime | None:
    return datetime.fromtimestamp(unix, UTC) if unix else None
