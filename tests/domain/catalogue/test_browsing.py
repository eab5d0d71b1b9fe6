"""The public list: what it leaves out, in what order, how far it goes, and that its total is true."""

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from bookable.domain import catalogue
from bookable.domain.catalogue import Excluding, Filters, Order
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import ValidationFailed
from bookable.kernel.tenants import Tenant
from tests import make, make_catalogue


async def names(db: Database, tenant: Tenant, filters: Filters = Filters(), **options: Any) -> list[str]:
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        page = await catalogue.browse(tx, filters, **options)
    assert options.get("cursor") or page.total >= len(page.items)
    return [item.display_name for item in page.items]


async def total(db: Database, tenant: Tenant, filters: Filters = Filters(), **options: Any) -> int:
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        return (await catalogue.browse(tx, filters, **options)).total


async def three(db: Database, tenant: Tenant) -> None:
    """Ada is rated 4, Ben 5, Cy not at all; Ben is the cheapest."""
    add = make_catalogue.listing
    await add(db, tenant.id, display_name="Ada", category="Athletes", location="Lyon, France", rated=(4,))
    await add(
        db,
        tenant.id,
        display_name="Ben",
        category="Business",
        location="Paris, France",
        rated=(5, 5),
        offers=make_catalogue.prices(100, 200, 300),
    )
    await add(db, tenant.id, display_name="cy", category="Business", is_featured=True)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (None, ["Ben", "Ada", "cy"]),
        (Order.RATING, ["Ben", "Ada", "cy"]),
        (Order.NEWEST, ["cy", "Ben", "Ada"]),
        (Order.NAME, ["Ada", "Ben", "cy"]),
        (Order.PRICE, ["Ben", "Ada", "cy"]),
        (Order.PRICE_DESCENDING, ["cy", "Ada", "Ben"]),
        (Order.RELEVANCE, ["Ben", "Ada", "cy"]),
    ],
)
async def test_it_is_sorted_as_asked(db: Database, tenant: Tenant, order: Order | None, expected: list[str]) -> None:
    await three(db, tenant)
    assert await names(db, tenant, order=order) == expected


async def test_popular_is_who_was_booked_most(db: Database, tenant: Tenant) -> None:
    await three(db, tenant)
    asked = await make_catalogue.listing(db, tenant.id, display_name="Dee")
    async with db.transaction(Actor.system(tenant.id)) as tx:
        await catalogue.count_booking(tx, asked, by=2)
        await catalogue.count_booking(tx, asked, by=-1)
    assert (await names(db, tenant, order=Order.POPULAR))[0] == "Dee"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(category="Business"), {"Ben", "cy"}),
        (Filters(category="business"), set()),
        (Filters(location="france"), {"Ada", "Ben"}),
        (Filters(location="Par%"), set()),
        (Filters(min_price=101), {"Ada", "cy"}),
        (Filters(max_price=100), {"Ben"}),
        (Filters(min_price=100, max_price=100), {"Ben"}),
        (Filters(min_rating=Decimal(4)), {"Ada", "Ben"}),
        (Filters(min_rating=Decimal("4.5")), {"Ben"}),
        (Filters(featured=True), {"cy"}),
        (Filters(featured=False), {"Ada", "Ben"}),
        (Filters(category="Business", featured=False, max_price=500, location="Paris"), {"Ben"}),
    ],
)
async def test_filters_leave_what_they_say_and_the_total_counts_it(
    db: Database, tenant: Tenant, filters: Filters, expected: set[str]
) -> None:
    await three(db, tenant)
    assert set(await names(db, tenant, filters)) == expected
    assert await total(db, tenant, filters) == len(expected)
    assert await total(db, tenant, filters, page=9) == len(expected)


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("search", [None, "hollywood"])
async def test_cursors_walk_the_whole_list_once_in_the_order_of_pages(
    db: Database, tenant: Tenant, order: Order, search: str | None
) -> None:
    for n in range(7):
        await make_catalogue.listing(
            db,
            tenant.id,
            display_name=f"Name {n % 2} Hollywood" if n % 3 else f"Name {n % 2}",
            offers=make_catalogue.prices(100 + n % 2),
            rated=(3 + n % 2,) * (n % 3),
        )
    filters = Filters(search=search)
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        whole = await catalogue.browse(tx, filters, order=order, limit=100)
        by_cursor: list[Any] = []
        cursor = None
        while True:
            page = await catalogue.browse(tx, filters, order=order, limit=2, cursor=cursor)
            by_cursor += page.items
            assert page.total == 7
            if (cursor := page.next_cursor) is None:
                break
        by_page = [
            item
            for n in range(1, 6)
            for item in (await catalogue.browse(tx, filters, order=order, limit=2, page=n)).items
        ]
    assert [i.id for i in by_cursor] == [i.id for i in by_page] == [i.id for i in whole.items]
    assert len({i.id for i in by_cursor}) == 7


