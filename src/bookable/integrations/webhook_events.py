"""Webhooks in Stripe's shape as our events: Stripe's own, and those of the sandbox."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bookable.domain.payments.ports import GatewayAccount, GatewayEvent
from bookable.kernel.errors import Malformed
from bookable.kernel.money import Money

__all__ = ["read"]


def read(body: bytes, money: Callable[[int, str], Money]) -> GatewayEvent:
    """From the body of a webhook; `money` reads the provider's amounts. Raises `Malformed` when it is no event of
    the v1 API."""
    try:
        wire = json.loads(body)
        told = wire["data"]["object"]
        return GatewayEvent(
            id=_text(wire["id"]),
            type=_text(wire["type"]),
            created=datetime.fromtimestamp(int(wire["created"]), UTC),
            object_id=_text(told["id"]),
            intent_id=told["id"] if told["object"] == "payment_intent" else _optional(told, "payment_intent"),
            payload=wire,
            amount=_amount(told, money),
            status=_optional(told, "status"),
            metadata={str(name): str(value) for name, value in (told.get("metadata") or {}).items()},
            account_id=_optional(wire, "account"),
            account=_account(told) if told["object"] == "account" else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise Malformed from error


def _amount(told: Mapping[str, Any], money: Callable[[int, str], Money]) -> Money | None:
    amount, currency = told.get("amount"), told.get("currency")
    return money(amount, currency) if isinstance(amount, int) and isinstance(currency, str) else None


def _account(told: Mapping[str, Any]) -> GatewayAccount:
    return GatewayAccount(_text(told["id"]), bool(told.get("charges_enabled")), bool(told.get("payouts_enabled")))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _optional(told: Mapping[str, Any], name: str) -> str | None:
    value = told.get(name)
    return None if value is None else _text(value)
