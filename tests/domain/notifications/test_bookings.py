"""What both sides of a booking are told, from the moment it is held until it is over."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import icalendar
import msgspec
import pytest

from bookable.domain import bookings, catalogue, identity, notifications, payments
from bookable.domain.notifications import Kind, Site
from bookable.integrations.sandbox.mail import SentMail
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.events import Event, Subscriptions, publish
from bookable.kernel.tenants import Tenant
from tests import make, make_bookings, make_catalogue, make_identity
from tests.make_bookings import POLICY, pay, place, see
from tests.make_notifications import FRONTEND, jobs, mails, postman, subscribe, token_in, turn_to, work_off

ROBIN = "robin@example.com"


@pytest.fixture
async def subscriptions() -> Subscriptions:
    heard = Subscriptions()
    make_bookings.listen(heard)
    return heard


@pytest.fixture
async def customer(db: Database, tenant: Tenant) -> Actor:
    subscribe(db, postman(db))
    return await make_catalogue.user(db, tenant.id)


@pytest.fixture
async def provider(db: Database, tenant: Tenant) -> Actor:
    return await make_catalogue.user(db, tenant.id, "celebrity", email=make_identity.email())


@pytest.fixture
async def listing(db: Database, tenant: Tenant, provider: Actor) -> UUID:
    return await make_catalogue.listing(
        db, tenant.id, owner_id=provider.id, time_zone="America/Los_Angeles", display_name="Grace Hopper"
    )


@pytest.fixture
async def paid(db: Database, tenant: Tenant, customer: Actor, listing: UUID) -> bookings.Booking:
    """A booking that is confirmed, and everything told of it."""
    booking = await place(db, customer, listing)
    await pay(db, Actor.system(tenant.id), booking)
    await work_off(db, tenant)
    return await see(db, customer, booking)


async def told(db: Database, actor: Actor) -> list[Kind]:
    """What somebody finds in the app, oldest first."""
    async with db.transaction(actor) as tx:
        return [notice.kind for notice in reversed(await notifications.inbox(tx, actor))]


async def to_provider(db: Database, tenant: Tenant, provider: Actor) -> list[SentMail]:
    async with db.transaction(Actor.system(tenant.id)) as tx:
        owner = await identity.get(tx, provider.id or UUID(int=0))
    return await mails(db, tenant, to=owner.email)


async def say(db: Database, tenant: Tenant, event: Event) -> None:
    async with db.transaction(Actor.system(tenant.id)) as tx:
        await publish(tx, event)


def calendar_of(mail: SentMail) -> tuple[str, icalendar.Event]:
    """The method and the event of the calendar file that came with a mail."""
    ((_, kind, content),) = mail.attachments
    assert kind == "text/calendar"
    calendar = icalendar.Calendar.from_ical(content.decode())
    (event,) = calendar.walk("VEVENT")
    assert isinstance(event, icalendar.Event)
    return str(calendar["METHOD"]), event


async def test_a_paid_booking_is_confirmed_to_both_sides(
    db: Database, tenant: Tenant, customer: Actor, provider: Actor, paid: bookings.Booking
) -> None:
    (mail,) = await mails(db, tenant, to=ROBIN)
    assert mail.subject.startswith("Confirmed: Grace Hopper, ")
    assert paid.number in mail.text
    assert f"USD {paid.total.decimal()}" in mail.text
    assert "America/Los_Angeles" in mail.text
    assert "UTC" in mail.text
    method, event = calendar_of(mail)
    assert (method, event.start, event.end) == ("REQUEST", paid.starts_at, paid.ends_at)
    assert str(event["ATTENDEE"]) == f"mailto:{ROBIN}"
    (notice,) = await to_provider(db, tenant, provider)
    assert "Robin Field has booked" in notice.text
    assert calendar_of(notice)[1]["UID"] == event["UID"]
    assert await told(db, customer) == [Kind.BOOKING_CONFIRMED]
    assert await told(db, provider) == [Kind.PROVIDER_BOOKED]


async def test_an_event_told_twice_is_one_mail(db: Database, tenant: Tenant, paid: bookings.Booking) -> None:
    for _ in range(3):
        await say(db, tenant, bookings.BookingConfirmed(booking_id=paid.id))
    await work_off(db, tenant)
    assert len(await mails(db, tenant, to=ROBIN)) == 1


async def test_the_file_to_download_is_the_same_event_and_follows_the_booking(
    db: Database, tenant: Tenant, customer: Actor, paid: bookings.Booking
) -> None:
    site = Site("StarryMeet", tenant.slug, FRONTEND)

    def file_of(booking: bookings.Booking) -> icalendar.Event:
        raw = notifications.booking_calendar(booking, site, organizer_email="no-reply@bookable.example")
        assert raw == notifications.booking_calendar(booking, site, organizer_email="no-reply@bookable.example")
        (event,) = icalendar.Calendar.from_ical(raw.decode()).walk("VEVENT")
        assert isinstance(event, icalendar.Event)
        return event

    mailed, standing = calendar_of((await mails(db, tenant, to=ROBIN))[0])[1], file_of(paid)
    assert (standing["UID"], standing.start, str(standing["STATUS"])) == (mailed["UID"], mailed.start, "CONFIRMED")
    async with db.transaction(customer) as tx:
        await bookings.cancel(tx, paid.id, POLICY)
    assert str(file_of(await see(db, customer, paid))["STATUS"]) == "CANCELLED"


async def test_reminders_come_a_day_and_an_hour_before(
    db: Database, tenant: Tenant, customer: Actor, paid: bookings.Booking
) -> None:
    subjects = []
    for before in (timedelta(hours=25), timedelta(hours=24), timedelta(hours=2), timedelta(hours=1), timedelta(0)):
        at = paid.starts_at - before
        await turn_to(db, tenant, at)
        subjects.append(len(await mails(db, tenant, to=ROBIN)))
    assert subjects == [1, 2, 2, 3, 3]
    assert (await mails(db, tenant, to=ROBIN))[-1].subject.startswith("Reminder: Grace Hopper")
    assert (await told(db, customer)).count(Kind.BOOKING_REMINDER) == 2


async def test_a_meeting_that_was_moved_is_reminded_of_at_its_new_time_only(
    db: Database, tenant: Tenant, customer: Actor, provider: Actor, paid: bookings.Booking
) -> None:
    first = calendar_of((await mails(db, tenant, to=ROBIN))[0])[1]
    async with db.transaction(customer) as tx:
        moved = await bookings.reschedule(tx, paid.id, paid.day + timedelta(days=5), "evening", POLICY)
    await work_off(db, tenant)
    mail = (await mails(db, tenant, to=ROBIN))[-1]
    assert mail.subject.startswith("Moved: Grace Hopper, now ")
    method, event = calendar_of(mail)
    assert (method, event.start, event["UID"]) == ("REQUEST", moved.starts_at, first["UID"])
    assert (int(str(first["SEQUENCE"])), int(str(event["SEQUENCE"]))) == (0, 1)
    assert (await told(db, provider))[-1] is Kind.PROVIDER_RESCHEDULED
    await turn_to(db, tenant, paid.starts_at)
    assert len(await mails(db, tenant, to=ROBIN)) == 2
    await turn_to(db, tenant, moved.starts_at - timedelta(minutes=30))
    assert len(await mails(db, tenant, to=ROBIN)) == 4


async def test_a_cancelled_meeting_leaves_the_calendar_and_says_what_goes_back(
    db: Database, tenant: Tenant, customer: Actor, provider: Actor, paid: bookings.Booking
) -> None:
    async with db.transaction(customer) as tx:
        await bookings.cancel(tx, paid.id, POLICY)
    await work_off(db, tenant)
    mail = (await mails(db, tenant, to=ROBIN))[-1]
    assert f"USD {paid.total.decimal()} go back" in mail.text
    method, event = calendar_of(mail)
    assert (method, str(event["STATUS"]), int(str(event["SEQUENCE"]))) == ("CANCEL", "CANCELLED", 1)
    assert "by the customer" in (await to_provider(db, tenant, provider))[-1].text
    await turn_to(db, tenant, paid.starts_at)
    assert len(await mails(db, tenant, to=ROBIN)) == 2


async def test_the_refund_of_a_cancellation_is_told_once(
    db: Database, tenant: Tenant, customer: Actor, paid: bookings.Booking
) -> None:
    await turn_to(db, tenant, paid.starts_at - timedelta(hours=30))
    async with db.transaction(customer) as tx:
        cancelled = await bookings.cancel(tx, paid.id, POLICY)
    db.clock.offset += timedelta(minutes=5)
    async with db.transaction(Actor.system(tenant.id)) as tx:
        assert paid.payment is not None
        rest = paid.total_cents - cancelled.refund_cents
        await payments.request_refund(tx, paid.payment.id, rest, reason="goodwill")
        refunds = await payments.refunds_of(tx, paid.payment.id)
    before = len(await mails(db, tenant, to=ROBIN))
    for refund in refunds:
        await say(
            db,
            tenant,
            payments.events.PaymentRefunded(
                payment_id=str(refund.payment_id),
                subject_id=str(paid.id),
                refund_id=str(refund.id),
                amount_cents=refund.amount_cents,
                in_full=refund is refunds[-1],
            ),
        )
    await work_off(db, tenant)
    new = [mail.subject.split(":")[0] for mail in (await mails(db, tenant, to=ROBIN))[before:]]
    assert sorted(new) == ["Cancelled", f"Your refund for booking {paid.number}"]


async def test_part_of_the_money_going_back_is_told(
    db: Database, tenant: Tenant, customer: Actor, paid: bookings.Booking
) -> None:
    await refund(db, tenant, paid, 1_000, in_full=False)
    mail = (await mails(db, tenant, to=ROBIN))[-1]
    assert "USD 10.00" in mail.text
    assert mail.attachments == []


async def test_a_meeting_refunded_in_full_is_off_for_both(
    db: Database, tenant: Tenant, provider: Actor, paid: bookings.Booking
) -> None:
    await refund(db, tenant, paid, paid.total_cents, in_full=True)
    mail = (await mails(db, tenant, to=ROBIN))[-1]
    assert calendar_of(mail)[0] == "CANCEL"
    assert f"USD {paid.total.decimal()} go back" in mail.text
    assert (await told(db, provider))[-1] is Kind.PROVIDER_CANCELLED


async def test_what_was_never_paid_lapses_with_a_short_word(
    db: Database, tenant: Tenant, customer: Actor, provider: Actor, listing: UUID
) -> None:
    booking = await place(db, customer, listing)
    db.clock.offset += timedelta(minutes=16)
    await bookings.expire_lapsed(db, Actor.system(tenant.id))
    await work_off(db, tenant)
    (mail,) = await mails(db, tenant, to=ROBIN)
    assert mail.subject.startswith("Not paid in time: ")
    assert "Nothing was charged" in mail.text
    assert booking.number in mail.text
    assert mail.attachments == []
    assert await to_provider(db, tenant, provider) == []


async def test_an_unpaid_booking_cancelled_is_no_news_to_the_provider(
    db: Database, tenant: Tenant, customer: Actor, provider: Actor, listing: UUID
) -> None:
    booking = await place(db, customer, listing)
    async with db.transaction(customer) as tx:
        await bookings.cancel(tx, booking.id, POLICY)
    await work_off(db, tenant)
    (mail,) = await mails(db, tenant, to=ROBIN)
    assert "It was not paid" in mail.text
    assert mail.attachments == []
    assert await to_provider(db, tenant, provider) == []


async def test_money_that_came_too_late_is_told_as_it_is(
    db: Database, tenant: Tenant, customer: Actor, listing: UUID, system: Actor
) -> None:
    late = await place(db, customer, listing)
    db.clock.offset += timedelta(minutes=16)
    await bookings.expire_lapsed(db, system)
    other = await place(db, await make_catalogue.user(db, tenant.id), listing, contact_email="o@example.com")
    await pay(db, system, other)
    await pay(db, system, late)
    await work_off(db, tenant)
    mine = await mails(db, tenant, to=ROBIN)
    told_of = [mail.subject for mail in mine]
    assert "We could not book Grace Hopper for you" in told_of
    assert not [s for s in told_of if s.startswith(("Confirmed", "Not paid"))]
    assert f"USD {late.total.decimal()} go back" in mine[-1].text


async def test_after_the_meeting_a_review_is_asked_for(
    db: Database, tenant: Tenant, provider: Actor, paid: bookings.Booking
) -> None:
    db.clock.offset += paid.ends_at - db.clock.now()
    async with db.transaction(provider) as tx:
        await bookings.complete(tx, paid.id)
    await work_off(db, tenant)
    mail = (await mails(db, tenant, to=ROBIN))[-1]
    assert mail.subject == "How was your meeting with Grace Hopper?"
    assert f"{FRONTEND}/bookings/{paid.number}/review" in mail.text


async def test_a_guest_s_first_mail_holds_a_key_that_opens_the_booking(
    db: Database, tenant: Tenant, customer: Actor, listing: UUID, system: Actor
) -> None:
    someone = make_bookings.guest(tenant.id)
    asked = make_bookings.ask(db, listing)
    async with db.transaction(someone) as tx:
        placed = await bookings.place(tx, asked, POLICY)
    token = placed.access_token or ""
    waiting = str(await jobs(db, tenant))
    await work_off(db, tenant)
    (mail,) = await mails(db, tenant, to=ROBIN)
    assert token_in(mail) == token
    async with db.transaction(system) as tx:
        assert await bookings.guest(tx, placed.booking.number, token_in(mail), POLICY) == someone
    assert token not in waiting + await everything(db, tenant)
    await pay(db, system, placed.booking)
    await work_off(db, tenant)
    assert "token=" not in (await mails(db, tenant, to=ROBIN))[-1].text


async def test_a_listing_without_an_owner_tells_nobody_of_its_bookings(
    db: Database, tenant: Tenant, customer: Actor, system: Actor
) -> None:
    nobodys = await make_catalogue.listing(db, tenant.id, time_zone="UTC")
    booking = await place(db, customer, nobodys)
    await pay(db, system, booking)
    await work_off(db, tenant)
    assert [mail.to for mail in await mails(db, tenant)] == [ROBIN]


async def test_hostile_names_reach_nobody_else(
    db: Database, tenant: Tenant, customer: Actor, provider: Actor, listing: UUID, system: Actor
) -> None:
    evil = "x\r\nBcc: evil@attacker.example\r\n\r\n{{7*7}}<script>"
    async with db.transaction(provider) as tx:
        await catalogue.change(tx, provider, listing, catalogue.Change(display_name="Grace {{7*7}} =cmd"))
    booking = await place(db, customer, listing, contact_name=evil, special_requests=evil)
    await pay(db, system, booking)
    await work_off(db, tenant)
    arrived = await mails(db, tenant)
    assert {mail.to for mail in arrived} == {ROBIN, (await to_provider(db, tenant, provider))[0].to}
    for mail in arrived:
        assert "bcc" not in {name.lower() for name in mail.headers}
        assert "49" not in mail.subject
        assert "<script" not in mail.html
        assert calendar_of(mail)[1]["UID"]


async def test_whoever_leaves_is_forgotten_on_the_other_side_too(
    db: Database, tenant: Tenant, provider: Actor, customer: Actor, paid: bookings.Booking, system: Actor
) -> None:
    async with db.transaction(system) as tx:
        assert customer.id is not None
        await publish(tx, identity.UserDeleted(user_id=customer.id))
    left = await everything(db, tenant)
    assert "Robin" not in left
    assert ROBIN not in left
    assert await told(db, provider) == [Kind.PROVIDER_BOOKED]


async def refund(db: Database, tenant: Tenant, booking: bookings.Booking, cents: int, *, in_full: bool) -> None:
    """The money is back with the customer, as the payments module says it."""
    system = Actor.system(tenant.id)

    async def work(tx: Transaction) -> None:
        assert booking.payment is not None
        await payments.request_refund(tx, booking.payment.id, cents, reason="goodwill")
        (made,) = await payments.refunds_of(tx, booking.payment.id)
        await publish(
            tx,
            payments.events.PaymentRefunded(
                payment_id=str(made.payment_id),
                subject_id=str(booking.id),
                refund_id=str(made.id),
                amount_cents=cents,
                in_full=in_full,
            ),
        )

    await db.run(system, work)
    await work_off(db, tenant)


async def everything(db: Database, tenant: Tenant) -> str:
    """All that the table of notifications holds of this tenant."""
    admin = await asyncpg.connect(make.dsn(db))
    rows = await admin.fetch("SELECT n::text FROM notifications n WHERE tenant_id = $1", tenant.id)
    await admin.close()
    return msgspec.json.encode([row[0] for row in rows]).decode()
