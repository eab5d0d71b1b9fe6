"""The life of a booking: quoted, placed and held, paid and confirmed, moved, cancelled, completed.

`states.TRANSITIONS` is the only table of moves. A booking that was not paid in time reads `expired` from the instant
its hold ends, whether or not anyone has written that down. Its price is frozen when it is placed; its time is held by
`inventory` under the booking's own id. Every use case locks in one order: its payments (`payments.lock`), its row,
then what inventory says. The listing counts a booking while it is confirmed, completed or missed.
"""

from .calendar import availability, booked, earnings, payee, set_availability
from .ending import cancel, cancellation, complete, miss
from .errors import MeetingsAhead, NoSuchBooking, PriceChanged
from .events import (
    BookingCancelled,
    BookingCompleted,
    BookingConfirmed,
    BookingExpired,
    BookingPaid,
    BookingPlaced,
    BookingRescheduled,
    BookingUnplaceable,
    GuestKeyGiven,
)
from .lapsing import expire_lapsed
from .paying import begin_payment, confirm_paid, note_failed, note_processing, note_refunded
from .people import adopt, follow_listing, forget, refuse_to_leave
from .placing import place, quote
from .policy import Policy, Tier
from .pricing import price
from .promos import CodeTaken, add_promo, list_promos
from .reading import export, get, guest, list_all, list_of_listing, list_own, reviewable, stats_by_day
from .records import Booking, Cancellation, Cancelled, DayFigures, Page, Paid, Placed, Promo, Quote, Request, Supplied
from .rescheduling import reschedule
from .states import TRANSITIONS, By, Status
from .supplying import complete_past, confirm_supplied, decline_supplied, place_supplied

__all__ = [
    "TRANSITIONS",
    "Booking",
    "BookingCancelled",
    "BookingCompleted",
    "BookingConfirmed",
    "BookingExpired",
    "BookingPaid",
    "BookingPlaced",
    "BookingRescheduled",
    "BookingUnplaceable",
    "By",
    "Cancellation",
    "Cancelled",
    "CodeTaken",
    "DayFigures",
    "GuestKeyGiven",
    "MeetingsAhead",
    "NoSuchBooking",
    "Page",
    "Paid",
    "Placed",
    "Policy",
    "PriceChanged",
    "Promo",
    "Quote",
    "Request",
    "Status",
    "Supplied",
    "Tier",
    "add_promo",
    "adopt",
    "availability",
    "begin_payment",
    "booked",
    "cancel",
    "cancellation",
    "complete",
    "complete_past",
    "confirm_paid",
    "confirm_supplied",
    "decline_supplied",
    "earnings",
    "expire_lapsed",
    "export",
    "follow_listing",
    "forget",
    "get",
    "guest",
    "list_all",
    "list_of_listing",
    "list_own",
    "list_promos",
    "miss",
    "note_failed",
    "note_processing",
    "note_refunded",
    "payee",
    "place",
    "place_supplied",
    "price",
    "quote",
    "refuse_to_leave",
    "reschedule",
    "reviewable",
    "set_availability",
    "stats_by_day",
]
