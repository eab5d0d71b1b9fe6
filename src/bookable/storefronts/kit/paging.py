"""Lists on the wire: a page and a limit, or a cursor; the same parameters everywhere."""

from typing import Annotated

from pydantic import Field

from .binding import Params

__all__ = ["Paging"]


class Paging(Params):
    """`?page=1&limit=20`, or `?cursor=` from the last answer's `nextCursor`."""

    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str | None, Field(max_length=1000)] = None
