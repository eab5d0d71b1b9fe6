"""What happens to money, for whoever must know. `subject_id` is what was paid for; payments never ask what that is."""

from bookable.kernel.events import Event

__all__ = [
    "PaymentAuthorized",
    "PaymentDisputed",
    "PaymentFailed",
    "PaymentProcessing",
    "PaymentRefunded",
    "PaymentSucceeded",
    "RefundFailed",
]


class PaymentProcessing(Event, frozen=True):
    """The payer has done their part, or is asked for more; the money is not there yet."""

    payment_id: str
    subject_id: str


class PaymentAuthorized(Event, frozen=True):
    """The money is held on the card, for us to capture."""

    payment_id: str
    subject_id: str


class PaymentSucceeded(Event, frozen=True):
    """The money is ours. Told once for each payment."""

    payment_id: str
    subject_id: str
    amount_cents: int


class PaymentFailed(Event, frozen=True):
    """An attempt was refused, or the intent given up (`code` is `canceled`); the subject can be paid again."""

    payment_id: str
    subject_id: str
    code: str


class PaymentRefunded(Event, frozen=True):
    """Money went back. `in_full` when nothing of the payment is left. Told once for each refund."""

    payment_id: str
    subject_id: str
    refund_id: str
    amount_cents: int
    in_full: bool


class RefundFailed(Event, frozen=True):
    """The money did not go back, perhaps after it was said to have; it can be refunded again."""

    payment_id: str
    subject_id: str
    refund_id: str
    amount_cents: int


class PaymentDisputed(Event, frozen=True):
    """The payer's bank takes the money back. Told once for each payment."""

    payment_id: str
    subject_id: str
