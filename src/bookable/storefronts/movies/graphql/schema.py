"""The schema: the same verbs as the other operations have, of the same domain."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from bookable.domain import films, identity
from bookable.storefronts.kit import checked

from .. import people
from ..movie import ChangeMovie, NewMovie, changes_in, shape
from .context import Wanted
from .types import INSTANT, Asking, Instant, Movie, MovieInput, MoviePage, User, signed_in

__all__ = ["schema"]


@strawberry.type
class Query:
    """What can be asked. One query sees one state of the collection."""

    @strawberry.field
    async def me(self, info: Asking) -> User | None:
        """Whoever has signed in."""
        context = signed_in(info)
        return User.of(people.shape(await context.read(lambda tx: identity.get(tx, context.me))))

    @strawberry.field
    async def movies(
        self,
        info: Asking,
        page: int | None = 1,
        limit: int | None = None,
        search: str | None = None,
        cursor: str | None = None,
    ) -> MoviePage | None:
        """One's own films, the newest first."""
        return MoviePage.of(
            await signed_in(info).pages.load(Wanted(1 if page is None else page, limit, search, cursor))
        )

    @strawberry.field
    async def movie(self, info: Asking, id: int) -> Movie | None:  # noqa: A002 - the argument's name on the wire
        """One of one's own films; another's is FORBIDDEN."""
        return Movie.of(shape(await signed_in(info).films.load(id)))


@strawberry.type
class Mutation:
    """What can be changed, one after the other; what is refused is undone alone."""

    @strawberry.mutation
    async def create_movie(self, info: Asking, input: MovieInput) -> Movie | None:  # noqa: A002
        """Add a film to one's collection."""
        context = signed_in(info)
        body = checked(NewMovie.model_validate, input.given())
        draft = films.Draft(**changes_in(body))
        return Movie.of(shape(await context.change(lambda tx: films.add(tx, context.me, draft))))

    @strawberry.mutation
    async def update_movie(self, info: Asking, id: int, input: MovieInput) -> Movie | None:  # noqa: A002
        """Change what is said of a film."""
        context = signed_in(info)
        body = checked(ChangeMovie.model_validate, input.given())
        given = changes_in(body)
        return Movie.of(shape(await context.change(lambda tx: films.change(tx, context.me, id, given))))

    @strawberry.mutation
    async def delete_movie(self, info: Asking, id: int) -> bool | None:  # noqa: A002
        """Take a film out of one's collection."""
        context = signed_in(info)
        await context.change(lambda tx: films.remove(tx, context.me, id))
        return True


SCHEMA = strawberry.Schema(Query, Mutation, config=StrawberryConfig(scalar_map={Instant: INSTANT}))
schema = SCHEMA._schema
"""As graphql-core knows it: parsing, validating and running are ours, for the limits' sake."""