async def test_a_cursor_of_another_order_or_of_nobody_is_refused(db: Database, tenant: Tenant) -> None:
    await three(db, tenant)
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        page = await catalogue.browse(tx, order=Order.PRICE, limit=1)
        for cursor, order in [
            (page.next_cursor, Order.NAME),
            ("x", Order.PRICE),
            ("", Order.PRICE),
            ("ä" * 5, Order.PRICE),
            ("W10", Order.RATING),
            ("A" * 5000, Order.RATING),
        ]:
            with pytest.raises(ValidationFailed) as refused:
                await catalogue.browse(tx, order=order, cursor=cursor)
            assert refused.value.details["fields"][0]["field"] == "cursor"


async def test_the_inactive_are_nowhere(db: Database, tenant: Tenant) -> None:
    await three(db, tenant)
    system = Actor.system(tenant.id)
    async with db.transaction(system) as tx:
        found = await catalogue.browse(tx, Filters(search="ben"))
        await catalogue.deactivate(tx, system, found.items[0].id)
    assert await names(db, tenant) == ["Ada", "cy"]
    assert await names(db, tenant, Filters(search="ben")) == []
    assert await total(db, tenant, Filters(category="Business")) == 1


async def test_another_tenants_are_nowhere(db: Database, tenant: Tenant) -> None:
    other = await make.tenant(db)
    await three(db, other)
    for filters in (Filters(), Filters(search="ada"), Filters(search="adda"), Filters(featured=True)):
        assert await names(db, tenant, filters) == []
        assert await total(db, tenant, filters) == 0


async def test_a_listing_says_everything_at_once(db: Database, tenant: Tenant) -> None:
    await three(db, tenant)
    person = await make_catalogue.user(db, tenant.id)
    async with db.transaction(person) as tx:
        (ben,) = (await catalogue.browse(tx, Filters(search="Ben"))).items
        await catalogue.like(tx, person, ben.id)
        (liked,) = (await catalogue.browse(tx, Filters(search="Ben"))).items
    assert ben.prices == {"quick": 100, "standard": 200, "premium": 300}
    assert (ben.average_rating, ben.rating_count, ben.lowest_price_cents) == (5.0, 2, 100)
    assert (ben.is_favourite, liked.is_favourite) == (False, True)
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        assert (await catalogue.find(tx, ben.id)).is_favourite is None


async def test_the_total_follows_every_change(db: Database, tenant: Tenant) -> None:
    """Totals are remembered, and never longer than they are true."""
    await three(db, tenant)
    system = Actor.system(tenant.id)
    cheap, good = Filters(max_price=150), Filters(min_rating=Decimal(3))
    assert (await total(db, tenant, cheap), await total(db, tenant, good)) == (1, 2)
    async with db.transaction(system) as tx:
        (cy,) = (await catalogue.browse(tx, Filters(search="cy"))).items
        await catalogue.change(tx, system, cy.id, catalogue.Change(offers=(catalogue.Offer("quick", 15, 150),)))
        await catalogue.rate(tx, cy.id, 3)
    assert (await total(db, tenant, cheap), await total(db, tenant, good)) == (2, 3)


async def test_a_total_counted_in_a_transaction_that_failed_is_forgotten(db: Database, tenant: Tenant) -> None:
    await three(db, tenant)
    cheap = Filters(max_price=150)

    async def work(tx: Transaction) -> None:
        await catalogue.add(tx, tx.actor, make_catalogue.draft(offers=make_catalogue.prices(1)))
        assert (await catalogue.browse(tx, cheap)).total == 2
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await db.run(Actor.system(tenant.id), work)
    await make_catalogue.listing(db, tenant.id, offers=make_catalogue.prices(1_000))
    assert await total(db, tenant, cheap) == 1


async def test_what_somebody_above_takes_out_is_neither_shown_nor_counted(db: Database, tenant: Tenant) -> None:
    await three(db, tenant)
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        (ben,) = (await catalogue.browse(tx, Filters(search="Ben"))).items
    taken = Excluding(sa.select(sa.bindparam("taken", type_=sa.Uuid).label("id")), (("taken", ben.id),))
    for filters, left in (
        (Filters(), ["Ada", "cy"]),
        (Filters(category="Business"), ["cy"]),
        (Filters(search="France"), ["Ada"]),
    ):
        assert await names(db, tenant, filters, excluding=taken) == left
        assert await total(db, tenant, filters, excluding=taken) == len(left)


async def test_categories_are_counted(db: Database, tenant: Tenant) -> None:
    await three(db, tenant)
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        found = await catalogue.categories(tx)
    assert [(c.category, c.count) for c in found] == [("Athletes", 1), ("Business", 2)]


async def test_featured_are_at_most_twelve_and_the_best_rated(db: Database, tenant: Tenant) -> None:
    for n in range(13):
        await make_catalogue.listing(db, tenant.id, display_name=f"N{n}", is_featured=True, rated=(5,) * (n > 0))
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        found = await catalogue.featured(tx)
    assert len(found) == 12
    assert "N0" not in {listing.display_name for listing in found}
