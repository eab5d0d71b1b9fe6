"""Letters to whoever is booked."""

from ..records import AboutBooking, Site
from ..wording import safe_name
from .customers import when
from .letter import Button, Letter

__all__ = ["booked", "cancelled", "rescheduled"]


def booked(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    return Letter(
        heading="You have a new booking",
        greeting="Hello,",
        paragraphs=(f"{_customer(facts, start=True)} has booked and paid a meeting with you.",),
        facts=(*_when(facts), *_wishes(facts)),
        button=_open(facts, site),
        closing=("A calendar file is attached.",),
    )


def rescheduled(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    return Letter(
        heading="A booking was moved",
        greeting="Hello,",
        paragraphs=(f"The meeting with {_customer(facts)} takes place at another time. This is the new one.",),
        facts=_when(facts),
        button=_open(facts, site),
        closing=("The calendar file attached moves it in your calendar, too.",),
    )


def cancelled(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    who = {"customer": "by the customer", "provider": "by you"}.get(facts.by or "", f"by {site.name}")
    return Letter(
        heading="A booking was cancelled",
        greeting="Hello,",
        paragraphs=(f"The meeting with {_customer(facts)} was cancelled {who}. The time is free again.",),
        facts=_when(facts),
        button=_open(facts, site),
        closing=("The calendar file attached takes it out of your calendar.",),
    )


def _customer(facts: AboutBooking, *, start: bool = False) -> str:
    return safe_name(facts.contact_name, otherwise="A customer" if start else "a customer")


def _when(facts: AboutBooking) -> tuple[tuple[str, str], ...]:
    return when(facts, whom=_customer(facts))


def _wishes(facts: AboutBooking) -> tuple[tuple[str, str], ...]:
    return (("Wishes", facts.special_requests),) if facts.special_requests else ()


def _open(facts: AboutBooking, site: Site) -> Button:
    return Button("Open the booking", site.page(f"bookings/{facts.number}"))
