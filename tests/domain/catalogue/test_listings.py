"""A listing's life: who may add, change and take it away; its prices and its owner."""

from typing import Any

import pytest

from bookable.domain import catalogue, identity
from bookable.domain.catalogue import Change, NoSuchListing, NoSuchOffer, Offer, UsernameTaken
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import Forbidden, ValidationFailed
from bookable.kernel.events import Event, Subscriptions
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from tests import make, make_catalogue


async def change(db: Database, actor: Actor, listing_id: Any, **given: Any) -> None:
    async with db.transaction(actor) as tx:
        await catalogue.change(tx, actor, listing_id, Change(**given))


async def found(db: Database, tenant: Tenant, listing_id: Any) -> catalogue.Listing:
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        return await catalogue.find(tx, listing_id)


async def test_it_is_found_by_id_and_by_username(db: Database, tenant: Tenant) -> None:
    made = await make_catalogue.listing(db, tenant.id, username="ada.l", display_name="Ada")
    assert (await found(db, tenant, made)) == (await found(db, tenant, "Ada.L"))
    for name in (new_id(), "nobody", "", "x" * 500):
        with pytest.raises(NoSuchListing):
            await found(db, tenant, name)


@pytest.mark.parametrize("role", ["user", "celebrity"])
async def test_only_an_admin_lists_and_takes_away(db: Database, tenant: Tenant, role: str) -> None:
    person = await make_catalogue.user(db, tenant.id, role)
    made = await make_catalogue.listing(db, tenant.id, owner_id=person.id)
    async with db.transaction(person) as tx:
        with pytest.raises(Forbidden):
            await catalogue.add(tx, person, make_catalogue.draft())
        with pytest.raises(Forbidden):
            await catalogue.deactivate(tx, person, made)


