"""One's collection as a file over the wire: in, with a report on every row, and out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

import msgspec
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request

from bookable.domain import films
from bookable.kernel.errors import DomainError, FieldError, Kind, Malformed
from bookable.storefronts.kit import Call, Params, Reply, Router, Shape, encode

from .movie import shape

__all__ = ["router"]

router = Router("Movies")

_IN_MEMORY = 512 * 1024
_RAW = {"", "text/csv", "application/csv", "application/vnd.ms-excel", "text/plain", "application/octet-stream"}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": _BINARY,
            "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": _BINARY["schema"]}, "required": ["file"]}
            },
        },
    }
}


class NotAFileOfFilms(DomainError):
    """The body is of a type that this operation does not read."""

    kind = Kind.UNSUPPORTED_MEDIA
    code = "UNSUPPORTED_MEDIA_TYPE"
    message = "Send CSV or JSON, as the body or in the field `file` of a form."


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"


class Export(Params):
    format: Format = Format.CSV


class RowErrorShape(Shape):
    field: str
    message: str


class RowShape(Shape):
    row: int
    id: int | msgspec.UnsetType = msgspec.UNSET
    errors: list[RowErrorShape] | msgspec.UnsetType = msgspec.UNSET


class ImportData(Shape):
    imported: int
    failed: int
    rows: list[RowShape]


@router.post("/movies/import", ImportData, phases=True, errors=(400, 408, 413, 415), extra=_BODY)
async def bring_in(call: Call) -> ImportData:
    """Add many films from CSV (its first line names the columns) or JSON; says of every row what became of it."""
    async with _received(call.request) as file:
        report = await films.bring_in(call.db, call.actor, file)
    return ImportData(imported=report.imported, failed=report.failed, rows=[_row(row) for row in report.rows])


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


@asynccontextmanager
async def _received(request: Request) -> AsyncIterator[BinaryIO]:
    """The file that comes as the body or in a form; on the disk, where it is more than a little."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        async with _form(request) as file:
            yield file
    elif kind in _RAW or kind == "application/json" or kind.endswith("+json"):
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
            try:
                async for chunk in request.stream():
                    file.write(chunk)
            except ClientDisconnect:
                raise Malformed("The body did not arrive whole.") from None
            yield cast("BinaryIO", file)
    else:
        raise NotAFileOfFilms


@asynccontextmanager
async def _form(request: Request) -> AsyncIterator[BinaryIO]:
    try:
        form = await request.form(max_files=1, max_fields=10, max_part_size=64 * 1024)
    except (HTTPException, MultiPartException, ClientDisconnect, KeyError, ValueError) as error:
        raise Malformed("The form could not be read.") from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise FieldError("file", "Send the file in this field.")
        yield file.file
    finally:
        await form.close()


def _row(report: films.RowReport) -> RowShape:
    if report.film_id is not None:
        return RowShape(row=report.row, id=report.film_id)
    return RowShape(row=report.row, errors=[RowErrorShape(field=f, message=m) for f, m in report.errors.items()])
