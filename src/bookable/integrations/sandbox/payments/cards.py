"""The sandbox's payment methods, and what each of them does."""

from dataclasses import dataclass
from typing import Literal

from bookable.domain.payments.ports import IntentState
from bookable.kernel.errors import PaymentRefused

__all__ = ["Card", "find"]


@dataclass(frozen=True, slots=True)
class Card:
    """`does`: pays, is declined, asks for authentication, or makes one wait for the bank."""

    id: str
    does: Literal["pay", "decline", "ask", "wait"] = "pay"
    brand: str = "visa"
    last4: str = "4242"
    decline_code: str = "generic_decline"
    capture_fails: bool = False

    def leads_to(self, *, held: bool) -> IntentState:
        """The state of an intent that was confirmed with this card."""
        if self.does == "ask":
            return IntentState.REQUIRES_ACTION
        if self.does == "wait":
            return IntentState.PROCESSING
        if self.does == "decline" or (self.capture_fails and not held):
            return IntentState.REQUIRES_METHOD
        return IntentState.REQUIRES_CAPTURE if held else IntentState.SUCCEEDED


_CARDS = {
    card.id: card
    for card in (
        Card("pm_card_visa"),
        Card("pm_card_mastercard", brand="mastercard", last4="4444"),
        Card("pm_card_amex", brand="amex", last4="8431"),
        Card("pm_card_chargeDeclined", "decline", last4="0002"),
        Card("pm_card_chargeDeclinedInsufficientFunds", "decline", last4="9995", decline_code="insufficient_funds"),
        Card("pm_card_chargeDeclinedExpiredCard", "decline", last4="0069", decline_code="expired_card"),
        Card("pm_card_authenticationRequired", "ask", last4="3184"),
        Card("pm_card_visa_delayed", "wait", last4="4242"),
        Card("pm_card_visa_captureFails", last4="0341", capture_fails=True),
    )
}


def find(method: str) -> Card:
    """Raises `PaymentRefused` for one that there is not, as Stripe's adapter does."""
    if method not in _CARDS:
        raise PaymentRefused(details={"reason": "resource_missing"})
    return _CARDS[method]
