"""What GraphQL shows: the shapes of the other operations, field by field, and what can be reached from them.

A field that is looked up later may be null where it is refused: then only it is missing from the answer.
"""

from dataclasses import fields
from datetime import datetime
from typing import Any, NewType
from uuid import UUID

import msgspec
import strawberry
from strawberry.types.info import Info

from bookable.kernel.errors import Forbidden
from bookable.storefronts.kit import Shape

from .. import people
from .context import Context, Wanted

__all__ = ["INSTANT", "Asking", "Instant", "Movie", "MovieInput", "MovieMeta", "MoviePage", "User", "signed_in"]

Asking = Info[Context, None]
Instant = NewType("Instant", datetime)
INSTANT = strawberry.scalar(
    name="DateTime", description="An instant, RFC 3339 in UTC with `Z`.", serialize=msgspec.to_builtins
)


def signed_in(info: Asking) -> Context:
    """Before anything else is looked at. Raises `Unauthenticated`."""
    _ = info.context.me
    return info.context


def _shown(kind: type[Any], shape: Shape) -> dict[str, Any]:
    """The fields of a type that the shape has."""
    return {f.name: getattr(shape, f.name) for f in fields(kind) if f.name in shape.__struct_fields__}


@strawberry.type
class User:
    """Someone who has films."""

    id: UUID
    name: str
    email: str
    role: str
    created_at: Instant

    @strawberry.field
    async def movies(
        self,
        info: Asking,
        page: int | None = 1,
        limit: int | None = None,
        search: str | None = None,
        cursor: str | None = None,
    ) -> "MoviePage | None":
        """Their films: everybody sees their own."""
        context = signed_in(info)
        if self.id != context.me:
            raise Forbidden
        return MoviePage.of(await context.pages.load(Wanted(1 if page is None else page, limit, search, cursor)))

    @classmethod
    def of(cls, shape: Shape) -> "User":
        return cls(**_shown(cls, shape))


@strawberry.type
class Movie:
    """A film in somebody's collection."""

    id: int
    title: str
    year: str | None
    image_url: str | None
    notes: str | None
    watched: bool
    rating: float | None
    shared: bool
    owner_id: UUID
    created_at: Instant
    updated_at: Instant

    @strawberry.field
    async def owner(self, info: Asking) -> User | None:
        """Whose film it is; looked up once for a whole list."""
        found = await info.context.owners.load(self.owner_id)
        return User.of(people.shape(found)) if found else None

    @classmethod
    def of(cls, shape: Shape) -> "Movie":
        return cls(**_shown(cls, shape))


@strawberry.type
class MovieMeta:
    """Where a page stands in its list; `nextCursor` continues it, and is null at the end."""

    page: int
    limit: int
    total: int
    total_pages: int
    next_cursor: str | None


@strawberry.type
class MoviePage:
    """Some of somebody's films."""

    items: list[Movie]
    meta: MovieMeta

    @classmethod
    def of(cls, shape: Any) -> "MoviePage":
        return cls(items=[Movie.of(m) for m in shape.items], meta=MovieMeta(**_shown(MovieMeta, shape.meta)))


@strawberry.input
class MovieInput:
    """What is said of a film; `title` is needed for a new one, and what is left out of a change stays as it is."""

    title: str | None = strawberry.UNSET
    year: str | None = strawberry.UNSET
    image_url: str | None = strawberry.UNSET
    notes: str | None = strawberry.UNSET
    watched: bool | None = strawberry.UNSET
    rating: float | None = strawberry.UNSET

    def given(self) -> dict[str, Any]:
        """By name, what has been said."""
        said = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in said.items() if value is not strawberry.UNSET}