async def test_a_username_is_given_once(db: Database, tenant: Tenant) -> None:
    await make_catalogue.listing(db, tenant.id, username="ada")
    with pytest.raises(UsernameTaken):
        await make_catalogue.listing(db, tenant.id, username="ada")
    await make_catalogue.listing(db, (await make.tenant(db)).id, username="ada")


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("username", {"username": "Ada"}),
        ("username", {"username": "a"}),
        ("username", {"username": "-ada-"}),
        ("username", {"username": "a" * 31}),
        ("displayName", {"display_name": "  "}),
        ("bio", {"bio": "x" * 5001}),
        ("timeZone", {"time_zone": "Mars/Olympus"}),
        ("quick", {"offers": (Offer("quick", 15, -1),)}),
        ("offers", {"offers": ()}),
    ],
)
async def test_what_is_wrong_is_named(db: Database, tenant: Tenant, field: str, given: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await make_catalogue.listing(db, tenant.id, **given)
    assert [f["field"] for f in refused.value.details["fields"]] == [field]


async def test_its_owner_changes_profile_and_prices_and_nothing_else(db: Database, tenant: Tenant) -> None:
    owner = await make_catalogue.user(db, tenant.id)
    made = await make_catalogue.listing(db, tenant.id, owner_id=owner.id, bio="old", location="Rome")
    await change(db, owner, made, bio="new", location=None, offers=(Offer("quick", 15, 7),))
    now = await found(db, tenant, made)
    assert (now.bio, now.location, now.category) == ("new", None, "Hollywood")
    assert now.prices == {"quick": 7, "standard": 20_000, "premium": 40_000}
    assert now.lowest_price_cents == 7
    for field, value in (("is_verified", True), ("is_featured", True), ("is_active", False), ("owner_id", None)):
        with pytest.raises(Forbidden):
            await change(db, owner, made, **{field: value})


async def test_others_change_nothing(db: Database, tenant: Tenant) -> None:
    made = await make_catalogue.listing(db, tenant.id)
    for actor in (await make_catalogue.user(db, tenant.id, "celebrity"), Actor.nobody(tenant.id)):
        with pytest.raises(Forbidden):
            await change(db, actor, made, bio="mine now")


async def test_an_admin_changes_everything_and_brings_back(db: Database, tenant: Tenant) -> None:
    admin = await make_catalogue.user(db, tenant.id, "admin")
    made = await make_catalogue.listing(db, tenant.id)
    await change(db, admin, made, is_verified=True, is_featured=True, category="Business")
    await change(db, admin, made, is_active=False)
    await change(db, admin, made, is_active=False)
    with pytest.raises(NoSuchListing):
        await found(db, tenant, made)
    async with db.transaction(admin) as tx:
        assert await catalogue.categories(tx) == []
    await change(db, admin, made, is_active=True)
    now = await found(db, tenant, made)
    assert (now.is_verified, now.is_featured, now.category) == (True, True, "Business")
    async with db.transaction(admin) as tx:
        assert [(c.category, c.count) for c in await catalogue.categories(tx)] == [("Business", 1)]


async def test_an_offer_ends_and_the_lowest_price_follows_but_one_must_remain(db: Database, tenant: Tenant) -> None:
    system = Actor.system(tenant.id)
    made = await make_catalogue.listing(db, tenant.id)
    await change(db, system, made, offers_ended=("quick",))
    now = await found(db, tenant, made)
    assert (now.prices, now.lowest_price_cents) == ({"standard": 20_000, "premium": 40_000}, 20_000)
    with pytest.raises(ValidationFailed):
        await change(db, system, made, offers_ended=("standard", "premium"))
    async with db.transaction(system) as tx:
        with pytest.raises(NoSuchOffer):
            await catalogue.bookable(tx, made, "quick")
        with pytest.raises(NoSuchListing):
            await catalogue.bookable(tx, new_id(), "quick")
        offer = await catalogue.bookable(tx, made, "standard")
    assert (offer.duration_minutes, offer.price_cents, offer.currency) == (30, 20_000, "USD")


async def test_whoever_is_named_owner_becomes_a_celebrity(
    db: Database, tenant: Tenant, subscriptions: Subscriptions
) -> None:
    heard: list[Event] = []

    async def listen(_: Transaction, event: Event) -> None:
        heard.append(event)

    subscriptions.within(catalogue.ListingOwnerChanged, listen)
    admin = await make_catalogue.user(db, tenant.id, "admin")
    person = await make_catalogue.user(db, tenant.id)
    made = await make_catalogue.listing(db, tenant.id)
    await change(db, admin, made, owner_id=person.id)
    await change(db, admin, made, owner_id=person.id)
    await change(db, admin, made, owner_id=None)
    async with db.transaction(admin) as tx:
        assert person.id is not None
        assert (await identity.get(tx, person.id)).role == "celebrity"
        with pytest.raises(ValidationFailed) as refused:
            await catalogue.change(tx, admin, made, Change(owner_id=new_id()))
    assert refused.value.details["fields"][0]["field"] == "userId"
    assert heard == [
        catalogue.ListingOwnerChanged(listing_id=made, owner_id=person.id, previous_owner_id=None),
        catalogue.ListingOwnerChanged(listing_id=made, owner_id=None, previous_owner_id=person.id),
    ]


async def test_many_are_listed_together(db: Database, tenant: Tenant) -> None:
    system = Actor.system(tenant.id)
    async with db.transaction(system) as tx:
        ids = await catalogue.add_many(tx, system, [make_catalogue.draft() for _ in range(50)])
        page = await catalogue.browse(tx, order=catalogue.Order.NEWEST, limit=100)
    assert {i.id for i in page.items} == set(ids)
    assert all(len(i.prices) == 3 for i in page.items)


async def test_when_its_owner_is_gone_it_can_be_booked_no_more(db: Database, tenant: Tenant) -> None:
    owner = await make_catalogue.user(db, tenant.id)
    made = await make_catalogue.listing(db, tenant.id, owner_id=owner.id)
    kept = await make_catalogue.listing(db, tenant.id)
    async with db.transaction(owner) as tx:
        await catalogue.like(tx, owner, kept)
    async with db.transaction(owner.widened()) as tx:
        assert owner.id is not None
        await catalogue.forget(tx, identity.UserDeleted(user_id=owner.id))
        assert await catalogue.likes_of(tx, owner.id) == []
    with pytest.raises(NoSuchListing):
        await found(db, tenant, made)
    assert await found(db, tenant, kept)
