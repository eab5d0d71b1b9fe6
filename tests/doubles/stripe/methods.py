"""Test payment methods and what they do; docs.stripe.com/testing, and the sandbox's two of our own."""

from dataclasses import dataclass
from typing import Literal

from tests.doubles.stripe.wire import Json, Refusal

__all__ = ["Method", "card_error", "find"]


@dataclass(frozen=True)
class Method:
    """How a method behaves at confirmation, at capture and when refunded."""

    id: str
    does: Literal["pay", "decline", "ask", "wait"] = "pay"
    brand: str = "visa"
    last4: str = "4242"
    type: str = "card"
    code: str = "card_declined"
    decline_code: str | None = "generic_decline"
    capture_fails: bool = False
    disputed: bool = False
    refunds: Literal["at once", "later"] = "at once"

    def details(self, *, capture_before: int | None = None) -> Json:
        """`payment_method_details` of a charge."""
        if self.type != "card":
            return {"type": self.type, self.type: {"bank_name": "STRIPE TEST BANK", "last4": self.last4}}
        card: Json = {"brand": self.brand, "last4": self.last4, "country": "US", "funding": "credit"}
        if capture_before:
            card["capture_before"] = capture_before
        return {"type": "card", "card": {**card, "exp_month": 8, "exp_year": 2034, "network": self.brand}}


def _declines(name: str, last4: str, code: str, decline_code: str | None = None) -> Method:
    return Method(f"pm_card_{name}", "decline", last4=last4, code=code, decline_code=decline_code)


_METHODS = [
    Method("pm_card_visa"),
    Method("pm_card_mastercard", brand="mastercard", last4="4444"),
    Method("pm_card_amex", brand="amex", last4="8431"),
    _declines("chargeDeclined", "0002", "card_declined", "generic_decline"),
    _declines("visa_chargeDeclined", "0002", "card_declined", "generic_decline"),
    _declines("visa_chargeDeclinedInsufficientFunds", "9995", "card_declined", "insufficient_funds"),
    _declines("chargeDeclinedInsufficientFunds", "9995", "card_declined", "insufficient_funds"),
    _declines("visa_chargeDeclinedLostCard", "9987", "card_declined", "lost_card"),
    _declines("visa_chargeDeclinedStolenCard", "9979", "card_declined", "stolen_card"),
    _declines("chargeDeclinedExpiredCard", "0069", "expired_card"),
    _declines("chargeDeclinedIncorrectCvc", "0127", "incorrect_cvc"),
    _declines("chargeDeclinedProcessingError", "0119", "processing_error"),
    Method("pm_card_authenticationRequired", "ask", last4="3184"),
    Method("pm_card_threeDSecure2Required", "ask", last4="3220"),
    Method("pm_card_visa_delayed", "wait"),
    Method("pm_card_visa_captureFails", capture_fails=True, last4="0341"),
    Method("pm_card_createDispute", disputed=True, last4="0259"),
    Method("pm_card_pendingRefund", refunds="later", last4="7726"),
    Method("pm_card_refundFail", refunds="later", last4="5126"),
    Method("pm_usBankAccount_success", "wait", type="us_bank_account", last4="6789"),
]
_BY_ID = {method.id: method for method in _METHODS}


def find(given: str) -> Method:
    """Raises Stripe's 400 for one that is not."""
    if given not in _BY_ID:
        text = f"No such PaymentMethod: '{given}'"
        raise Refusal(400, text, code="resource_missing", param="payment_method")
    return _BY_ID[given]


def card_error(code: str, decline_code: str | None) -> Json:
    """`last_payment_error`, and the error of a 402."""
    told = {"type": "card_error", "code": code, "message": f"Your card was declined ({decline_code or code})."}
    return {**told, "decline_code": decline_code} if decline_code else told
