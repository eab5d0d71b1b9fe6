"""How it was, over the wire: a customer's word after the meeting, and what all of them say together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from bookable.domain import reviews
from bookable.kernel.actors import Actor
from bookable.storefronts.kit import Access, Body, Call, Paging, Params, Router, Shape

from .celebrities import named
from .guests import AccessToken, admit

__all__ = ["router"]

router = Router("Reviews")


class ListReviews(Paging):
    sort: reviews.Order = reviews.Order.NEWEST


class Key(Params):
    access_token: AccessToken | None = None


class PostReview(Body):
    rating: Annotated[int, Field(ge=1, le=5)]
    title: Annotated[str | None, Field(max_length=120, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")] = None
    comment: Annotated[str | None, Field(max_length=4000, pattern=r"^[^\x00]*$")] = None
    access_token: AccessToken | None = None


class AuthorShape(Shape):
    first_name: str
    initial: str


class ReviewShape(Shape):
    id: UUID
    booking_id: UUID
    rating: int
    title: str | None
    comment: str | None
    is_verified: bool
    helpful_count: int
    author: AuthorShape
    created_at: datetime


class ReviewData(Shape):
    review: ReviewShape


class SummaryShape(Shape):
    average: float
    count: int
    histogram: dict[str, int]


class ReviewsData(Shape):
    items: list[ReviewShape]
    summary: SummaryShape
    page: int
    limit: int
    total: int
    total_pages: int
    next_cursor: str | None


async def _customer(call: Call, args: Mapping[str, Any]) -> Actor:
    return await admit(call, args["reference"], args["body"].access_token or args["query"].access_token)


@router.get("/celebrities/{name}/reviews", ReviewsData, access=Access.PUBLIC)
async def of_celebrity(call: Call, name: str, query: ListReviews) -> ReviewsData:
    """What customers said of a celebrity."""
    found = await reviews.of_listing(
        call.tx, named(name), order=query.sort, page=query.page, limit=query.limit, cursor=query.cursor
    )
    total = found.summary.count
    return ReviewsData(
        items=[_shape(review) for review in found.items],
        summary=SummaryShape(
            average=found.summary.average,
            count=total,
            histogram={str(stars): n for stars, n in found.summary.histogram.items()},
        ),
        page=query.page,
        limit=query.limit,
        total=total,
        total_pages=-(-total // query.limit),
        next_cursor=found.next_cursor,
    )


@router.post(
    "/bookings/{reference}/review", ReviewData, status=201, access=Access.PUBLIC, admits=_customer, errors=(409,)
)
async def post(call: Call, reference: str, query: Key, body: PostReview) -> ReviewData:
    """Say how a meeting was: once, by its customer, after it took place."""
    review = await reviews.post(call.tx, reference, rating=body.rating, title=body.title, comment=body.comment)
    return ReviewData(review=_shape(review))


def _shape(review: reviews.Review) -> ReviewShape:
    return ReviewShape(
        id=review.id,
        booking_id=review.booking_id,
        rating=review.rating,
        title=review.title,
        comment=review.comment,
        is_verified=True,
        helpful_count=review.helpful_count,
        author=AuthorShape(first_name=review.author_first_name, initial=review.author_initial),
        created_at=review.created_at,
    )
