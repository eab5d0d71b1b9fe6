"""One's collection as a file over the wire, that can be brought in again."""

from collections.abc import AsyncIterator
from enum import StrEnum

from bookable.domain import films
from bookable.storefronts.kit import Call, Params, Reply, Router, encode

from .movie import shape

__all__ = ["router"]

router = Router("Movies")


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"


class Export(Params):
    format: Format = Format.CSV


@router.get("/movies/export", media_type="text/csv, application/json", phases=True)
async def export(call: Call, query: Export) -> Reply:
    """Everything in one's collection, as a file that can be brought in again."""
    in_csv = query.format is Format.CSV
    headers = {"Content-Disposition": f'attachment; filename="movies.{query.format}"', "Cache-Control": "no-store"}
    pages = films.everything(call.db, call.actor)
    kind = "text/csv; charset=utf-8" if in_csv else "application/json"
    return Reply(200, media_type=kind, headers=headers, stream=_csv(pages) if in_csv else _json(pages))


async def _csv(pages: AsyncIterator[list[films.Film]]) -> AsyncIterator[bytes]:
    yield films.heading()
    async for page in pages:
        yield films.as_csv(page)


async def _json(pages: AsyncIterator[list[films.Film]]) -> AsyncIterator[bytes]:
    before = b"["
    async for page in pages:
        yield before + b",\n".join(encode(shape(film)) for film in page)
        before = b",\n"
    yield b"[]" if before == b"[" else b"]"
