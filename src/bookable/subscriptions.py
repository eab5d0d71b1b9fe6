"""Who hears what, and what comes round by the clock: the whole choreography on one page.

`within` is part of the publisher's transaction and stands or falls with it; `after` is a job, done at least once
when the publisher has committed. Cron expressions have six fields, the last of which is seconds.
"""

from functools import partial
from typing import TYPE_CHECKING

from bookable.domain import (
    bookings,
    catalogue,
    films,
    flights,
    identity,
    ledger,
    media,
    notifications,
    payments,
    reviews,
)
from bookable.domain.notifications import about_accounts, about_bookings, about_money, guests, reminders
from bookable.kernel import idempotency
from bookable.kernel.events import Subscriptions

if TYPE_CHECKING:
    from bookable import backups

__all__ = ["fill"]


def fill(
    heard: Subscriptions,
    *,
    gateway: payments.PaymentGateway,
    postman: notifications.Postman,
    pictures: media.Store,
    desk: flights.Desk,
    backup: "backups.Daily | None" = None,
) -> None:
    """Subscribe everyone. The arguments are what handlers need besides the database."""
    _people(heard, pictures)
    _listings(heard)
    _money(heard, gateway)
    _meetings(heard)
    _flights(heard, desk)
    _letters(heard, postman)
    _housekeeping(heard, pictures)
    if backup is not None:
        heard.once("*/10 * * * *", "backups.make_if_due", backup.make_if_due)


def _people(heard: Subscriptions, pictures: media.Store) -> None:
    heard.job(identity.FORGOTTEN, identity.look_for_forgetful)
    heard.after(identity.EmailVerified, "bookings.adopt", bookings.adopt)
    heard.within(identity.UserLeaving, bookings.refuse_to_leave)
    heard.within(identity.UserDeleted, bookings.forget)
    heard.within(identity.UserDeleted, flights.forget)
    heard.within(identity.UserDeleted, reviews.forget)
    heard.within(identity.UserDeleted, catalogue.forget)
    heard.within(identity.UserDeleted, films.forget)
    heard.within(identity.UserDeleted, media.forget)
    heard.within(identity.UserDeleted, about_accounts.forget)
    heard.job(media.DISCARD, partial(media.discard, pictures))


def _listings(heard: Subscriptions) -> None:
    heard.after(catalogue.ListingOwnerChanged, "bookings.follow_listing", bookings.follow_listing)


def _money(heard: Subscriptions, gateway: payments.PaymentGateway) -> None:
    work = payments.Jobs(gateway)
    heard.job(payments.HANDLE_EVENT, work.handle_event)
    heard.job(payments.SEND_REFUND, work.send_refund)
    heard.every("* * * * * */10", "payments.complete_abandoned", work.complete_abandoned)
    heard.every("* * * * *", "payments.reconcile", work.reconcile)
    heard.every("* * * * * */5", "ledger.seal", ledger.seal)


def _meetings(heard: Subscriptions) -> None:
    heard.within(payments.events.PaymentSucceeded, bookings.confirm_paid)
    heard.within(payments.events.PaymentProcessing, bookings.note_processing)
    heard.within(payments.events.PaymentFailed, bookings.note_failed)
    heard.within(payments.events.PaymentRefunded, bookings.note_refunded)
    heard.every("* * * * * */10", "bookings.expire_lapsed", bookings.expire_lapsed)


def _flights(heard: Subscriptions, desk: flights.Desk) -> None:
    heard.within(bookings.BookingPaid, flights.order_paid)
    heard.within(bookings.BookingCancelled, flights.note_cancelled)
    heard.within(payments.events.PaymentRefunded, flights.note_refunded)
    heard.job(flights.ORDER, partial(flights.order, desk=desk))
    heard.job(flights.GIVE_BACK, partial(flights.give_back, desk=desk))
    heard.every("* * * * *", "bookings.complete_past", bookings.complete_past)
    heard.every("41 4 * * *", "flights.forget_offers", flights.forget_offers)


def _letters(heard: Subscriptions, postman: notifications.Postman) -> None:
    heard.job(notifications.SEND, partial(notifications.deliver, postman=postman))
    heard.job(about_accounts.TELL, about_accounts.tell)
    heard.job(guests.TELL, guests.tell)
    heard.job(reminders.REMIND, reminders.remind)
    heard.within(identity.VerificationAsked, about_accounts.verification_asked)
    heard.within(identity.PasswordResetAsked, about_accounts.reset_asked)
    heard.within(identity.PasswordChanged, about_accounts.password_changed)
    heard.within(identity.SessionStolen, about_accounts.session_stolen)
    heard.within(bookings.GuestKeyGiven, partial(guests.key_given, sealer=postman.sealer))
    heard.after(bookings.BookingConfirmed, "notifications.booking_confirmed", about_bookings.confirmed)
    heard.after(bookings.BookingRescheduled, "notifications.booking_rescheduled", about_bookings.rescheduled)
    heard.after(bookings.BookingCancelled, "notifications.booking_cancelled", about_bookings.cancelled)
    heard.after(bookings.BookingExpired, "notifications.booking_expired", about_bookings.expired)
    heard.after(bookings.BookingUnplaceable, "notifications.booking_unplaceable", about_bookings.unplaceable)
    heard.after(bookings.BookingCompleted, "notifications.booking_completed", about_bookings.completed)
    heard.after(payments.events.PaymentRefunded, "notifications.payment_refunded", about_money.refunded)


def _housekeeping(heard: Subscriptions, pictures: media.Store) -> None:
    heard.every("17 * * * *", "media.sweep", partial(media.sweep, pictures))
    heard.every("23 3 * * *", "idempotency.forget_older", idempotency.forget_older)
    heard.every("27 3 * * *", "films.forget_imports", films.forget_imports)
    heard.every("29 3 * * *", "identity.sweep", identity.sweep)
