"""What stops a payment, by name."""

from bookable.kernel.errors import Conflict, Malformed, PaymentRefused

__all__ = ["AmountChanged", "InvalidSignature", "KeyReused", "PaymentRefused", "RefundTooLarge", "UnderWay"]


class InvalidSignature(Malformed):
    """A webhook that was not signed by who it says it is from, or not just now."""

    code = "INVALID_SIGNATURE"
    message = "The signature is missing, wrong or too old."


class KeyReused(Conflict):
    """An idempotency key came back with other parameters than it was first used with."""

    code = "IDEMPOTENCY_KEY_REUSED"
    message = "This key was used before for something else."


class RefundTooLarge(Conflict):
    """The refund asks for more than was captured and is not yet refunded."""

    message = "This is more than what is left to refund."


class UnderWay(Conflict):
    """The same payment is being tried with another method at this moment."""

    message = "This is being paid at this moment; wait for the answer."


class AmountChanged(Conflict):
    """There is a payment for this already, of another amount."""

    code = "PRICE_CHANGED"
    message = "A payment of another amount is open for this."
