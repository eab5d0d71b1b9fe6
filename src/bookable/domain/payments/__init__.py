"""Money that comes in and goes back: intents, attempts, captures, refunds, and the inbox of providers' webhooks.

A payment is for a *subject* and never asks what that is. It moves only by what the provider says (`settle`), a
call to the provider is never made inside a transaction, and every call has a key made from our own row.
"""

from . import events, ports
from .completing import Jobs, complete_abandoned, reconcile
from .confirming import cancel, capture, confirm
from .errors import AmountChanged, InvalidSignature, KeyReused, PaymentRefused, RefundTooLarge, UnderWay
from .figures import Earned, Earnings, earnings, export, revenue
from .inbox import HANDLE_EVENT, handle_event, receive
from .opening import LEASE, Presented, hand_over, open, present  # noqa: A004 - the verb people use
from .ports import PaymentGateway
from .reading import by_intent, get, of_subject, of_subjects, refunds_of
from .records import PAID, UNPAID, Day, Payment, Refund, RefundStatus, Status
from .refunding import SEND_REFUND, Refunded, refund, request_refund, send_refund
from .settling import Settled, advance, lock, settle

__all__ = [
    "HANDLE_EVENT",
    "LEASE",
    "PAID",
    "SEND_REFUND",
    "UNPAID",
    "AmountChanged",
    "Day",
    "Earned",
    "Earnings",
    "InvalidSignature",
    "Jobs",
    "KeyReused",
    "Payment",
    "PaymentGateway",
    "PaymentRefused",
    "Presented",
    "Refund",
    "RefundStatus",
    "RefundTooLarge",
    "Refunded",
    "Settled",
    "Status",
    "UnderWay",
    "advance",
    "by_intent",
    "cancel",
    "capture",
    "complete_abandoned",
    "confirm",
    "earnings",
    "events",
    "export",
    "get",
    "hand_over",
    "handle_event",
    "lock",
    "of_subject",
    "of_subjects",
    "open",
    "ports",
    "present",
    "receive",
    "reconcile",
    "refund",
    "refunds_of",
    "request_refund",
    "revenue",
    "send_refund",
    "settle",
]
