"""Search finds what was meant: other forms of a word, slips, accents, beginnings; and nothing it should not."""

import pytest

from bookable.domain import catalogue
from bookable.domain.catalogue import Filters, Order, places
from bookable.domain.catalogue.queries import browse as queries
from bookable.domain.catalogue.spelling import meant, words_in
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.errors import ValidationFailed
from bookable.kernel.tenants import Tenant
from tests import make_catalogue

PEOPLE = [
    ("Jonathan Marlowe", "Hollywood", "Los Angeles", "Writes and directs running comedies about pianists."),
    ("Zoë Castellan", "Musicians", "Lisbon", "Sings fado; teaches guitars to children."),
    ("Marta Wolfe", "Athletes", "Oslo", "A marathon runner who met Jonathan once."),
    ("Idris Okonjo", "Business", "Lagos", "Builds ships & sells them. C++ and O'Reilly books."),
]


async def people(db: Database, tenant: Tenant) -> None:
    for name, category, location, bio in PEOPLE:
        await make_catalogue.listing(db, tenant.id, display_name=name, category=category, location=location, bio=bio)


async def found(db: Database, tenant: Tenant, search: str, *, order: Order | None = None) -> list[str]:
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        page = await catalogue.browse(tx, Filters(search=search), order=order)
    assert page.total == len(page.items)
    return [item.display_name.split()[0] for item in page.items]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("marlowe", {"Jonathan"}),
        ("MARLOWE jonathan", {"Jonathan"}),
        ("musician", {"Zoë"}),
        ("running", {"Jonathan"}),
        ("guitar", {"Zoë"}),
        ("athlete", {"Marta"}),
        ("pianist comedy", {"Jonathan"}),
        ("ship sell", {"Idris"}),
        ("zoe", {"Zoë"}),
        ("zoë", {"Zoë"}),
        ("oslo", {"Marta"}),
        ('"marathon runner"', {"Marta"}),
        ("jonathan -comedies", {"Marta"}),
        ("lagos or oslo", {"Idris", "Marta"}),
    ],
)
async def test_words_are_found_in_any_of_their_forms(
    db: Database, tenant: Tenant, search: str, expected: set[str]
) -> None:
    await people(db, tenant)
    assert set(await found(db, tenant, search)) == expected


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("marlow", {"Jonathan"}),
        ("Marlwoe", {"Jonathan"}),
        ("jonatan marlowe", {"Jonathan"}),
        ("musicains", {"Zoë"}),
        ("castelan", {"Zoë"}),
        ("hollywod", {"Jonathan"}),
        ("maratohn", {"Marta"}),
        ("wolf", {"Marta"}),
        ("idirs", {"Idris"}),
        ("okon", {"Idris"}),
        ("guitrs fadoo", {"Zoë"}),
        ("olso", {"Marta"}),
    ],
)
async def test_slips_of_the_finger_are_forgiven(db: Database, tenant: Tenant, search: str, expected: set[str]) -> None:
    await people(db, tenant)
    assert set(await found(db, tenant, search)) == expected


@pytest.mark.parametrize("search", ["xylophone", "qqqq", "marlowe okonjo", "!!!", "the", "&|!():*<->", "'", "\\", "%"])
async def test_what_is_not_there_is_not_found(db: Database, tenant: Tenant, search: str) -> None:
    await people(db, tenant)
    assert await found(db, tenant, search) == []


async def test_those_named_so_come_first_and_then_the_best_rated(db: Database, tenant: Tenant) -> None:
    await people(db, tenant)
    await make_catalogue.listing(db, tenant.id, display_name="Best", bio="Knows Jonathan.", rated=(5,))
    assert await found(db, tenant, "jonathan") == ["Jonathan", "Best", "Marta"]
    assert await found(db, tenant, "jonathan", order=Order.RATING) == ["Best", "Marta", "Jonathan"]


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("continued", [False, True])
async def test_little_and_much_are_looked_for_differently_and_found_alike(
    db: Database, tenant: Tenant, order: Order, continued: bool
) -> None:
    """Which of the two statements runs depends on how much is expected; what they answer does not."""
    for n in range(9):
        await make_catalogue.listing(
            db,
            tenant.id,
            display_name=f"Sam {n}" if n % 2 else f"Kim {n}",
            bio="Plays with Sam." if n % 3 else "",
            rated=(1 + n % 3,),
            offers=make_catalogue.prices(n % 2 + 1),
        )
    found = []
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        page = await catalogue.browse(tx, Filters(search="sam"), order=order, limit=3)
        assert page.next_cursor
        where = places.begin(order, cursor=page.next_cursor if continued else None, page=2, limit=3)
        for few in (True, False):
            plan = queries.Plan(frozenset(["search"]), order.value, continued, few, None)
            rows = await tx.all(queries.page(plan), search="sam", user_id=None, limit=3, **where.parameters)
            found.append([row.id for row in rows])
    assert len(found[0]) == 3
    assert found[0] == found[1]


async def test_a_corrected_search_goes_on_over_pages(db: Database, tenant: Tenant) -> None:
    for n in range(5):
        await make_catalogue.listing(db, tenant.id, display_name=f"Quentin {n}")
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        first = await catalogue.browse(tx, Filters(search="qeuntin"), limit=2)
        second = await catalogue.browse(tx, Filters(search="qeuntin"), limit=2, cursor=first.next_cursor)
        third = await catalogue.browse(tx, Filters(search="qeuntin"), limit=2, page=3)
    assert first.total == second.total == third.total == 5
    assert len({i.id for p in (first, second, third) for i in p.items}) == 5


async def test_a_search_without_end_is_refused(db: Database, tenant: Tenant) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await found(db, tenant, "a" * 10_000)
    assert refused.value.details["fields"][0]["field"] == "search"


def test_one_slip_in_a_short_word_two_in_a_long_one() -> None:
    assert meant("jonh", ["john", "joan", "jane"]) == ["john"]
    assert meant("jo", ["john", "zo"]) == ["john"]
    assert meant("qeuntni", ["quentin", "question"]) == ["quentin"]
    assert meant("quen", ["quentin", "queen", "oslo"]) == ["queen", "quentin"]
    assert meant("abcdef", ["xyzdef"]) == []


def test_words_lose_case_accents_and_marks() -> None:
    assert words_in("Zoë O'Reilly", None, "C++ x 42nd") == ["42nd", "reilly", "zoe"]
