"""Statements that add, change and remove films, and keep count of them."""

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from bookable.kernel.db import Query, Record, app_now, command, query

from ..records import Film
from ..tables import films, tallies
from .columns import film_id, of, owner, tenant

__all__ = [
    "Counted",
    "add",
    "add_many",
    "change",
    "forget",
    "forget_tallies",
    "locked",
    "remove",
    "share",
    "tally",
    "unshare",
    "untally",
]

_GIVEN = ("title", "title_key", "year", "image_url", "notes", "watched", "rating")
_theirs = (films.c.tenant_id == tenant, films.c.id == film_id, films.c.owner_id == owner)


class Counted(Record, frozen=True):
    """A film that was taken away, and the year that it was counted under."""

    id: int
    year: int | None


_values = {name: sa.bindparam(name, type_=films.c[name].type) for name in _GIVEN}
add = query(
    sa.insert(films)
    .values(tenant_id=tenant, owner_id=owner, created_at=app_now(), updated_at=app_now(), **_values)
    .returning(*of(films.c)),
    Film,
)

_rows = (
    sa.func.unnest(*(sa.bindparam(name, type_=ARRAY(films.c[name].type)) for name in _GIVEN))
    .table_valued(*(sa.column(name, films.c[name].type) for name in _GIVEN), with_ordinality="nth", name="given")
    .render_derived()
)
add_many = query(
    sa.insert(films)
    .from_select(
        ["tenant_id", "owner_id", *_GIVEN, "created_at", "updated_at"],
        sa.select(tenant, owner, *(_rows.c[n] for n in _GIVEN), app_now(), app_now()).order_by(_rows.c.nth),
    )
    .returning(films.c.id),
    int,
)
"""Their ids, in the order given."""


@lru_cache(maxsize=128)
def change(names: frozenset[str]) -> Query[Film]:
    """Set these columns of one's own film."""
    new: dict[str, Any] = {n: sa.bindparam(f"new_{n}", type_=films.c[n].type) for n in sorted(names)}
    return query(sa.update(films).where(*_theirs).values(updated_at=app_now(), **new).returning(*of(films.c)), Film)


remove = query(sa.delete(films).where(*_theirs).returning(films.c.id, films.c.year), Counted)
forget = command(sa.delete(films).where(films.c.tenant_id == tenant, films.c.owner_id == owner))

share = query(
    sa.update(films)
    .where(*_theirs)
    .values(share_token=sa.func.coalesce(films.c.share_token, sa.bindparam("token", type_=sa.Text)))
    .returning(films.c.share_token),
    str,
)
unshare = command(sa.update(films).where(*_theirs).values(share_token=None))

_counts = (
    sa.func.unnest(sa.bindparam("years", type_=ARRAY(sa.SmallInteger)), sa.bindparam("counts", type_=ARRAY(sa.Integer)))
    .table_valued(sa.column("year", sa.SmallInteger), sa.column("films", sa.Integer), name="counted")
    .render_derived()
)
_tallied = insert(tallies).from_select(
    ["tenant_id", "owner_id", "year", "films", "changes"],
    sa.select(tenant, owner, _counts.c.year, _counts.c.films, sa.literal(1)).order_by(_counts.c.year),
)
tally = command(
    _tallied.on_conflict_do_update(
        index_elements=["tenant_id", "owner_id", "year"],
        set_={"films": tallies.c.films + _tallied.excluded.films, "changes": tallies.c.changes + 1},
    )
)
"""Always in the order of years, so that two who count the same years wait for each other instead of deadlocking."""

untally = command(
    sa.update(tallies)
    .where(
        tallies.c.tenant_id == tenant,
        tallies.c.owner_id == owner,
        tallies.c.year == sa.bindparam("year", type_=sa.SmallInteger),
    )
    .values(films=tallies.c.films - 1, changes=tallies.c.changes + 1)
)
forget_tallies = command(sa.delete(tallies).where(tallies.c.tenant_id == tenant, tallies.c.owner_id == owner))
locked = query(sa.select(*of(films.c)).where(*_theirs).with_for_update(), Film)
"""Held until the end, so that what is counted is what was changed."""
