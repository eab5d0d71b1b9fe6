"""The words of everything we tell: a subject and a letter for each kind, in text and in HTML."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ..records import AboutAccount, AboutBooking, Kind, Site
from . import accounts, customers, providers, trips
from .letter import Button, Letter
from .rendering import as_html, as_text

__all__ = ["Button", "Letter", "as_html", "as_text", "subject", "write"]

_ACCOUNTS: dict[Kind, tuple[str, Callable[[AboutAccount, Site, str | None], Letter]]] = {
    Kind.VERIFY_EMAIL: ("Confirm your email address", accounts.verify_email),
    Kind.RESET_PASSWORD: ("Reset your password", accounts.reset_password),
    Kind.PASSWORD_CHANGED: ("Your password was changed", accounts.password_changed),
    Kind.SESSION_STOLEN: ("We signed a device out of your account", accounts.session_stolen),
}
_BOOKINGS: dict[Kind, tuple[str, Callable[[AboutBooking, Site, str | None], Letter]]] = {
    Kind.BOOKING_RECEIVED: ("Your time with {provider} is held for you", customers.received),
    Kind.BOOKING_CONFIRMED: ("Confirmed: {provider}, {day}", customers.confirmed),
    Kind.BOOKING_RESCHEDULED: ("Moved: {provider}, now {day}", customers.rescheduled),
    Kind.BOOKING_CANCELLED: ("Cancelled: {provider}, {day}", customers.cancelled),
    Kind.BOOKING_EXPIRED: ("Not paid in time: {provider}, {day}", customers.expired),
    Kind.BOOKING_UNPLACEABLE: ("We could not book {provider} for you", customers.unplaceable),
    Kind.BOOKING_REFUNDED: ("Your refund for booking {number}", customers.refunded),
    Kind.BOOKING_REMINDER: ("Reminder: {provider}, {day}", customers.reminder),
    Kind.REVIEW_WANTED: ("How was your meeting with {provider}?", customers.review_wanted),
    Kind.PROVIDER_BOOKED: ("New booking: {day}", providers.booked),
    Kind.PROVIDER_RESCHEDULED: ("Booking {number} moved to {day}", providers.rescheduled),
    Kind.PROVIDER_CANCELLED: ("Booking {number} was cancelled", providers.cancelled),
}
_TRIPS: dict[Kind, tuple[str, Callable[[AboutBooking, Site, str | None], Letter]]] = {
    **_BOOKINGS,
    Kind.BOOKING_CONFIRMED: ("Booked: {offer}, {day}", trips.confirmed),
    Kind.BOOKING_CANCELLED: ("Cancelled: {offer}, {day}", trips.cancelled),
    Kind.BOOKING_EXPIRED: ("Not paid in time: {offer}, {day}", trips.expired),
    Kind.BOOKING_UNPLACEABLE: ("We could not book {offer} for you", trips.unplaceable),
    Kind.BOOKING_REFUNDED: ("Your refund for booking {number}", trips.refunded),
    Kind.BOOKING_REMINDER: ("Reminder: {offer}, {day}", trips.reminder),
}
"""What a supplier holds is told in the words of travel."""


def subject(kind: Kind, facts: AboutAccount | AboutBooking) -> str:
    """The subject of the mail, and the title of the notice."""
    if isinstance(facts, AboutAccount):
        return _ACCOUNTS[kind][0]
    return _about(facts)[kind][0].format_map(customers.named(facts))


def write(kind: Kind, data: Mapping[str, Any], site: Site, secret: str | None) -> Letter:
    """The letter, from the facts as they were written down. `secret` is what a link in it carries."""
    if kind in _ACCOUNTS:
        return _ACCOUNTS[kind][1](msgspec.convert(data, AboutAccount), site, secret)
    facts = msgspec.convert(data, AboutBooking)
    return _about(facts)[kind][1](facts, site, secret)


def _about(facts: AboutBooking) -> dict[Kind, tuple[str, Callable[[AboutBooking, Site, str | None], Letter]]]:
    return _TRIPS if facts.supplied else _BOOKINGS
