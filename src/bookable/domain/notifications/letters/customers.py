"""Letters to whoever has booked."""

from zoneinfo import ZoneInfo

from ..records import AboutBooking, Site
from ..wording import amount, called, clock_time, day_and_time, long_day, utc_time
from .letter import Button, Letter

__all__ = [
    "cancelled",
    "confirmed",
    "expired",
    "named",
    "received",
    "refunded",
    "reminder",
    "rescheduled",
    "review_wanted",
    "unplaceable",
    "when",
]

_GUEST = "To see, move or cancel it, use the link in the first mail that we sent you about it."
_FILE = "A calendar file is attached."


def named(facts: AboutBooking) -> dict[str, str]:
    """What subjects speak of."""
    return {
        "provider": facts.provider,
        "number": facts.number,
        "offer": facts.offer,
        "day": long_day(facts.starts_at.astimezone(ZoneInfo(facts.time_zone))),
    }


def when(facts: AboutBooking, *, whom: str | None = None) -> tuple[tuple[str, str], ...]:
    """What, with whom and when, as every letter about a booking shows it."""
    return (
        ("Booking", facts.number),
        ("Meeting", f"{facts.offer.capitalize()}, {_minutes(facts)} minutes, with {whom or facts.provider}"),
        ("When", day_and_time(facts.starts_at, facts.ends_at, facts.time_zone)),
        ("In UTC", utc_time(facts.starts_at, facts.ends_at)),
    )


def received(facts: AboutBooking, site: Site, secret: str | None) -> Letter:
    return Letter(
        heading="Your time is held" if facts.hold_expires_at else "Your booking is made",
        greeting=called(facts.contact_name),
        paragraphs=(
            _held(facts),
            (
                "The link below is your key to this booking: with it you can pay, see, move or cancel it without an "
                "account. Keep this mail, and don't pass it on."
            ),
        ),
        facts=(*when(facts), ("Price", amount(facts.total))),
        button=Button("Open my booking", site.page(f"bookings/{facts.number}", {"token": secret or ""})),
        closing=("If you have not booked this, you need not do anything: it lapses by itself.",),
    )


def confirmed(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    return Letter(
        heading="Your meeting is confirmed",
        greeting=called(facts.contact_name),
        paragraphs=(f"You are going to meet {facts.provider}.",),
        facts=(*when(facts), ("Paid", amount(facts.total))),
        button=_open(facts, site),
        closing=(_FILE, *_reaching(facts)),
    )


def rescheduled(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    return Letter(
        heading="Your meeting was moved",
        greeting=called(facts.contact_name),
        paragraphs=(f"Your meeting with {facts.provider} takes place at another time. This is the new one.",),
        facts=when(facts),
        button=_open(facts, site),
        closing=("The calendar file attached moves it in your calendar, too.", *_reaching(facts)),
    )


def cancelled(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    who = {"customer": "as you asked", "provider": f"by {facts.provider}"}.get(facts.by or "", f"by {site.name}")
    return Letter(
        heading="Your meeting was cancelled",
        greeting=called(facts.contact_name),
        paragraphs=(f"This meeting was cancelled {who}.", _refund_sentence(facts)),
        facts=(*when(facts), *_refund(facts)),
        button=_open(facts, site),
        closing=("The calendar file attached takes it out of your calendar.",) if facts.was_confirmed else (),
    )


def expired(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    return Letter(
        heading="Your booking has lapsed",
        greeting=called(facts.contact_name),
        paragraphs=("It was not paid in time, so the time is free for others again. Nothing was charged.",),
        facts=when(facts),
        button=Button("Choose another time", site.page("celebrities")),
    )


def unplaceable(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    back = f"{amount(facts.refund)} go" if facts.refund else "The whole amount goes"
    return Letter(
        heading="We could not book this for you",
        greeting=called(facts.contact_name),
        paragraphs=(
            (
                "Your payment reached us after the time that we held for you had run out, and by then somebody else "
                "had taken it. We are sorry."
            ),
            f"{back} back to the way you paid. Banks take up to ten days to show it.",
        ),
        facts=when(facts),
        button=Button("Choose another time", site.page("celebrities")),
    )


def refunded(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    return Letter(
        heading="Your refund is on its way",
        greeting=called(facts.contact_name),
        paragraphs=("We have sent money back to the way you paid. Banks take up to ten days to show it.",),
        facts=(("Refund", amount(facts.refund) if facts.refund else "none"), *when(facts)),
        button=_open(facts, site),
    )


def reminder(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    return Letter(
        heading="Your meeting is coming up",
        greeting=called(facts.contact_name),
        paragraphs=(f"A reminder of your meeting with {facts.provider}.",),
        facts=when(facts),
        button=_open(facts, site),
        closing=_reaching(facts),
    )


def review_wanted(facts: AboutBooking, site: Site, _: str | None) -> Letter:
    return Letter(
        heading=f"How was it with {facts.provider}?",
        greeting=called(facts.contact_name),
        paragraphs=("A few words from you help others to choose. It takes a minute.",),
        facts=when(facts)[:3],
        button=None if facts.is_guest else Button("Write a review", site.page(f"bookings/{facts.number}/review")),
        closing=("Use the link in the first mail that we sent you about this booking.",) if facts.is_guest else (),
    )


def _open(facts: AboutBooking, site: Site) -> Button | None:
    """A guest's page opens only with their key, which we don't keep."""
    return None if facts.is_guest else Button("Open my booking", site.page(f"bookings/{facts.number}"))


def _reaching(facts: AboutBooking) -> tuple[str, ...]:
    return (_GUEST,) if facts.is_guest else ()


def _refund(facts: AboutBooking) -> tuple[tuple[str, str], ...]:
    return (("Refund", amount(facts.refund) if facts.refund else "none"),) if facts.was_confirmed else ()


def _refund_sentence(facts: AboutBooking) -> str:
    if not facts.was_confirmed:
        return "It was not paid. If a payment is still on its way, all of it goes back to you."
    if facts.refund is None:
        return "By the cancellation policy that you agreed to, nothing is refunded."
    return f"{amount(facts.refund)} go back to the way you paid. Banks take up to ten days to show it."


def _minutes(facts: AboutBooking) -> int:
    return int((facts.ends_at - facts.starts_at).total_seconds() // 60)


def _held(facts: AboutBooking) -> str:
    if facts.hold_expires_at is None:
        return "There is nothing to pay: the time is yours."
    until = clock_time(facts.hold_expires_at, facts.time_zone)
    return f"We are holding this time for you until {until}. It is yours once it is paid."
