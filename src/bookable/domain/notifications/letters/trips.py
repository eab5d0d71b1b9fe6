"""Letters to whoever has booked what a supplier holds: a flight."""

from zoneinfo import ZoneInfo

from ..records import AboutBooking, Site
from ..wording import amount, called, clock_time, long_day
from .letter import Button, Letter

__all__ = ["cancelled", "confirmed", "expired", "refunded", "reminder", "unplaceable"]

_BANKS = "Banks take up to ten days to show it."


def _trip(facts: AboutBooking) -> tuple[tuple[str, str], ...]:
    leaves = facts.starts_at.astimezone(ZoneInfo(facts.time_zone))
    return (
        ("Booking", facts.number),
        ("Flight", f"{facts.offer}, {facts.provider}"),
        ("Departure", f"{long_day(leaves)}, {clock_time(facts.starts_at, facts.time_zone)}"),
    )


def _open(facts: AboutBooking, site: Site) -> Button:
    return Button("Open my booking", site.page(f"bookings/{facts.number}"))


def _again(site: Site) -> Button:
    return Button("Search for flights", site.page("flights"))


def confirmed(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    return Letter(
        heading="Your flight is booked",
        greeting=called(facts.contact_name),
        paragraphs=("The airline has confirmed your seats.",),
        facts=(*_trip(facts), ("Paid", amount(facts.total))),
        button=_open(facts, site),
        closing=("Your itinerary, to print and for your calendar, is with your booking.",),
    )


def cancelled(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    who = "as you asked" if facts.by == "customer" else f"by {site.name}"
    back = f"{amount(facts.refund)} go back to the way you paid. {_BANKS}" if facts.refund else "Nothing is refunded."
    return Letter(
        heading="Your flight was cancelled",
        greeting=called(facts.contact_name),
        paragraphs=(f"This booking was cancelled {who}.", back),
        facts=_trip(facts),
        button=_open(facts, site),
    )


def expired(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    return Letter(
        heading="Your booking has lapsed",
        greeting=called(facts.contact_name),
        paragraphs=("It was not paid in time. Nothing was charged.",),
        facts=_trip(facts),
        button=_again(site),
    )


def unplaceable(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    back = f"{amount(facts.refund)} go" if facts.refund else "The whole amount goes"
    return Letter(
        heading="We could not book this flight for you",
        greeting=called(facts.contact_name),
        paragraphs=(
            "Your payment reached us, but the airline did not take the order. We are sorry.",
            f"{back} back to the way you paid. {_BANKS}",
        ),
        facts=_trip(facts),
        button=_again(site),
    )


def refunded(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    return Letter(
        heading="Your refund is on its way",
        greeting=called(facts.contact_name),
        paragraphs=(f"We have sent money back to the way you paid. {_BANKS}",),
        facts=(("Refund", amount(facts.refund) if facts.refund else "none"), *_trip(facts)),
        button=_open(facts, site),
    )


def reminder(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    return Letter(
        heading="Your flight is coming up",
        greeting=called(facts.contact_name),
        paragraphs=("A reminder of your flight.",),
        facts=_trip(facts),
        button=_open(facts, site),
    )
