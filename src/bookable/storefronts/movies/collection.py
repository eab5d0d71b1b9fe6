"""One's film collection over the wire."""

from typing import Annotated

from pydantic import Field

from bookable.domain import films
from bookable.storefronts.kit import Call, Paging, Router, Shape

from .movie import ChangeMovie, MovieShape, NewMovie, changes_in, shape
from .wire import ListMeta, meta

__all__ = ["ListMovies", "MoviesData", "router"]

router = Router("Movies")

_Year = Annotated[str, Field(pattern=r"^[0-9]{4}$")]


class ListMovies(Paging):
    limit: Annotated[int | None, Field(ge=1, le=100, description="One's `pageSize` where it is not given.")] = None  # type: ignore[assignment]  # unset is not 20 here
    search: Annotated[str | None, Field(max_length=200)] = None
    year: _Year | None = None
    year_from: _Year | None = None
    year_to: _Year | None = None
    sort: films.Order = films.Order.NEWEST

    def filters(self) -> films.Filters:
        """As the domain takes them."""
        years = {n: int(v) for n in ("year", "year_from", "year_to") if (v := getattr(self, n)) is not None}
        return films.Filters(search=self.search, **years)


class MoviesData(Shape):
    items: list[MovieShape]
    meta: ListMeta


@router.get("/movies", MoviesData)
async def movies(call: Call, query: ListMovies) -> MoviesData:
    """One's own films."""
    limit = query.limit or (await films.preferences_of(call.tx, call.user_id)).page_size
    found = await films.list_own(
        call.tx,
        call.user_id,
        query.filters(),
        order=query.sort,
        page=query.page,
        limit=limit,
        cursor=query.cursor,
    )
    return MoviesData(
        items=[shape(film) for film in found.items], meta=meta(query.page, limit, found.total, found.next_cursor)
    )


@router.post("/movies", MovieShape, status=201)
async def add(call: Call, body: NewMovie) -> MovieShape:
    """A film more."""
    return shape(await films.add(call.tx, call.user_id, films.Draft(**changes_in(body))))


@router.get("/movies/{movie_id}", MovieShape, errors=(403,))
async def movie(call: Call, movie_id: int) -> MovieShape:
    """One of one's films."""
    return shape(await films.get(call.tx, call.user_id, movie_id))


@router.put("/movies/{movie_id}", MovieShape, errors=(403,))
async def update(call: Call, movie_id: int, body: ChangeMovie) -> MovieShape:
    """Set those fields that are given."""
    return shape(await films.change(call.tx, call.user_id, movie_id, changes_in(body)))


@router.patch("/movies/{movie_id}", MovieShape, errors=(403,))
async def change(call: Call, movie_id: int, body: ChangeMovie) -> MovieShape:
    """Set those fields that are given."""
    return shape(await films.change(call.tx, call.user_id, movie_id, changes_in(body)))


@router.delete("/movies/{movie_id}", errors=(403,))
async def remove(call: Call, movie_id: int) -> None:
    """Take a film out, with what was said of it."""
    await films.remove(call.tx, call.user_id, movie_id)
