"""What happens to bookings, told to whoever listens."""

from uuid import UUID

from pydantic import SecretStr

from bookable.kernel.events import Event

__all__ = [
    "BookingCancelled",
    "BookingCompleted",
    "BookingConfirmed",
    "BookingExpired",
    "BookingPaid",
    "BookingPlaced",
    "BookingRescheduled",
    "BookingUnplaceable",
    "GuestKeyGiven",
]


class BookingPlaced(Event, frozen=True):
    """Somebody has asked for it, and the time is held for them."""

    booking_id: UUID


class BookingConfirmed(Event, frozen=True):
    """It is paid, or there was nothing to pay: the meeting will take place."""

    booking_id: UUID


class BookingPaid(Event, frozen=True):
    """The money is here for what a supplier holds; whoever speaks with that supplier orders it now."""

    booking_id: UUID


class BookingRescheduled(Event, frozen=True):
    """It takes place at another time. `sequence` counts how often that has happened."""

    booking_id: UUID
    sequence: int


class BookingCancelled(Event, frozen=True):
    """It will not take place; `by` is customer, provider or admin, `refund_cents` what goes back."""

    booking_id: UUID
    refund_cents: int
    by: str


class BookingExpired(Event, frozen=True):
    """It was not paid in time, and its time is free again."""

    booking_id: UUID


class BookingCompleted(Event, frozen=True):
    """The meeting took place; what a supplier held is over."""

    booking_id: UUID


class BookingUnplaceable(Event, frozen=True):
    """Money came for a time that was gone by then; all of it goes back."""

    booking_id: UUID


class GuestKeyGiven(Event, frozen=True):
    """A guest has the key to their booking. For listeners within: it can't be written down, so not deferred either."""

    booking_id: UUID
    token: SecretStr
