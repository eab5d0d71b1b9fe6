"""Films that are shown to others, over the wire, and what is said of them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bookable.domain import films
from bookable.storefronts.kit import Access, Body, Call, Paging, Router, Shape

from .movie import year_text
from .people import AuthorShape, author
from .wire import ListMeta, meta

__all__ = ["router"]

router = Router("Sharing")


class Say(Body):
    text: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$")]


class ShareData(Shape):
    url: str
    token: str


class SharedMovieShape(Shape):
    id: int
    title: str
    year: str | None
    image_url: str | None
    watched: bool
    rating: float | None
    created_at: datetime
    updated_at: datetime


class SharedMovieData(Shape):
    movie: SharedMovieShape


class CommentShape(Shape):
    id: UUID
    movie_id: int
    text: str
    author: AuthorShape
    created_at: datetime


class CommentsData(Shape):
    items: list[CommentShape]
    meta: ListMeta


@router.post("/movies/{movie_id}/share", ShareData, errors=(403,))
async def share(call: Call, movie_id: int) -> ShareData:
    """A link that shows this film to anyone who has it; the same one until it is taken back."""
    token = await films.share(call.tx, call.user_id, movie_id)
    return ShareData(url=f"{call.ports.frontend_url}/shared/{token}", token=token)


@router.delete("/movies/{movie_id}/share", errors=(403,))
async def unshare(call: Call, movie_id: int) -> None:
    """Take the link back, for good."""
    await films.unshare(call.tx, call.user_id, movie_id)


@router.get("/shared/{token}", SharedMovieData, access=Access.PUBLIC, phases=True)
async def shared(call: Call, token: str) -> SharedMovieData:
    """The film behind a link, without its owner's name and notes."""
    film = await films.shared(call.db, call.tenant.id, token)
    return SharedMovieData(
        movie=SharedMovieShape(
            id=film.id,
            title=film.title,
            year=year_text(film.year),
            image_url=film.image_url,
            watched=film.watched,
            rating=film.rating,
            created_at=film.created_at,
            updated_at=film.updated_at,
        )
    )


@router.get("/movies/{movie_id}/comments", CommentsData, errors=(403,), phases=True)
async def comments(call: Call, movie_id: int, query: Paging) -> CommentsData:
    """What is said of a film that is shared, or one's own; the oldest first."""
    found, people = await films.comments_on(
        call.db, call.actor, movie_id, page=query.page, limit=query.limit, cursor=query.cursor
    )
    return CommentsData(
        items=[_shape((said, people[said.author_id])) for said in found.items],
        meta=meta(query.page, query.limit, found.total, found.next_cursor),
    )


@router.post("/movies/{movie_id}/comments", CommentShape, status=201, errors=(403,), phases=True)
async def comment(call: Call, movie_id: int, body: Say) -> CommentShape:
    """Say something of a film that is shared, or one's own."""
    return _shape(await films.comment(call.db, call.actor, movie_id, body.text, also=call.kept_as(_shape)))


def _shape(comment: films.Said) -> CommentShape:
    said, by = comment
    return CommentShape(
        id=said.id, movie_id=said.film_id, text=said.text, author=author(by), created_at=said.created_at
    )
