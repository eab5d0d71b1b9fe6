"""Reviews: one a booking, by whoever was there, after they were; and the average is theirs, to the star."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from bookable.domain import bookings, catalogue, identity, reviews
from bookable.domain.reviews import AlreadyReviewed, Order
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import InvalidState, ValidationFailed
from bookable.kernel.events import Subscriptions
from bookable.kernel.tenants import Tenant
from tests import make_bookings, make_catalogue


@pytest.fixture
async def subscriptions() -> Subscriptions:
    heard = Subscriptions()
    make_bookings.listen(heard)
    return heard


@pytest.fixture
async def listing(db: Database, tenant: Tenant) -> UUID:
    return await make_catalogue.listing(db, tenant.id, time_zone="UTC")


async def attended(db: Database, customer: Actor, listing: UUID, *, days: int = 10) -> bookings.Booking:
    """A meeting that was booked, paid and held."""
    house = Actor.system(customer.tenant_id)
    placed = await make_bookings.place(db, customer, listing, day=make_bookings.soon(db, days))
    await make_bookings.pay(db, house, placed)
    before = db.clock.offset
    db.clock.offset = placed.ends_at - db.clock.real() + timedelta(hours=1)
    async with db.transaction(await make_catalogue.user(db, customer.tenant_id, "admin")) as tx:
        done = await bookings.complete(tx, placed.id)
    db.clock.offset = before
    return done


async def post(db: Database, actor: Actor, booking: bookings.Booking, rating: int = 5, **said: str) -> reviews.Review:
    async def work(tx: Transaction) -> reviews.Review:
        return await reviews.post(tx, booking.id, rating=rating, **said)

    return await db.run(actor, work)


async def shown(db: Database, listing: UUID, tenant: Tenant) -> tuple[float, int]:
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        found = await catalogue.find(tx, listing)
        assert await reviews.drift(tx) == []
    return found.average_rating, found.rating_count


async def test_it_shows_in_the_average_at_once(db: Database, tenant: Tenant, listing: UUID) -> None:
    person = await make_catalogue.user(db, tenant.id, first_name="Zoë", last_name="ångström")
    first, second, third = [await attended(db, person, listing, days=n) for n in (5, 6, 7)]
    review = await post(db, person, first, 4, title=" Good ", comment="\n")
    assert (review.author_first_name, review.author_initial) == ("Zoë", "Å")
    assert (review.title, review.comment, review.booking_id, review.helpful_count) == ("Good", None, first.id, 0)
    assert await shown(db, listing, tenant) == (4.0, 1)
    await post(db, person, second, 5)
    await post(db, person, third, 5)
    assert await shown(db, listing, tenant) == (4.67, 3)


async def test_twenty_at_once_leave_one(db: Database, tenant: Tenant, listing: UUID) -> None:
    person = await make_catalogue.user(db, tenant.id)
    for days in (5, 6, 7):
        booking = await attended(db, person, listing, days=days)
        tries = await asyncio.gather(*(post(db, person, booking, n % 5 + 1) for n in range(20)), return_exceptions=True)
        assert sum(isinstance(t, reviews.Review) for t in tries) == 1
        assert sum(isinstance(t, AlreadyReviewed) for t in tries) == 19
    assert (await shown(db, listing, tenant))[1] == 3


async def test_many_people_at_once_all_count(db: Database, tenant: Tenant, listing: UUID) -> None:
    people = [await make_catalogue.user(db, tenant.id) for _ in range(6)]
    held = [await attended(db, person, listing, days=5 + n) for n, person in enumerate(people)]
    await asyncio.gather(
        *(post(db, person, booking, n % 5 + 1) for n, (person, booking) in enumerate(zip(people, held, strict=True)))
    )
    assert await shown(db, listing, tenant) == (2.67, 6)


async def test_only_its_customer_reviews_it(db: Database, tenant: Tenant, listing: UUID) -> None:
    person, other = await make_catalogue.user(db, tenant.id), await make_catalogue.user(db, tenant.id)
    admin = await make_catalogue.user(db, tenant.id, "admin")
    booking = await attended(db, person, listing)
    for actor in (other, admin, Actor.nobody(tenant.id)):
        with pytest.raises(bookings.NoSuchBooking):
            await post(db, actor, booking)


async def test_not_before_it_took_place(db: Database, tenant: Tenant, listing: UUID) -> None:
    person = await make_catalogue.user(db, tenant.id)
    booking = await make_bookings.place(db, person, listing)
    with pytest.raises(InvalidState):
        await post(db, person, booking)
    await make_bookings.pay(db, Actor.system(tenant.id), booking)
    with pytest.raises(InvalidState):
        await post(db, person, booking)


async def test_a_guest_reviews_under_the_name_they_booked_with(db: Database, tenant: Tenant, listing: UUID) -> None:
    someone = make_bookings.guest(tenant.id)
    review = await post(db, someone, await attended(db, someone, listing))
    assert (review.author_first_name, review.author_initial) == ("Robin", "F")


@pytest.mark.parametrize(
    ("rating", "said", "field"),
    [(0, {}, "rating"), (6, {}, "rating"), (3, {"title": "x" * 121}, "title"), (3, {"comment": "\0"}, "comment")],
)
async def test_what_is_wrong_is_named(
    db: Database, tenant: Tenant, listing: UUID, rating: int, said: dict[str, str], field: str
) -> None:
    person = await make_catalogue.user(db, tenant.id)
    booking = await make_bookings.place(db, person, listing)
    with pytest.raises(ValidationFailed) as refused:
        await post(db, person, booking, rating, **said)
    assert [f["field"] for f in refused.value.details["fields"]] == [field]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.NEWEST, [3, 5, 1, 5]),
        (Order.RATING, [5, 5, 3, 1]),
        (Order.RATING_ASCENDING, [1, 3, 5, 5]),
        (Order.HELPFUL, [3, 5, 1, 5]),
    ],
)
async def test_they_are_listed_in_every_order_with_what_they_say_together(
    db: Database, tenant: Tenant, listing: UUID, order: Order, expected: list[int]
) -> None:
    person = await make_catalogue.user(db, tenant.id)
    for n, stars in enumerate((5, 1, 5, 3)):
        await post(db, person, await attended(db, person, listing, days=5 + n), stars)
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        whole = await reviews.of_listing(tx, listing, order=order)
        first = await reviews.of_listing(tx, listing, order=order, limit=3)
        last = await reviews.of_listing(tx, listing, order=order, limit=3, cursor=first.next_cursor)
        second = await reviews.of_listing(tx, listing, order=order, limit=3, page=2)
        for cursor in ("x", catalogue.browse):
            with pytest.raises(ValidationFailed):
                await reviews.of_listing(tx, listing, order=order, cursor=str(cursor))
    assert [r.rating for r in whole.items] == expected
    assert [r.id for r in first.items + last.items] == [r.id for r in whole.items]
    assert (last.items, last.next_cursor) == (second.items, None)
    assert whole.summary.histogram == {1: 1, 2: 0, 3: 1, 4: 0, 5: 2}
    assert (whole.summary.average, whole.summary.count) == (3.5, 4)


async def test_a_listing_without_reviews_says_so_and_an_inactive_one_nothing(
    db: Database, tenant: Tenant, listing: UUID
) -> None:
    house = Actor.system(tenant.id)
    async with db.transaction(house) as tx:
        page = await reviews.of_listing(tx, listing)
        assert (page.items, page.summary.average, page.summary.count) == ([], 0.0, 0)
        await catalogue.deactivate(tx, house, listing)
        with pytest.raises(catalogue.NoSuchListing):
            await reviews.of_listing(tx, listing)


async def test_when_its_author_is_gone_it_stays_under_nobodys_name(db: Database, tenant: Tenant, listing: UUID) -> None:
    person = await make_catalogue.user(db, tenant.id, first_name="Canary", last_name="Yellow")
    await post(db, person, await attended(db, person, listing), 2)
    assert person.id is not None
    async with db.transaction(person.widened()) as tx:
        assert [r.rating for r in await reviews.export(tx, person.id)] == [2]
        await reviews.forget(tx, identity.UserDeleted(user_id=person.id))
        (review,) = (await reviews.of_listing(tx, listing)).items
    assert (review.author_first_name, review.author_initial, review.rating) == ("Former member", "", 2)


@pytest.mark.parametrize("given", [(1, 2, 2), (5, 5, 4), (4, 4, 5, 5, 5, 3, 2, 1), (3,) * 7, (1, 1, 1, 1, 1, 1, 1, 2)])
async def test_the_summary_and_the_listing_round_alike(db: Database, tenant: Tenant, given: tuple[int, ...]) -> None:
    made = await make_catalogue.listing(db, tenant.id, rated=given)
    summary = reviews.Summary(*(given.count(n) for n in range(1, 6)))
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        assert (await catalogue.find(tx, made)).average_rating == summary.average
        (drift,) = await reviews.drift(tx)
    assert (drift.rating_count, drift.recounted_count) == (len(given), 0)
