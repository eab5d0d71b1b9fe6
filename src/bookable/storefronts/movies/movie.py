"""How a film looks on Movies' wire, and what may be written of one: for REST and GraphQL alike."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from bookable.domain import films
from bookable.storefronts.kit import Body, Shape

__all__ = ["ChangeMovie", "MovieShape", "NewMovie", "changes_in", "shape", "year_text"]

_Year = Annotated[str, Field(pattern=r"^([0-9]{4})?$", max_length=4, examples=["1999"])]
_Url = Annotated[str, Field(max_length=films.LONGEST_URL, examples=["https://example.com/matrix.jpg"])]
_Notes = Annotated[str, Field(max_length=films.LONGEST_NOTES)]
_Rating = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
_Title = Annotated[str, Field(min_length=1, max_length=films.LONGEST_TITLE)]


class NewMovie(Body):
    title: _Title
    year: _Year | None = None
    image_url: _Url | None = None
    notes: _Notes | None = None
    watched: bool = False
    rating: _Rating | None = None


class ChangeMovie(Body):
    """Any of the fields; null takes one away again."""

    title: _Title = ""
    year: _Year | None = None
    image_url: _Url | None = None
    notes: _Notes | None = None
    watched: bool = False
    rating: _Rating | None = None


class MovieShape(Shape):
    id: int
    title: str
    year: str | None
    image_url: str | None
    notes: str | None
    watched: bool
    rating: float | None
    shared: bool
    owner_id: UUID
    created_at: datetime
    updated_at: datetime


def shape(film: films.Film) -> MovieShape:
    return MovieShape(
        id=film.id,
        title=film.title,
        year=year_text(film.year),
        image_url=film.image_url,
        notes=film.notes,
        watched=film.watched,
        rating=film.rating,
        shared=film.share_token is not None,
        owner_id=film.owner_id,
        created_at=film.created_at,
        updated_at=film.updated_at,
    )


def year_text(year: int | None) -> str | None:
    """Four digits, as the wire has it."""
    return None if year is None else f"{year:04d}"


def changes_in(body: NewMovie | ChangeMovie) -> dict[str, Any]:
    """What is given, as the domain takes it: a year is a number there, and an empty field is none."""
    given = body.model_dump(exclude_unset=True)
    given |= {name: given[name] or None for name in ("year", "image_url", "notes") if name in given}
    if given.get("year") is not None:
        given["year"] = int(given["year"])
    return given
