"""The sandbox's objects and events as Stripe would send them, with our minor units."""

import json
import secrets
from typing import Any

from .cards import find
from .intents import Charge, Intent, Returned

__all__ = ["event"]

Json = dict[str, Any]


def event(kind: str, intent: Intent, now: int, *, refund: Returned | None = None) -> tuple[str, bytes]:
    """The event's id and the body of its webhook."""
    made = {
        "id": f"evt_{secrets.token_hex(12)}",
        "object": "event",
        "created": now,
        "livemode": False,
        "pending_webhooks": 1,
        "type": kind,
        "data": {"object": _object(kind, intent, refund)},
        "request": {"id": None, "idempotency_key": None},
    }
    return str(made["id"]), json.dumps(made, indent=2).encode()


def _object(kind: str, intent: Intent, refund: Returned | None) -> Json:
    if kind.startswith("charge.dispute.") and intent.charge:
        return _dispute(intent, intent.charge)
    if kind.startswith("charge.") and intent.charge:
        return _charge(intent, intent.charge)
    if kind.startswith("refund.") and refund:
        return _refund(intent, refund)
    return _intent(intent)


def _intent(intent: Intent) -> Json:
    failure = {"type": "card_error", "code": "card_declined", "decline_code": intent.decline_code}
    return {
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.amount,
        "amount_received": intent.charge.captured if intent.charge else 0,
        "capture_method": "manual" if intent.manual_capture else "automatic",
        "created": intent.created,
        "currency": intent.currency.lower(),
        "description": intent.description,
        "last_payment_error": failure if intent.decline_code else None,
        "latest_charge": intent.charge.id if intent.charge else None,
        "metadata": intent.metadata,
        "payment_method": intent.method,
        "status": intent.state.value,
    }


def _charge(intent: Intent, charge: Charge) -> Json:
    card = find(intent.method) if intent.method else None
    details = {"type": "card", "card": {"brand": card.brand, "last4": card.last4}} if card else None
    return {
        "id": charge.id,
        "object": "charge",
        "amount": intent.amount,
        "amount_captured": charge.captured,
        "amount_refunded": intent.refunded,
        "captured": charge.captured > 0,
        "currency": intent.currency.lower(),
        "disputed": charge.dispute_id is not None,
        "metadata": intent.metadata,
        "payment_intent": intent.id,
        "payment_method_details": details,
        "refunded": charge.captured > 0 and intent.refunded == charge.captured,
        "status": charge.status,
    }


def _refund(intent: Intent, refund: Returned) -> Json:
    return {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "charge": intent.charge.id if intent.charge else None,
        "currency": intent.currency.lower(),
        "metadata": refund.metadata,
        "payment_intent": intent.id,
        "status": "succeeded",
    }


def _dispute(intent: Intent, charge: Charge) -> Json:
    return {
        "id": charge.dispute_id,
        "object": "dispute",
        "amount": charge.captured,
        "charge": charge.id,
        "currency": intent.currency.lower(),
        "metadata": {},
        "payment_intent": intent.id,
        "reason": "fraudulent",
        "status": "needs_response",
    }
